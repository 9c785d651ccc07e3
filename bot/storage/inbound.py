"""Transactions of the inbox: receive a message once, and load what is to be handled."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from bot.dialogue.commands import FROM_PUBLIC
from bot.dialogue.events import Conversation
from bot.dialogue.states import HUMAN_STATES, State
from bot.messages import (
    Accepted,
    Button,
    Cursor,
    Desk,
    Failure,
    File,
    Inbound,
    Item,
    ItemKind,
    Origin,
    Ticket,
)
from bot.ports import Work
from bot.storage import acts
from bot.storage.conversations import to_conversation
from bot.storage.facts import concerns_desk, inform
from bot.storage.query import Query, marks, pairs, to_json
from bot.storage.tickets import tickets

NO_DESKS: Mapping[str, str] = {}


def receive(q: Query, inbound: Inbound, now: float, desks: Mapping[str, str] = NO_DESKS) -> Accepted:
    """Store a message once: into the record, and into the inbox. A repeat changes nothing.

    `desks` are the chats in which agents work, by channel.
    """
    if inbound.cursor is not None:
        advance(q, inbound.address.channel, inbound.account, inbound.cursor)
    before = known(q, inbound)
    if before is not None:
        return before
    if desks.get(inbound.address.channel) == inbound.address.chat:
        return acts.receive(q, inbound, now)
    if inbound.kind in {"edit", "deletion"}:
        return _change(q, inbound, now)
    found = _conversation(q, inbound, now)
    kind, value = _kind_and_value(inbound, found.memory)
    shown = (_label(value, found.memory) or inbound.text) if kind == "choice" else inbound.text
    seq = found.last_seq
    if (shown or inbound.files) and kind != "overheard":
        reply_to = seq_of(q, found.id, inbound.reply_to) if inbound.reply_to else None
        seq = record(q, found.id, inbound, shown, reply_to, now)
    _into_inbox(q, inbound, found.id, seq, kind, value, now)
    return Accepted(found.id, seq, silent=found.state in HUMAN_STATES or kind == "overheard")


def _kind_and_value(inbound: Inbound, memory: str) -> tuple[ItemKind, str]:
    if inbound.choice:
        offered = (value for _, value in json.loads(memory).get("choices", ()))
        return "choice", next((value for value in offered if Button("", value).token == inbound.choice), inbound.choice)
    return ("overheard" if inbound.kind == "overheard" else "text"), inbound.text


def record(q: Query, conversation: int, inbound: Inbound, text: str, reply_to: int | None, now: float) -> int:
    """Put a contact's message into the record: its place there. A pressed button is no message of the platform's."""
    ref = "" if inbound.choice else inbound.ref
    seq: int = q(
        "update conversation set last_seq = last_seq + 1, updated_at = ? where id = ? returning last_seq",
        (now, conversation),
    )[0][0]
    q(
        "insert into message (conversation, seq, author, name, text, buttons, at, ref, reply_to)"
        " values (?, ?, 'contact', ?, ?, '[]', ?, ?, ?)",
        (conversation, seq, inbound.sender.name, text, inbound.at or now, ref, reply_to),
    )
    record_files(q, conversation, seq, inbound.files)
    return seq


def record_files(q: Query, conversation: int, seq: int, files: Sequence[File]) -> None:
    """Put the files of a message into the record."""
    for place, file in enumerate(files):
        q(
            "insert into file values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (conversation, seq, place, file.id, file.kind, file.name, file.type, file.size, file.channel),
        )


def _into_inbox(
    q: Query, inbound: Inbound, conversation: int, seq: int, kind: ItemKind, value: str, now: float
) -> None:
    q(
        "insert into inbox (channel, account, external_id, conversation, seq, kind, value, hidden, at,"
        " status, ref, album, markdown) values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'new', ?, ?, ?)",
        (
            inbound.address.channel,
            inbound.account,
            inbound.external_id,
            conversation,
            seq,
            kind,
            value,
            int(inbound.hidden),
            inbound.at or now,
            inbound.ref,
            inbound.album,
            inbound.markdown,
        ),
    )


def _change(q: Query, inbound: Inbound, now: float) -> Accepted:
    """Let the record follow an edit or a deletion. What has not been handled yet is handled as it is now."""
    address = inbound.address
    rows = q(
        "select message.conversation, seq, text, state from message"
        " join conversation on conversation.id = message.conversation join contact on contact.id = contact"
        " where conversation.channel = ? and chat = ? and ref = ? and author = 'contact'",
        (address.channel, address.chat, inbound.ref),  # whatever the thread: the conversation may have gone on in one
    )
    if not rows:
        return Accepted(0, 0, repeat=True, silent=True)  # it was never ours: said before we came, or overheard
    conversation, seq, text, state = rows[0]
    accepted = Accepted(conversation, seq, silent=state in HUMAN_STATES)
    waiting = "from inbox where status = 'new' and conversation = ? and seq = ? and kind = 'text'", (conversation, seq)
    if inbound.kind == "deletion":
        q("update message set deleted_at = ? where conversation = ? and seq = ?", (now, conversation, seq))
        if q(f"select id {waiting[0]}", waiting[1]):
            q(f"update inbox set status = 'done' where id in (select id {waiting[0]})", waiting[1])
            return accepted
    else:
        if inbound.files:
            q("delete from file where conversation = ? and seq = ?", (conversation, seq))
            record_files(q, conversation, seq, inbound.files)
        if inbound.text == text:
            return replace(accepted, repeat=True)  # only a preview, a file or the markup changed
        q(
            "update message set text = ?, edited_at = ? where conversation = ? and seq = ?",
            (inbound.text, inbound.at or now, conversation, seq),
        )
        if q(f"select id {waiting[0]}", waiting[1]):
            q(
                "update inbox set value = ?, markdown = ?, hidden = case when hidden = 1 then 1 else ? end"
                f" where id in (select id {waiting[0]})",
                (inbound.text, inbound.markdown, int(inbound.hidden), *waiting[1]),
            )
            # Somebody may be deciding on what it said before: that decision must not be stored.
            q("update conversation set version = version + 1 where id = ?", (conversation,))
            return accepted
    kind: ItemKind = "deletion" if inbound.kind == "deletion" else "edit"
    _into_inbox(q, inbound, conversation, seq, kind, inbound.text, now)
    return accepted


def seq_of(q: Query, conversation: int, ref: str) -> int | None:
    """The place in the record of what the platform calls `ref`, whoever said it."""
    rows = q(
        "select seq from message where conversation = ? and ref = ? and author <> 'agent'"
        " union all select seq from outbox where conversation = ? and receipt = ? and desk = 0 limit 1",
        (conversation, ref, conversation, ref),
    )
    return int(rows[0][0]) if rows else None


def advance(q: Query, channel: str, account: str, cursor: Cursor) -> None:
    """Note how far a stream has been read; never back."""
    q(
        "insert into position values (?, ?, ?, ?) on conflict (channel, account, stream)"
        " do update set position = excluded.position where excluded.position > position.position",
        (channel, account, cursor.stream, cursor.position),
    )


def known(q: Query, inbound: Inbound) -> Accepted | None:
    """What a message got that is stored already."""
    rows = q(
        "select conversation, inbox.seq, state from inbox join conversation on conversation.id = conversation"
        " where inbox.channel = ? and account = ? and external_id = ?",
        (inbound.address.channel, inbound.account, inbound.external_id),
    )
    return Accepted(rows[0][0], rows[0][1], True, rows[0][2] in HUMAN_STATES) if rows else None


class _Found(NamedTuple):
    """A conversation, as far as receiving needs it."""

    id: int
    last_seq: int
    memory: str
    state: str


def _conversation(q: Query, inbound: Inbound, now: float) -> _Found:
    """This sender's conversation at this address, begun if there is none."""
    address, sender = inbound.address, inbound.sender
    rows = q(
        "select conversation.id, last_seq, memory, state from conversation join contact on contact.id = contact"
        " where contact.channel = ? and sender = ? and conversation.channel = ? and chat = ? and thread = ?",
        (address.channel, sender.id, address.channel, address.chat, address.thread),
    )
    if rows:
        return _Found(*rows[0])
    contact = q(
        "insert into contact (channel, sender, name, lang, created_at) values (?, ?, ?, ?, ?)"
        " on conflict (channel, sender) do update set name = excluded.name returning id",
        (address.channel, sender.id, sender.name, sender.lang, now),
    )[0][0]
    memory = to_json({"name": sender.name} | ({"public": True} if inbound.public else {}))
    conversation = q(
        "insert into conversation (channel, chat, thread, contact, state, lang, memory, last_seq, version,"
        " created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?) returning id",
        (address.channel, address.chat, address.thread, contact, State.NEW.value, sender.lang, memory, now, now),
    )[0][0]
    return _Found(conversation, 0, memory, State.NEW.value)


