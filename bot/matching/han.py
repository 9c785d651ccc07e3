"""Chinese characters: traditional to simplified, and how they sound.

The only module of floor 1 that reaches data files: it takes the tables of OpenCC and pypinyin from the installed
packages, once, when the first Chinese text is seen. A service without Chinese never pays for them.
"""

from __future__ import annotations

import importlib.util
import json
import unicodedata
from array import array
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import opencc

FIRST, LAST = 0x4E00, 0x9FFF
"""The block "CJK Unified Ideographs": every character in everyday use. Rarer ones have no reading here."""


def simplify(text: str) -> str:
    """The text with traditional characters replaced by simplified ones. Lone surrogates must be gone already."""
    simplified: str = _converter().convert(text)
    return simplified


def syllable(character: str) -> str:
    """The most usual reading in pinyin without tone (`提` -> `ti`), empty for anything but a common character."""
    code = ord(character)
    if not FIRST <= code <= LAST:
        return ""
    names, readings = _readings()
    return names[readings[code - FIRST]]


@cache
def _converter() -> opencc.OpenCC:
    import opencc

    return opencc.OpenCC("t2s")


@cache
def _readings() -> tuple[list[str], array[int]]:
    """All syllables, and for each character of the block the number of its syllable (0 = none).

    Importing pypinyin would load its phrase tables (57 MiB); one data file of it is enough, and 42 kB are kept of it.
    """
    spec = importlib.util.find_spec("pypinyin")
    if spec is None or spec.loader is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("pypinyin is not installed")
    read = getattr(spec.loader, "get_data")  # noqa: B009 - every loader of files has it, no type says so
    table: dict[str, str] = json.loads(read(f"{spec.submodule_search_locations[0]}/pinyin_dict.json"))
    numbers = {"": 0}
    readings = array("H", bytes(2 * (LAST - FIRST + 1)))
    for code in range(FIRST, LAST + 1):
        reading = _toneless(table.get(str(code), "").partition(",")[0])
        readings[code - FIRST] = numbers.setdefault(reading, len(numbers))
    return list(numbers), readings


def _toneless(reading: str) -> str:
    letters = unicodedata.normalize("NFKD", reading)
    return "".join(letter for letter in letters if letter.isascii())
