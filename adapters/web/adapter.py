"""The web channel as an adapter: what it accepts comes through the API, what it sends waits in the record."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from adapters.web.api import ChatApi
from adapters.web.options import Options
from bot.errors import StoreError, TemporaryFailure, Undeliverable
from bot.messages import File, Outbound, Receipt
from bot.ports import Accept, Limits, Problem, Tools

LONGEST_SHOWN = 100_000
"""Characters that the widget shows in one message; it scrolls."""


class Adapter:
    """Sending wakes the chat's open event streams: the message itself is in the record already."""

    def __init__(self, options: Options, tools: Tools) -> None:
        self.limits = Limits(text=LONGEST_SHOWN, buttons=12, edits=True)
        self._uploads = tools.uploads
        self._streams = Streams(options.most_streams, options.most_streams_per_chat)
        self._api = ChatApi(options, tools, self._streams)
        tools.mount("/", self._api.application())

    async def run(self, accept: Accept) -> None:
        """Serve until cancelled."""
        self._streams.open()
        self._api.open(accept)
        try:
            await asyncio.Event().wait()
        finally:
            self._api.open(None)
            self._streams.close()

    async def send(self, outbound: Outbound) -> Receipt:
        """Tell the chat's open streams that the record has something new, or that something in it has changed."""
        self._streams.wake(outbound.address.chat)
        return Receipt(outbound.target or str(outbound.seq))

    async def fetch(self, file: File) -> bytes:
        """A file that a visitor sent."""
        try:
            found = await self._uploads.upload(file.id)
        except StoreError as error:
            raise TemporaryFailure(str(error)) from error
        if found is None:
            raise Undeliverable(f"there is no file {file.name or file.id}")
        return found.body

    async def examine(self) -> Sequence[Problem]:
        """Nothing outside of us can be wrong."""
        return []

    async def close(self) -> None:
        """There is nothing to free."""


class Streams:
    """The open event streams, by chat. A stream that is woken reads on in the record, so none can miss a message."""

    def __init__(self, most: int, most_per_chat: int) -> None:
        self._most, self._most_per_chat = most, most_per_chat
        self._open = 0
        self._by_chat: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.closing = False

    def enter(self, chat: str) -> asyncio.Event | None:
        """A wake-up call for a further stream of this chat; None if there are too many streams."""
        if self._open >= self._most or len(self._by_chat.get(chat, ())) >= self._most_per_chat:
            return None
        event = asyncio.Event()
        self._open += 1
        self._by_chat[chat].add(event)
        return event

    def leave(self, chat: str, event: asyncio.Event) -> None:
        """A stream ended."""
        self._open -= 1
        self._by_chat[chat].discard(event)
        if not self._by_chat[chat]:
            del self._by_chat[chat]

    def wake(self, chat: str) -> None:
        """There is something new in this chat."""
        for event in self._by_chat.get(chat, ()):
            event.set()

    def open(self) -> None:
        """Let streams go on; after a `close`, again."""
        self.closing = False

    def close(self) -> None:
        """End all streams."""
        self.closing = True
        for events in self._by_chat.values():
            for event in events:
                event.set()
