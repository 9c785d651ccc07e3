"""The brief: what an agent sees of a ticket first."""

from __future__ import annotations

from collections.abc import Sequence

from bot.casework.case import Case, unmarked
from bot.casework.markdown import as_markdown
from bot.desk.hours import is_open, next_open
from bot.dialogue.events import TICKET_MARK
from bot.dialogue.fields import masked
from bot.dialogue.replies import language_name
from bot.messages import Button, Match

MOST_SUGGESTED = 3
MOST_EARLIER = 3
LONGEST_SHOWN = 60
"""Characters of a question in a list."""
LEAST_SUGGESTED = 0.15
"""Confidence below which an entry is no help."""


def brief_of(case: Case, ask: Sequence[str]) -> str:
    """Who asks what, what the bot made of it, what is known and what is not; Markdown."""
    ticket, conversation, word = case.open, case.conversation, case.word
    topic = case.office.knowledge.topics.get(ticket.topic)
    title = case.office.knowledge.pick(topic.titles, case.rules.lang)[1] if topic else "-"
    lines = [
        f"**#{ticket.number or TICKET_MARK}**",
        word("brief_who", value=as_markdown(conversation.name) or "-"),
        word("brief_channel", value=conversation.address.channel),
        word("brief_language", value=language_name(case.voice.lang)),
        word("brief_priority", value=word(f"priority_{ticket.priority}")),
        word("brief_topic", value=title),
        word("brief_why", reason=word(f"reason_{ticket.reason}")),
    ]
    if ticket.mood:
        lines.append(word("brief_mood", value=", ".join(word(f"mood_{mood}") for mood in ticket.mood)))
    lines += [word("brief_question", value=as_markdown(ticket.question) or "-"), *_fields(case, ask)]
    lines += [*_tried(case), *_earlier(case), *_suggested(case)]
    own = case.rules.hours_of(ticket.topic)
    if not is_open(own, case.now) and (opens := next_open(own, case.now)) is not None:
        lines.append(word("brief_closed_now", when=case.when(opens, for_agents=True)))
    if ticket.promised is not None:
        lines.append(word("brief_promised", when=case.when(ticket.promised, for_agents=True)))
    first, *others = lines
    # Only the first line waits for the number: a contact may have written what looks like its mark.
    return "\n".join((first, *map(unmarked, others)))


def _tried(case: Case) -> list[str]:
    lines = [case.word("brief_tried")]
    for one in case.facts.tried:
        if one.text != case.open.question:
            lines.append(case.word("brief_tried_question", question=as_markdown(one.text[:LONGEST_SHOWN])))
        lines.append(_entry_line(case, "brief_tried_line", Match(one.entry, one.confidence)) if one.entry else
                     case.word("brief_tried_none"))  # fmt: skip
    return lines if len(lines) > 1 else [*lines, case.word("brief_tried_none")]


def _entry_line(case: Case, key: str, match: Match) -> str:
    entries = case.office.knowledge.entries
    title = (
        case.office.knowledge.title(entries[match.entry], case.rules.lang) if match.entry in entries else match.entry
    )
    return case.word(key, entry=title, confidence=f"{match.confidence:.0%}")


def _fields(case: Case, ask: Sequence[str]) -> list[str]:
    known, types = dict(case.open.fields), case.office.knowledge.fields
    lines = []
    for name in dict.fromkeys((*ask, *known)):
        called = case.office.knowledge.pick(types[name].names, case.rules.lang)[1] if name in types else name
        value = known.get(name, "")
        shown = as_markdown(masked(types[name], value) if name in types else value)
        lines.append(case.word("brief_field_line", name=called, value=shown or case.word("brief_field_missing")))
    return [case.word("brief_fields"), *lines] if lines else []


def _earlier(case: Case) -> list[str]:
    lines = []
    for ticket in case.facts.earlier[:MOST_EARLIER]:
        lines.append(
            case.word(
                "brief_earlier_line",
                ticket=str(ticket.number),
                when=case.when(ticket.closed_at or ticket.opened_at, for_agents=True),
                question=as_markdown(" ".join(ticket.question.split())[:LONGEST_SHOWN]) or "-",
                rating=f"{ticket.rating}/5" if ticket.rating else case.word("brief_not_rated"),
            )
        )
    return [case.word("brief_earlier"), *lines] if lines else []


def _suggested(case: Case) -> list[str]:
    lines = [_entry_line(case, "brief_suggested_line", match) for match in suggested(case, case.open.question)]
    return [case.word("brief_suggested"), *lines] if lines else []


def suggested(case: Case, text: str) -> Sequence[Match]:
    """The entries that may answer a text, best first."""
    if not text.strip():
        return ()
    found = case.office.suggest(text, case.conversation.lang)
    return [match for match in found if match.confidence >= LEAST_SUGGESTED][:MOST_SUGGESTED]


def first_buttons(case: Case) -> tuple[Button, ...]:
    """What can be done with a ticket that nobody has."""
    return tuple(case.button(key, key) for key in ("claim", "suggest", "canned", "close"))


def owner_buttons(case: Case) -> tuple[Button, ...]:
    """What its owner can do with a ticket."""
    keys = ("suggest", "canned", "release")
    return (*(case.button(key, key) for key in keys), case.button("snooze", "snooze:1h"), case.button("close", "close"))
