"""The matcher: which entries of a knowledge base answer a question, how sure that is, and why.

A question is compared with whole entries and with single phrasings; the phrasings nearest to it compete for it (a ridge
regression over them, solved anew for every question), so that what many entries say decides little between them.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from bot.matching import calibration
from bot.matching.features import features
from bot.matching.index import Index, Longs
from bot.matching.meaning import Meaning, Meanings, Phrasing, Vectors, blend, is_understood, shortened, tells
from bot.matching.reasons import Evidence, reasons
from bot.matching.spelling import Spelling
from bot.matching.text import fold, is_unspaced, key, tokens
from bot.messages import Match

NEIGHBOURS = 40
"""Phrasings nearest to the question that compete for it."""

RIDGE = 0.3
"""How much likeness between competitors is forgiven: with more, each counts for itself."""

ENTRY_WEIGHT, RIVALRY_WEIGHT, SPELLING_WEIGHT = 0.5, 0.5, 0.25
"""What counts in a score: the whole entry, the rivalry of phrasings, and rapidfuzz's ratio to the nearest of them."""

KEYWORD_WEIGHT = 0.7
"""Similarity to an entry's keywords counts so much of what similarity to a phrasing would."""

OTHER_LANGUAGE = 0.05
"""What an entry in another language than the question's loses of its score."""

ONE_WORD = 0.4
"""Highest confidence for a single word like `fees` or `提现`, which says a topic but asks nothing."""

VERBATIM = 2.0
"""Score of an entry that has the question among its phrasings word for word; any other stays below 1.3."""

RESULTS = 10
"""Entries that are returned at least, where so many have anything in common with the question."""


_WORD = re.compile(r"[^\W_]+(?:['’‘`´][^\W_]+)*")


class _Phrasing(NamedTuple):
    text: str
    words: tuple[str, ...]
    joined: str
    spoken: bool
    """False for an entry's keywords, which nobody says like that."""


class _Scores(NamedTuple):
    items: NDArray[np.float64]
    evidence: dict[int, Evidence]
    limit: float
    """Highest confidence that the question allows."""
    by_meaning: bool = False
    """Whether sentence vectors have a part in the scores."""


