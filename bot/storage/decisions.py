"""The transaction that stores a decision: the conversation, its effects, and the rows it settles. All or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from bot.dialogue.events import (
    TICKET_MARK,
    Asked,
    CancelTimer,
    CloseTicket,
    Conversation,
    Decision,
    Effect,
    Heard,
    Judged,
    Say,
    SetTimer,
)
from bot.errors import Conflict
from bot.messages import Address
from bot.ports import Settled, Work
from bot.storage.conversations import to_memory
from bot.storage.desk_decisions import DeskSettling
from bot.storage.inbound import NO_DESKS, record_files
from bot.storage.query import Query, marks, to_json
from bot.storage.queueing import Row, enqueue, ref_for_contact


def settle(q: Query, work: Work, decision: Decision, now: float, desks: Mapping[str, str] = NO_DESKS) -> Settled:
    """Store `decision` on `work`. Raises Conflict if the rows were handled or the conversation moved meanwhile."""
    work = replace(work, items=work.items[: len(work.items) - decision.left])
    ids = [item.id for item in work.items]
    handled = q.changed(f"update inbox set status = 'done' where status = 'new' and id in ({marks(ids)})", ids)
    if handled != len(ids):
        raise Conflict
    overheard = [item.id for item in work.items if item.kind == "overheard"]
    if overheard:  # nothing is kept of what was said to others
        q(f"update inbox set value = '' where id in ({marks(overheard)})", overheard)
    settling = _Settling(q, work, decision, now, desks)
    for effect in decision.effects:
        settling.store(effect)
    timer = _timers(q, work.conversation.id, decision)
    return Settled(frozenset(settling.sends), timer, tuple(settling.desk.woken) + _rest(q, work, decision))


def _rest(q: Query, work: Work, decision: Decision) -> tuple[int, ...]:
    """This conversation, if more of it waits: not always all is handled in one go."""
    if not decision.left and not any(item.act for item in work.items):
        return ()
    rows = q("select 1 from inbox where status = 'new' and conversation = ? limit 1", (work.conversation.id,))
    return (work.conversation.id,) if rows else ()


class _Settling:
    """One decision on its way into the tables."""

    def __init__(self, q: Query, work: Work, decision: Decision, now: float, desks: Mapping[str, str]) -> None:
        self._q, self._work, self._now = q, work, now
        self._conversation = decision.conversation
        self._last_ref = next((item.ref for item in reversed(work.items) if item.ref and item.act is None), "")
        self._seq, self._contact = _store_conversation(q, work.conversation, decision, now)
        self.desk = DeskSettling(q, self._conversation, self._seq, desks, now)

    @property
    def sends(self) -> set[str]:
        """The channels on which there is something to send."""
        return self.desk.sends

    def store(self, effect: Effect) -> None:
        """Store one effect."""
        q, id_, now = self._q, self._work.conversation.id, self._now
        match effect:
            case Say():
                self._say(effect)
            case Heard(text, ref):
                self._seq += 1
                q(
                    "insert into message (conversation, seq, author, name, text, buttons, at, ref)"
                    " values (?, ?, 'contact', ?, ?, '[]', ?, ?)",
                    (id_, self._seq, self._work.conversation.name, text, now, ref or self._last_ref),
                )
            case CloseTicket(reason):
                q(
                    "update ticket set status = 'closed', closed_at = ?, closed_because = ?"
                    " where conversation = ? and status <> 'closed'",
                    (now, reason, id_),
                )
            case Asked(text, lang, verdict, entry, confidence):
                q(
                    "insert into question (conversation, at, text, lang, verdict, entry, confidence)"
                    " values (?, ?, ?, ?, ?, ?, ?)",
                    (id_, now, text, lang, verdict, entry, confidence),
                )
            case Judged(entry, helpful):
                _judge(q, id_, entry, helpful)
            case SetTimer() | CancelTimer():
                pass
            case _:
                self.desk.store(effect)

    def _say(self, say: Say) -> None:
        """Put a message to the contact into the record and the outbox."""
        q, id_ = self._q, self._work.conversation.id
        text = self._numbered(say.text) if say.numbered else say.text
        if not say.continues:
            self._seq += 1
            self.desk.last_said = self._seq
            self._record(say, text)
        reply_to = say.reply_to or (ref_for_contact(q, id_, say.quotes) if say.quotes else "")
        if say.author == "bot":
            reply_to = reply_to or self._last_ref
        row = Row(
            self._contact.address,
            id_,
            self._seq,
            text,
            say.buttons,
            say.files,
            say.author,
            say.name,
            reply_to,
            self._contact.sender,
            say.kind,
        )
        self.sends.add(enqueue(q, row, self._now))

    def _numbered(self, text: str) -> str:
        """The text with the number of the open ticket in it, or of the one that was closed just now."""
        rows = self._q(
            "select number from ticket where conversation = ? order by status = 'closed', number desc limit 1",
            (self._work.conversation.id,),
        )
        return text.replace(TICKET_MARK, str(rows[0][0]) if rows else "?")

    def _record(self, say: Say, text: str) -> None:
        whole, files = say.whole or (text, say.files)
        source = (say.source.channel, say.source.chat) if say.source else ("", "")
        self._q(
            "insert into message (conversation, seq, author, name, text, buttons, at, ref, reply_to, source_channel,"
            " source_chat) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._work.conversation.id,
                self._seq,
                say.author,
                say.name,
                whole,
                to_json([[button.label, button.value] for button in say.buttons]),
                self._now,
                say.ref,
                say.quotes or None,
                *source,
            ),
        )
        record_files(self._q, self._work.conversation.id, self._seq, files)


class _Contact(NamedTuple):
    """Where a conversation's contact is reached, and who that is there."""

    address: Address
    sender: str


def _store_conversation(q: Query, before: Conversation, decision: Decision, now: float) -> tuple[int, _Contact]:
    """Store the conversation and reserve places in its record: the last one taken before these, and the contact.

    The address is that of now: a chat may have moved since the conversation was loaded.
    """
    says = sum(isinstance(effect, Heard) or _has_place(effect) for effect in decision.effects)
    after = decision.conversation
    rows = q(
        "update conversation set state = ?, lang = ?, memory = ?, last_seq = last_seq + ?, version = version + 1,"
        " updated_at = ? where id = ? and version = ?"
        " returning last_seq, channel, chat, thread, (select sender from contact where contact.id = contact)",
        (after.state.value, after.lang, to_memory(after), says, now, before.id, before.version),
    )
    if not rows:
        raise Conflict
    last_seq, channel, chat, thread, sender = rows[0]
    return int(last_seq) - says, _Contact(Address(channel, chat, thread), sender)


def _has_place(effect: Effect) -> bool:
    return isinstance(effect, Say) and not effect.continues


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
