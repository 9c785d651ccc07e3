"""The transaction that stores a decision: the conversation, its effects, and the rows it settles. All or nothing."""

from __future__ import annotations

from dataclasses import astuple

from bot.dialogue.events import (
    TICKET_MARK,
    Asked,
    CancelTimer,
    CloseTicket,
    Conversation,
    Decision,
    Heard,
    Judged,
    OpenTicket,
    Say,
    SetTimer,
)
from bot.errors import Conflict
from bot.ports import Settled, Work
from bot.storage.inbound import record_files, to_memory
from bot.storage.query import Query, marks, to_json


def settle(q: Query, work: Work, decision: Decision, now: float) -> Settled:
    """Store `decision` on `work`. Raises Conflict if the rows were handled or the conversation moved meanwhile."""
    ids = [item.id for item in work.items]
    handled = q.changed(f"update inbox set status = 'done' where status = 'new' and id in ({marks(ids)})", ids)
    if handled != len(ids):
        raise Conflict
    overheard = [item.id for item in work.items if item.kind == "overheard"]
    if overheard:  # nothing is kept of what was said to others
        q(f"update inbox set value = '' where id in ({marks(overheard)})", overheard)
    last_ref = next((item.ref for item in reversed(work.items) if item.ref), "")
    seq = _store_conversation(q, work.conversation, decision, now)
    for effect in decision.effects:
        match effect:
            case Say():
                seq += 1
                _say(q, decision.conversation, effect, seq, effect.reply_to or last_ref, now)
            case Heard(text, ref):
                seq += 1
                q(
                    "insert into message (conversation, seq, author, name, text, buttons, at, ref)"
                    " values (?, ?, 'contact', ?, ?, '[]', ?, ?)",
                    (work.conversation.id, seq, work.conversation.name, text, now, ref or last_ref),
                )
            case OpenTicket():
                _open_ticket(q, work.conversation.id, effect, now)
            case CloseTicket(reason):
                q(
                    "update ticket set status = 'closed', closed_at = ?, closed_because = ?"
                    " where conversation = ? and status <> 'closed'",
                    (now, reason, work.conversation.id),
                )
            case Asked():
                q(
                    "insert into question (conversation, at, text, lang, verdict, entry, confidence)"
                    " values (?, ?, ?, ?, ?, ?, ?)",
                    (
                        work.conversation.id,
                        now,
                        effect.text,
                        effect.lang,
                        effect.verdict,
                        effect.entry,
                        effect.confidence,
                    ),
                )
            case Judged(entry, helpful):
                _judge(q, work.conversation.id, entry, helpful)
            case SetTimer() | CancelTimer():
                pass
    timer = _timers(q, work.conversation.id, decision)
    sends = {work.conversation.address.channel} if any(isinstance(e, Say) for e in decision.effects) else ()
    return Settled(frozenset(sends), timer)


def _store_conversation(q: Query, before: Conversation, decision: Decision, now: float) -> int:
    """Store the conversation and reserve places in its record: the last one taken before these."""
    says = sum(isinstance(effect, Say | Heard) for effect in decision.effects)
    after = decision.conversation
    rows = q(
        "update conversation set state = ?, lang = ?, memory = ?, last_seq = last_seq + ?, version = version + 1,"
        " updated_at = ? where id = ? and version = ? returning last_seq",
        (after.state.value, after.lang, to_memory(after), says, now, before.id, before.version),
    )
    if not rows:
        raise Conflict
    return int(rows[0][0]) - says


def _say(q: Query, conversation: Conversation, say: Say, seq: int, reply_to: str, now: float) -> None:
    text = say.text
    if say.numbered:
        rows = q(
            "select number from ticket where conversation = ? and status <> 'closed'",
            (conversation.id,),
        )
        text = text.replace(TICKET_MARK, str(rows[0][0]) if rows else "?")
    buttons = to_json([[button.label, button.value] for button in say.buttons])
    q(
        "insert into message (conversation, seq, author, name, text, buttons, at) values (?, ?, 'bot', '', ?, ?, ?)",
        (conversation.id, seq, text, buttons, now),
    )
    record_files(q, conversation.id, seq, say.files)
    files = to_json([astuple(file) for file in say.files])
    # The address is read here and now: a chat may have moved since the conversation was loaded.
    q(
        "insert into outbox (channel, chat, thread, conversation, seq, author, name, text, buttons, status, attempts,"
        " repeated, due, owner, leased_until, error, receipt, created_at, reply_to, kind, files,"
        " contact)"
        " select conversation.channel, chat, thread, conversation.id, ?, 'bot', '', ?, ?, 'open', 0, 0, ?, '', 0, '',"
        " '', ?, ?, ?, ?, sender from conversation join contact on contact.id = contact where conversation.id = ?",
        (seq, text, buttons, now, now, reply_to, say.kind, files, conversation.id),
    )


def _open_ticket(q: Query, conversation: int, ticket: OpenTicket, now: float) -> None:
    q(
        "insert into ticket (conversation, status, reason, topic, entry, priority, question, ask, mood,"
        " opened_at, closed_because) values (?, 'waiting', ?, ?, ?, ?, ?, ?, ?, ?, '')",
        (
            conversation,
            ticket.reason,
            ticket.topic,
            ticket.entry,
            ticket.priority,
            ticket.question,
            to_json(ticket.ask),
            to_json(ticket.mood),
            now,
        ),
    )


def _judge(q: Query, conversation: int, entry: str, helpful: bool) -> None:
    """Note on the last question that `entry` answered whether it helped."""
    q(
        "update question set helpful = ? where id ="
        " (select max(id) from question where conversation = ? and entry = ?)",
        (int(helpful), conversation, entry),
    )


def _timers(q: Query, conversation: int, decision: Decision) -> float | None:
    """Store what the last effect on each timer wants: when the earliest one set is due."""
    wanted = {
        effect.kind: effect.due if isinstance(effect, SetTimer) else None
        for effect in decision.effects
        if isinstance(effect, SetTimer | CancelTimer)
    }
    for kind, due in wanted.items():
        if due is None:
            q("delete from timer where conversation = ? and kind = ?", (conversation, kind))
        else:
            q(
                "insert into timer values (?, ?, ?) on conflict (conversation, kind) do update set due = excluded.due",
                (conversation, kind, due),
            )
    return min((due for due in wanted.values() if due is not None), default=None)
