"""Transactions of the outbox and the timers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from bot.messages import Address, Button, File, Outbound, Receipt
from bot.ports import Aftermath, Claimed, Fate, Judgement
from bot.storage.fates import after_failed, after_sent, thread_opened
from bot.storage.query import Query, Row, marks

LEASE = 30.0
"""Seconds that a claimed row is ours; after a crash it is claimable again when they are over."""

_HEADS = """
select id from outbox as mine
where status = 'open' and channel = ? and due <= ? and leased_until <= ?
  and not exists (
    select 1 from outbox as earlier
    where earlier.status = 'open' and earlier.channel = mine.channel and earlier.chat = mine.chat
      and earlier.thread = mine.thread and earlier.id < mine.id
  )
order by id limit ?
"""


def claim(q: Query, channel: str, owner: str, now: float, most: int) -> list[Claimed]:
    """Lease the due heads of line of a channel. A row whose lease ran out may have been sent: it counts as repeated."""
    heads = [row[0] for row in q(_HEADS + q.skip_locked, (channel, now, now, most))]
    if not heads:
        return []
    rows = q(
        "update outbox set attempts = attempts + 1,"
        " repeated = case when owner <> '' then 1 else repeated end, owner = ?, leased_until = ?"
        f" where id in ({marks(heads)})"
        " returning id, chat, thread, seq, author, name, text, buttons, reply_to, kind, contact,"
        " files, created_at, attempts, repeated, act, target, title, mentions, target_seq, conversation, desk",
        (owner, now + LEASE, *heads),
    )
    return [_claimed(q, row, channel, owner) for row in sorted(rows, key=lambda row: int(row[0]))]


def _claimed(q: Query, row: Row, channel: str, owner: str) -> Claimed:
    id_, chat, thread, seq, author, name, text, buttons, reply_to, kind, contact, *rest = row
    files, created_at, attempts, repeated, act, target, title, mentions, target_seq, conversation, desk = rest
    if target_seq:
        target = _receipt_of(q, conversation, target_seq, Address(channel, chat, thread))
    outbound = Outbound(
        # With a bit of the time, as a new database numbers from 1 again; Discord takes 25 characters.
        key=f"fd-{id_}-{int(created_at) % 1_000_000}",
        address=Address(channel, chat, thread),
        text=text,
        buttons=tuple(Button(label, value) for label, value in json.loads(buttons)),
        seq=seq,
        author=author,
        name=name,
        reply_to=reply_to,
        kind=kind,
        contact=contact,
        files=tuple(File(*values) for values in json.loads(files)),
        act=act,
        target=target,
        title=title,
        mentions=tuple(json.loads(mentions)),
    )
    return Claimed(id_, outbound, attempts, bool(repeated), owner, bool(desk))


def _receipt_of(q: Query, conversation: int, seq: int, address: Address) -> str:
    """What the platform calls a message of ours that is to be changed; it was sent before, as order is kept."""
    rows = q(
        "select receipt from outbox where conversation = ? and seq = ? and channel = ? and chat = ? and thread = ?"
        " and act = 'send' and receipt <> '' order by id desc limit 1",
        (conversation, seq, address.channel, address.chat, address.thread),
    )
    return str(rows[0][0]) if rows else ""


_FENCE = " where id = ? and status = 'open' and owner = ? and attempts = ?"


def sent(q: Query, claimed: Claimed, receipt: Receipt, now: float) -> Aftermath:
    """Mark a row sent, if the lease is still ours. If the conversation went on elsewhere, so does what waits for it."""
    woken = _go_on(q, claimed, receipt, now) if receipt.address is not None else ()
    ours = q.changed(
        "update outbox set status = 'sent', receipt = ?, sent_at = ?, error = ''" + _FENCE,
        (receipt.external_id, now, claimed.id, claimed.owner, claimed.attempts),
    )
    after = after_sent(q, claimed, now) if ours else Aftermath(ours=False)
    return replace(after, woken=(*after.woken, *woken))


def _go_on(q: Query, claimed: Claimed, receipt: Receipt, now: float) -> tuple[int, ...]:
    """Let a conversation go on at another address of its channel, unless its contact has one there already.

    The conversations that have something to handle because of it.
    """
    assert receipt.address is not None, "asked before"
    there = receipt.address
    conversation, desk, ticket = q("select conversation, desk, ticket from outbox where id = ?", (claimed.id,))[0]
    if desk:
        return thread_opened(q, claimed, ticket, receipt, now)
    taken = q(
        "select 1 from conversation as mine join conversation as theirs on theirs.contact = mine.contact"
        " where mine.id = ? and theirs.id <> mine.id and theirs.channel = ? and theirs.chat = ? and theirs.thread = ?",
        (conversation, there.channel, there.chat, there.thread),
    )
    if not taken:
        q(
            "update conversation set chat = ?, thread = ? where id = ?",
            (there.chat, there.thread, conversation),
        )
        q(
            "update outbox set chat = ?, thread = ? where conversation = ? and status = 'open' and desk = 0"
            " and id <> ?",
            (there.chat, there.thread, conversation, claimed.id),
        )
    return ()


def failed(q: Query, claimed: Claimed, fate: Fate, now: float) -> Aftermath:
    """Give a row back with what becomes of it, if the lease is still ours."""
    ours = q.changed(
        "update outbox set status = ?, error = ?, due = ?, attempts = ?, repeated = ?, owner = '',"
        " leased_until = 0" + _FENCE,
        (
            fate.status,
            fate.error,
            fate.due,
            claimed.attempts if fate.counted else claimed.attempts - 1,
            int(fate.repeated or claimed.repeated),
            claimed.id,
            claimed.owner,
            claimed.attempts,
        ),
    )
    return after_failed(q, claimed, fate, now) if ours else Aftermath(ours=False)


def release(q: Query, channel: str, keep: str) -> None:
    """Give back what is leased on a channel, but for the owner `keep`; only for the one process that serves it."""
    q(
        "update outbox set leased_until = 0 where status = 'open' and channel = ? and leased_until > 0 and owner <> ?",
        (channel, keep),
    )


def next_due(q: Query, channel: str) -> float | None:
    """When the next open row of a channel can be claimed. A row behind another of its address does not count."""
    rows = q(
        "select min(case when due > leased_until then due else leased_until end) from outbox as mine"
        " where status = 'open' and channel = ? and not exists (select 1 from outbox as earlier"
        "  where earlier.status = 'open' and earlier.channel = mine.channel and earlier.chat = mine.chat"
        "  and earlier.thread = mine.thread and earlier.id < mine.id)",
        (channel,),
    )
    return None if rows[0][0] is None else float(rows[0][0])


def fire(q: Query, now: float, most: int, channels: Sequence[str]) -> list[int]:
    """Turn due timers of these channels into inbox rows: the conversations they belong to."""
    if not channels:
        return []
    rows = q(
        "select conversation, kind, due, channel from timer join conversation on conversation.id = conversation"
        f" where due <= ? and channel in ({marks(channels)}) order by due limit ?",
        (now, *channels, most),
    )
    for conversation, kind, due, channel in rows:
        # The same moment may be set again after it has passed, so what is fired now has a name of its own.
        q("delete from timer where conversation = ? and kind = ?", (conversation, kind))
        q(
            "insert into inbox (channel, account, external_id, conversation, seq, kind, value, hidden, at, status)"
            " values (?, 'timer', ?, ?, 0, 'timer', ?, 0, ?, 'new') on conflict do nothing",
            (channel, f"{conversation}:{kind}:{due!r}:{now!r}", conversation, kind, due),
        )
    return [row[0] for row in rows]


def next_timer(q: Query, channels: Sequence[str]) -> float | None:
    """When the next timer of these channels is due."""
    if not channels:
        return None
    rows = q(
        "select min(due) from timer join conversation on conversation.id = conversation"
        f" where channel in ({marks(channels)})",
        channels,
    )
    return None if rows[0][0] is None else float(rows[0][0])


def judged(q: Query, most: int) -> list[Judgement]:
    """The latest answers that people judged."""
    rows = q(
        "select entry, confidence, helpful from question where helpful is not null and entry <> ''"
        " order by id desc limit ?",
        (most,),
    )
    return [Judgement(entry, confidence, bool(helpful)) for entry, confidence, helpful in rows]


_FAILED = "select count(*) from outbox where status in ('dead', 'uncertain') and status = "
"""The first condition is what tells SQLite that the partial index will do."""


def counts(q: Query) -> dict[str, int]:
    """How many rows wait, failed or are open, by kind."""
    ask: Sequence[tuple[str, str]] = (
        ("unhandled", "select count(*) from inbox where status = 'new'"),
        ("unsent", "select count(*) from outbox where status = 'open'"),
        ("dead", _FAILED + "'dead'"),
        ("uncertain", _FAILED + "'uncertain'"),
        ("tickets", "select count(*) from ticket where status <> 'closed'"),
        ("conversations", "select count(*) from conversation"),
    )
    return {name: int(q(sql)[0][0]) for name, sql in ask}
