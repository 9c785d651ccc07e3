"""What people ask and the knowledge does not answer: grouped by likeness, the most frequent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.matching.groups import grouped, neighbours
from bot.matching.text import fold, key
from bot.mind import Mind
from bot.ports import Question

REASONS: Mapping[str, str] = {
    "unanswered": "nothing was found",
    "none": "none of the entries offered was meant",
    "unhelpful": "the answer did not help",
    "escalated": "a person was asked for",
}
"""Why a question is a gap; the first that holds counts."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a question and what became of it; questions that differ by case or punctuation are one."""

    text: str
    lang: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Wordings of what is probably one question, the most typical first.

    `entry` is the entry that it may belong to, with the mean confidence in it; empty if there is none.
    """

    wordings: tuple[Wording, ...]
    entry: str
    confidence: float

    @property
    def questions(self) -> list[Question]:
        """All that were asked."""
        return [question for wording in self.wordings for question in wording.questions]

    @property
    def reasons(self) -> dict[str, int]:
        """How often each reason holds."""
        found = Counter(reason for question in self.questions if (reason := why(question)))
        return {reason: found[reason] for reason in REASONS if found[reason]}


def why(question: Question) -> str:
    """Why a question is a gap: a key of `REASONS`, or nothing if it is none."""
    if question.verdict == "handover":
        return "unanswered"
    if question.chosen == "none":
        return "none"
    if question.helpful is False:
        return "unhelpful"
    return "escalated" if question.escalated else ""


def wordings(questions: Iterable[Question]) -> list[Wording]:
    """Questions by wording, in the order in which each was first asked; those without words are left out."""
    found: dict[str, list[Question]] = {}
    for question in questions:
        same = key(fold(question.text))
        if same:
            found.setdefault(same, []).append(question)
    return [Wording(some[0].text, some[0].lang, tuple(some)) for some in found.values()]


def meant(asked: Iterable[Question]) -> tuple[str, str]:
    """The entry that people showed to be meant, and how (`chosen`, `helpful`); nothing if they did not agree."""
    asked = list(asked)
    chosen = {one.chosen for one in asked} - {"", "none"}
    helped = {one.entry for one in asked if one.helpful is True and not one.chosen} - {""}
    refused = {one.entry for one in asked if one.helpful is False and not one.chosen}
    found = chosen | helped
    if len(found) != 1 or found & refused:
        return "", ""
    return found.pop(), "chosen" if chosen else "helpful"


def likeness(asked: Sequence[Wording]) -> Iterator[set[int]]:
    """For each wording those like it; one value a wording, as it takes its time."""
    return neighbours([wording.text for wording in asked])


def gaps(mind: Mind, asked: Sequence[Wording], near: Iterable[set[int]], now: float) -> list[Gap]:
    """The groups, the most asked first. `near` is what `likeness` finds."""
    groups = grouped(list(near), [len(wording.questions) for wording in asked])
    return [_gap(mind, [asked[number] for number in members], now) for members in groups]


def _gap(mind: Mind, members: Sequence[Wording], now: float) -> Gap:
    total = sum(len(wording.questions) for wording in members)
    sums: dict[str, float] = {}
    for wording in members:
        for match in mind.read(wording.text, wording.lang or None, now).ranked:
            sums[match.entry] = sums.get(match.entry, 0.0) + match.confidence * len(wording.questions)
    best = max(sums, key=lambda entry: (sums[entry], entry), default="")
    return Gap(tuple(members), best, sums[best] / total if best else 0.0)
