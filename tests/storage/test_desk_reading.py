"""What agents look at: the list of tickets in the order to answer, and a ticket with all that belongs to it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.events import OpenTicket
from bot.messages import Address, File, Inbound, Sender
from bot.ports import Case, Line, Summary
from bot.storage import desk_reading
from bot.storage.inbound import receive
from bot.storage.query import Query, to_json
from bot.storage.queueing import Row, enqueue
from bot.storage.sqlite import SqliteDatabase
from bot.storage.tickets import add_history, open_ticket

IDS = itertools.count(1)
PHOTO = File("f1", "photo", "screen.png", "image/png", 7, "stand")


@pytest.fixture
async def database(tmp_path: Path, anyio_backend: str) -> AsyncIterator[SqliteDatabase]:
    opened = await SqliteDatabase.open(tmp_path / "test.db")
    yield opened
    await opened.close()


def said(q: Query, who: str, text: str, at: float, *files: File) -> tuple[int, int]:
    """A contact writes: the conversation, and the place in the record."""
    inbound = Inbound(Address("stand", who), "bot1", str(next(IDS)), Sender(who, who.title()), text, at=at, files=files)
    accepted = receive(q, inbound, at)
    return accepted.conversation, accepted.seq


def handed_over(q: Query, who: str, at: float, question: str = "help", **more: Any) -> int:
    """A contact asks for a human: the ticket."""
    conversation, seq = said(q, who, question, at)
    number = open_ticket(q, conversation, seq, OpenTicket("asked", question), "en", {}, at)
    for column, value in more.items():
        q(f"update ticket set {column} = ? where number = ?", (value, number))
    return number


def replied(q: Query, number: int, text: str, at: float, author: str = "agent", **row: Any) -> int:
    """Somebody answers the contact: the place in the record."""
    conversation = q("select conversation from ticket where number = ?", (number,))[0][0]
    seq = q("update conversation set last_seq = last_seq + 1 where id = ? returning last_seq", (conversation,))[0][0]
    q(
        "insert into message (conversation, seq, author, name, text, buttons, at) values (?, ?, ?, 'Ann', ?, '[]', ?)",
        (conversation, seq, author, text, at),
    )
    enqueue(q, Row(Address("stand", "x"), conversation, seq, text, author="agent"), at)
    for column, value in row.items():
        q(f"update outbox set {column} = ? where id = (select max(id) from outbox)", (value,))
    return int(seq)


def closed(q: Query, number: int, at: float) -> None:
    q("update ticket set status = 'closed', closed_at = ? where number = ?", (at, number))


async def case_of(database: SqliteDatabase, number: int) -> Case:
    found = await database.read(desk_reading.case, number)
    assert found is not None
    return found


def said_lines(case: Case) -> list[Line]:
    return [line for line in case.lines if line.seq]


async def test_open_tickets_come_in_the_order_to_answer_and_closed_ones_newest_first(database: SqliteDatabase) -> None:
    def prepare(q: Query) -> list[int]:
        names = ("early", "late", "urgent", "snoozed", "silent", "asks", "done", "gone")
        number = {who: handed_over(q, who, 100.0 + place) for place, who in enumerate(names)}
        q("update ticket set priority = 'urgent' where number = ?", (number["urgent"],))
        q("update ticket set snoozed_until = 999 where number = ?", (number["snoozed"],))
        q("update ticket set status = 'claimed', since = null where number = ?", (number["silent"],))
        q("update ticket set status = 'claimed', since = 150 where number = ?", (number["asks"],))
        closed(q, number["done"], 201)
        closed(q, number["gone"], 202)
        return [number[who] for who in ("urgent", "early", "late", "snoozed", "asks", "silent", "gone", "done")]

    order = await database.write(prepare)
    found = [one.ticket.number for one in await database.read(desk_reading.tickets, ["waiting", "claimed"], 99)]
    assert found == order[:6]
    found = [one.ticket.number for one in await database.read(desk_reading.tickets, ["closed"], 99)]
    assert found == order[6:]
    assert len(await database.read(desk_reading.tickets, ["waiting", "claimed"], 2)) == 2


async def test_a_ticket_in_the_list_tells_who_asks_where_and_what_was_said_last(database: SqliteDatabase) -> None:
    def prepare(q: Query) -> None:
        handed_over(q, "ann", 100)
        said(q, "ann", "one more thing", 110)
        conversation, seq = said(q, "ann", "never mind", 120)
        q("update message set deleted_at = 121 where conversation = ? and seq = ?", (conversation, seq))
        handed_over(q, "bob", 200)
        said(q, "bob", "", 210, PHOTO)
        replied(q, 2, "You are next.", 220, author="bot")

    await database.write(prepare)
    ann, bob = await database.read(desk_reading.tickets, ["waiting"], 9)
    assert ann == Summary(ann.ticket, "Ann", "stand", "one more thing", 110)
    assert (bob.last_text, bob.last_at) == ("screen.png", 210)
    assert ann.ticket.question == "help"


async def test_a_ticket_has_its_record_and_history_in_the_order_of_time(database: SqliteDatabase) -> None:
    def prepare(q: Query) -> int:
        said(q, "ann", "hello", 90)
        number = handed_over(q, "ann", 100)
        add_history(q, number, "opened", "contact", "asked", 100)
        add_history(q, number, "note", "Ann", "knows her", 105)
        said(q, "ann", "look", 110, PHOTO)
        q("update message set edited_at = 111 where text = 'look'")
        return number

    number = await database.write(prepare)
    case = await case_of(database, number)
    assert [(line.at, line.author, line.kind or line.text) for line in case.lines] == [
        (90, "contact", "hello"),
        (100, "contact", "opened"),
        (100, "contact", "help"),
        (105, "agent", "note"),
        (110, "contact", "look"),
    ]
    assert case.lines[-1].files == (PHOTO,)
    assert case.lines[-1].edited_at == 111
    assert (case.lines[3].name, case.lines[3].text) == ("Ann", "knows her")


async def test_of_a_deleted_message_only_that_it_was_there_is_read(database: SqliteDatabase) -> None:
    def prepare(q: Query) -> int:
        number = handed_over(q, "ann", 100)
        said(q, "ann", "my secret", 110, PHOTO)
        q("update message set deleted_at = 120 where text = 'my secret'")
        return number

    line = (await case_of(database, await database.write(prepare))).lines[-1]
    assert (line.text, line.files, line.deleted_at) == ("", (), 120)


@pytest.mark.parametrize(
    ("row", "delivery", "error"),
    [
        ({}, "waiting", ""),
        ({"attempts": 1}, "waiting", ""),
        ({"attempts": 1, "error": "no answer"}, "delayed", "no answer"),
        ({"attempts": 2}, "delayed", ""),
        ({"status": "sent"}, "sent", ""),
        ({"status": "dead", "error": "blocked us"}, "failed", "blocked us"),
        ({"status": "uncertain", "error": "lost"}, "failed", "lost"),
        ({"status": "withdrawn"}, "", ""),
        ({"desk": 1, "status": "dead"}, "", ""),
    ],
)
async def test_an_agents_line_tells_what_became_of_it(
    database: SqliteDatabase, row: dict[str, Any], delivery: str, error: str
) -> None:
    def prepare(q: Query) -> int:
        number = handed_over(q, "ann", 100)
        replied(q, number, "hi", 110, **row)
        return number

    line = (await case_of(database, await database.write(prepare))).lines[-1]
    assert (line.delivery, line.error) == (delivery, error)
    assert bool(line.row) == (delivery == "failed")


async def test_of_a_message_that_was_cut_into_parts_the_worst_part_tells(database: SqliteDatabase) -> None:
    def prepare(q: Query) -> tuple[int, int]:
        number = handed_over(q, "ann", 100)
        seq = replied(q, number, "long", 110, status="sent")
        conversation = q("select conversation from ticket")[0][0]
        for status in ("dead", "sent"):
            enqueue(q, Row(Address("stand", "x"), conversation, seq, "part", author="agent"), 110)
            q("update outbox set status = ? where id = (select max(id) from outbox)", (status,))
        return number, q("select id from outbox where status = 'dead'")[0][0]

    number, dead = await database.write(prepare)
    line = (await case_of(database, number)).lines[-1]
    assert (line.delivery, line.row) == ("failed", dead)


async def test_a_ticket_has_only_what_was_said_in_it_and_shortly_before(database: SqliteDatabase) -> None:
    def prepare(q: Query) -> tuple[int, int]:
        for number in range(desk_reading.BEFORE + 5):
            said(q, "ann", f"chat {number}", 10 + number)
        first = handed_over(q, "ann", 100, "first")
        replied(q, first, "done", 110)
        closed(q, first, 120)
        said(q, "ann", "thanks", 121)
        second = handed_over(q, "ann", 200, "second")
        said(q, "ann", "again", 210)
        return first, second

    first, second = await database.write(prepare)
    texts = [line.text for line in (await case_of(database, first)).lines]
    assert texts[-3:] == ["first", "done", "thanks"]
    assert len(texts) == desk_reading.BEFORE - 1 + 3
    texts = [line.text for line in (await case_of(database, second)).lines]
    assert texts == ["thanks", "second", "again"]


async def test_a_reopened_ticket_goes_on_although_there_was_another_one_meanwhile(database: SqliteDatabase) -> None:
    def prepare(q: Query) -> int:
        first = handed_over(q, "ann", 100, "first")
        closed(q, first, 120)
        closed(q, handed_over(q, "ann", 200, "second"), 220)
        q("update ticket set status = 'waiting', closed_at = null where number = ?", (first,))
        said(q, "ann", "still not", 300)
        return first

    first = await database.write(prepare)
    assert (await case_of(database, first)).lines[-1].text == "still not"
    await database.write(closed, first, 310)
    assert (await case_of(database, first)).lines[-1].text == "still not"


async def test_a_ticket_knows_what_the_bot_tried_and_the_contacts_earlier_tickets(database: SqliteDatabase) -> None:
    def asked(q: Query, text: str, at: float) -> None:
        conversation = q("select id from conversation")[0][0]
        q(
            "insert into question (conversation, at, text, lang, verdict, entry, confidence)"
            " values (?, ?, ?, 'en', 'answer', 'fees', 0.5)",
            (conversation, at, text),
        )

    def prepare(q: Query) -> tuple[int, int]:
        first = handed_over(q, "ann", 100)
        asked(q, "before", 99)
        closed(q, first, 120)
        asked(q, "what", 150)
        second = handed_over(q, "ann", 200)
        asked(q, "later", 300)
        handed_over(q, "bob", 210)
        return first, second

    first, second = await database.write(prepare)
    case = await case_of(database, second)
    assert [(one.text, one.entry, one.confidence) for one in case.tried] == [("what", "fees", 0.5)]
    assert [ticket.number for ticket in case.earlier] == [first]
    case = await case_of(database, first)
    assert ([one.text for one in case.tried], case.earlier) == (["before"], ())


async def test_what_is_not_there_is_none_and_who_is_away_is_known(database: SqliteDatabase) -> None:
    assert await database.read(desk_reading.case, 1) is None
    assert await database.read(desk_reading.tickets, ["waiting"], 9) == []
    await database.write(lambda q: q("insert into agent values ('Ann', 1, 0, null), ('Bob', 0, 0, null)"))
    assert await database.read(desk_reading.away) == {"Ann"}


async def test_a_ticket_has_its_fields_and_places(database: SqliteDatabase) -> None:
    def prepare(q: Query) -> int:
        number = handed_over(q, "ann", 100, fields=to_json([["uid", "123"]]))
        q("insert into place values (?, 'stand', 'group', '7')", (number,))
        return number

    ticket = (await case_of(database, await database.write(prepare))).summary.ticket
    assert ticket.fields == (("uid", "123"),)
    assert ticket.places == (Address("stand", "group", "7"),)
