"""`frontdesk gaps`: what people ask and the knowledge does not answer."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from bot.cli.options import ConfigOption, JsonOption, read_config
from bot.cli.progress import track
from bot.cli.real import DAY, counted, reading_mind, screen, stored_questions, table

if TYPE_CHECKING:
    from bot.knowledge.gaps import Gap

MOST_WORDINGS = 3
"""Wordings of a group that the table shows."""
DaysOption = Annotated[int, typer.Option("--days", min=1, help="Look back so many days.")]


def gaps(
    config: ConfigOption = None,
    days: DaysOption = 30,
    top: Annotated[int, typer.Option("--top", min=1, help="Show so many groups; JSON has all.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Show unanswered and escalated questions, like ones together, with the entry that each may belong to."""
    from bot.knowledge.gaps import gaps as find
    from bot.knowledge.gaps import likeness, why, wordings
    from bot.parts import open_library

    settings, now = read_config(config), time.time()
    asked = stored_questions(settings, now - days * DAY)
    library = open_library(settings)
    open_ones = wordings(question for question in asked if why(question))
    mind = reading_mind(settings, library, [(one.text, one.lang or None) for one in open_ones], now)
    near = track(likeness(open_ones), len(open_ones), "comparing the questions")
    found = find(mind, open_ones, near, now)
    many = sum(len(one.questions) for one in open_ones)
    if as_json:
        report = {"days": days, "asked": len(asked), "open": many, "groups": [_as_json(gap) for gap in found]}
        print(json.dumps(report, ensure_ascii=False))
    else:
        _show(found[:top])
        more = f"; {len(found) - top} more groups with --top {len(found)}" if len(found) > top else ""
        groups = counted(len(found), "group")
        print(f"{counted(len(asked), 'question')} in {counted(days, 'day')}: {many} open, in {groups}{more}")
    if found:
        raise typer.Exit(1)


def _show(found: list[Gap]) -> None:
    from bot.knowledge.gaps import REASONS

    if not found:
        return
    shown = table("asked", "question", "why", "may belong to", right=["asked"])
    for gap in found:
        texts = [wording.text for wording in gap.wordings[:MOST_WORDINGS]]
        if len(gap.wordings) > MOST_WORDINGS:
            texts.append(f"... {len(gap.wordings) - MOST_WORDINGS} more wordings")
        why = [f"{number} x {REASONS[reason]}" for reason, number in gap.reasons.items()]
        people = sum(question.escalated for question in gap.questions)
        if people and "escalated" not in gap.reasons:
            why.append(f"{people} went to a person")
        entry = f"{gap.entry} ({gap.confidence:.2f})" if gap.entry else "none: write a new entry"
        question = Text("\n".join(" ".join(text.split()) for text in texts))
        shown.add_row(str(len(gap.questions)), question, "\n".join(why), entry)
    screen().print(shown)


def _as_json(gap: Gap) -> dict[str, Any]:
    questions = gap.questions
    return {
        "asked": len(questions),
        "people": len({question.conversation for question in questions}),
        "example": gap.wordings[0].text,
        "wordings": [{"text": one.text, "lang": one.lang, "asked": len(one.questions)} for one in gap.wordings],
        "reasons": gap.reasons,
        "escalated": sum(question.escalated for question in questions),
        "last": max(question.at for question in questions),
        "entry": gap.entry or None,
        "confidence": round(gap.confidence, 4),
    }