def _label(choice: str, memory: str) -> str:
    """What the contact saw on the button that was pressed; empty for a choice that was never on one."""
    return next((label for label, value in json.loads(memory).get("choices", ()) if value == choice), "")


def unhandled(q: Query, channels: Sequence[str]) -> list[int]:
    """Conversations on these channels with rows that wait to be handled, oldest first."""
    rows = q(
        f"select conversation, min(id) from inbox where status = 'new' and channel in ({marks(channels)})"
        " group by conversation order by 2",
        channels,
    )
    return [row[0] for row in rows]


def load(q: Query, conversations: Sequence[int], now: float) -> list[Work]:
    """What is to be handled for these conversations."""
    many = marks(conversations)
    items = _items(q, conversations)
    numbers = pairs(
        q(
            f"select conversation, number from ticket where status <> 'closed' and conversation in ({many})",
            conversations,
        )
    )
    asked = [*numbers.values()]
    open_ = {one.number: one for one in (tickets(q, f"where number in ({marks(asked)})", asked) if asked else ())}
    rows = q(
        f"select id, channel, chat, thread, state, lang, memory, version from conversation where id in ({many})",
        conversations,
    )
    found = {row[0]: to_conversation(row) for row in rows}
    return [
        _work(q, found[id_], items[id_], open_.get(numbers.get(id_, 0)), now) for id_ in conversations if items.get(id_)
    ]


