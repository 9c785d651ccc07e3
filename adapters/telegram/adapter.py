"""Telegram as an adapter: updates in, messages out, one bot account."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from telegram import Bot, User
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from adapters.telegram.desk import desk_problems, warn_of_desk
from adapters.telegram.failures import channel_down, delivery_error, not_begun
from adapters.telegram.inbound import Hearing
from adapters.telegram.intake import Intake
from adapters.telegram.menu import offer_commands
from adapters.telegram.options import Options
from adapters.telegram.pace import Pace
from adapters.telegram.polling import ALLOWED, poll
from adapters.telegram.sending import Sending
from adapters.telegram.sending_files import download
from adapters.telegram.topics import Topics
from adapters.telegram.typing import Typing
from adapters.telegram.webhook import ONE_AT_A_TIME, Webhook
from bot.messages import Accepted, File, Inbound, Outbound, Receipt
from bot.ports import Accept, Limits, Problem, Tools

log = logging.getLogger("adapters.telegram")

LONGEST_TEXT = 3800
"""UTF-16 units of Markdown that are at most 4,096 when Telegram shows them, with list signs and tables drawn."""
ANSWER_WITHIN = 15.0
"""Seconds for Telegram's answer to a send; less than the outbox allows, so that we know what was waited for."""
FRESH = 10.0
"""Seconds after which nobody still looks at the chat for a hint that somebody is typing."""


class Adapter:
    """One bot account. What `run` hears is accepted; `send` keeps Telegram's limits."""

    limits = Limits(text=LONGEST_TEXT, buttons=24, edits=True, threads=True)

    def __init__(self, options: Options, tools: Tools) -> None:
        self._options, self._tools = options, tools
        self._requests = make_requests(options)
        self._bot = make_bot(options, *self._requests)
        self._pace = Pace(tools.clock)
        self._typing = Typing(self._bot, tools.clock)
        self._topics = Topics(self._bot, tools.desk)
        self._sending = Sending(self._bot, tools, self._pace, self._topics, self._typing.answered)
        self._me: User | None = None
        self._asking: asyncio.Task[User] | None = None
        self._path = "/telegram" + tools.channel.removeprefix(tools.channel.partition("/")[0])
        self._webhook: Webhook | None = None
        if options.webhook_secret is not None:
            self._webhook = Webhook(options.webhook_secret.get_secret_value())
            tools.mount(self._path, self._webhook.application())

    async def run(self, accept: Accept) -> None:
        """Hear until cancelled. Raises ChannelDown when Telegram refuses us or can't be reached."""
        try:
            me = await self._introduced()
        except TelegramError as error:
            raise channel_down(error) from None
        await offer_commands(self._bot, self._tools)
        if self._tools.desk:
            await warn_of_desk(self._bot, me, self._tools.desk)
        hearing = Hearing(self._tools.channel, me, self._tools.commands, self._options.answer_in, self._tools.desk)
        intake = Intake(self._bot, self._tools, hearing, accept, self._accepted, self._topics.was_closed)
        try:
            if self._webhook is None:
                await poll(self._bot, self._tools.clock, intake.take_all)
            else:
                await self._be_called(self._webhook, intake)
        finally:
            await intake.finish()
            await self._typing.finish()

    async def _introduced(self) -> User:
        """Who we are; asked once. Whoever comes while it is asked waits for the same answer, or fails with it."""
        if self._me is None:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._bot.get_me())
            self._me = await asyncio.shield(self._asking)
        return self._me

    async def _be_called(self, webhook: Webhook, intake: Intake) -> None:
        webhook.take = intake.take
        assert self._options.webhook_secret is not None, "the webhook was made with it"
        try:
            await self._bot.set_webhook(
                f"{self._tools.public_url}{self._path}/",
                secret_token=self._options.webhook_secret.get_secret_value(),
                allowed_updates=ALLOWED,
                max_connections=ONE_AT_A_TIME,
            )
            await asyncio.Event().wait()
        except TelegramError as error:
            raise channel_down(error) from None
        finally:
            webhook.take = None

    def _accepted(self, inbound: Inbound, accepted: Accepted) -> None:
        """Something is durable; if the answer takes long, show that it is being worked on."""
        late = self._tools.clock.now() - inbound.at if inbound.at else 0.0
        if not accepted.silent and not accepted.repeat and inbound.kind == "message" and late < FRESH:
            self._typing.expect(inbound.address)

    async def send(self, outbound: Outbound) -> Receipt:
        """Send one message, in the chat's turn, or do something to an earlier one. Raises DeliveryError."""
        try:
            me = await self._introduced()
        except TelegramError as error:
            raise not_begun(error) from None
        return await self._sending.send(outbound, me)

    async def fetch(self, file: File) -> bytes:
        """The bytes of a file that somebody sent here. Raises DeliveryError."""
        try:
            return await download(self._bot, file)
        except TelegramError as error:
            raise delivery_error(error) from None

    async def examine(self) -> Sequence[Problem]:
        """What keeps the channel from working, or from working well."""
        place = f"channel {self._tools.channel}"
        try:
            me = await self._introduced()
            hook = (await self._bot.get_webhook_info()).url
            desk = await desk_problems(self._bot, me, self._tools.desk) if self._tools.desk else ()
        except TelegramError as error:
            return [Problem(place, str(channel_down(error)))]
        found = [Problem(place, text) for text in desk]
        if self._options.answer_in and not me.can_read_all_group_messages:
            text = (
                f"@{me.username} hears only what is said to it in groups, so answer_in does nothing: turn the privacy "
                "mode off (@BotFather, /setprivacy), then add the bot to its groups again; or make it an administrator"
            )
            found.append(Problem(place, text, fatal=False))
        if self._webhook is not None and not self._tools.public_url.startswith("https://"):
            text = "a webhook needs http.public_url with https://, an address that Telegram can reach"
            found.append(Problem(place, text, fatal=False))
        if self._webhook is None and hook:
            text = "a webhook is set for this bot; frontdesk run takes it away, and reads by polling"
            found.append(Problem(place, text, fatal=False))
        return found

    async def close(self) -> None:
        """Close the connections."""
        if self._asking is not None:
            self._asking.cancel()
        for request in self._requests:
            await request.shutdown()


def make_requests(options: Options) -> tuple[HTTPXRequest, HTTPXRequest]:
    """The connections for calls, and those for polls. No environment is asked for a proxy: there is a setting."""

    def make(size: int) -> HTTPXRequest:
        return HTTPXRequest(
            connection_pool_size=size,
            pool_timeout=5.0,
            connect_timeout=5.0,
            write_timeout=10.0,
            read_timeout=ANSWER_WITHIN,
            proxy=options.proxy.get_secret_value() if options.proxy else None,
            httpx_kwargs={"trust_env": False},
        )

    return make(128), make(1)


def make_bot(options: Options, calls: HTTPXRequest, polls: HTTPXRequest) -> Bot:
    """The library's client for this account."""
    return Bot(
        options.token.get_secret_value(),
        base_url=f"{options.api_url}/bot",
        base_file_url=f"{options.api_url}/file/bot",
        request=calls,
        get_updates_request=polls,
    )
