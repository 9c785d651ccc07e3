"""What an edit of the knowledge does to questions that people really asked: both bases are asked all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.knowledge.gaps import Wording, meant
from bot.messages import Matches
from bot.mind import Mind

LEVELS = ("handover", "clarify", "answer")

KINDS = {
    "changed": "answered with another entry",
    "lost": "no longer answered",
    "gained": "newly answered",
}
"""What may change, the worst first. An entry that is offered ("did you mean") counts half way to answered."""


@dataclass(frozen=True, slots=True)
class Change:
    """A question that fares otherwise on the new base. `meant` is the entry that people showed to be meant, if any."""

    wording: Wording
    kind: str
    before: Matches
    after: Matches
    meant: str = ""


def replay(old: Mind, new: Mind, asked: Sequence[Wording], now: float) -> Iterator[Change | None]:
    """For each question what changes, or None; one value a question, so that progress can be told."""
    for wording in asked:
        lang = wording.lang or None
        before, after = old.read(wording.text, lang, now), new.read(wording.text, lang, now)
        kind = _kind(before, after)
        yield Change(wording, kind, before, after, meant(wording.questions)[0]) if kind else None


def _kind(before: Matches, after: Matches) -> str:
    was, now = LEVELS.index(before.verdict), LEVELS.index(after.verdict)
    if was != now:
        return "gained" if now > was else "lost"
    return "changed" if was and before.ranked[0].entry != after.ranked[0].entry else ""
