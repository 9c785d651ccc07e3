"""The brief: what an agent sees of a ticket first."""

from __future__ import annotations

from collections.abc import Sequence

from bot.casework.case import Case
from bot.casework.markdown import as_markdown
from bot.dialogue.fields import masked
from bot.dialogue.replies import language_name
from bot.messages import Button, Match

MOST_SUGGESTED = 3
LEAST_SUGGESTED = 0.15
"""Confidence below which an entry is no help."""


def brief_of(case: Case, ask: Sequence[str]) -> str:
    """Who asks what, what the bot made of it, what is known and what is not; Markdown."""
    ticket, conversation = case.open, case.conversation
    number = str(ticket.number) if ticket.number else "{ticket}"
    head = f"**#{number}** · {case.word(f'priority_{ticket.priority}')}"
    topic = case.office.knowledge.topics.get(ticket.topic)
    if topic:
        head += f" · {case.office.knowledge.pick(topic.titles, case.rules.lang)[1]}"
    lines = [
        head,
        _line(case, "who", f"{as_markdown(conversation.name) or '-'} · {conversation.address.channel}"),
        _line(case, "language", language_name(case.voice.lang)),
        _line(case, "why", case.word(f"reason_{ticket.reason}")),
    ]
    if ticket.mood:
        lines.append(_line(case, "mood", ", ".join(ticket.mood)))
    lines += [_line(case, "question", as_markdown(ticket.question) or "-"), *_tried(case), *_fields(case, ask)]
    lines += [*_earlier(case), *_suggested(case)]
    return "\n".join(lines)


def _line(case: Case, key: str, value: str) -> str:
    label = case.word(f"brief_{key}").rstrip(":： ")
    return f"- **{label}**: {value}"


def _tried(case: Case) -> list[str]:
    tried = [
        case.word("brief_tried_line", entry=one.entry, confidence=f"{one.confidence:.0%}")
        for one in case.facts.tried
        if one.entry
    ]
    return [_line(case, "tried", "; ".join(tried) or case.word("brief_tried_none"))]


def _fields(case: Case, ask: Sequence[str]) -> list[str]:
    known, types = dict(case.open.fields), case.office.knowledge.fields
    lines = []
    for name in dict.fromkeys((*ask, *known)):
        called = case.office.knowledge.pick(types[name].names, case.rules.lang)[1] if name in types else name
        value = known.get(name, "")
        shown = as_markdown(masked(types[name], value) if name in types else value)
        lines.append(f"- {called}: {shown or case.word('brief_field_missing')}")
    return lines


def _earlier(case: Case) -> list[str]:
    lines = []
    for ticket in case.facts.earlier[:3]:
        rating = f"{ticket.rating}/5" if ticket.rating else "-"
        when = case.when(ticket.closed_at or ticket.opened_at, for_agents=True)
        line = case.word(
            "brief_earlier_line",
            ticket=str(ticket.number),
            when=when,
            question=as_markdown(ticket.question[:60]),
            rating=rating,
        )
        lines.append(f"- {line}")
    return [f"- **{case.word('brief_earlier').rstrip(':： ')}**:", *lines] if lines else []


def _suggested(case: Case) -> list[str]:
    titles = [case.office.knowledge.title(case.office.knowledge.entries[one.entry], case.rules.lang)
              for one in suggested(case, case.open.question)]  # fmt: skip
    return [_line(case, "suggested", "; ".join(titles))] if titles else []


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
