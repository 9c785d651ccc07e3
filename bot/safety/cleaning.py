"""Texts from outside, made fit to store and to show."""

from __future__ import annotations

import re

# Control characters but tab and newline; lone surrogates, which no UTF-8 store takes; and the marks that reorder or
# hide what is read, which impostors use: bidirectional overrides, zero-width space, byte order mark.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\u200b\ufeff]")
_NEWLINES = re.compile("\r\n?|[\u2028\u2029]")


def clean(text: str) -> str:
    """The text without what can't be seen or stored, its ends trimmed. Joiners that emoji need stay."""
    return _UNFIT.sub("", _NEWLINES.sub("\n", text)).strip()
