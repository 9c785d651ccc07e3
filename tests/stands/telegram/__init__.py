"""A stand-in of Telegram's Bot API over real HTTP."""

from .account import Account
from .bot import BotAccount
from .faults import Drop, Garbage, Hang, Lost, Status
from .people import Group, Person
from .records import Answer, Call, Sent
from .server import BotApi

__all__ = [
    "Account", "Answer", "BotAccount", "BotApi", "Call", "Drop", "Garbage", "Group", "Hang", "Lost", "Person", "Sent",
    "Status",
]  # fmt: skip
