"""Why an entry was found, in short English sentences with numbers, for agents and operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.matching.features import sound
from bot.matching.text import is_unspaced, stem


class Evidence(NamedTuple):
    """What speaks for an entry. All but `row` are 0..1, `rivalry` roughly so."""

    row: int
    """Number of the phrasing that is nearest to the question."""
    near: float
    """Its similarity to the question."""
    whole: float
    """Similarity of all of the entry's phrasings together to the question."""
    rivalry: float
    """What the entry's phrasings keep of the question when all near phrasings compete for it."""
    ratio: float
    """rapidfuzz's ratio to the entry's phrasing that is spelt most like the question."""
    meaning: float | None = None
    """How alike the meanings of the question and the entry's nearest phrasing are, if that is known."""


def reasons(evidence: Evidence, question: Sequence[str], phrasing: Sequence[str]) -> tuple[str, ...]:
    """The reasons, the most telling first. `question` and `phrasing` are tokens."""
    said = [f"nearest phrasing ({evidence.near:.2f})"]
    common = shared_words(question, phrasing)
    if common:
        said.insert(0, f"words in common: {', '.join(common)} ({share_of(question, phrasing):.2f})")
    said.append(f"all phrasings of the entry ({evidence.whole:.2f})")
    said.append(f"against other entries ({evidence.rivalry:.2f})")
    said.append(f"spelt alike ({evidence.ratio:.2f})")
    if evidence.meaning is not None:
        said.insert(0, f"means alike ({evidence.meaning:.2f})")
    return tuple(said)


def shared_words(question: Sequence[str], phrasing: Sequence[str]) -> list[str]:
    """The words or, in an unspaced script, the stretches of the question that the phrasing has too; each once."""
    stems = {stem(word) for word in phrasing}
    characters = {character for word in phrasing if is_unspaced(word) for character in word}
    found: dict[str, None] = {}
    for word in question:
        if not is_unspaced(word):
            if stem(word) in stems:
                found[word] = None
            continue
        stretches = "".join(character if character in characters else " " for character in word).split()
        found.update(dict.fromkeys(stretches))
    return list(found)


def share_of(question: Sequence[str], phrasing: Sequence[str]) -> float:
    """How much of the question the phrasing has, 0..1: words, or characters that sound the same."""
    known = {unit for word in phrasing for unit in _units(word)}
    asked = [unit for word in question for unit in _units(word)]
    return sum(unit in known for unit in asked) / len(asked) if asked else 0.0


def _units(word: str) -> list[str]:
    return [sound(character) for character in word] if is_unspaced(word) else [stem(word)]
