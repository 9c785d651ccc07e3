"""Asks labelled questions of a knowledge and reports accuracy and speed as plain values."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from bot.knowledge.checks import HANDOVER, Labelled
from bot.matching.metrics import Answered, Measured, Rate, measure, percentile
from bot.mind import Mind

Timed = tuple[Answered, float | None]
"""A question, and the seconds that its answer took; None for one that was asked before, as the mind remembers it."""


def ask_all(mind: Mind, labelled: Sequence[Labelled], now: float) -> Iterator[Timed]:
    """Every question with what it gets, in order."""
    mind.read("?", None, now)  # what is loaded on first use is not any question's fault
    seen: set[tuple[str, str | None]] = set()
    for one in labelled:
        question = one.check
        began = time.perf_counter()
        matches = mind.read(question.say, question.lang, now)
        took = time.perf_counter() - began
        expected = None if question.expect == HANDOVER else question.expect
        answered = Answered(
            question.say, question.lang or matches.lang or "", expected, matches.verdict, matches.ranked, one.place
        )
        again = (question.say, question.lang) in seen
        seen.add((question.say, question.lang))
        yield answered, None if again else took


def report(timed: Sequence[Timed], mind: Mind) -> dict[str, Any]:
    """All figures, as they are printed as JSON."""
    answered = [one for one, _ in timed]
    seconds = [took for _, took in timed if took is not None]
    langs = sorted({one.lang for one in answered})
    thresholds = mind.rules.thresholds
    return {
        "questions": len(answered),
        **figures(measure(answered)),
        "languages": {
            lang: figures(measure([one for one in answered if one.lang == lang])) for lang in langs if len(langs) > 1
        },
        "speed_ms": {
            "p50": round(percentile(seconds, 0.5) * 1e3, 3),
            "p99": round(percentile(seconds, 0.99) * 1e3, 3),
        },
        "thresholds": {"answer": thresholds.answer, "clarify": thresholds.clarify, **mind.rules.topic_answers},
        "confused": [_confused(one) for one in confusions(answered)],
    }


def figures(measured: Measured) -> dict[str, Any]:
    """Measures as JSON has them."""
    return {
        "known": {name: _rate(rate) for name, rate in measured.known.items()},
        "unknown": {name: _rate(rate) for name, rate in measured.unknown.items()},
        "wrong_answers": _rate(measured.wrong_answers),
        "mrr": _rounded(measured.mrr),
        "auroc": _rounded(measured.auroc),
    }


def confusions(answered: Sequence[Answered]) -> list[Answered]:
    """Questions that don't fare as they say: wrong answers first, and the pairs that are confused most often."""
    found = [one for one in answered if not one.is_as_wished]
    pairs = Counter((one.expected, one.first) for one in found)
    severity = {"wrong": 0, "clarify": 1, "handover": 2}

    def order(one: Answered) -> tuple[Any, ...]:
        pair = (one.expected, one.first)
        return severity[one.outcome], -pairs[pair], one.expected or "", one.first, -one.confidence

    return sorted(found, key=order)


def _confused(one: Answered) -> dict[str, Any]:
    return {
        "asked": one.text,
        "lang": one.lang,
        "expected": one.expected or HANDOVER,
        "got": one.verdict,
        "entry": one.first or None,
        "confidence": round(one.confidence, 4),
        "rank": one.rank,
        "place": one.place,
    }


def _rate(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    return {"share": round(rate.share, 4), "low": round(low, 4), "high": round(high, 4), "n": rate.of}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
