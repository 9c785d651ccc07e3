"""Every text that agents read at a desk, by its key, with the placeholders that it may use; the loader refuses others.

Values come ready to be read: `{until}` and `{when}` as `bot.desk.times.moment` writes them, `{confidence}` with its
percent sign, `{minutes}` as `bot.desk.times.duration` writes it, `{rating}` as one from 1 to 5.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.desk.commands import DESK_COMMANDS
from bot.desk.rules import PRIORITIES

_NONE: frozenset[str] = frozenset()
_AGENT = frozenset({"agent"})
_TICKET = frozenset({"ticket"})
_NAME = frozenset({"name"})
_VALUE = frozenset({"value"})
_MINUTES = frozenset({"minutes"})
_ERROR = frozenset({"error"})

REASONS = ("asked", "unhelpful", "entry", "broke", "urgent", "misses", "reopened")
"""Why a ticket was opened: the reasons of `bot.dialogue.events.OpenTicket`, and that it was opened again."""
MOODS = ("angry", "urgent")

_BRIEF: Mapping[str, frozenset[str]] = {
    "desk_title": _TICKET | {"question"},
    **{f"desk_brief_{label}": _VALUE for label in ("who", "channel", "language", "question", "priority", "topic")},
    "desk_brief_mood": _VALUE,
    "desk_brief_why": frozenset({"reason"}),
    "desk_brief_tried": _NONE,
    "desk_brief_tried_question": frozenset({"question"}),
    "desk_brief_tried_line": frozenset({"entry", "confidence"}),
    "desk_brief_tried_none": _NONE,
    "desk_brief_fields": _NONE,
    "desk_brief_field_line": _NAME | _VALUE,
    "desk_brief_field_missing": _NONE,
    "desk_brief_earlier": _NONE,
    "desk_brief_earlier_line": _TICKET | {"when", "question", "rating"},
    "desk_brief_not_rated": _NONE,
    "desk_brief_suggested": _NONE,
    "desk_brief_suggested_line": frozenset({"entry", "confidence"}),
    "desk_brief_files": _VALUE,
    "desk_brief_promised": frozenset({"when"}),
    "desk_brief_closed_now": frozenset({"when"}),
    **{f"desk_reason_{reason}": _NONE for reason in REASONS},
    **{f"desk_mood_{mood}": _NONE for mood in MOODS},
    **{f"desk_priority_{priority}": _NONE for priority in PRIORITIES},
}

_RELAY: Mapping[str, frozenset[str]] = {
    "desk_said": _NAME,
    "desk_said_agent": _NAME,
    "desk_edited": _NAME,
    "desk_deleted": _NAME,
    "desk_hidden": _NONE,
    "desk_field_found": _NAME | _VALUE,
    "desk_undelivered": _ERROR,
    "desk_undelivered_bot": _ERROR,
    "desk_undelivered_desk": _ERROR | {"channel"},
    "desk_retrying": _NONE,
    "desk_not_yours": _AGENT,
    "desk_not_changed": _NONE,
    "desk_ticket_closed": _NONE,
}

_STATE: Mapping[str, frozenset[str]] = {
    "desk_claimed": _AGENT,
    "desk_taken": _AGENT,
    "desk_yours_already": _NONE,
    "desk_released": _AGENT,
    "desk_unclaimed": _NONE,
    "desk_transferred": _AGENT | {"to"},
    "desk_offered": _AGENT,
    "desk_priority": _AGENT | {"priority"},
    "desk_note": _AGENT | {"text"},
    "desk_note_saved": _NONE,
    "desk_closed": _AGENT | {"reason"},
    "desk_closed_plain": _AGENT,
    "desk_closed_contact": _NONE,
    "desk_closed_solved": _NONE,
    "desk_closed_stale": _NONE,
    "desk_reopened": _AGENT,
    "desk_reopened_contact": _NONE,
    "desk_snoozed": _AGENT | {"until"},
    "desk_woke": _NONE,
    "desk_away": _AGENT,
    "desk_back": _AGENT,
    "desk_open_again": _NONE,
    "desk_stale_asked": _NONE,
    "desk_reminder_owner": _AGENT | _MINUTES,
    "desk_reminder_all": _MINUTES,
    "desk_reminder_lead": _MINUTES,
    "desk_rated": frozenset({"rating", "word"}),
    "desk_rated_plain": frozenset({"rating"}),
    "desk_rated_low": frozenset({"rating", "word"}),
    "desk_rated_low_plain": frozenset({"rating"}),
}

_ANSWERS: Mapping[str, frozenset[str]] = {
    "desk_suggestions": _NONE,
    "desk_no_suggestions": _NONE,
    "desk_nothing_said": _NONE,
    "desk_canned_list": _NONE,
    "desk_no_canned": _NONE,
    "desk_unknown_canned": _NAME,
    "desk_unknown_command": frozenset({"command"}),
    "desk_unknown_agent": _NAME | {"names"},
    "desk_unknown_priority": _NONE,
    "desk_agent_away": _AGENT,
    "desk_usage_transfer": _NONE,
    "desk_usage_note": _NONE,
    "desk_usage_snooze": _NONE,
    "desk_needs_ticket": frozenset({"command"}),
    "desk_not_claimed": _NONE,
    "desk_closed_already": _NONE,
    "desk_open_already": _NONE,
    "desk_other_open": _TICKET,
    "desk_transcript_here": _TICKET,
    "desk_list_head": _NONE,
    "desk_list_line": _TICKET | _MINUTES | {"priority", "owner", "question"},
    "desk_list_empty": _NONE,
    "desk_help": _NONE,
    "desk_help_general": _NONE,
}

_BUTTONS = (
    *("claim", "release", "suggest", "canned", "close", "reopen", "priority", "transfer", "snooze", "note"),
    *("transcript", "retry"),
)

DESK_PHRASES: Mapping[str, frozenset[str]] = {
    **_BRIEF,
    **_RELAY,
    **_STATE,
    **_ANSWERS,
    **{f"desk_button_{name}": _NONE for name in _BUTTONS},
    **{f"command_desk_{name}": _NONE for name in DESK_COMMANDS},
}
"""`desk_help_general` is the help where no ticket is at hand; `command_desk_*` are read in a platform's menu."""
