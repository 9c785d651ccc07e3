"""One decision in the making: the conversation as it becomes, and the effects as they come."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.dialogue.events import Conversation, Effect, Say
from bot.dialogue.knowledge import Knowledge
from bot.dialogue.replies import Voice
from bot.dialogue.states import Signal, after
from bot.messages import Desk, Matches


@dataclass(frozen=True, slots=True)
class Manners:
    """How the operator wants conversations to be led. `idle_close` and `intake_timeout` are in seconds.

    After so many `misses` in a row people take over unasked.
    """

    brand: str = "Frontdesk"
    languages: tuple[str, ...] = ("en", "zh")
    default_language: str = "en"
    idle_close: float = 1800.0
    intake_timeout: float = 300.0
    misses: int = 2

    def spoken(self, lang: str) -> str:
        """The language to speak for a code such as `zh-Hans` or nothing: one that the operator offers."""
        short = lang.replace("_", "-").split("-")[0].lower()
        return short if short in self.languages else self.default_language


@dataclass(slots=True)
class Turn:
    """One decision in the making; lives no longer than the call."""

    knowledge: Knowledge
    manners: Manners
    conversation: Conversation
    matches: Matches
    desk: Desk
    now: float
    effects: list[Effect] = field(default_factory=list)

    @property
    def voice(self) -> Voice:
        manners = self.manners
        lang = manners.spoken(self.conversation.lang)
        return Voice(self.knowledge, manners.brand, manners.languages, lang, self.conversation)

    def say(self, what: Say) -> None:
        self.effects.append(what)
        self.conversation = replace(self.conversation, choices=what.buttons)

    def move(self, signal: Signal) -> None:
        self.conversation = replace(self.conversation, state=after(self.conversation.state, signal))

    def inform(self, what: Say) -> None:
        self.say(what)
        self.move(Signal.INFORMED)
