"""Discord as an adapter: one bot account, supervised, so that a dead gateway never ends the process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

import discord

from adapters.discord import commands
from adapters.discord.client import Client, point_to
from adapters.discord.failures import NOT_CONNECTED, channel_down, delivery_error
from adapters.discord.inbound import Hearing
from adapters.discord.intake import Intake
from adapters.discord.lacking import lacking
from adapters.discord.options import Options
from adapters.discord.payload import LONGEST_TEXT, MOST_BUTTONS
from adapters.discord.pending import PendingAnswers
from adapters.discord.posting import Posting
from bot.errors import RetryLater, TemporaryFailure
from bot.messages import Outbound, Receipt
from bot.ports import Accept, Limits, Problem, Tools

log = logging.getLogger("adapters.discord")

LONGEST_SEND = 20.0
"""Seconds; less than the outbox allows. The library waits and tries again inside of it, and the nonce keeps it one."""
AFTER_NOT_CONNECTED = 2.0
LONGEST_EXAMINATION = 15.0
"""Seconds for doctor's look, which connects like the service does."""


class Adapter:
    """One bot account. A connection that ends is replaced by a new one at the next `run`."""

    limits = Limits(text=LONGEST_TEXT, buttons=MOST_BUTTONS, edits=True, threads=True)

    def __init__(self, options: Options, tools: Tools) -> None:
        self._options, self._tools = options, tools
        self._pending = PendingAnswers(tools.clock)
        self._client: Client | None = None
        self._content = True

    async def run(self, accept: Accept) -> None:
        """Hear until cancelled. Raises ChannelDown when Discord refuses us or can't be reached."""
        while True:
            try:
                await self._connected(accept)
                raise channel_down(ConnectionError())
            except discord.PrivilegedIntentsRequired:
                # Without it direct messages, mentions and commands still work; only channels can't be read along.
                self._content = False
                log.error("%s", self._content_hint())
            except Exception as error:
                raise channel_down(error) from None

    async def _connected(self, accept: Accept) -> None:
        """One connection, from login to its end."""
        client = await self._logged_in()
        intake = self._listening(client, accept)
        client.listener, self._client = intake, client
        watch = asyncio.create_task(self._watch(client, intake))
        try:
            await self._offer_commands(client, intake)
            await client.connect()
        finally:
            self._client = None
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
            await client.close()

    async def _logged_in(self) -> Client:
        await point_to(self._options)
        client = Client(self._options, content=self._content)
        try:
            await client.login(self._options.token.get_secret_value())
        except BaseException:
            await client.close()
            raise
        return client

    def _listening(self, client: Client, accept: Accept) -> Intake:
        assert client.user is not None, "it is logged in"
        hearing = Hearing(self._tools.channel, client.user.id, frozenset(self._options.answer_in))
        return Intake(client, self._tools, hearing, accept, self._pending)

    async def _offer_commands(self, client: Client, intake: Intake) -> None:
        everyone = self._options.ask_shown_to == "everyone"

        async def ask(interaction: discord.Interaction, question: str) -> None:
            await intake.ask(interaction, question, everyone=everyone)

        commands.build(client.tree, self._tools, ask, intake.command, intake.answer_this)
        await client.tree.set_translator(commands.Languages(self._tools))
        assert client.user is not None, "it is logged in"
        try:
            await commands.sync(client.tree, self._tools, str(client.user.id))
        except discord.HTTPException as error:  # people can still write
            log.warning("Discord did not take the commands: %s", error.status)

    async def _watch(self, client: Client, intake: Intake) -> None:
        """Say what is lacking once it can be known, then look for missed messages now and then."""
        await intake.is_ready.wait()
        for problem in self._problems(client):
            log.warning("%s", problem)
        while True:
            await self._tools.clock.sleep(self._options.catch_up_minutes * 60)
            try:
                await intake.missed.read()
            except Exception:  # the top of a loop: the next look may work
                log.exception("looking for missed messages failed")

    async def send(self, outbound: Outbound) -> Receipt:
        """Send one message. Raises DeliveryError."""
        client = self._client
        if client is None or client.is_closed():
            raise RetryLater(AFTER_NOT_CONNECTED, NOT_CONNECTED)
        try:
            async with asyncio.timeout(LONGEST_SEND):
                return await Posting(client, self._options, self._tools, self._pending).post(outbound)
        except TimeoutError:
            raise TemporaryFailure(f"no answer within {LONGEST_SEND:.0f} s") from None
        except Exception as error:
            raise delivery_error(error) from None

    async def examine(self) -> Sequence[Problem]:
        """What is lacking: the token, an intent, a server, a permission. Connects like the service does."""
        place = f"channel {self._tools.channel}"
        client: Client | None = None
        try:
            async with asyncio.timeout(LONGEST_EXAMINATION):
                client = await self._logged_in()
                connecting = asyncio.create_task(client.connect())
                ready = asyncio.create_task(client.wait_until_ready())
                await asyncio.wait({connecting, ready}, return_when=asyncio.FIRST_COMPLETED)
                ready.cancel()
                if connecting.done():
                    connecting.result()
                return self._problems(client)
        except discord.PrivilegedIntentsRequired:
            return [Problem(place, self._content_hint(), fatal=False)]
        except TimeoutError:
            return [Problem(place, f"Discord does not answer within {LONGEST_EXAMINATION:.0f} s")]
        except Exception as error:
            return [Problem(place, str(channel_down(error)))]
        finally:
            if client is not None:
                await client.close()

    def _problems(self, client: Client) -> list[Problem]:
        found = lacking(client, self._options, self._tools.channel)
        if not self._content:
            found.append(Problem(f"channel {self._tools.channel}", self._content_hint(), fatal=False))
        return found

    def _content_hint(self) -> str:
        return (
            "Discord does not let the bot read messages that don't mention it, so answer_in does nothing: turn on "
            "Message Content Intent in the developer portal, page Bot, then start Frontdesk again"
        )

    async def close(self) -> None:
        """The connection was closed when `run` ended."""
