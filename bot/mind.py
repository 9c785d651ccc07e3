"""`Mind`: one knowledge with its matcher and its dialogue, as one immutable value that a reload swaps. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bot.dialogue.commands import is_command
from bot.dialogue.conversation import Dialogue, Manners
from bot.dialogue.events import Broke, Conversation, Decision, Effect, Event, Opened, Pressed, Said, TimerDue
from bot.dialogue.knowledge import Entry, Knowledge
from bot.dialogue.questions import asks_several, parts
from bot.matching.calibration import Thresholds, judge
from bot.matching.language import detect
from bot.matching.matcher import Matcher
from bot.messages import START, Desk, Item, Match, Matches

MOST_MATCHES = 5
"""How many entries a decision and an explanation look at."""

MOST_REMEMBERED = 2048
"""Rankings kept: people ask the same things in the same words, and a burst of copies must not keep others waiting."""

SURE_ALONE = 0.8
"""Confidence from which a text that begins like a follow-up is a matter of its own all the same."""
WORTH_ASKING = 0.25
"""Confidence from which what goes on from an answer is at least asked back: the answer before vouches for it."""

_NOTHING = Matches("handover")


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's settings that a mind obeys. Texts less than `merge_window` seconds apart are one question."""

    manners: Manners = field(default_factory=Manners)
    thresholds: Thresholds = field(default_factory=Thresholds)
    merge_window: float = 1.2


class Mind:
    """Understands texts and decides what follows. Immutable after construction."""

    def __init__(self, knowledge: Knowledge, rules: Rules) -> None:
        self.knowledge = knowledge
        self.rules = rules
        self.dialogue = Dialogue(knowledge, rules.manners)
        matcher = Matcher(
            [
                {
                    "id": entry.id,
                    "lang": lang,
                    "question": questions[0],
                    "variants": list(questions[1:]),
                    "keywords": list(entry.keywords.get(lang, ())),
                }
                for entry in knowledge.entries.values()
                for lang, questions in entry.questions.items()
            ]
        )

        @lru_cache(MOST_REMEMBERED)
        def rank(text: str, lang: str | None) -> tuple[Match, ...]:
            return tuple(matcher.explain(text, lang, MOST_MATCHES))

        self._rank = rank

    def read(self, text: str, lang: str | None, now: float) -> Matches:
        """What the knowledge makes of a text. `lang` is the contact's language, for texts that don't tell theirs."""
        written = detect(text, self.rules.manners.languages)
        found = self._rank(text, written or lang)
        ranked = tuple(match for match in found if self.knowledge.entries[match.entry].is_valid(now))
        return Matches(judge(ranked, self.rules.thresholds), written, ranked)

    def consider(self, conversation: Conversation, items: Sequence[Item], desk: Desk, now: float) -> Decision:
        """The decision on all that is new in a conversation, taken one event after the other."""
        effects: list[Effect] = []
        for event in events(items, self.rules.merge_window):
            matches = self._matches(conversation, event, now)
            decision = self.dialogue.decide(conversation, event, matches, desk, now)
            conversation = decision.conversation
            effects += decision.effects
        return Decision(conversation, tuple(effects))

    def _matches(self, conversation: Conversation, event: Event, now: float) -> Matches:
        """What there is to know of an event; only questions are looked up."""
        if not isinstance(event, Said):
            return _NOTHING
        if not self.dialogue.is_question(conversation, event):
            return Matches("handover", detect(event.text, self.rules.manners.languages))
        lang = conversation.lang or None
        whole = self.read(event.text, lang, now)
        before = self.dialogue.goes_on_from(conversation, event.text)
        if before is not None:
            return self._going_on(whole, before, event.text, lang, now)
        return self._several(whole, event.text, lang, now)

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
        verdict = judge([told, *ranked[1:]], self.rules.thresholds)
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

    def rescue(self, conversation: Conversation, items: Sequence[Item], desk: Desk, now: float) -> Decision:
        """The decision where `consider` raised: a human gets the message. Looks nothing up."""
        text = "\n".join(item.value for item in items if item.kind == "text")
        return self.dialogue.decide(conversation, Broke(text), _NOTHING, desk, now)


def events(items: Sequence[Item], merge_window: float) -> list[Event]:
    """Inbox rows as events. Texts of one burst are one question; a command or a button stands alone.

    The window is measured between the times at which the messages came, so a backlog after a stop is not one burst.
    """
    found: list[Event] = []
    last_at = float("-inf")
    for item in items:
        last = found[-1] if found else None
        if item.kind == "timer":
            found.append(TimerDue(item.value))
        elif item.kind == "choice":
            found.append(Opened() if item.value == START else Pressed(item.value))
        elif (
            isinstance(last, Said)
            and item.at - last_at < merge_window
            and not is_command(item.value)
            and not is_command(last.text)
        ):
            found[-1] = Said(f"{last.text}\n{item.value}", last.hidden or item.hidden)
        else:
            found.append(Said(item.value, item.hidden))
        last_at = item.at
    return found
