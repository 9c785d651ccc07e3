"""`Dialogue.decide`: what follows from what happened. Pure: the same values always give the same decision."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.commands import Command, has_words, parse_command
from bot.dialogue.events import (
    IDLE,
    Asked,
    Broke,
    CancelTimer,
    CloseTicket,
    Conversation,
    Decision,
    Edited,
    Event,
    Heard,
    Judged,
    Opened,
    OpenTicket,
    Overheard,
    Pressed,
    Said,
    Say,
    SetTimer,
    TimerDue,
    WantsTranscript,
)
from bot.dialogue.knowledge import Entry, Knowledge
from bot.dialogue.reading import Reading, SmallTalk
from bot.dialogue.replies import language_name
from bot.dialogue.states import HUMAN_STATES, Signal, State
from bot.dialogue.turn import Manners, Turn
from bot.messages import PRIVATE, Desk, Matches, Priority

LONGEST_QUESTION_KEPT = 500
"""Characters of a question that ticket and question log keep; the record keeps all of it."""


class Dialogue:
    """The conversation core over one knowledge. Immutable after construction."""

    def __init__(self, knowledge: Knowledge, manners: Manners) -> None:
        self.knowledge = knowledge
        self.manners = manners
        self.reading = Reading(knowledge)

    def decide(self, conversation: Conversation, event: Event, matches: Matches, desk: Desk, now: float) -> Decision:
        """What follows from `event`. `matches` is what the knowledge makes of its text; `now` is in seconds, UTC."""
        turn = Turn(self.knowledge, self.manners, conversation, matches, desk, now)
        if self._concerns_others(conversation, event, matches):
            if isinstance(event, Edited) and event.hidden:
                self._warn(turn)
            return Decision(conversation, tuple(turn.effects))
        if (
            isinstance(event, Said | Overheard)
            and matches.lang
            and self.reading.tells_language(conversation, event.text)
        ):
            turn.conversation = replace(conversation, lang=matches.lang)
        if isinstance(event, Said):
            noticed = dict.fromkeys((*conversation.mood, *self.reading.mood(event.text)))
            turn.conversation = replace(turn.conversation, mood=tuple(noticed))
        if isinstance(event, TimerDue):
            self._timer(turn, event)
        elif conversation.state in HUMAN_STATES:
            self._while_human(turn, event)
        else:
            self._answer(turn, event)
        if isinstance(event, Said) and event.files and event.text and conversation.state not in HUMAN_STATES:
            self._put_first(turn, Say(turn.voice.files("files_noted", event.files)))
        if isinstance(event, Said | Edited) and event.hidden:
            self._warn(turn)
        if turn.conversation.state in HUMAN_STATES or turn.conversation.state is State.CLOSED:
            turn.effects.append(CancelTimer(IDLE))
        else:
            turn.effects.append(SetTimer(IDLE, now + self.manners.idle_close))
        return Decision(turn.conversation, tuple(turn.effects))

    def _concerns_others(self, conversation: Conversation, event: Event, matches: Matches) -> bool:
        """Whether nothing follows: it was said to others and we are not very sure, or it changes nothing any more."""
        match event:
            case Overheard(text):
                return matches.verdict != "answer" and not self.reading.wants_human(text)
            case Edited(text):
                return conversation.state not in {State.CLARIFYING, State.OFFERING} or not has_words(text)
        return False

    def _warn(self, turn: Turn) -> None:
        """A secret was hidden: say so."""
        warning = turn.voice.say("secret_hidden")
        if turn.conversation.public:
            warning = replace(warning, text=f"{turn.voice.phrase('secret_public')}\n\n{warning.text}")
        self._put_first(turn, warning)

    def _put_first(self, turn: Turn, first: Say) -> None:
        """Say this first, in the same message as the reply if there is one."""
        for place, effect in enumerate(turn.effects):
            if isinstance(effect, Say):
                turn.effects[place] = replace(effect, text=f"{first.text}\n\n{effect.text}")
                return
        turn.effects.append(first)

    def _timer(self, turn: Turn, event: TimerDue) -> None:
        if event.kind == IDLE and turn.conversation.state not in HUMAN_STATES:
            self._forget(turn)

    def _forget(self, turn: Turn) -> None:
        turn.move(Signal.ENDED)
        turn.conversation = replace(turn.conversation, question="", entry="", choices=(), mood=())

    def _while_human(self, turn: Turn, event: Event) -> None:
        command = parse_command(event.text) if isinstance(event, Said) else None
        asks_human = command is not None and command.name in {"status", "human", "start"}
        ticket = turn.desk.ticket
        if ticket is not None and (asks_human or event == Pressed("human")):
            turn.effects.append(turn.voice.status(ticket, turn.now))
        elif command is not None and command.name == "end":
            self._end(turn)
        elif command is not None and command.name == "transcript":
            self._transcript(turn)
        elif not turn.conversation.told_waiting and not isinstance(event, Opened):
            turn.effects.append(turn.voice.of_ticket("waiting"))
            turn.conversation = replace(turn.conversation, told_waiting=True)

    def _answer(self, turn: Turn, event: Event) -> None:
        match event:
            case Opened():
                turn.inform(turn.voice.greeting())
            case Pressed(value):
                self._pressed(turn, value)
            case Said("", files=files) if files:
                turn.inform(turn.voice.files_received(files))
            case Said(text) | Edited(text):
                self._said(turn, text)
            case Overheard(text):
                turn.effects.append(Heard(text))
                if turn.matches.verdict == "answer":
                    self._question(turn, text)
                else:
                    self._command(turn, Command("human"))
            case Broke(text):
                kept = text[:LONGEST_QUESTION_KEPT] or turn.conversation.question
                turn.conversation = replace(turn.conversation, question=kept)
                self._hand_over(turn, "handed_over_broken", "broke", None)
            case TimerDue():
                raise AssertionError("timers are taken before")

    def _said(self, turn: Turn, text: str) -> None:
        match self.reading.meaning(turn.conversation, text):
            case Command() as command:
                self._command(turn, command)
            case Pressed(value):
                self._pressed(turn, value)
            case SmallTalk(kind):
                self._small_talk(turn, kind)
            case None:
                self._question(turn, text)

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
        elif value.startswith(PRIVATE):  # named in words where a button would lead there by itself
            self._command(turn, Command("human"))
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
        if conversation.public:
            said = turn.voice.privately()
            if entry and with_answer:
                said = replace(said, text=f"{turn.voice.answer_text(entry)}\n\n{said.text}")
            turn.inform(said)
            return
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
                self._start(turn, command.argument)
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
            case "transcript":
                self._transcript(turn)
            case "end":
                self._end(turn)
            case other:
                turn.inform(turn.voice.say("unknown_command", command=f"/{other}"))

    def _transcript(self, turn: Turn) -> None:
        """The record is for the contact alone; the rest is done where the record can be read."""
        if turn.conversation.public:
            turn.inform(turn.voice.privately())
        else:
            turn.effects.append(WantsTranscript())

    def _start(self, turn: Turn, wanted: str) -> None:
        """Arrive by a link, which may name what is wanted: an entry, a topic, a person, or what was asked in public."""
        entry, topic = self.knowledge.entries.get(wanted), wanted.removeprefix("topic-")
        origin = turn.desk.origin
        if origin is not None:
            turn.conversation = replace(
                turn.conversation, question=origin.question, entry=origin.entry, mood=origin.mood
            )
            self._hand_over(turn, "handed_over", "asked", self.knowledge.entries.get(origin.entry))
        elif wanted == "human":
            self._command(turn, Command("human"))
        elif entry is not None and entry.is_valid(turn.now):
            self._entry(turn, entry)
        elif topic != wanted and topic in self.knowledge.topics:
            turn.inform(turn.voice.topic(topic, turn.now))
        else:
            turn.inform(turn.voice.greeting())

    def _end(self, turn: Turn) -> None:
        if turn.conversation.state in HUMAN_STATES:
            turn.effects += [turn.voice.of_ticket("ended"), CloseTicket("contact")]
            turn.move(Signal.RESOLVED)
            turn.conversation = replace(turn.conversation, question="", entry="", choices=(), mood=())
        else:
            turn.effects.append(turn.voice.say("goodbye"))
            self._forget(turn)
