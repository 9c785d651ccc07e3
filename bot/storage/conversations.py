"""Conversations as rows: what is a column, and what they remember beside."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from bot.dialogue.events import Conversation, Pending
from bot.dialogue.states import State
from bot.messages import Address, Button
from bot.storage.query import Row, to_json


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
        public=memory.get("public", False),
        fields=tuple((name, value) for name, value in memory.get("fields", ())),
        pending=Pending(**memory["pending"]) if "pending" in memory else None,
        misses=memory.get("misses", 0),
        rated=(memory["rated"][0], memory["rated"][1]) if "rated" in memory else None,
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
        "public": conversation.public,
        "fields": conversation.fields,
        "pending": asdict(conversation.pending) if conversation.pending else None,
        "misses": conversation.misses,
        "rated": conversation.rated,
    }
    return to_json({key: value for key, value in memory.items() if value})
