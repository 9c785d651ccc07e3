"""`frontdesk diff`: what an edit of the knowledge does to real questions."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from bot.cli.options import ConfigOption, JsonOption, read_config
from bot.cli.progress import track
from bot.cli.real import counted, reading_mind, screen, stored_questions, table
from bot.config import Config
from bot.errors import KnowledgeError
from bot.messages import Matches
from bot.ports import Question, listing

if TYPE_CHECKING:
    from bot.knowledge.replay import Change

Base = Annotated[Path, typer.Argument(help="A knowledge folder.")]
QuestionsOption = Annotated[
    Path | None, typer.Option("--questions", help="Take the questions of this file or folder, not the store's.")
]


def diff(
    old: Base,
    new: Base,
    config: ConfigOption = None,
    last: Annotated[int, typer.Option("--last", min=1, help="Replay the last so many questions.")] = 1000,
    questions: QuestionsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replay real questions on an edited knowledge: changed winners, newly answered, newly lost.

    Exit 1 if an answer changed or was lost, or if there is nothing to replay.
    """
    from bot.knowledge.gaps import wordings
    from bot.knowledge.library import Library
    from bot.knowledge.replay import KINDS, replay
    from bot.parts import rules_of

    settings, now = read_config(config), time.time()
    bases = []
    for folder in (old, new):
        try:
            bases.append(Library(folder, rules_of(settings)))
        except KnowledgeError as error:
            raise KnowledgeError(f"{folder}: {error}") from error
    asked = wordings(_asked(settings, questions, last))
    texts = [(one.text, one.lang or None) for one in asked]
    before, after = (reading_mind(settings, base, texts, now) for base in bases)
    replayed = track(replay(before, after, asked, now), len(asked), "asking both")
    changes = sorted((one for one in replayed if one), key=lambda one: (list(KINDS).index(one.kind), -_times(one)))
    counts = Counter(dict.fromkeys(KINDS, 0))
    for change in changes:
        counts[change.kind] += _times(change)
    total = sum(len(one.questions) for one in asked)
    if as_json:
        report = {"questions": total, **counts, "changes": [_as_json(change) for change in changes]}
        print(json.dumps(report, ensure_ascii=False))
    else:
        _show(changes)
        told = ", ".join(f"{counts[kind]} {text}" for kind, text in KINDS.items())
        print(f"{counted(total, 'question')}: {told}" if total else "there are no questions to replay yet")
    if counts["changed"] or counts["lost"] or not total:
        raise typer.Exit(1)


def _asked(config: Config, path: Path | None, last: int) -> list[Question]:
    if path is None:
        return list(stored_questions(config, most=last))
    from bot.knowledge.labelled import read_questions

    if not path.exists():
        raise typer.BadParameter(f"there is no {path}", param_hint="--questions")
    found, problems = read_questions(path, with_labels=False)
    if problems:
        raise KnowledgeError(f"the questions can't be used:\n{listing(problems)}")
    return [Question(one.check.say, one.check.lang or "") for one in found][-last:]


def _times(change: Change) -> int:
    return len(change.wording.questions)


def _show(changes: list[Change]) -> None:
    from bot.knowledge.replay import KINDS

    for kind, title in KINDS.items():
        some = [change for change in changes if change.kind == kind]
        if not some:
            continue
        screen().print(f"[bold]{title}[/bold]")
        shown = table("asked", "question", "before", "after", "people said", right=["asked"])
        for one in some:
            text = Text(" ".join(one.wording.text.split()))
            shown.add_row(str(_times(one)), text, _told(one.before), _told(one.after), one.meant)
        screen().print(shown)
        print()


def _told(matches: Matches) -> str:
    if matches.verdict == "handover":
        return "handover"
    best = matches.ranked[0]
    return f"{matches.verdict}: {best.entry} ({best.confidence:.2f})"


def _as_json(change: Change) -> dict[str, Any]:
    def side(matches: Matches) -> dict[str, Any]:
        best = matches.ranked[0] if matches.ranked else None
        return {
            "verdict": matches.verdict,
            "entry": best.entry if best else None,
            "confidence": round(best.confidence, 4) if best else 0.0,
        }

    return {
        "kind": change.kind,
        "text": change.wording.text,
        "lang": change.wording.lang,
        "asked": _times(change),
        "before": side(change.before),
        "after": side(change.after),
        "meant": change.meant or None,
    }
