"""`Mind`: one knowledge with its matcher and its dialogue, as one immutable value that a reload swaps. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bot.dialogue.commands import is_command
from bot.dialogue.conversation import Dialogue, Manners
from bot.dialogue.events import Broke, Conversation, Decision, Effect, Event, Opened, Pressed, Said, TimerDue
from bot.dialogue.knowledge import Knowledge
from bot.matching.calibration import Thresholds, judge
from bot.matching.language import detect
from bot.matching.matcher import Matcher
from bot.messages import START, Desk, Item, Match, Matches

MOST_MATCHES = 5
"""How many entries a decision and an explanation look at."""

MOST_REMEMBERED = 2048
"""Rankings kept: people ask the same things in the same words, and a burst of copies must not keep others waiting."""

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
        if self.dialogue.is_question(conversation, event):
            return self.read(event.text, conversation.lang or None, now)
        return Matches("handover", detect(event.text, self.rules.manners.languages))

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
