"""Transactions of the inbox: receive a message once, and load what is to be handled."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from bot.dialogue.events import Conversation
from bot.dialogue.states import State
from bot.messages import Accepted, Address, Button, Desk, Inbound, Item, Ticket
from bot.ports import Work
from bot.storage.query import Query, Row, marks, to_json


def receive(q: Query, inbound: Inbound, now: float) -> Accepted:
    """Store a message once: into the record, and into the inbox. A repeat changes nothing."""
    before = known(q, inbound)
    if before is not None:
        return before
    conversation, last_seq, memory = _conversation(q, inbound, now)
    kind, value = ("choice", inbound.choice) if inbound.choice else ("text", inbound.text)
    shown = _label(inbound.choice, memory) if inbound.choice else inbound.text
    seq = last_seq
    if shown:
        seq = q(
            "update conversation set last_seq = last_seq + 1, updated_at = ? where id = ? returning last_seq",
            (now, conversation),
        )[0][0]
        q(
            "insert into message values (?, ?, 'contact', ?, ?, '[]', ?)",
            (conversation, seq, inbound.sender.name, shown, inbound.at or now),
        )
    q(
        "insert into inbox (channel, account, external_id, conversation, seq, kind, value, hidden, at,"
        " status) values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'new')",
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
        ),
    )
    return Accepted(conversation, seq)


def known(q: Query, inbound: Inbound) -> Accepted | None:
    """What a message got that is stored already."""
    rows = q(
        "select conversation, seq from inbox where channel = ? and account = ? and external_id = ?",
        (inbound.address.channel, inbound.account, inbound.external_id),
    )
    return Accepted(rows[0][0], rows[0][1], repeat=True) if rows else None


def _conversation(q: Query, inbound: Inbound, now: float) -> tuple[int, int, str]:
    """The id, last_seq and memory of this sender's conversation at this address, begun if there is none."""
    address, sender = inbound.address, inbound.sender
    rows = q(
        "select conversation.id, last_seq, memory from conversation join contact on contact.id = contact"
        " where contact.channel = ? and sender = ? and conversation.channel = ? and chat = ? and thread = ?",
        (address.channel, sender.id, address.channel, address.chat, address.thread),
    )
    if rows:
        return rows[0][0], rows[0][1], rows[0][2]
    contact = q(
        "insert into contact (channel, sender, name, lang, created_at) values (?, ?, ?, ?, ?)"
        " on conflict (channel, sender) do update set name = excluded.name returning id",
        (address.channel, sender.id, sender.name, sender.lang, now),
    )[0][0]
    memory = to_json({"name": sender.name})
    conversation = q(
        "insert into conversation (channel, chat, thread, contact, state, lang, memory, last_seq, version,"
        " created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?) returning id",
        (address.channel, address.chat, address.thread, contact, State.NEW.value, sender.lang, memory, now, now),
    )[0][0]
    return conversation, 0, memory


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


def load(q: Query, conversations: Sequence[int]) -> list[Work]:
    """What is to be handled for these conversations."""
    many = marks(conversations)
    items: defaultdict[int, list[Item]] = defaultdict(list)
    for row in q(
        f"select conversation, id, kind, value, at, hidden from inbox where status = 'new' and conversation in ({many})"
        " order by id",
        conversations,
    ):
        items[row[0]].append(Item(row[1], row[2], row[3], row[4], bool(row[5])))
    tickets = {
        row[0]: Ticket(row[1], row[2], row[3])
        for row in q(
            f"select conversation, number, status, opened_at from ticket"
            f" where status <> 'closed' and conversation in ({many})",
            conversations,
        )
    }
    rows = q(
        f"select id, channel, chat, thread, state, lang, memory, version from conversation where id in ({many})",
        conversations,
    )
    found = {row[0]: to_conversation(row) for row in rows}
    return [Work(found[id_], tuple(items[id_]), Desk(tickets.get(id_))) for id_ in conversations if items.get(id_)]


def to_conversation(row: Row) -> Conversation:
    """A conversation of its row: id, channel, chat, thread, state, lang, memory, version."""
    memory: dict[str, Any] = json.loads(row[6])
    return Conversation(
        id=row[0],
        address=Address(row[1], row[2], row[3]),
        state=State(row[4]),
        lang=row[5],
        lang_chosen=memory.get("lang_chosen", False),
        name=memory.get("name", ""),
        question=memory.get("question", ""),
        entry=memory.get("entry", ""),
        mood=tuple(memory.get("mood", ())),
        choices=tuple(Button(label, value) for label, value in memory.get("choices", ())),
        told_waiting=memory.get("told_waiting", False),
        version=row[7],
    )


def to_memory(conversation: Conversation) -> str:
    """What a conversation remembers beside its columns; what is empty is left out."""
    memory = {
        "name": conversation.name,
        "lang_chosen": conversation.lang_chosen,
        "question": conversation.question,
        "entry": conversation.entry,
        "mood": conversation.mood,
        "choices": [[button.label, button.value] for button in conversation.choices],
        "told_waiting": conversation.told_waiting,
    }
    return to_json({key: value for key, value in memory.items() if value})
