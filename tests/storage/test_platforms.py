"""What the store keeps of platforms: files, albums, edits, quotes, buttons, streams, and chats that move."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.events import Conversation, Decision, Heard, Say
from bot.dialogue.states import State
from bot.errors import Conflict
from bot.messages import Accepted, Address, Button, Cursor, File, Inbound, Origin, Outbound, Receipt, Sender
from bot.ports import Fate, Work
from bot.storage.sqlite import SqliteDatabase
from bot.storage.store import Store
from tests.stands.clock import START, FakeClock

CHAT = Address("telegram", "-5")
ANN, BEN = Sender("5", "Ann", "en"), Sender("6", "Ben", "en")
PHOTO, PDF = File("p", "photo", "", "image/jpeg", 7), File("d", "document", "bill.pdf", "application/pdf", 2**40)
LONG = "entry:" + "x" * 80
_ids = itertools.count(1)


class Shop(Store):
    """A store, and short ways to use it."""

    async def hear(self, text: str = "hi", sender: Sender = ANN, at: Address = CHAT, **more: Any) -> Accepted:
        more.setdefault("external_id", f"x{next(_ids)}")
        return await self.receive(Inbound(at, "bot1", sender=sender, text=text, **more), START)

    async def work(self, conversation: int = 1) -> Work:
        (found,) = await self.load([conversation])
        return found

    async def reply(self, *says: Say, conversation: int = 1, **changes: Any) -> None:
        """Decide on what is new: say this."""
        work = await self.work(conversation)
        after = {name: getattr(work.conversation, name) for name in Conversation.__dataclass_fields__} | changes
        if says and "choices" not in changes:
            after["choices"] = says[-1].buttons
        await self.settle(work, Decision(Conversation(**after), says), START)

    async def send(self, ref: str = "", **more: Any) -> None:
        """Send what is due."""
        for claimed in await self.claim(CHAT.channel, "me", START, 9):
            await self.sent(claimed, Receipt(ref or f"r{claimed.id}", **more), START)

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._database.read(lambda q: q(sql))]


@pytest.fixture
async def shop(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Shop]:
    database = await SqliteDatabase.open(tmp_path / "test.db")
    yield Shop(database, FakeClock())
    await database.close()


# Files, albums, quotes


async def test_files_are_kept_with_the_message_and_come_with_the_work(shop: Shop) -> None:
    await shop.hear("look", files=(PHOTO, PDF), album="a", ref="9")
    (item,) = (await shop.work()).items
    assert (item.value, item.files, item.album, item.ref) == ("look", (PHOTO, PDF), "a", "9")
    assert await shop.rows("select seq, place, id, kind, name, type, size from file order by place") == [
        (1, 0, "p", "photo", "", "image/jpeg", 7), (1, 1, "d", "document", "bill.pdf", "application/pdf", 2**40),
    ]  # fmt: skip


async def test_files_without_a_word_are_a_message_too_and_a_repeat_keeps_them_once(shop: Shop) -> None:
    first = await shop.hear("", files=(PHOTO,), external_id="one")
    again = await shop.hear("", files=(PHOTO,), external_id="one")
    assert (first.seq, again.seq, again.repeat) == (1, 1, True)
    assert await shop.rows("select count(*) from file") == [(1,)]


async def test_a_quote_is_kept_as_the_place_of_what_it_quotes_whoever_said_that(shop: Shop) -> None:
    await shop.hear("one", ref="m1")
    await shop.reply(Say("two"))
    await shop.send("m2")
    await shop.hear("to myself", reply_to="m1")
    await shop.hear("to the bot", reply_to="m2")
    await shop.hear("to somebody else", reply_to="m77")
    quotes = await shop.rows("select text, reply_to from message where author = 'contact' order by seq")
    assert quotes == [("one", None), ("to myself", 1), ("to the bot", 2), ("to somebody else", None)]


async def test_an_answer_replies_to_the_newest_message_that_it_answers(shop: Shop) -> None:
    await shop.hear("one", ref="m1")
    await shop.hear("two", ref="m2")
    await shop.reply(Say("yes", kind="answer"))
    (claimed,) = await shop.claim(CHAT.channel, "me", START, 9)
    assert isinstance(claimed.outbound, Outbound)
    assert (claimed.outbound.reply_to, claimed.outbound.kind, claimed.outbound.contact) == ("m2", "answer", "5")


# Edits and deletions


async def test_an_edit_of_what_waits_is_handled_as_it_is_now(shop: Shop) -> None:
    await shop.hear("old", ref="m1")
    await shop.hear("new", ref="m1", kind="edit", hidden=True)
    (item,) = (await shop.work()).items
    assert (item.kind, item.value, item.hidden) == ("text", "new", True)
    assert await shop.rows("select text, edited_at from message") == [("new", START)]


async def test_a_decision_on_what_was_edited_meanwhile_is_not_stored(shop: Shop) -> None:
    await shop.hear("old", ref="m1")
    work = await shop.work()
    await shop.hear("new", ref="m1", kind="edit")
    with pytest.raises(Conflict):
        await shop.settle(work, Decision(work.conversation, (Say("on the old one"),)), START)
    assert [item.value for item in (await shop.work()).items] == ["new"]


async def test_an_edit_of_what_was_handled_is_something_new_and_the_same_text_is_nothing(shop: Shop) -> None:
    await shop.hear("old", ref="m1")
    await shop.reply()
    assert (await shop.hear("old", ref="m1", kind="edit")).repeat
    assert not await shop.load([1])
    accepted = await shop.hear("new", ref="m1", kind="edit")
    assert (accepted.seq, accepted.repeat) == (1, False)
    assert [(item.kind, item.value) for item in (await shop.work()).items] == [("edit", "new")]


async def test_an_edit_that_changes_a_file_changes_the_file(shop: Shop) -> None:
    await shop.hear("look", ref="m1", files=(PHOTO, PDF))
    await shop.hear("look", ref="m1", files=(PDF,), kind="edit")
    assert await shop.rows("select place, id from file") == [(0, "d")]


async def test_an_edit_of_something_unknown_or_of_another_chat_changes_nothing(shop: Shop) -> None:
    await shop.hear("old", ref="m1")
    for more in ({"ref": "m2"}, {"ref": "m1", "at": Address("telegram", "-6")}):
        assert (await shop.hear("new", kind="edit", **more)).silent
    assert await shop.rows("select text from message") == [("old",)]
    assert await shop.rows("select count(*) from conversation") == [(1,)]


async def test_a_deletion_is_noted_and_what_waits_is_not_handled(shop: Shop) -> None:
    await shop.hear("never mind", ref="m1")
    work = await shop.work()
    await shop.hear("", ref="m1", kind="deletion")
    assert not await shop.load([1])
    assert await shop.rows("select text, deleted_at from message") == [("never mind", START)]
    with pytest.raises(Conflict):
        await shop.settle(work, Decision(work.conversation, ()), START)


# Overheard


async def test_of_what_is_overheard_nothing_is_kept_once_it_is_decided(shop: Shop) -> None:
    assert (await shop.hear("said to others", kind="overheard", public=True)).silent
    assert await shop.rows("select count(*) from message") == [(0,)]
    await shop.reply()
    assert await shop.rows("select value, status from inbox") == [("", "done")]


async def test_what_is_overheard_and_answered_is_in_the_record_before_its_answer(shop: Shop) -> None:
    await shop.hear("a question", kind="overheard", public=True, ref="m1")
    work = await shop.work()
    await shop.settle(work, Decision(work.conversation, (Heard("a question"), Say("an answer"))), START)
    said = await shop.rows("select seq, author, text, ref from message order by seq")
    assert said == [(1, "contact", "a question", "m1"), (2, "bot", "an answer", "")]
    assert await shop.rows("select value from inbox") == [("",)]


# Buttons


async def test_a_long_value_comes_back_by_its_token_and_the_record_has_the_label(shop: Shop) -> None:
    await shop.hear()
    await shop.reply(Say("which?", (Button("Long", LONG), Button("Short", "no"))))
    assert len(Button("", LONG).token.encode()) <= 64
    await shop.hear("", choice=Button("", LONG).token, ref="m1")
    (item,) = (await shop.work()).items
    assert (item.kind, item.value, item.ref) == ("choice", LONG, "m1")
    assert await shop.rows("select text, ref from message order by seq desc limit 1") == [("Long", "")]


async def test_a_token_that_nothing_is_behind_stays_what_it_is(shop: Shop) -> None:
    await shop.hear("", choice="#0000")
    assert (await shop.work()).items[0].value == "#0000"
    assert await shop.rows("select count(*) from message") == [(0,)]


# Streams


async def test_a_stream_is_read_on_never_back_and_for_each_account_by_itself(shop: Shop) -> None:
    for position in (5, 9, 7):
        await shop.hear(cursor=Cursor("general", position))
    await shop.advance("telegram", "bot2", Cursor("general", 3))
    assert await shop.cursors("telegram", "bot1") == {"general": 9}
    assert await shop.cursors("telegram", "bot2") == {"general": 3}
    assert await shop.cursors("discord", "bot1") == {}


async def test_the_cursor_moves_with_a_repeat_too(shop: Shop) -> None:
    for position in (1, 2):
        await shop.hear(external_id="one", cursor=Cursor("general", position))
    assert await shop.cursors("telegram", "bot1") == {"general": 2}


# Chats that move or go


async def test_a_chat_that_moved_takes_its_conversations_and_what_waits_along(shop: Shop) -> None:
    await shop.hear(ref="m1")
    await shop.hear(sender=BEN, ref="m2")
    await shop.reply(Say("to ann"), conversation=1)
    await shop.send()
    await shop.reply(Say("to ben"), conversation=2)
    await shop.moved("telegram", "-5", "-1005")
    assert await shop.rows("select distinct chat from conversation") == [("-1005",)]
    assert await shop.rows("select chat, status, reply_to from outbox order by id") == [
        ("-5", "sent", ""), ("-1005", "open", ""),
    ]  # fmt: skip
    assert await shop.rows("select distinct ref from message") == [("",)], "messages are numbered anew there"
    assert (await shop.hear(at=Address("telegram", "-1005"))).conversation == 1
    await shop.moved("telegram", "-5", "-1005")


async def test_who_has_a_conversation_in_the_new_chat_already_keeps_it(shop: Shop) -> None:
    await shop.hear()
    await shop.hear(at=Address("telegram", "-1005"))
    await shop.moved("telegram", "-5", "-1005")
    assert await shop.rows("select id, chat from conversation order by id") == [(1, "-5"), (2, "-1005")]


async def test_a_chat_that_is_gone_gets_nothing_that_waits(shop: Shop) -> None:
    await shop.hear()
    await shop.hear(at=Address("telegram", "-6"))
    for conversation in (1, 2):
        await shop.reply(Say("hello"), Say("more"), conversation=conversation)
    await shop.claim("telegram", "me", START, 1)
    await shop.gone("telegram", "-5", "blocked")
    assert await shop.rows("select chat, status, error from outbox order by id") == [
        ("-5", "open", ""), ("-5", "dead", "blocked"), ("-6", "open", ""), ("-6", "open", ""),
    ]  # fmt: skip


async def test_a_conversation_goes_on_in_the_thread_that_was_opened_for_it(shop: Shop) -> None:
    await shop.hear()
    await shop.reply(Say("one"), Say("two"))
    thread = Address("telegram", "-5", "77")
    await shop.send(address=thread)
    assert await shop.rows("select chat, thread from conversation") == [("-5", "77")]
    assert await shop.rows("select text, thread, status from outbox order by id") == [
        ("one", "", "sent"), ("two", "77", "open"),
    ]  # fmt: skip
    assert (await shop.hear(at=thread)).conversation == 1


async def test_a_conversation_does_not_go_where_its_contact_has_one(shop: Shop) -> None:
    thread = Address("telegram", "-5", "77")
    await shop.hear(at=thread)
    await shop.hear()
    await shop.reply(Say("one"), conversation=2)
    await shop.send(address=thread)
    assert await shop.rows("select id, thread from conversation order by id") == [(1, "77"), (2, "")]


async def test_a_send_that_failed_for_good_moves_nothing(shop: Shop) -> None:
    await shop.hear()
    await shop.reply(Say("one"))
    (claimed,) = await shop.claim("telegram", "me", START, 9)
    await shop.failed(claimed, Fate("dead", "no"), START)
    assert not (await shop.sent(claimed, Receipt("r"), START)).ours


# From public into private


async def test_who_comes_on_from_public_brings_their_own_question_and_nobody_elses(shop: Shop) -> None:
    await shop.hear("why", public=True)
    await shop.reply(question="why", entry="fees", mood=("urgent",), state=State.ANSWERING)
    for sender, origin in ((ANN, Origin("why", "fees", ("urgent",))), (BEN, None)):
        accepted = await shop.hear("/start from-1", sender, Address("telegram", sender.id))
        assert (await shop.work(accepted.conversation)).desk.origin == origin
    for text in ("/start from-99", f"/start from-{'9' * 18}", f"/start from-{'9' * 40}", "/start from-2", "why from-1"):
        accepted = await shop.hear(text, sender=Sender(text), at=Address("telegram", text))
        assert (await shop.work(accepted.conversation)).desk.origin is None
