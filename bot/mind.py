"""`Mind`: one knowledge with its matcher and its dialogue, as one immutable value that a reload swaps. Pure."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from bot.casework import Casework
from bot.casework.case import Office
from bot.casework.deciding import NOTHING, Deciding
from bot.desk.facts import Facts
from bot.desk.rules import DeskRules
from bot.dialogue.conversation import Dialogue
from bot.dialogue.events import (
    Conversation,
    Decision,
    Edited,
    Event,
    Overheard,
    Said,
)
from bot.dialogue.knowledge import Entry, Knowledge
from bot.dialogue.questions import asks_several, parts
from bot.dialogue.replies import fill
from bot.dialogue.turn import Manners
from bot.matching.calibration import Thresholds, judge
from bot.matching.language import detect
from bot.matching.matcher import Matcher
from bot.matching.meaning import Meaning, Vectors
from bot.messages import Desk, Item, Match, Matches, Verdict

MOST_MATCHES = 5
"""How many entries a decision and an explanation look at."""

MOST_REMEMBERED = 2048
"""Rankings kept: people ask the same things in the same words, and a burst of copies must not keep others waiting."""

SURE_ALONE = 0.8
"""Confidence from which a text that begins like a follow-up is a matter of its own all the same."""
WORTH_ASKING = 0.25
"""Confidence from which what goes on from an answer is at least asked back: the answer before vouches for it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's settings that a mind obeys. Texts less than `merge_window` seconds apart are one question.

    `wrong_share` and `topic_shares` are the operator's wishes: which share (0..1) of the answers may be wrong, in all
    and by topic. `unasked` is the confidence (0..1) from which a question is answered that was asked of nobody in
    particular. `topic_answers` are thresholds of single topics, which take the place of `thresholds.answer` there.
    """

    manners: Manners = field(default_factory=Manners)
    thresholds: Thresholds = field(default_factory=Thresholds)
    merge_window: float = 1.2
    wrong_share: float | None = None
    topic_shares: Mapping[str, float] = field(default_factory=dict)
    unasked: float = 0.85
    topic_answers: Mapping[str, float] = field(default_factory=dict)
    desk: DeskRules = field(default_factory=DeskRules)


class Mind:
    """Understands texts and decides what follows. Immutable after construction."""

    def __init__(self, knowledge: Knowledge, rules: Rules) -> None:
        self.knowledge = knowledge
        self.rules = rules
        self.dialogue = Dialogue(knowledge, rules.manners)
        self.casework = self._casework()
        self._matcher = Matcher(list(phrased(knowledge)))
        self._rank = _remembering(self._matcher)
        self._meanings: Mapping[str, Meaning] = {}

    def _casework(self) -> Casework:
        def suggest(text: str, lang: str) -> Sequence[Match]:
            return self.ranking(text, lang or None)

        return Casework(Office(self.knowledge, self.rules.manners, self.rules.desk, suggest))

    def to_embed(self, languages: Sequence[str] | None) -> list[str]:
        """The phrasings whose vectors a model that understands these languages (None: all) could give."""
        return self._matcher.to_embed(languages)

    def with_vectors(self, vectors: Vectors, languages: Sequence[str] | None) -> Mind:
        """This mind, which also compares by what texts mean. `vectors` are those of `to_embed`, by text."""
        mind = copy.copy(self)
        mind._matcher = self._matcher.with_vectors(vectors, languages)
        mind._rank = _remembering(mind._matcher)
        mind.casework = mind._casework()
        return mind

    def knowing(self, meanings: Mapping[str, Meaning]) -> Mind:
        """This mind, with what some questions mean, by their texts."""
        mind = copy.copy(self)
        mind._meanings = meanings
        mind.casework = mind._casework()
        return mind

    def wanting(self, look: Callable[[Mind], object]) -> dict[str, str]:
        """Which questions `look` looks up in the mind that it is given, and for each the text to make its vector of."""
        noted = _Noted()
        look(self.knowing(noted))
        wanted = {text: self._matcher.question_to_embed(text) for text in noted.texts}
        return {text: to_embed for text, to_embed in wanted.items() if to_embed}

    def phrase(self, key: str, lang: str) -> str:
        """A phrase in the language spoken to somebody of that language."""
        manners = self.rules.manners
        text = self.knowledge.pick(self.knowledge.phrases.texts[key], manners.spoken(lang))[1]
        return fill(text, {"brand.name": manners.brand})

    def field(self, name: str, lang: str) -> tuple[str, str]:
        """How a field is called in the language spoken to somebody of that language, and where its value is found."""
        known, spoken = self.knowledge.fields.get(name), self.rules.manners.spoken(lang)
        if known is None:
            return name, ""
        hint = self.knowledge.pick(known.hints, spoken)[1] if known.hints else ""
        return self.knowledge.pick(known.names, spoken)[1], hint

    def titles(self, lang: str) -> list[tuple[str, str]]:
        """All entries with their titles in the language spoken to somebody of that language."""
        spoken = self.rules.manners.spoken(lang)
        return [(entry.id, self.knowledge.title(entry, spoken)) for entry in self.knowledge.entries.values()]

    def ranking(self, text: str, lang: str | None) -> Sequence[Match]:
        """The entries that may answer a text, best first, whether or not they may be answered today."""
        return self._rank(text, detect(text, self.rules.manners.languages) or lang, self._meanings.get(text))

    def read(self, text: str, lang: str | None, now: float) -> Matches:
        """What the knowledge makes of a text. `lang` is the contact's language, for texts that don't tell theirs."""
        written, found = detect(text, self.rules.manners.languages), self.ranking(text, lang)
        ranked = tuple(match for match in found if self.knowledge.entries[match.entry].is_valid(now))
        return Matches(self._judge(ranked), written, ranked)

    def _judge(self, ranked: Sequence[Match]) -> Verdict:
        """What to do about matches, best first, by the threshold of the best one's topic."""
        thresholds = self.rules.thresholds
        own = self.rules.topic_answers.get(self.knowledge.entries[ranked[0].entry].topic) if ranked else None
        return judge(ranked, thresholds if own is None else replace(thresholds, answer=own))

    def under(self, rules: Rules) -> Mind:
        """The same mind under other rules."""
        mind = copy.copy(self)
        mind.rules = rules
        mind.casework = mind._casework()
        return mind

    def consider(
        self, conversation: Conversation, items: Sequence[Item], desk: Desk, now: float, facts: Facts | None = None
    ) -> Decision:
        """The decision on all that is new in a conversation, taken one step after the other.

        Without `facts` it holds only as far as no ticket is concerned: see `wants_facts`.
        """
        return self._deciding.consider(conversation, items, desk, now, facts)

    def rescue(
        self, conversation: Conversation, items: Sequence[Item], desk: Desk, now: float, facts: Facts | None = None
    ) -> Decision:
        """The decision where `consider` raised: what can be decided is, and of what can't a human gets the message."""
        return self._deciding.rescue(conversation, items, desk, now, facts)

    @property
    def _deciding(self) -> Deciding:
        return Deciding(self.dialogue, self.casework, self._matches, self.rules.merge_window)

    def _matches(self, conversation: Conversation, event: Event, now: float) -> Matches:
        """What there is to know of an event; only questions are looked up."""
        if isinstance(event, Overheard):
            return self._overheard(event.text, conversation.lang or None, now)
        if not isinstance(event, Said | Edited):
            return NOTHING
        if not self.dialogue.reading.is_question(conversation, event):
            return Matches("handover", detect(event.text, self.rules.manners.languages))
        lang = conversation.lang or None
        whole = self.read(event.text, lang, now)
        before = self.dialogue.reading.goes_on_from(conversation, event.text)
        if before is not None:
            return self._going_on(whole, before, event.text, lang, now)
        return self._several(whole, event.text, lang, now)

    def _overheard(self, text: str, lang: str | None, now: float) -> Matches:
        """What there is to say to something that nobody asked us: only what is very sure."""
        found = self.read(text, lang, now)
        sure = found.verdict == "answer" and found.ranked[0].confidence >= self.rules.unasked
        return found if sure else replace(found, verdict="handover")

    def _going_on(self, alone: Matches, before: Entry, text: str, lang: str | None, now: float) -> Matches:
        """The better reading of a text that may lean on the answer before: by itself, or with that answer's topic.

        Only what belongs to the answer before may be found in its light; a new matter stands by itself.
        """
        knowledge, topic = self.knowledge, self.knowledge.topics[before.topic]
        spoken = self.rules.manners.spoken(alone.lang or lang or "")
        title = knowledge.pick(topic.titles, spoken)[1]
        near = {*topic.entries}.union(*(knowledge.entries[entry].see_also for entry in topic.entries))
        ranked = [match for match in self.read(f"{title} {text}", spoken, now).ranked if match.entry != before.id]
        sure_alone = bool(alone.ranked) and alone.ranked[0].confidence >= SURE_ALONE
        if sure_alone or not ranked or ranked[0].entry not in near or ranked[0].confidence < WORTH_ASKING:
            return alone
        told = replace(ranked[0], reasons=(f"goes on from {before.id}", *ranked[0].reasons))
        verdict = self._judge([told, *ranked[1:]])
        return Matches("answer" if verdict == "answer" else "clarify", alone.lang, (told, *ranked[1:]))

    def _several(self, whole: Matches, text: str, lang: str | None, now: float) -> Matches:
        """The reading of several sentences: each question's answer, or the one sentence that is understood."""
        pieces, several = parts(text), asks_several(text)
        if len(pieces) < 2 or (whole.verdict == "answer" and not several):
            return whole
        answered: dict[str, Match] = {}
        for piece in pieces:
            found = self.read(piece, lang, now)
            if found.verdict == "answer":
                answered.setdefault(found.ranked[0].entry, found.ranked[0])
        best = sorted(answered.values(), key=lambda match: -match.confidence)
        if several and len(best) > 1:
            first, *others = answered.values()
            return Matches("answer", whole.lang, (first,), tuple(others))
        return whole if whole.verdict == "answer" or not best else Matches("answer", whole.lang, (best[0],))


Rank = Callable[[str, str | None, Meaning | None], tuple[Match, ...]]


def _remembering(matcher: Matcher) -> Rank:
    """Looks things up in the matcher, each once."""

    @lru_cache(MOST_REMEMBERED)
    def rank(text: str, lang: str | None, meaning: Meaning | None) -> tuple[Match, ...]:
        return tuple(matcher.explain(text, lang, MOST_MATCHES, meaning))

    return rank


class _Noted(Mapping[str, Meaning]):
    """Knows no meaning, and notes of which texts it was asked for one."""

    def __init__(self) -> None:
        self.texts: dict[str, None] = {}

    def __getitem__(self, text: str) -> Meaning:
        self.texts[text] = None
        raise KeyError(text)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def phrased(knowledge: Knowledge) -> Iterator[dict[str, Any]]:
    """The knowledge as a matcher takes it: one item per entry and language."""
    for entry in knowledge.entries.values():
        for lang, questions in entry.questions.items():
            keywords = list(entry.keywords.get(lang, ()))
            variants = list(questions[1:])
            yield {"id": entry.id, "lang": lang, "question": questions[0], "variants": variants, "keywords": keywords}
