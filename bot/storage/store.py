"""The store as the ports see it: each method is one transaction on a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.dialogue.events import Decision
from bot.messages import Accepted, Address, ChatMessage, Cursor, Inbound, Receipt
from bot.ports import Aftermath, Case, Claimed, Clock, Fate, Guest, Judgement, Question, Settled, Summary, Upload, Work
from bot.storage import (
    chats,
    decisions,
    desk_reading,
    facts,
    fates,
    inbound,
    outbound,
    places,
    questions,
    sessions,
    uploads,
)
from bot.storage.query import Database


class Store:
    """Implements every store of bot.ports."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.desks: Mapping[str, str] = {}
        """The chats in which agents work, by channel."""

    async def receive(self, message: Inbound, now: float) -> Accepted:
        return await self._database.write(inbound.receive, message, now, self.desks)

    async def known(self, message: Inbound) -> Accepted | None:
        return await self._database.read(inbound.known, message)

    async def unhandled(self, channels: Sequence[str]) -> Sequence[int]:
        return await self._database.read(inbound.unhandled, channels)

    async def load(self, conversations: Sequence[int]) -> Sequence[Work]:
        return await self._database.read(inbound.load, conversations, self._clock.now())

    async def inform(self, work: Work) -> Work:
        return await self._database.read(facts.inform, work, self._clock.now())

    async def settle(self, work: Work, decision: Decision, now: float) -> Settled:
        return await self._database.write(decisions.settle, work, decision, now, self.desks)

    async def claim(self, channel: str, owner: str, now: float, most: int) -> Sequence[Claimed]:
        return await self._database.write(outbound.claim, channel, owner, now, most)

    async def sent(self, claimed: Claimed, receipt: Receipt, now: float) -> Aftermath:
        return await self._database.write(outbound.sent, claimed, receipt, now)

    async def failed(self, claimed: Claimed, fate: Fate, now: float) -> Aftermath:
        return await self._database.write(outbound.failed, claimed, fate, now)

    async def thread_gone(self, claimed: Claimed, now: float) -> Aftermath:
        return await self._database.write(fates.thread_gone, claimed, now)

    async def release(self, channel: str, keep: str) -> None:
        await self._database.write(outbound.release, channel, keep)

    async def next_due(self, channel: str) -> float | None:
        return await self._database.read(outbound.next_due, channel)

    async def fire(self, now: float, most: int, channels: Sequence[str]) -> Sequence[int]:
        return await self._database.write(outbound.fire, now, most, channels)

    async def next_timer(self, channels: Sequence[str]) -> float | None:
        return await self._database.read(outbound.next_timer, channels)

    async def admit(self, key_hash: str, guest: Guest) -> None:
        await self._database.write(chats.admit, key_hash, guest, self._clock.now())

    async def guest(self, key_hash: str) -> Guest | None:
        return await self._database.read(chats.guest, key_hash)

    async def messages(self, address: Address, after: int, most: int) -> tuple[str, Sequence[ChatMessage]]:
        return await self._database.read(chats.messages, address, after, most)

    async def moved(self, channel: str, old: str, new: str) -> None:
        await self._database.write(places.moved, channel, old, new)
        await self.find_desks(self.desks)

    async def find_desks(self, configured: Mapping[str, str]) -> None:
        """Take acts from these desks, wherever they are now."""
        self.desks = await self._database.read(places.desks, configured)

    async def gone(self, channel: str, chat: str, why: str) -> None:
        await self._database.write(places.gone, channel, chat, why, self._clock.now())

    async def cursors(self, channel: str, account: str) -> Mapping[str, int]:
        return await self._database.read(places.cursors, channel, account)

    async def advance(self, channel: str, account: str, cursor: Cursor) -> None:
        await self._database.write(inbound.advance, channel, account, cursor)

    async def judged(self, most: int) -> Sequence[Judgement]:
        return await self._database.read(outbound.judged, most)

    async def questions(self, since: float, most: int) -> Sequence[Question]:
        return await self._database.read(questions.questions, since, most)

    async def keep(self, upload: Upload) -> None:
        await self._database.write(uploads.keep, upload, self._clock.now())

    async def upload(self, id: str) -> Upload | None:
        return await self._database.read(uploads.upload, id)

    async def tickets(self, status: Sequence[str], most: int) -> Sequence[Summary]:
        return await self._database.read(desk_reading.tickets, status, most)

    async def case(self, number: int) -> Case | None:
        return await self._database.read(desk_reading.case, number)

    async def away(self) -> frozenset[str]:
        return await self._database.read(desk_reading.away)

    async def add_link(self, key_hash: str, agent: str, expires: float) -> None:
        await self._database.write(sessions.add_link, key_hash, agent, expires)

    async def enter(self, link_hash: str, session_hash: str, now: float, expires: float) -> str | None:
        return await self._database.write(sessions.enter, link_hash, session_hash, now, expires)

    async def session(self, key_hash: str, now: float) -> str | None:
        return await self._database.read(sessions.session, key_hash, now)

    async def leave(self, key_hash: str) -> None:
        await self._database.write(sessions.leave, key_hash)

    async def ping(self) -> None:
        await self._database.write(chats.ping, self._clock.now())

    async def counts(self) -> Mapping[str, int]:
        return await self._database.read(outbound.counts)
