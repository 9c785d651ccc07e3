"""Transactions that read what a desk knows beside the ticket at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.desk.facts import Facts, Queued, Tried
from bot.desk.waits import Sample
from bot.dialogue.states import State
from bot.messages import File, Ticket
from bot.ports import Work
from bot.storage.query import Query, marks, pairs
from bot.storage.tickets import tickets

REOPEN = "reopen:"
"""How the value of the button begins with which a contact opens a ticket again."""
RATE = "rate:"
"""And of the ones with which they rate the help on it."""
MOST_SAMPLES = 1000
"""Waits that an expectation is made of; the latest, as desks change."""
MOST_EARLIER = 5
MOST_TRIED = 5
MOST_LISTED = 30
MOST_SAID = 12
"""Messages of the contact in which it is looked for what an agent needs to know."""
MOST_FILES = 10
"""Files from before a ticket that agents are shown: the latest."""
LATELY = 24 * 3600.0
"""Seconds after which what the contact wrote is no longer about the matter at hand."""


def inform(q: Query, work: Work, now: float) -> Work:
    """The same work, with all that a decision about a ticket may need."""
    conversation = work.conversation.id
    earlier = tickets(
        q,
        "where status = 'closed' and conversation in (select there.id from conversation as there"
        " join conversation as here on here.contact = there.contact where here.id = ?) order by number desc limit ?",
        (conversation, MOST_EARLIER),
    )
    own = tickets(q, f"where number in ({marks(numbers)})", numbers) if (numbers := _numbers(q, work)) else []
    said = [
        row[0]
        for row in q(
            "select text from message where conversation = ? and author = 'contact' and deleted_at is null"
            " and at > ? and at > coalesce((select max(closed_at) from ticket where ticket.conversation = ?), 0)"
            " order by seq desc limit ?",
            (conversation, now - LATELY, conversation, MOST_SAID),
        )
    ][::-1]
    found = Facts(
        queue=tuple(
            Queued(*row)
            for row in q("select number, priority, opened_at from ticket where status = 'waiting' order by number")
        ),
        samples=tuple(
            Sample(topic, opened_at, waited)
            for topic, opened_at, waited in q(
                "select topic, opened_at, waited from ticket where waited is not null order by number desc limit ?",
                (MOST_SAMPLES,),
            )
        ),
        away=frozenset(row[0] for row in q("select name from agent where away = 1")),
        loads=pairs(q("select owner, count(*) from ticket where status = 'claimed' group by owner")),
        given=pairs(q("select name, given_at from agent where given_at is not null")),
        tickets={ticket.number: ticket for ticket in own},
        earlier=tuple(earlier),
        tried=_tried(q, conversation),
        last_said=said[-1] if said else "",
        files=() if work.desk.ticket else _files(q, conversation, now),
        open=_open(q) if any(item.act for item in work.items) else (),
    )
    last = next((ticket for ticket in sorted(own, key=lambda one: -one.number) if ticket.status == "closed"), None)
    return replace(work, facts=found, desk=replace(work.desk, said=tuple(said), last=last))


def _numbers(q: Query, work: Work) -> Sequence[int]:
    """The tickets of this conversation that matter now: open, named by an act, or the last one."""
    named = {item.act.ticket for item in work.items if item.act is not None and item.act.ticket}
    newest = q("select number from ticket where conversation = ? order by number desc limit 2", (work.conversation.id,))
    open_ = {work.desk.ticket.number} if work.desk.ticket else set()
    return sorted(named | open_ | {row[0] for row in newest})


def _tried(q: Query, conversation: int) -> tuple[Tried, ...]:
    """What was asked since the last ticket, and what the bot made of it."""
    rows = q(
        "select text, verdict, entry, confidence from question where conversation = ? and at >"
        " coalesce((select max(closed_at) from ticket where ticket.conversation = question.conversation), 0)"
        " order by id desc limit ?",
        (conversation, MOST_TRIED),
    )
    return tuple(Tried(*row) for row in reversed(rows))


def _files(q: Query, conversation: int, now: float) -> tuple[tuple[int, File], ...]:
    """What the contact sent since the last ticket, with its places in the record."""
    rows = q(
        "select seq, id, kind, file.name, type, size, channel from file join message using (conversation, seq)"
        " where conversation = ? and author = 'contact' and deleted_at is null and at > ?"
        " and at > coalesce((select max(closed_at) from ticket where ticket.conversation = ?), 0)"
        " order by seq desc, place desc limit ?",
        (conversation, now - LATELY, conversation, MOST_FILES),
    )
    return tuple((row[0], File(*row[1:])) for row in reversed(rows))


def _open(q: Query) -> tuple[Ticket, ...]:
    """The open tickets that are to be answered first."""
    rank = "case priority when 'urgent' then 0 when 'high' then 1 when 'normal' then 2 else 3 end"
    return tuple(tickets(q, f"where status <> 'closed' order by {rank}, number limit ?", (MOST_LISTED,)))


def concerns_desk(work: Work) -> bool:
    """Whether facts are needed for certain: a ticket is open, can be opened again or is rated, or somebody at a desk
    did something."""
    conversation = work.conversation
    offered = (*(button.value for button in conversation.choices), *(item.value for item in work.items))
    return (
        work.desk.ticket is not None
        or conversation.state in {State.COLLECTING, State.RATING}
        or any(value.startswith(REOPEN) for value in offered)
        or any(item.value.startswith(RATE) for item in work.items)
        or any(item.kind in {"act", "fate"} for item in work.items)
    )
