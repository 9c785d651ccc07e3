"""Phrasings to add to entries, taken from real questions that people showed to belong there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.dialogue.commands import Vocabulary
from bot.dialogue.knowledge import Knowledge
from bot.knowledge.gaps import Wording, meant, wordings
from bot.knowledge.loader import Loaded
from bot.matching.text import MAX_TEXT, fold, key, strip_identifiers
from bot.mind import Mind
from bot.ports import Question
from bot.safety.secrets import MARKS

SURE_ALREADY = 0.85
"""Confidence from which a question is found so well that its wording adds nothing."""
NEARLY_THE_SAME = 92.0
"""rapidfuzz's ratio (0..100) from which a text is a phrasing that is there already."""
NEAR_MISS = 0.3
"""Confidence from which a question that was not answered may belong to its best entry ..."""
ALONE = 2.5
"""... if it is so many times the next one's."""
LONGEST = 120
"""Characters of a good phrasing; a longer text is a story."""

WHY = {
    "chosen": 'chosen after "did you mean"',
    "helpful": "the answer helped",
    "near": "not answered, but nearest by far; look at it first",
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A wording for an entry, why (a key of `WHY`), how often it was asked, and how sure the bot is of it now."""

    entry: str
    lang: str
    text: str
    why: str
    asked: int
    confidence: float


def suggestions(mind: Mind, asked: Iterable[Question], now: float) -> list[Suggestion]:
    """What to add, the surest reasons and the most asked first. Never what an entry has already."""
    known, vocabulary = _Known(mind.knowledge), Vocabulary(mind.knowledge.phrases.words)
    found: list[Suggestion] = []
    for wording in wordings(asked):
        one = None if vocabulary.goes_on(wording.text) else _suggestion(mind, wording, now)
        if one is not None and known.is_new(one.text):
            known.add(one.text)
            found.append(one)
    order = list(WHY)
    return sorted(found, key=lambda one: (order.index(one.why), -one.asked, one.confidence, one.text))


def _suggestion(mind: Mind, wording: Wording, now: float) -> Suggestion | None:
    text = " ".join(wording.text.split())
    if len(text) > LONGEST or not _is_fit(text):
        return None
    ranked = mind.read(text, wording.lang or None, now).ranked
    confidences = {match.entry: match.confidence for match in ranked}
    entry, why = meant(wording.questions)
    if not why and ranked and ranked[0].confidence >= NEAR_MISS and _is_denied(wording.questions, ranked[0].entry):
        return None
    if not why and all(question.verdict != "answer" for question in wording.questions):
        rival = ranked[1].confidence if len(ranked) > 1 else 0.0
        if ranked and ranked[0].confidence >= max(NEAR_MISS, ALONE * rival):
            entry, why = ranked[0].entry, "near"
    if entry not in mind.knowledge.entries or confidences.get(entry, 0.0) >= SURE_ALREADY:
        return None
    lang = wording.lang or mind.knowledge.default_language
    return Suggestion(entry, lang, text, why, len(wording.questions), confidences.get(entry, 0.0))


def _is_denied(asked: Sequence[Question], entry: str) -> bool:
    """Whether somebody said that this entry was not meant."""
    return any((one.chosen == "none" or one.helpful is False) and one.entry == entry for one in asked)


def _is_fit(text: str) -> bool:
    """Whether a text may go into the knowledge: words, and nothing that belongs to one person."""
    hidden = any(mark in text for mark in MARKS.values())
    return bool(key(fold(text))) and not hidden and strip_identifiers(text) == text


class _Known:
    """Phrasings that are there, and those suggested."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._keys: set[str] = set()
        self._folded: list[str] = []
        for entry in knowledge.entries.values():
            for some in entry.questions.values():
                for text in some:
                    self.add(text)

    def add(self, text: str) -> None:
        folded = fold(text)
        self._keys.add(key(folded))
        self._folded.append(folded)

    def is_new(self, text: str) -> bool:
        folded = fold(text)
        if key(folded) in self._keys:
            return False
        nearest = process.extractOne(folded[:MAX_TEXT], self._folded, scorer=fuzz.ratio, score_cutoff=NEARLY_THE_SAME)
        return nearest is None


def as_yaml(loaded: Loaded, found: Sequence[Suggestion]) -> str:
    """The suggestions as YAML to paste, below the entry and the language that each belongs to."""
    lines: list[str] = []
    by_entry: dict[str, dict[str, list[Suggestion]]] = {}
    for one in found:
        by_entry.setdefault(one.entry, {}).setdefault(one.lang, []).append(one)
    for entry, by_lang in by_entry.items():
        lines += [f"- id: {entry}  # {loaded.place(entry, 'question')}", "  question:"]
        for lang, some in by_lang.items():
            lines.append(f"    {lang}:")
            for one in some:
                times = "" if one.asked == 1 else f", asked {one.asked} times"
                lines.append(f"      - {quoted(one.text)}  # {WHY[one.why]}{times} ({one.confidence:.2f})")
    return "\n".join(lines)


def quoted(text: str) -> str:
    """A text as YAML writes it in double quotes."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f").replace("\x85", "\\N")
