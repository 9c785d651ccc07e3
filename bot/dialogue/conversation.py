"""`Dialogue.decide`: what follows from what happened. Pure: the same values always give the same decision."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialogue.commands import Command, Vocabulary, chosen, has_words, parse_command
from bot.dialogue.events import (
    IDLE,
    Asked,
    Broke,
    CancelTimer,
    CloseTicket,
    Conversation,
    Decision,
    Event,
    Judged,
    Opened,
    OpenTicket,
    Pressed,
    Said,
    Say,
    SetTimer,
    TimerDue,
)
from bot.dialogue.knowledge import Entry, Knowledge
from bot.dialogue.questions import is_short
from bot.dialogue.replies import language_name
from bot.dialogue.states import HUMAN_STATES, Signal, State
from bot.dialogue.turn import Manners, Turn
from bot.messages import Button, Desk, Matches, Priority

LONGEST_QUESTION_KEPT = 500
"""Characters of a question that ticket and question log keep; the record keeps all of it."""


@dataclass(frozen=True, slots=True)
class _SmallTalk:
    """`greet`, `thanks`, `bye`, or `unreadable`: nothing that could be looked up."""

    kind: str


class Dialogue:
    """The conversation core over one knowledge. Immutable after construction."""

    def __init__(self, knowledge: Knowledge, manners: Manners) -> None:
        self.knowledge = knowledge
        self.manners = manners
        self._vocabulary = Vocabulary(knowledge.phrases.words)

    def decide(self, conversation: Conversation, event: Event, matches: Matches, desk: Desk, now: float) -> Decision:
        """What follows from `event`. `matches` is what the knowledge makes of its text; `now` is in seconds, UTC."""
        turn = Turn(self.knowledge, self.manners, conversation, matches, desk, now)
        if isinstance(event, Said) and matches.lang and self._tells_language(conversation, event.text):
            turn.conversation = replace(conversation, lang=matches.lang)
        if isinstance(event, Said):
            noticed = dict.fromkeys((*conversation.mood, *self._vocabulary.mood(event.text)))
            turn.conversation = replace(turn.conversation, mood=tuple(noticed))
        if isinstance(event, TimerDue):
            self._timer(turn, event)
        elif conversation.state in HUMAN_STATES:
            self._while_human(turn, event)
        else:
            self._answer(turn, event)
        if isinstance(event, Said) and event.hidden:
            self._warn(turn)
        if turn.conversation.state in HUMAN_STATES or turn.conversation.state is State.CLOSED:
            turn.effects.append(CancelTimer(IDLE))
        else:
            turn.effects.append(SetTimer(IDLE, now + self.manners.idle_close))
        return Decision(turn.conversation, tuple(turn.effects))

    def _warn(self, turn: Turn) -> None:
        """A secret was hidden: say so first, in the same message as the reply if there is one."""
        warning = turn.voice.say("secret_hidden")
        for place, effect in enumerate(turn.effects):
            if isinstance(effect, Say):
                turn.effects[place] = replace(effect, text=f"{warning.text}\n\n{effect.text}")
                return
        turn.effects.append(warning)

    def _timer(self, turn: Turn, event: TimerDue) -> None:
        if event.kind == IDLE and turn.conversation.state not in HUMAN_STATES:
            self._forget(turn)

    def _forget(self, turn: Turn) -> None:
        turn.move(Signal.ENDED)
        turn.conversation = replace(turn.conversation, question="", entry="", choices=(), mood=())

    def _while_human(self, turn: Turn, event: Event) -> None:
        command = parse_command(event.text) if isinstance(event, Said) else None
        asks_human = command is not None and command.name in {"status", "human"}
        ticket = turn.desk.ticket
        if ticket is not None and (asks_human or event == Pressed("human")):
            turn.effects.append(turn.voice.status(ticket, turn.now))
        elif command is not None and command.name == "end":
            self._end(turn)
        elif not turn.conversation.told_waiting and not isinstance(event, Opened):
            turn.effects.append(turn.voice.of_ticket("waiting"))
            turn.conversation = replace(turn.conversation, told_waiting=True)

    def _answer(self, turn: Turn, event: Event) -> None:
        match event:
            case Opened():
                turn.inform(turn.voice.greeting())
            case Pressed(value):
                self._pressed(turn, value)
            case Said(text):
                self._said(turn, text)
            case Broke(text):
                kept = text[:LONGEST_QUESTION_KEPT] or turn.conversation.question
                turn.conversation = replace(turn.conversation, question=kept)
                self._hand_over(turn, "handed_over_broken", "broke", None)
            case TimerDue():
                raise AssertionError("timers are taken before")

    def _tells_language(self, conversation: Conversation, text: str) -> bool:
        """Whether a text may change the contact's language: a command or an "ok" in Latin letters says nothing."""
        if conversation.lang_chosen or parse_command(text):
            return False
        return not (conversation.lang and text.isascii() and self._plain_meaning(conversation, text))

    def is_question(self, conversation: Conversation, event: Event) -> bool:
        """Whether the knowledge has to be looked up to decide on `event`; if not, `matches` need no ranking."""
        return (
            isinstance(event, Said)
            and conversation.state not in HUMAN_STATES
            and self._plain_meaning(conversation, event.text) is None
        )

    def goes_on_from(self, conversation: Conversation, text: str) -> Entry | None:
        """The entry answered before, if a text may go on from it."""
        if conversation.state is not State.ANSWERING or not is_short(text):
            return None
        return self.knowledge.entries.get(conversation.entry) if self._vocabulary.goes_on(text) else None

    def stands_alone(self, conversation: Conversation, text: str) -> bool:
        """Whether a text is no part of a burst: a command, a choice, or a wish for a human."""
        return isinstance(self._plain_meaning(conversation, text), Command | Pressed)

    def _plain_meaning(self, conversation: Conversation, text: str) -> Command | Pressed | _SmallTalk | None:
        """What a text means without being looked up; None for a question."""
        command = parse_command(text)
        if command:
            return command
        choice = chosen(text, conversation.choices) or self._yes_or_no(conversation, text)
        if choice:
            return Pressed(choice.value)
        if self._vocabulary.means("human", text):
            return Pressed("human")
        small_talk = self._vocabulary.small_talk(text)
        if small_talk or not has_words(text):
            return _SmallTalk(small_talk or "unreadable")
        return None

    def _said(self, turn: Turn, text: str) -> None:
        match self._plain_meaning(turn.conversation, text):
            case Command() as command:
                self._command(turn, command)
            case Pressed(value):
                self._pressed(turn, value)
            case _SmallTalk(kind):
                self._small_talk(turn, kind)
            case None:
                self._question(turn, text)

    def _yes_or_no(self, conversation: Conversation, text: str) -> Button | None:
        """The button that a plain "yes" or "no" means; "yes" gets a person only where one was offered."""
        yes = ("helped:yes", "human") if conversation.state is State.OFFERING else ("helped:yes",)
        for group, prefixes in (("yes", yes), ("no", ("helped:no", "nevermind", "none"))):
            if self._vocabulary.means(group, text):
                return next((b for b in conversation.choices if b.value.startswith(prefixes)), None)
        return None

    def _small_talk(self, turn: Turn, kind: str) -> None:
        if kind == "greet":
            turn.inform(turn.voice.greeting())
        elif kind in {"thanks", "unreadable"}:
            turn.inform(turn.voice.say(kind))
        else:
            turn.effects.append(turn.voice.say("goodbye"))
            self._forget(turn)

    def _question(self, turn: Turn, text: str) -> None:
        matches, kept = turn.matches, text[:LONGEST_QUESTION_KEPT]
        top = matches.ranked[0] if matches.ranked else None
        turn.conversation = replace(turn.conversation, question=kept, entry="")
        lang = matches.lang or turn.voice.lang
        for match in (top, *matches.others):
            entry, confidence = (match.entry, match.confidence) if match else ("", 0.0)
            turn.effects.append(Asked(kept, lang, matches.verdict, entry, confidence))
        if matches.others and top:
            self._entries(turn, [self.knowledge.entries[match.entry] for match in (top, *matches.others)])
        elif matches.verdict == "answer" and top:
            self._entry(turn, self.knowledge.entries[top.entry])
        elif matches.verdict == "clarify" and top:
            turn.say(turn.voice.did_you_mean(matches.ranked))
            turn.move(Signal.UNCLEAR)
        else:
            turn.say(turn.voice.unknown())
            turn.move(Signal.UNKNOWN)

    def _entry(self, turn: Turn, entry: Entry) -> None:
        turn.conversation = replace(turn.conversation, entry=entry.id)
        if entry.handover == "always":
            self._hand_over(turn, "handed_over", "entry", entry, with_answer=True)
        else:
            turn.say(turn.voice.answer(entry))
            turn.move(Signal.ANSWERED)

    def _entries(self, turn: Turn, entries: list[Entry]) -> None:
        """Several questions, each answered; one that needs a human goes first and takes the others along."""
        urgent = next((entry for entry in entries if entry.handover == "always"), None)
        if urgent is not None:
            self._entry(turn, urgent)
            return
        turn.conversation = replace(turn.conversation, entry=entries[0].id)
        turn.say(turn.voice.answers(entries))
        turn.move(Signal.ANSWERED)

    def _pressed(self, turn: Turn, value: str) -> None:
        kind, _, rest = value.partition(":")
        entries, topics = self.knowledge.entries, self.knowledge.topics
        if kind == "entry" and rest in entries and entries[rest].is_valid(turn.now):
            self._entry(turn, entries[rest])
        elif kind == "topic" and rest in topics:
            turn.inform(turn.voice.topic(rest, turn.now))
        elif kind == "helped":
            self._judged(turn, rest)
        elif kind == "language":
            self._language(turn, rest)
        elif kind in {"topics", "human", "start"}:
            self._command(turn, Command(kind))
        elif kind == "nevermind":
            turn.inform(turn.voice.say("never_mind"))
        elif kind == "none":
            turn.say(turn.voice.unknown())
            turn.move(Signal.UNKNOWN)
        else:
            turn.inform(turn.voice.say("gone"))

    def _judged(self, turn: Turn, value: str) -> None:
        verdict, _, entry_id = value.partition(":")
        entry = self.knowledge.entries.get(entry_id)
        turn.effects.append(Judged(entry_id, verdict == "yes"))
        if verdict == "yes":
            turn.inform(turn.voice.say("helpful_yes"))
        elif entry is not None and entry.handover == "never":
            turn.inform(turn.voice.say("helpful_no"))
        else:
            self._hand_over(turn, "handed_over_unhelpful", "unhelpful", entry)

    def _hand_over(
        self, turn: Turn, phrase: str, reason: str, entry: Entry | None, *, with_answer: bool = False
    ) -> None:
        conversation = turn.conversation
        question = conversation.question or (entry and self.knowledge.title(entry, turn.voice.lang)) or ""
        priority: Priority = entry.priority if entry else "normal"
        if "urgent" in conversation.mood and priority in {"low", "normal"}:
            priority = "high"
        topic, entry_id, ask = (entry.topic, entry.id, entry.ask) if entry else ("", "", ())
        turn.effects.append(OpenTicket(reason, question, topic, entry_id, priority, ask, conversation.mood))
        turn.say(turn.voice.handed_over(phrase, entry, with_answer=with_answer))
        turn.move(Signal.HANDED_OVER)
        turn.conversation = replace(turn.conversation, told_waiting=False)

    def _language(self, turn: Turn, wanted: str) -> None:
        short = wanted.replace("_", "-").split("-")[0].lower()
        by_name = {language_name(code).casefold(): code for code in self.manners.languages}
        code = by_name.get(wanted.casefold(), short)
        if not wanted:
            turn.inform(turn.voice.language_question())
        elif code in self.manners.languages:
            turn.conversation = replace(turn.conversation, lang=code, lang_chosen=True)
            turn.inform(turn.voice.say("language_set", language=language_name(code)))
        else:
            turn.inform(turn.voice.language_unknown())

    def _command(self, turn: Turn, command: Command) -> None:
        match command.name:
            case "start":
                turn.inform(turn.voice.greeting())
            case "help":
                turn.inform(turn.voice.say("help"))
            case "human":
                entry = self.knowledge.entries.get(turn.conversation.entry)
                self._hand_over(turn, "handed_over", "asked", entry)
            case "status":
                turn.inform(turn.voice.say("status_none"))
            case "topics":
                turn.inform(turn.voice.topics())
            case "language":
                self._language(turn, command.argument)
            case "end":
                self._end(turn)
            case other:
                turn.inform(turn.voice.say("unknown_command", command=f"/{other}"))

    def _end(self, turn: Turn) -> None:
        if turn.conversation.state in HUMAN_STATES:
            turn.effects += [turn.voice.of_ticket("ended"), CloseTicket("contact")]
            turn.move(Signal.RESOLVED)
            turn.conversation = replace(turn.conversation, question="", entry="", choices=(), mood=())
        else:
            turn.effects.append(turn.voice.say("goodbye"))
            self._forget(turn)
