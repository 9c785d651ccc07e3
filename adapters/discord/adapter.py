"""Discord as an adapter: one bot account, supervised, so that a dead gateway never ends the process."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord

from adapters.discord import commands, desk_commands
from adapters.discord.client import Client, point_to
from adapters.discord.failures import BROKEN, HELD, NOT_CONNECTED, UNREACHABLE_GATEWAY, channel_down, delivery_error
from adapters.discord.files import fetched
from adapters.discord.flight import Flight, current
from adapters.discord.inbound import Hearing
from adapters.discord.intake import Intake
from adapters.discord.lacking import desk_problems, lacking
from adapters.discord.options import Options
from adapters.discord.payload import LONGEST_TEXT, MOST_BUTTONS
from adapters.discord.pending import PendingAnswers
from adapters.discord.posting import Posting
from bot.errors import ChannelDown, RetryLater, StoreError, TemporaryFailure
from bot.messages import File, Outbound, Receipt
from bot.ports import Accept, Limits, Problem, Tools

log = logging.getLogger("adapters.discord")

LONGEST_SEND = 20.0
"""Seconds; less than the outbox allows. The library waits and tries again inside of it, and the nonce keeps it one."""
AFTER_NOT_CONNECTED, AFTER_HELD = 2.0, 0.5
COMMANDS_AGAIN = 600.0
"""Seconds until the commands are offered again that Discord did not take."""
LONGEST_EXAMINATION = 12.0
"""Seconds for doctor's look, which connects like the service does."""

CONTENT_HINT = (
    "Discord does not let the bot read messages that don't mention it, so answer_in does nothing: turn on Message "
    "Content Intent in the developer portal, page Bot, then start Frontdesk again"
)