class Matcher:
    """Immutable after construction: a reload builds another one.

    `entries` are mappings with `id`, `lang`, `question`, `variants` and optionally `keywords`. An id may occur once in
    each language; results have each id once.
    """

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self._ids = [str(entry["id"]) for entry in entries]
        self._langs = np.array([str(entry.get("lang") or "") for entry in entries], dtype=np.str_)
        self._phrasings: list[_Phrasing] = []
        self._verbatim: dict[str, set[int]] = {}
        owners: list[int] = []
        for number, entry in enumerate(entries):
            for phrasing in _phrasings(entry):
                if phrasing.spoken:
                    self._verbatim.setdefault(key(fold(phrasing.text)), set()).add(number)
                if phrasing.words:
                    self._phrasings.append(phrasing)
                    owners.append(number)
        self._verbatim.pop("", None)
        self._spelling = Spelling(phrasing.words for phrasing in self._phrasings)
        self._index = Index((features(phrasing.words) for phrasing in self._phrasings), owners, len(self._ids))
        self._meanings: Meanings | None = None
        self._spoken = np.array([1.0 if phrasing.spoken else KEYWORD_WEIGHT for phrasing in self._phrasings])

    def to_embed(self, languages: Sequence[str] | None) -> list[str]:
        """The phrasings that a model for these languages (None: for all) understands, each once."""
        return list(
            dict.fromkeys(
                phrasing.text
                for phrasing, owner in zip(self._phrasings, self._index.owners, strict=True)
                if phrasing.spoken and is_understood(str(self._langs[owner]), languages)
            )
        )

    def with_vectors(self, vectors: Vectors, languages: Sequence[str] | None) -> Matcher:
        """This matcher, which also knows what its phrasings mean, by `vectors` of their texts; some may lack."""
        phrasings = [
            Phrasing(phrasing.text, str(self._langs[owner]), phrasing.spoken)
            for phrasing, owner in zip(self._phrasings, self._index.owners, strict=True)
        ]
        found = copy.copy(self)
        found._meanings = Meanings(phrasings, self._index.owners.tolist(), len(self._ids), vectors, languages)
        return found

    def question_to_embed(self, text: str) -> str | None:
        """The text whose vector should be given to `match` for this question; None if a vector would not help.

        Words that are probably misspelt are mended, as a model is easily misled by them.
        """
        if self._meanings is None or not len(self._meanings) or not tells(text, self._meanings.languages):
            return None
        words = tokens(fold(text))
        meant = {
            word: likely for word, likely in zip(words, self._spelling.meant(words), strict=True) if word != likely
        }
        asked = shortened(text)
        return _WORD.sub(lambda found: meant.get(fold(found[0]), found[0]), asked) if meant else asked

    def match(self, text: str, lang: str | None, meaning: Meaning | None = None) -> list[tuple[str, float]]:
        """Entry ids with their confidences 0..1, best first, each id once. `lang`: the question's, None if unknown."""
        return [(entry, confidence) for entry, confidence, _ in self._ranked(self._scores(text, lang, meaning))]

    def explain(self, text: str, lang: str | None, top: int = 5, meaning: Meaning | None = None) -> list[Match]:
        """The best entries, each with the phrasing that carried it and the reasons in words and numbers."""
        scores = self._scores(text, lang, meaning)
        words = self._spelling.meant(tokens(fold(text)))
        return [
            Match(entry, confidence, *self._because(scores, item, words))
            for entry, confidence, item in self._ranked(scores)[:top]
        ]

    def _because(self, scores: _Scores, item: int, words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """The phrasing that carried an item, and the reasons."""
        evidence = scores.evidence.get(item)
        if evidence is None:
            return "", ()
        phrasing = self._phrasings[evidence.row]
        said = ("said word for word (1.00)",) if scores.items[item] >= VERBATIM else ()
        return phrasing.text, said + reasons(evidence, words, phrasing.words)

    def _scores(self, text: str, lang: str | None, meaning: Meaning | None = None) -> _Scores:
        folded = fold(text)
        words = tokens(folded)
        scores = np.zeros(len(self._ids))
        evidence: dict[int, Evidence] = {}
        if words and self._index.size:
            meant = self._spelling.meant(words)
            near = self._index.similarities(self._index.vector(features(words, meant))) * self._spoken
            whole = np.bincount(self._index.owners, near, minlength=len(scores)) / self._index.lengths
            scores += ENTRY_WEIGHT * whole
            chosen = self._nearest(near)
            if len(chosen):
                evidence = self._compete(chosen, near, whole, " ".join(words))
            for item, found in evidence.items():
                scores[item] += RIVALRY_WEIGHT * found.rivalry + SPELLING_WEIGHT * found.ratio
            if lang and lang in self._langs:
                scores -= OTHER_LANGUAGE * (self._langs != lang)
        by_meaning = bool(words) and self._meanings is not None and self._meanings.fits(meaning)
        if by_meaning:
            assert self._meanings is not None and meaning is not None
            nearness = self._meanings.near(meaning)
            scores = blend(scores, nearness)
            for item, (row, likeness) in nearness.rows.items():
                evidence[item] = evidence.get(item, Evidence(row, 0.0, 0.0, 0.0, 0.0))._replace(meaning=likeness)
        verbatim = self._verbatim.get(key(folded), ())
        for item in verbatim:
            scores[item] = VERBATIM
        one_word = len(words) == 1 and (len(words[0]) < 3 or not is_unspaced(words[0]))
        return _Scores(scores, evidence, ONE_WORD if one_word and not verbatim else 1.0, by_meaning)

    def _nearest(self, near: NDArray[np.float64]) -> Longs:
        count = min(NEIGHBOURS, len(near))
        chosen = np.argpartition(-near, count - 1)[:count]
        chosen = chosen[near[chosen] > 0]
        return chosen[np.lexsort((chosen, -near[chosen]))]

    def _compete(
        self, chosen: Longs, near: NDArray[np.float64], whole: NDArray[np.float64], question: str
    ) -> dict[int, Evidence]:
        """What the nearest phrasings say for each of their entries."""
        likeness = self._index.likeness(chosen)
        likeness[np.diag_indices_from(likeness)] += RIDGE
        shares = np.linalg.solve(likeness, near[chosen])
        found: dict[int, Evidence] = {}
        for row, share in zip(chosen.tolist(), shares.tolist(), strict=True):
            item = int(self._index.owners[row])
            phrasing = self._phrasings[row]
            ratio = fuzz.ratio(question, phrasing.joined) / 100 if phrasing.spoken else 0.0
            before = found.get(item)
            # Rows come nearest first: an entry is carried by its first one, or the first that somebody would say.
            if before is None or (phrasing.spoken and not self._phrasings[before.row].spoken):
                rivalry, best = (before.rivalry, before.ratio) if before else (0.0, 0.0)
                before = Evidence(row, float(near[row]), float(whole[item]), rivalry, best)
            found[item] = before._replace(rivalry=before.rivalry + share, ratio=max(before.ratio, ratio))
        return found

    def _ranked(self, scores: _Scores) -> list[tuple[str, float, int]]:
        """Entry id, confidence and the item that stands for it, best first."""
        items = scores.items
        count = min(len(items), 3 * RESULTS)
        if not count:
            return []
        best = np.argpartition(-items, count - 1)[:count]
        best = best[np.lexsort((best, -items[best]))]
        first: dict[str, int] = {}
        for item in best.tolist():
            if items[item] > 0:
                first.setdefault(self._ids[item], item)
        ranked = list(first.items())
        values = [float(items[item]) for _, item in ranked]
        rivals = (values[1:2] or [0.0]) + values[:1] * (len(values) - 1)
        return [
            (entry, min(scores.limit, calibration.confidence(value, rival, by_meaning=scores.by_meaning)), item)
            for (entry, item), value, rival in zip(ranked, values, rivals, strict=False)
        ]


def _phrasings(entry: Mapping[str, Any]) -> list[_Phrasing]:
    texts = [str(entry["question"]), *map(str, entry.get("variants") or ())]
    keywords = list(map(str, entry.get("keywords") or ()))
    found = []
    for text, spoken in [*((text, True) for text in texts), *([(" ".join(keywords), False)] if keywords else [])]:
        words = tuple(tokens(fold(text)))
        found.append(_Phrasing(text, words, " ".join(words), spoken))
    return found
