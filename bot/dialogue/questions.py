"""What a message asks: one question or several, a new one or one that goes on from the answer before."""

from __future__ import annotations

import re

MOST_PARTS = 4
"""Questions taken from one message; who asks more gets the best single answer."""
SHORTEST_PART_WORDS = 3
SHORTEST_PART_HAN = 4
"""A shorter piece of a message ("please", 急) is no question of its own."""
LONGEST_FOLLOW_UP_WORDS = 7
LONGEST_FOLLOW_UP_HAN = 10
"""A longer text says itself what it is about."""

_JOINT = r"[,，]?\s*(?:\band also\b|\balso,|另外|还有一个问题|还有就是)"
# A new line is no end: people break one question into a burst of short messages.
_ENDS = re.compile(rf"[?？!！。；;]+|(?<=[A-Za-z])\.\s+|{_JOINT}", re.IGNORECASE)
_JOINED = re.compile(_JOINT, re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


def length(text: str) -> tuple[int, int]:
    """How many Han characters and how many other words a text has."""
    return len(_HAN.findall(text)), len(_WORD.findall(_HAN.sub(" ", text)))


def parts(text: str) -> list[str]:
    """The pieces of a message that could each be a question; the whole text if it is just one, or too many."""
    pieces = [piece.strip(" ,，") for piece in _ENDS.split(text)]
    found = [piece for piece in pieces if _is_long_enough(piece)]
    return found if 1 < len(found) <= MOST_PARTS else [text]


def _is_long_enough(piece: str) -> bool:
    han, words = length(piece)
    return han >= SHORTEST_PART_HAN or words >= SHORTEST_PART_WORDS


def asks_several(text: str) -> bool:
    """Whether a text says that it asks more than one thing: two question marks, or words such as "and also"."""
    return text.count("?") + text.count("？") > 1 or _JOINED.search(text) is not None


def is_short(text: str) -> bool:
    """Whether a text is so short that it may lean on what was said before."""
    han, words = length(text)
    return han <= LONGEST_FOLLOW_UP_HAN and words <= LONGEST_FOLLOW_UP_WORDS
