"""What a contact's text means before anything is looked up: a command, a choice, small talk, or a question. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue.commands import Command, Vocabulary, chosen, has_words, parse_command
from bot.dialogue.events import Conversation, Edited, Event, Pressed, Said
from bot.dialogue.knowledge import Entry, Knowledge
from bot.dialogue.questions import is_short
from bot.dialogue.replies import RATINGS
from bot.dialogue.states import HUMAN_STATES, State
from bot.messages import PRIVATE, Button

REPLYING_STATES = frozenset({State.COLLECTING, State.RATING})
"""In these a question was asked that is answered in free words."""


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """`greet`, `thanks`, `bye`, or `unreadable`: nothing that could be looked up."""

    kind: str


class Reading:
    """Reads texts with the vocabulary of one knowledge. Immutable after construction."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._vocabulary = Vocabulary(knowledge.phrases.words)

    def mood(self, text: str) -> tuple[str, ...]:
        """What is noticed on the way: `angry`, `urgent`."""
        return self._vocabulary.mood(text)

    def wants_human(self, text: str) -> bool:
        """Whether a text is nothing but the wish for a person."""
        return self._vocabulary.means("human", text)

    def tells_language(self, conversation: Conversation, text: str) -> bool:
        """Whether a text may change the contact's language: a command or an "ok" in Latin letters says nothing."""
        if conversation.lang_chosen or parse_command(text):
            return False
        if conversation.lang and conversation.state in REPLYING_STATES:
            return False  # "TRC20" and "great" are the same in every language
        return not (conversation.lang and text.isascii() and self.meaning(conversation, text))

    def is_question(self, conversation: Conversation, event: Event) -> bool:
        """Whether the knowledge has to be looked up to decide on `event`; if not, `matches` need no ranking."""
        return (
            isinstance(event, Said | Edited)
            and conversation.state not in {*HUMAN_STATES, State.COLLECTING}
            and self.meaning(conversation, event.text) is None
        )

    def goes_on_from(self, conversation: Conversation, text: str) -> Entry | None:
        """The entry answered before, if a text may go on from it."""
        if conversation.state is not State.ANSWERING or not is_short(text):
            return None
        return self._knowledge.entries.get(conversation.entry) if self._vocabulary.goes_on(text) else None

    def stands_alone(self, conversation: Conversation, text: str) -> bool:
        """Whether a text is no part of a burst: a command, a choice, or a wish for a human."""
        return isinstance(self.meaning(conversation, text), Command | Pressed)

    def meaning(self, conversation: Conversation, text: str) -> Command | Pressed | SmallTalk | None:
        """What a text means without being looked up; None for a question."""
        command = parse_command(text)
        if command:
            return command
        if conversation.state in REPLYING_STATES:
            return self._reply(conversation, text)
        choice = chosen(text, conversation.choices) or self._yes_or_no(conversation, text)
        if choice:
            return Pressed(choice.value)
        if self._vocabulary.means("human", text):
            return Pressed("human")
        return self._small_talk(text)

    def _small_talk(self, text: str) -> SmallTalk | None:
        small_talk = self._vocabulary.small_talk(text)
        return SmallTalk(small_talk or "unreadable") if small_talk or not has_words(text) else None

    def _reply(self, conversation: Conversation, text: str) -> Pressed | SmallTalk | None:
        """What is no answer to a question of ours in free words. A number is one, and means no button."""
        choice = chosen(text, conversation.choices, numbers=False)
        rated, mark = conversation.rated, text.strip()
        if choice:
            return Pressed(choice.value)
        if conversation.state is State.RATING and rated and mark in {str(rating) for rating in RATINGS}:
            return Pressed(f"rate:{rated[0]}:{mark}")
        if self._vocabulary.means("human", text):
            return Pressed("human")
        if self._vocabulary.means("skip_all", text):
            return Pressed("skip:all")
        if self._vocabulary.means("skip", text) or self._vocabulary.means("no", text):
            return Pressed("skip")
        return self._small_talk(text)

    def _yes_or_no(self, conversation: Conversation, text: str) -> Button | None:
        """The button that a plain "yes" or "no" means; "yes" gets a person only where one was offered."""
        yes = ("helped:yes", "human", PRIVATE) if conversation.state is State.OFFERING else ("helped:yes",)
        for group, prefixes in (("yes", yes), ("no", ("helped:no", "nevermind", "none"))):
            if self._vocabulary.means(group, text):
                return next((b for b in conversation.choices if b.value.startswith(prefixes)), None)
        return None
