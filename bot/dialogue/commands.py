"""What people type that is not looked up: commands, small talk, and a button's number or label typed out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.messages import Button

COMMANDS = ("start", "help", "human", "status", "topics", "transcript", "language", "end")
"""The commands that every channel understands, in the order of the help text."""

SMALL_TALK = ("greet", "thanks", "bye", "filler")
MOODS = ("angry", "urgent")
LONGEST_SMALL_TALK = 40
"""Characters; a longer text is a question, whatever it begins with."""

FROM_PUBLIC = re.compile(r"/start(?:@\S+)?\s+from-(\d{1,18})\s*")
"""How a contact arrives who goes on in private: with the number of the conversation that began in public."""

_COMMAND = re.compile(r"/([A-Za-z]{1,32})(?:@\S+)?(?:\s+(.*))?", re.DOTALL)
_NUMBER = re.compile(r"\s*(\d{1,2})\s*[.)、。]?\s*")


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what follows it: `/language zh` is ("language", "zh")."""

    name: str
    argument: str = ""


def is_command(text: str) -> bool:
    """Whether a text is meant as a command, known or not."""
    return _COMMAND.fullmatch(text.strip()) is not None


def parse_command(text: str) -> Command | None:
    """The command in a text. `/help@frontdesk_bot`, as Telegram's groups write it, is `/help`."""
    found = _COMMAND.fullmatch(text.strip())
    return Command(found[1].lower(), (found[2] or "").strip()) if found else None


@lru_cache(1024)  # a text is compared with many words, and the same labels with every text
def squeeze(text: str) -> str:
    """A text without case, width, spaces and punctuation; symbols such as a thumb stay, as they may be an answer."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LNS")


def has_words(text: str) -> bool:
    """Whether there is anything to look up: at least one letter or digit."""
    return any(c.isalnum() for c in text)


class Vocabulary:
    """The words that the bot understands without looking them up, by group, in all languages at once."""

    def __init__(self, words: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._groups = {
            group: frozenset(filter(None, (squeeze(word) for some in by_language.values() for word in some)))
            for group, by_language in words.items()
        }
        self._moods = {mood: _anywhere(words.get(mood, {})) for mood in MOODS}
        self._follow_up = _anywhere(words.get("follow_up", {}), start=True)
        small = {word: group for group in SMALL_TALK for word in self._groups.get(group, ())}
        self._small_talk = sorted(small.items(), key=lambda pair: -len(pair[0]))

    def means(self, group: str, text: str) -> bool:
        """Whether the whole text is one of the group's words."""
        return squeeze(text) in self._groups.get(group, ())

    def mood(self, text: str) -> tuple[str, ...]:
        """`angry`, `urgent`, both or neither: whose words are in the text."""
        return tuple(mood for mood, words in self._moods.items() if words.search(text))

    def goes_on(self, text: str) -> bool:
        """Whether a text begins like one that goes on from what was said before ("and the fee?", 那手续费呢)."""
        return self._follow_up.match(text.strip()) is not None

    def small_talk(self, text: str) -> str | None:
        """`greet`, `thanks` or `bye` where the text is nothing but such words ("ok thanks, bye"), else None.

        Words that only fill ("ok") count as thanks: they close a matter and want no look-up.
        """
        if len(text) > LONGEST_SMALL_TALK:
            return None
        rest, seen = squeeze(text), set[str]()
        while rest:
            found = next(((word, group) for word, group in self._small_talk if rest.startswith(word)), None)
            if found is None:
                return None
            rest = rest[len(found[0]) :]
            seen.add(found[1])
        if seen == {"filler"}:
            return "thanks"
        return next((group for group in ("bye", "thanks", "greet") if group in seen), None)


def _anywhere(by_language: Mapping[str, Sequence[str]], *, start: bool = False) -> re.Pattern[str]:
    """A pattern that finds any of the words: whole words where letters are spaced, anywhere in Chinese and the like.

    A word that begins with ~ stands at the end of the text (~呢).
    """
    found = []
    for word in (str(word) for some in by_language.values() for word in some):
        edge = r"\b" if word.isascii() and word[-1:].isalnum() else ""
        if word.startswith("~"):
            found.append(rf".*{re.escape(word[1:])}\W*$")
        else:
            found.append(rf"{edge if word[:1].isalnum() else ''}{re.escape(word)}{edge}")
    return re.compile("|".join(found) or r"(?!)", re.IGNORECASE | (re.DOTALL if start else 0))


def chosen(text: str, choices: Iterable[Button], *, numbers: bool = True) -> Button | None:
    """The button that a text names by its number in the list, if `numbers` mean that, or by its label."""
    choices = tuple(choices)
    number = _NUMBER.fullmatch(text)
    if number and numbers:
        place = int(number[1])
        return choices[place - 1] if 1 <= place <= len(choices) else None
    wanted = squeeze(text)
    return next((button for button in choices if wanted and squeeze(button.label) == wanted), None)
