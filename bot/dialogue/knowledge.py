"""Knowledge: entries, topics and phrases as frozen values. Loading them from YAML is bot.knowledge's work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeVar

from bot.dialogue.fields import FieldType
from bot.dialogue.urgency import UrgencyRule
from bot.messages import Priority

Handover = Literal["never", "offer", "always"]
DEFAULT_FORM = "default"
"""The form of an answer for channels that have none of their own."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One FAQ item. `questions` and `keywords` are by language; `answers` by language, then by channel."""

    id: str
    topic: str
    questions: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, Mapping[str, str]]
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    see_also: tuple[str, ...] = ()
    handover: Handover = "offer"
    priority: Priority = "normal"
    ask: tuple[str, ...] = ()
    valid_from: float | None = None
    valid_until: float | None = None

    def is_valid(self, now: float) -> bool:
        """Whether the entry may be answered at `now` (seconds, UTC)."""
        return (self.valid_from is None or self.valid_from <= now) and (
            self.valid_until is None or now < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Topic:
    """A group of entries: one file, one title per language."""

    id: str
    titles: Mapping[str, str]
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    """What the bot itself says (`texts`) and understands without looking it up (`words`), by key and language."""

    texts: Mapping[str, Mapping[str, str]]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Canned:
    """A reply that agents keep ready: its title, and Markdown with placeholders, by language."""

    id: str
    titles: Mapping[str, str]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that the bot knows at one moment. Immutable: a reload makes another one."""

    entries: Mapping[str, Entry]
    topics: Mapping[str, Topic]
    phrases: Phrases
    default_language: str = "en"
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    """What an entry's `ask` may name, in the order in which values are looked for in what was written."""
    urgency: tuple[UrgencyRule, ...] = ()
    canned: Mapping[str, Canned] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        entries: Iterable[Entry],
        topics: Iterable[Topic],
        phrases: Phrases,
        default_language: str,
        fields: Iterable[FieldType] = (),
        urgency: Iterable[UrgencyRule] = (),
        canned: Iterable[Canned] = (),
    ) -> Knowledge:
        """Knowledge of these parts."""
        return cls(
            MappingProxyType({entry.id: entry for entry in entries}),
            MappingProxyType({topic.id: topic for topic in topics}),
            phrases,
            default_language,
            MappingProxyType({type_.id: type_ for type_ in fields}),
            tuple(urgency),
            MappingProxyType({reply.id: reply for reply in canned}),
        )

    def languages_for(self, lang: str) -> Sequence[str]:
        """In which languages to look for a text, best first."""
        return (lang, self.default_language)

    def pick(self, by_language: Mapping[str, T], lang: str) -> tuple[str, T]:
        """The value in `lang`, else in the default language, else in any: the language taken, and the value."""
        for candidate in self.languages_for(lang):
            if candidate in by_language:
                return candidate, by_language[candidate]
        return next(iter(by_language.items()))

    def title(self, entry: Entry, lang: str) -> str:
        """The title shown: the first phrasing."""
        return self.pick(entry.questions, lang)[1][0]

    def answer(self, entry: Entry, lang: str, channel: str) -> tuple[str, str]:
        """The language and the Markdown of the answer, in the channel's own form if there is one."""
        found, forms = self.pick(entry.answers, lang)
        return found, forms.get(channel) or forms[DEFAULT_FORM]
