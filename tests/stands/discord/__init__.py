"""A stand-in for Discord: the REST API v10 and the gateway over real sockets, with people who write and click.

async with Discord() as platform:
    bot = platform.add_bot("token", name="Frontdesk", intents={"message_content"})
    guild = platform.add_guild("Traders")
    ann = guild.member("Ann")
    channel = guild.text_channel("help")
    channel.says(ann, "hello")
    await platform.eventually(lambda: channel.texts == ["hello", "Hi!"], "an answer")

What is known to differ from Discord is said where it is done.
"""

from tests.stands.discord.channels import Channel, DirectMessages
from tests.stands.discord.faults import Drop, Hang, Lost, RateLimited, Status
from tests.stands.discord.front import Request
from tests.stands.discord.guilds import Guild
from tests.stands.discord.interactions import Interaction
from tests.stands.discord.messages import Attachment, Message
from tests.stands.discord.people import Bot, Member, Role, User
from tests.stands.discord.platform import Discord
from tests.stands.discord.threads import ForumChannel, TextChannel, Thread

__all__ = [
    "Attachment",
    "Bot",
    "Channel",
    "DirectMessages",
    "Discord",
    "Drop",
    "ForumChannel",
    "Guild",
    "Hang",
    "Interaction",
    "Lost",
    "Member",
    "Message",
    "RateLimited",
    "Request",
    "Role",
    "Status",
    "TextChannel",
    "Thread",
    "User",
]
