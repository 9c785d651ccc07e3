"""Hides the secrets that people paste, before anything is stored: `mask("my password is hunter2").text`.

Every finder reads the same text and names stretches of it; overlapping stretches become one mark. Marks that are
already there are barriers that no finder sees or crosses, so masking twice changes nothing. Where a guess is needed,
hiding too much wins: an agent can ask again, a leaked key can't be taken back. Transaction ids are the exception,
agents need them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.safety.secret_shapes import BARRIER, Span, cards, hex_keys, shapes
from bot.safety.secret_words import said
from bot.safety.seed_phrases import seed_phrases

MARKS = {
    "seed_phrase": "[seed phrase hidden]",
    "private_key": "[private key hidden]",
    "password": "[password hidden]",
    "one_time_code": "[one-time code hidden]",
    "card_number": "[card number hidden]",
    "api_secret": "[API secret hidden]",
}
"""What is shown in place of each kind. Of kinds that overlap, the first in this table gives the mark."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that is safe to store, and the kinds that were hidden in it, each once, in the order of the text."""

    text: str
    kinds: tuple[str, ...] = ()


def mask(text: str) -> Masked:
    """Replace every secret in a person's message by its mark; a text without secrets comes back as it is."""
    seen = _MARK.sub(lambda mark: BARRIER * len(mark[0]), text.translate(_FOLDED))
    found = sorted(span for finder in _FINDERS for span in finder(seen))
    if not found:
        return Masked(text)
    parts, at = [], 0
    for start, end, kind in _joined(found):
        parts += [text[at:start], MARKS[kind]]
        at = end
    return Masked("".join([*parts, text[at:]]), tuple(dict.fromkeys(span.kind for span in found)))


def _joined(spans: list[Span]) -> Iterator[Span]:
    rank = list(MARKS)
    start, end, kind = spans[0]
    for span in spans[1:]:
        if span.start >= end:
            yield Span(start, end, kind)
            start, end, kind = span
        else:
            end, kind = max(end, span.end), min(kind, span.kind, key=rank.index)
    yield Span(start, end, kind)


_MARK = re.compile("|".join(re.escape(mark) for mark in MARKS.values()))
# Full-width letters, digits and the signs of a "key: value" become ASCII, one character for one, so that places agree.
_FOLDED = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code - 0xFEE0).isalnum()}
_FOLDED |= {ord("："): ord(":"), ord("＝"): ord("="), 0x3000: ord(" ")}

_FINDERS = (said, shapes, hex_keys, cards, seed_phrases)