class Adapter:
    """One bot account. A connection that ends is replaced by a new one at the next `run`."""

    limits = Limits(text=LONGEST_TEXT, buttons=MOST_BUTTONS, edits=True, threads=True, forms=True)

    def __init__(self, options: Options, tools: Tools) -> None:
        self._options, self._tools = options, tools
        self._pending = PendingAnswers(tools.clock)
        self._client: Client | None = None
        self._sending: dict[str, tuple[Flight, asyncio.Task[Receipt]]] = {}
        """By the message's key: sends under way, and those held by a limit that no attempt waits for just now."""

    @property
    def _desk(self) -> int:
        """The channel in which agents work; 0 for none."""
        return int(self._tools.desk) if self._tools.desk.isdecimal() else 0

    async def run(self, accept: Accept) -> None:
        """Hear until cancelled. Raises ChannelDown when Discord refuses us or can't be reached."""
        content = True
        while True:
            try:
                await self._connected(accept, content=content)
                raise ChannelDown(UNREACHABLE_GATEWAY)
            except discord.PrivilegedIntentsRequired as error:
                if not content:
                    raise channel_down(error) from None
                content = False
            except Exception as error:
                raise channel_down(error) from None

    async def _connected(self, accept: Accept, *, content: bool) -> None:
        """One connection, from login to its end."""
        client = await self._logged_in(content=content)
        intake = self._listening(client, accept)
        self._build_commands(client, intake)
        client.listener, self._client = intake, client
        ends = [asyncio.create_task(client.connect()), asyncio.create_task(client.cut_for_long())]
        beside = [
            asyncio.create_task(self._offer_commands(client, intake)),
            asyncio.create_task(self._name_lacking(client, intake)),
            asyncio.create_task(intake.missed.run(self._options.catch_up_minutes * 60)),
        ]
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._client = None
            await self._ended([*ends, *beside, *(task for _, task in self._sending.values())])
            self._sending.clear()
            await client.close()

    @staticmethod
    async def _ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _logged_in(self, *, content: bool = True) -> Client:
        """A client that Discord knows. It asks for the content of messages only where that is granted."""
        await point_to(self._options)
        client = Client(self._options, content=content)
        try:
            await client.login(self._options.token.get_secret_value())
        except BaseException:
            await client.close()
            raise
        if content and not client.may_read_content():
            # Without it direct messages, mentions and commands still work; only channels can't be read along.
            await client.close()
            return await self._logged_in(content=False)
        return client

    def _listening(self, client: Client, accept: Accept) -> Intake:
        assert client.user is not None, "it is logged in"
        hearing = Hearing(self._tools.channel, client.user.id, frozenset(self._options.answer_in), self._desk)
        return Intake(client, self._tools, hearing, accept, self._pending)

    def _build_commands(self, client: Client, intake: Intake) -> None:
        everyone = self._options.ask_shown_to == "everyone"

        async def ask(interaction: discord.Interaction, question: str) -> None:
            await intake.ask(interaction, question, everyone=everyone)

        commands.build(client.tree, self._tools, ask, intake.command, intake.answer_this)

    async def _offer_commands(self, client: Client, intake: Intake) -> None:
        """Tell Discord of our commands, until it takes them; people can write meanwhile."""
        await client.tree.set_translator(commands.Languages(self._tools))

        async def contacts() -> None:
            await commands.sync(client.tree, self._tools, str(client.user.id if client.user else 0))

        async def agents() -> None:
            await intake.is_ready.wait()
            guild = getattr(client.get_channel(self._desk), "guild", None)
            if guild is not None or not self._desk:  # else what was offered there stays, until it is seen again
                await desk_commands.sync(client, client.tree, self._tools, guild.id if guild else 0)

        await asyncio.gather(self._offer(contacts), self._offer(agents))

    async def _offer(self, commands_of: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await commands_of()
                return
            except StoreError as error:
                log.warning("the commands wait for the store: %s", error)
            except (discord.DiscordException, *BROKEN) as error:
                log.warning("Discord did not take the commands; they are offered again: %s", channel_down(error))
            await self._tools.clock.sleep(COMMANDS_AGAIN)

    async def _name_lacking(self, client: Client, intake: Intake) -> None:
        """Say what is lacking, once it can be known."""
        await intake.is_ready.wait()
        for problem in self._problems(client):
            log.warning("%s", problem)

    async def send(self, outbound: Outbound) -> Receipt:
        """Send one message. Raises DeliveryError."""
        client = self._client
        if client is None or client.is_closed():
            raise RetryLater(AFTER_NOT_CONNECTED, NOT_CONNECTED)
        flight, task = self._begun(client, outbound)
        await asyncio.wait([task], timeout=LONGEST_SEND)
        if not task.done() and not flight.in_the_air:
            raise RetryLater(AFTER_HELD, HELD)  # it goes on; the next attempt waits for it
        self._sending.pop(outbound.key, None)
        if not task.done():
            await self._ended([task])
            raise TemporaryFailure(f"no answer within {LONGEST_SEND:.0f} s")
        if task.cancelled():
            raise RetryLater(AFTER_NOT_CONNECTED, NOT_CONNECTED)
        try:
            return task.result()
        except Exception as error:
            raise delivery_error(error) from None

    def _begun(self, client: Client, outbound: Outbound) -> tuple[Flight, asyncio.Task[Receipt]]:
        """The send of a message, begun now or by an earlier attempt that could not wait for its end."""
        if outbound.key not in self._sending:
            flight = Flight()
            posting = Posting(client, self._options, self._tools, self._pending)
            context = contextvars.copy_context()
            context.run(current.set, flight)
            self._sending[outbound.key] = flight, asyncio.create_task(posting.post(outbound), context=context)
        return self._sending[outbound.key]

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file that somebody sent here. Raises DeliveryError."""
        client = self._client
        if client is None or client.is_closed():
            raise RetryLater(AFTER_NOT_CONNECTED, NOT_CONNECTED)
        try:
            return await fetched(client, file)
        except Exception as error:
            raise delivery_error(error) from None

    async def examine(self) -> Sequence[Problem]:
        """What is lacking: the token, an intent, a server, a permission. Connects like the service does."""
        place = f"channel {self._tools.channel}"
        try:
            async with asyncio.timeout(LONGEST_EXAMINATION):
                return await self._examined()
        except TimeoutError:
            return [Problem(place, f"Discord does not answer within {LONGEST_EXAMINATION:.0f} s")]
        except Exception as error:
            return [Problem(place, str(channel_down(error)))]

    async def _examined(self, *, content: bool = True) -> Sequence[Problem]:
        client = await self._logged_in(content=content)
        tasks = [asyncio.create_task(client.connect()), asyncio.create_task(client.wait_until_ready())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            return self._problems(client)
        except discord.PrivilegedIntentsRequired:
            return await self._examined(content=False)
        finally:
            await self._ended(tasks)
            await client.close()

    def _problems(self, client: Client) -> list[Problem]:
        found = lacking(client, self._options, self._tools.channel)
        if self._tools.desk:
            found += desk_problems(client, self._tools.desk, self._tools.channel)
        if not client.reads_content:
            found.append(Problem(f"channel {self._tools.channel}", CONTENT_HINT, fatal=False))
        return found

    async def close(self) -> None:
        """The connection was closed when `run` ended."""
