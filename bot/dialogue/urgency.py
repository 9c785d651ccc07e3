"""What can't wait: words that tell that money is being lost right now, and so go to people at once.

A rule looks at one sentence at a time, so that what is said in another one neither completes nor silences it; nor does
what follows behind a comma silence what was said before ("my coins were stolen, tell me if there is a way").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.messages import Priority

MOST_READ = 4_096
"""Characters of one message that are looked at."""

_ENDS = re.compile(r"[!?。！？；;…]+|\.(?=\s|$)")
_COMMA = re.compile("[,，]")
_APOSTROPHES = re.compile("['’‘`´]")
_HAN = "\u3400-\u9fff"
_SPACES_IN_HAN = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_ORDER: Mapping[Priority, int] = {"urgent": 0, "high": 1, "normal": 2, "low": 3}


@dataclass(frozen=True, slots=True)
class UrgencyRule:
    """Words that make a matter urgent, by language: a sentence must hold one of every group, and none of `unless`.

    A ticket that comes of it has the `priority`, and the `topic` unless an entry gives another one.
    """

    id: str
    priority: Priority
    topic: str
    words: Mapping[str, tuple[tuple[str, ...], ...]]
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Urgency:
    """Finds out whether a text is urgent, by rules. Immutable after construction."""

    def __init__(self, rules: Iterable[UrgencyRule]) -> None:
        ordered = sorted(rules, key=lambda rule: _ORDER[rule.priority])
        self._rules = [(rule, _Words(groups, _unless(rule))) for rule in ordered for groups in rule.words.values()]

    def rule(self, text: str) -> UrgencyRule | None:
        """The most pressing rule that a text meets, in whatever language it is; None if there is none."""
        sentences = [_folded(part) for part in _ENDS.split(text[:MOST_READ])]
        return next((rule for rule, words in self._rules if any(map(words.meet, sentences))), None)


class _Words:
    """The words of one rule in one language, as patterns."""

    def __init__(self, groups: Sequence[Sequence[str]], unless: Sequence[str]) -> None:
        self._groups = [_any_of(group) for group in groups]
        self._unless = _any_of(unless)

    def meet(self, sentence: str) -> bool:
        found = [group.search(sentence) for group in self._groups]
        ends = [match.end() for match in found if match]
        if not ends or len(ends) < len(found):
            return False
        comma = _COMMA.search(sentence, max(ends))
        return not self._unless.search(sentence, 0, comma.start() if comma else len(sentence))


def _unless(rule: UrgencyRule) -> list[str]:
    """What silences a rule does so in any language: people mix them."""
    return [phrase for some in rule.unless.values() for phrase in some]


def _any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    """A pattern that finds any of these: whole words where letters are spaced, anywhere in Chinese and the like."""
    found = []
    for phrase in map(_folded, phrases):
        # Not \b: there is none between a Chinese and a Latin letter, though a word ends there.
        left = "(?<![a-z0-9])" if _is_spaced(phrase[:1]) else ""
        right = "(?![a-z0-9])" if _is_spaced(phrase[-1:]) else ""
        found.append(f"{left}{re.escape(phrase)}{right}")
    return re.compile("|".join(found) or r"(?!)")


def _is_spaced(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _folded(text: str) -> str:
    """A text as rules compare it: without case, width, apostrophes and needless spaces."""
    folded = unicodedata.normalize("NFKC", _APOSTROPHES.sub("", text)).casefold()
    return _SPACES_IN_HAN.sub("", " ".join(folded.split()))