def _work(q: Query, conversation: Conversation, items: Sequence[Item], ticket: Ticket | None, now: float) -> Work:
    items = items[: acts.before_changes([(item.kind, item.ref) for item in items])]
    work = Work(conversation, tuple(items), Desk(ticket, _origin(q, conversation.id, items)))
    return inform(q, work, now) if concerns_desk(work) else work


def _items(q: Query, conversations: Sequence[int]) -> defaultdict[int, list[Item]]:
    """What is new in these conversations, oldest first."""
    many = marks(conversations)
    files: defaultdict[tuple[int, int], list[File]] = defaultdict(list)
    for row in q(
        "select file.conversation, file.seq, file.id, file.kind, name, type, size, file.channel from file"
        " join inbox on inbox.conversation = file.conversation and inbox.seq = file.seq"
        f" where status = 'new' and inbox.kind = 'text' and inbox.conversation in ({many}) order by place",
        conversations,
    ):
        files[row[0], row[1]].append(File(*row[2:]))
    items: defaultdict[int, list[Item]] = defaultdict(list)
    for row in q(
        "select inbox.conversation, inbox.seq, id, kind, value, inbox.at, hidden, inbox.ref, album, markdown,"
        " coalesce(reply_to, 0) from inbox left join message"
        " on message.conversation = inbox.conversation and message.seq = inbox.seq"
        f" where status = 'new' and inbox.conversation in ({many}) order by id",
        conversations,
    ):
        conversation, seq, id_, kind, value, at, hidden, ref, album, markdown, reply_to = row
        own = tuple(files[conversation, seq]) if kind == "text" else ()
        act = acts.to_act(q, conversation, value) if kind == "act" else None
        fate = Failure(**json.loads(value)) if kind == "fate" else None
        items[conversation].append(
            Item(
                id_,
                kind,
                value if act is None and fate is None else "",
                at,
                bool(hidden),
                ref,
                album,
                own,
                seq,
                reply_to,
                act,
                fate,
                markdown,
            )
        )
    return items


def _origin(q: Query, conversation: int, items: Sequence[Item]) -> Origin | None:
    """What the contact asked in public, if they came on from there; nobody comes on from what another asked."""
    came = next((found for item in items if item.kind == "text" and (found := FROM_PUBLIC.fullmatch(item.value))), None)
    if came is None:
        return None
    rows = q(
        "select there.memory from conversation as there join conversation as here on here.contact = there.contact"
        " where there.id = ? and here.id = ?",
        (int(came[1]), conversation),
    )
    memory: dict[str, Any] = json.loads(rows[0][0]) if rows else {}
    if not memory.get("public"):
        return None
    return Origin(memory.get("question", ""), memory.get("entry", ""), tuple(memory.get("mood", ())))
