"""What follows from the fate of a send: agents see what became of it, and a deleted thread is replaced."""

from __future__ import annotations

from dataclasses import asdict

from bot.messages import CONSOLE, NEW_THREAD, Address, Delivery, Failure, Receipt
from bot.ports import Aftermath, Claimed, Fate
from bot.storage.query import Query, to_json
from bot.storage.queueing import Row, enqueue

_COLUMNS = (
    "channel, chat, thread, conversation, seq, author, name, text, buttons, repeated, created_at, reply_to, kind,"
    " files, contact, desk, ticket, act, target_seq, target, title, mentions"
)


def thread_opened(q: Query, claimed: Claimed, ticket: int, receipt: Receipt) -> None:
    """A ticket's thread was opened at a desk: it is known from now on, and what waits for it goes there."""
    there, before = receipt.address, claimed.outbound.address
    if there is None or not before.thread.startswith(NEW_THREAD):
        return
    q(
        "update place set chat = ?, thread = ? where ticket = ? and channel = ? and thread = ?",
        (there.chat, there.thread, ticket, before.channel, before.thread),
    )
    q(
        "update outbox set chat = ?, thread = ? where ticket = ? and channel = ? and thread = ?",
        (there.chat, there.thread, ticket, before.channel, before.thread),
    )


def thread_gone(q: Query, claimed: Claimed, now: float) -> Aftermath:
    """A ticket's thread was deleted: it is opened anew with the brief, and what waited for the old one follows."""
    address = claimed.outbound.address
    fence = (claimed.id, claimed.owner, claimed.attempts)
    rows = q("select ticket from outbox where id = ? and status = 'open' and owner = ? and attempts = ?", fence)
    if not rows:
        return Aftermath(ours=False)
    ticket = int(rows[0][0])
    thread = f"{NEW_THREAD}{ticket}"
    at = (ticket, address.channel, address.thread)
    q("update place set thread = ? where ticket = ? and channel = ? and thread = ?", (thread, *at))
    here = "ticket = ? and channel = ? and thread = ? and desk = 1"
    briefs = q(f"select max(id) from outbox where {here} and kind = 'brief'", at)
    waiting = [row[0] for row in q(f"select id from outbox where {here} and status = 'open' order by id", at)]
    # What changed or marked a message of the old thread has nothing to change any more.
    kept = [id_ for id_ in waiting if q("select act from outbox where id = ?", (id_,))[0][0] == "send"]
    for id_ in dict.fromkeys(id_ for id_ in (briefs[0][0], *kept) if id_ is not None):
        q(
            f"insert into outbox ({_COLUMNS}, status, attempts, due, owner, leased_until, error, receipt)"
            f" select {_COLUMNS}, 'open', 0, ?, '', 0, '', '' from outbox where id = ?",
            (now, id_),
        )
        q(
            "update outbox set thread = ?, repeated = 0, reply_to = '' where id = (select max(id) from outbox)",
            (thread,),
        )
    for id_ in waiting:
        q("update outbox set status = 'moved' where id = ?", (id_,))
    q(
        "insert into history (ticket, at, kind, actor, detail) values (?, ?, 'thread_lost', 'bot', ?)",
        (ticket, now, address.channel),
    )
    return Aftermath(sends=frozenset({address.channel}))


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
    conversation, author, desk, channel, act = q(
        "select conversation, author, desk, channel, act from outbox where id = ?", (claimed.id,)
    )[0]
    if act == "mark":
        return ()
    return report(q, Failure(claimed.id, author, bool(desk), channel, fate.error), conversation, now)


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
