"""Every text that the bot can say, by its key, with the placeholders that it may use; the loader refuses any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from bot.dialogue.commands import COMMANDS
from bot.messages import FileKind

FILE_KINDS: tuple[str, ...] = get_args(FileKind)

_NONE: frozenset[str] = frozenset()
_BRAND = frozenset({"brand.name"})
_NAMED = _BRAND | {"contact.name"}
_TICKET = frozenset({"ticket"})
_AGENT = frozenset({"agent.name"})
_WHEN = frozenset({"when"})

_CONVERSATION: Mapping[str, frozenset[str]] = {
    "greeting": _NAMED,
    "thanks": _BRAND,
    "goodbye": _BRAND,
    "help": _BRAND,
    "unreadable": _NONE,
    "unknown_command": frozenset({"command"}),
    "helpful_question": _NONE,
    "helpful_yes": _NONE,
    "helpful_no": _NONE,
    "other_language": frozenset({"language"}),
    "did_you_mean": _NONE,
    "unknown": _NONE,
    "never_mind": _NONE,
    "gone": _NONE,
    "private": _BRAND,
    "secret_public": _NONE,
    "secret_hidden": _BRAND,
    "files_received": frozenset({"files"}),
    "files_noted": frozenset({"files"}),
    "topics": _NONE,
    "topic": frozenset({"topic"}),
    "language_question": _NONE,
    "language_set": frozenset({"language"}),
    "language_unknown": frozenset({"languages"}),
    "list_separator": _NONE,
    "status_none": _NONE,
}

_HANDING_OVER: Mapping[str, frozenset[str]] = {
    "handed_over": _BRAND | _TICKET,
    "handed_over_unhelpful": _BRAND | _TICKET,
    "handed_over_misses": _BRAND | _TICKET,
    "handed_over_urgent": _BRAND | _TICKET,
    "handed_over_broken": _BRAND | _TICKET,
    "handed_over_ask": frozenset({"fields"}),
    "intake_begin": _BRAND,
    "intake_question": frozenset({"question"}),
    "intake_noted": frozenset({"fields"}),
    "intake_field": frozenset({"name", "value"}),
    "intake_wrong": _NONE,
    "intake_kept": _NONE,
    "intake_ended": _NONE,
    "status_collecting": _NONE,
}

_WITH_PEOPLE: Mapping[str, frozenset[str]] = {
    "waiting": _TICKET,
    "ended": _TICKET,
    "agent_joined": _AGENT | _TICKET,
    "released": _TICKET | _WHEN,
    "queue_place": frozenset({"place"}),
    "wait_expected": frozenset({"low", "high"}),
    "wait_unknown": _NONE,
    "promise": _WHEN,
    "closed_now": _WHEN,
    "no_hours": _NONE,
    "back_now": _TICKET,
    "reminder_owner": _WHEN | _TICKET,
    "reminder_all": _WHEN | _TICKET,
    "reminder_lead": _WHEN | _TICKET,
    "other_ways": _NONE,
    "other_way": frozenset({"name", "value", "hours"}),
    "status_open": _TICKET | {"minutes"},
    "status_waiting": _TICKET | _WHEN | {"place", "minutes"},
    "status_waiting_closed": _TICKET | {"place", "minutes"},
    "status_with_agent": _TICKET | _AGENT | _WHEN,
    "status_with_agent_answered": _TICKET | _AGENT,
}

_AFTERWARDS: Mapping[str, frozenset[str]] = {
    "stale_question": _TICKET,
    "stale_closed": _TICKET,
    "solved": _TICKET,
    "closed_by_agent": _TICKET | _AGENT,
    "reopened": _TICKET | _BRAND,
    "rating_question": _TICKET,
    "rating_word": _NONE,
    "rating_low_word": _NONE,
    "rating_thanks": _NONE,
    "rating_low_thanks": _NONE,
    "transcript_here": _TICKET,
    "transcript_none": _NONE,
}

_BUTTONS = (
    *("helped", "not_helped", "accept", "decline", "human", "none", "topics", "private", "form"),
    *("skip", "skip_all", "solved", "still", "reopen"),
)

_ON_PLATFORMS: Mapping[str, frozenset[str]] = {
    "form_sent": _NONE,
    "button_used": _NONE,
    "button_not_yours": _NONE,
    "too_fast": frozenset({"seconds"}),
    "group_hello": _BRAND | {"bot"},
    "went_private": frozenset({"link"}),
    "thread_name": frozenset({"name"}),
    "answer_follows": _NONE,
    "command_ask": _NONE,
    "command_ask_question": _NONE,
    "command_answer_this": _NONE,
}

PHRASES: Mapping[str, frozenset[str]] = {
    **_CONVERSATION,
    **_HANDING_OVER,
    **_WITH_PEOPLE,
    **_AFTERWARDS,
    **_ON_PLATFORMS,
    **{f"button_{name}": _NONE for name in _BUTTONS},
    **{f"command_{name}": _NONE for name in COMMANDS},
    **{f"file_{kind}": _NONE for kind in FILE_KINDS},
}

WORDS = (
    *("greet", "thanks", "bye", "filler", "yes", "no", "human", "skip", "skip_all", "angry", "urgent", "follow_up"),
)
"""The groups of words understood without being looked up."""
