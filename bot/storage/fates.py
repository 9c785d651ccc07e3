"""What follows from the fate of a send: agents see what became of it, and a deleted thread is replaced."""

from __future__ import annotations

from dataclasses import asdict

from bot.messages import CONSOLE, NEW_THREAD, Address, Delivery, Failure, Receipt
from bot.ports import Aftermath, Claimed, Fate
from bot.storage.acts import adopt
from bot.storage.query import Query, to_json
from bot.storage.queueing import Row, enqueue
from bot.storage.tickets import add_history

_KEPT = (
    "channel, chat, conversation, seq, author, name, text, buttons, created_at, kind, files, contact, desk, ticket,"
    " act, target_seq, target, title, mentions"
)
"""What a row for a new thread has of the one for the old thread; what it answered is not there."""
_HERE = "ticket = ? and channel = ? and thread = ? and desk = 1"


def thread_opened(q: Query, claimed: Claimed, ticket: int, receipt: Receipt, now: float) -> tuple[int, ...]:
    """A ticket's thread was opened at a desk: it is known from now on, and what waits for it goes there.

    If it was not the brief that opened it, as that had failed, the brief comes next. The conversation in which there is
    something to handle now, if there is: what was said in the thread at once.
    """
    there, before = receipt.address, claimed.outbound.address
    if there is None or not before.thread.startswith(NEW_THREAD):
        return ()
    at = (ticket, before.channel, before.thread)
    q(
        "update outbox set status = 'open', attempts = 0, due = ?"
        f" where {_HERE} and kind = 'brief' and status in ('dead', 'uncertain')",
        (now, *at),
    )
    q(
        "update place set chat = ?, thread = ? where ticket = ? and channel = ? and thread = ?",
        (there.chat, there.thread, *at),
    )
    q(f"update outbox set chat = ?, thread = ? where {_HERE}", (there.chat, there.thread, *at))
    return adopt(q, ticket, there)


def thread_gone(q: Query, claimed: Claimed, now: float) -> Aftermath:
    """A ticket's thread was deleted: it is opened anew with the brief, and what waited for the old one follows.

    Where the ticket has gone on in another thread already, nothing more is said in the old one.
    """
    address = claimed.outbound.address
    fence = (claimed.id, claimed.owner, claimed.attempts)
    rows = q("select ticket from outbox where id = ? and status = 'open' and owner = ? and attempts = ?", fence)
    if not rows:
        return Aftermath(ours=False)
    ticket = int(rows[0][0])
    at = (ticket, address.channel, address.thread)
    lost = q.changed(
        "update place set thread = ? where ticket = ? and channel = ? and thread = ?", (f"{NEW_THREAD}{ticket}", *at)
    )
    # What changed or marked a message of the old thread has nothing to change any more.
    waiting = [row[0] for row in q(f"select id from outbox where {_HERE} and status = 'open' order by id", at)]
    if lost:
        kept = q(
            f"select id from outbox where {_HERE} and status = 'open' and act in ('send', 'close') order by id", at
        )
        for id_ in dict.fromkeys((*_brief(q, at), *(row[0] for row in kept))):
            q(
                f"insert into outbox ({_KEPT}, thread, repeated, reply_to, status, attempts, due, owner, leased_until,"
                f" error, receipt) select {_KEPT}, ?, 0, '', 'open', 0, ?, '', 0, '', '' from outbox where id = ?",
                (f"{NEW_THREAD}{ticket}", now, id_),
            )
        add_history(q, ticket, "thread_lost", "bot", address.channel, now)
    for id_ in waiting:
        q("update outbox set status = 'moved' where id = ?", (id_,))
    return Aftermath(sends=frozenset({address.channel}))


def _brief(q: Query, at: tuple[int, str, str]) -> list[int]:
    """The rows of the brief in a thread, as many as it was cut into."""
    newest = f"select max(created_at) from outbox where {_HERE} and kind = 'brief'"
    return [row[0] for row in q(f"select id from outbox where {_HERE} and kind = 'brief' and created_at = ({newest})"
                                " order by id", (*at, *at))]  # fmt: skip


def after_sent(q: Query, claimed: Claimed, now: float) -> Aftermath:
    """An agent's message arrived: they see that."""
    if claimed.outbound.author != "agent":
        return Aftermath()
    return _marked(q, claimed, "sent", now)


def after_failed(q: Query, claimed: Claimed, fate: Fate, now: float) -> Aftermath:
    """A message of an agent's is late, or one of a ticket will not arrive: agents come to know."""
    if fate.status == "open":
        late = fate.counted and claimed.attempts == 1
        return _marked(q, claimed, "delayed", now) if late else Aftermath()
    marked = _marked(q, claimed, "failed", now)
    return Aftermath(sends=marked.sends, woken=_reported(q, claimed, fate, now))


def _marked(q: Query, claimed: Claimed, delivery: Delivery, now: float) -> Aftermath:
    """Show on what an agent wrote what became of it, at the desk where it was written."""
    rows = q(
        "select message.conversation, message.seq, source_channel, source_chat, message.ref from outbox join message"
        " on message.conversation = outbox.conversation and message.seq = outbox.seq"
        " where outbox.id = ? and outbox.desk = 0 and outbox.act = 'send' and outbox.author = 'agent'"
        " and source_channel <> ''",
        (claimed.id,),
    )
    if not rows or rows[0][2] == CONSOLE:
        return Aftermath()
    conversation, seq, channel, chat, ref = rows[0]
    unsent = q(
        "select 1 from outbox where conversation = ? and seq = ? and desk = 0 and status <> 'sent' limit 1",
        (conversation, seq),
    )
    if not ref or (delivery == "sent" and unsent):
        return Aftermath()
    # The newest ticket's thread is where agents write, unless one was reopened: then both are the same.
    places = q(
        "select thread, ticket from place join ticket on ticket.number = place.ticket where conversation = ?"
        " and channel = ? and chat = ? order by ticket.status = 'closed', ticket desc limit 1",
        (conversation, channel, chat),
    )
    if not places:
        return Aftermath()
    thread, ticket = places[0]
    at = Address(channel, chat, thread)
    row = Row(at, conversation, text=delivery, desk=True, ticket=ticket, act="mark", target=ref)
    return Aftermath(sends=frozenset({enqueue(q, row, now)}))


def _reported(q: Query, claimed: Claimed, fate: Fate, now: float) -> tuple[int, ...]:
    """A message that will not arrive becomes something to be handled, where a ticket is open."""
    conversation, author, desk, channel, act, kind = q(
        "select conversation, author, desk, channel, act, kind from outbox where id = ?", (claimed.id,)
    )[0]
    if act == "mark" or (desk and kind == "reply"):
        return ()
    return report(q, Failure(claimed.id, author, bool(desk), channel, fate.error, act), conversation, now)


def report(q: Query, failure: Failure, conversation: int, now: float) -> tuple[int, ...]:
    """Make something to be handled of a failure, where a ticket is concerned: the conversation, if so."""
    rows = q(
        "select channel from conversation where id = ? and exists (select 1 from ticket"
        " where ticket.conversation = conversation.id and (ticket.status <> 'closed' or ? = 'agent'))",
        (conversation, failure.author),
    )
    if not rows:
        return ()
    q(
        "insert into inbox (channel, account, external_id, conversation, seq, kind, value, hidden, at, status)"
        " values (?, 'fate', ?, ?, 0, 'fate', ?, 0, ?, 'new') on conflict do nothing",
        (rows[0][0], f"{failure.row}:{now!r}", conversation, to_json(asdict(failure)), now),
    )
    return (conversation,)
