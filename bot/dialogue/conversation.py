"""`Dialogue.decide`: what follows from what happened. Pure: the same values always give the same decision."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.afterwards import close, forget, rate, say_word
from bot.dialogue.answering import Answering, transcript, with_question
from bot.dialogue.commands import Command, has_words, parse_command
from bot.dialogue.events import (
    IDLE,
    INTAKE,
    CancelTimer,
    Conversation,
    Decision,
    Edited,
    Event,
    Opened,
    Overheard,
    Pressed,
    Said,
    Say,
    SetTimer,
    TimerDue,
)
from bot.dialogue.handover import (
    ask_again,
    correct_details,
    entry_of,
    hand_over,
    open_ticket,
    skip,
    skip_all,
    take_details,
)
from bot.dialogue.knowledge import Knowledge
from bot.dialogue.reading import Reading, SmallTalk
from bot.dialogue.states import HUMAN_STATES, State
from bot.dialogue.turn import Manners, Turn
from bot.messages import FORM, Desk, Matches


class Dialogue:
    """The conversation core over one knowledge. Immutable after construction."""

    def __init__(self, knowledge: Knowledge, manners: Manners) -> None:
        self.knowledge = knowledge
        self.manners = manners
        self.reading = Reading(knowledge)
        self._answering = Answering(knowledge, manners, self.reading)

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
        elif conversation.state is State.COLLECTING and conversation.pending:
            self._collect(turn, event)
        elif conversation.state is State.RATING and isinstance(event, Said):
            self._hear_word(turn, event)
        else:
            self._answering.answer(turn, event)
        if isinstance(event, Said) and event.files and event.text and conversation.state not in HUMAN_STATES:
            self._put_first(turn, Say(turn.voice.files("files_noted", event.files)))
        if isinstance(event, Said | Edited) and event.hidden:
            self._warn(turn)
        self._set_timers(turn, conversation.state)
        return Decision(turn.conversation, tuple(turn.effects))

    def _set_timers(self, turn: Turn, before: State) -> None:
        """Who is silent for long while details are asked for is handed over; anybody else is left alone."""
        state, manners = turn.conversation.state, self.manners
        if state is State.COLLECTING:
            turn.effects += [SetTimer(INTAKE, turn.now + manners.intake_timeout), CancelTimer(IDLE)]
            return
        if before is State.COLLECTING:
            turn.effects.append(CancelTimer(INTAKE))
        if state in HUMAN_STATES or state is State.CLOSED:
            turn.effects.append(CancelTimer(IDLE))
        else:
            turn.effects.append(SetTimer(IDLE, turn.now + manners.idle_close))

    def _concerns_others(self, conversation: Conversation, event: Event, matches: Matches) -> bool:
        """Whether nothing follows: it was said to others and we are not very sure, or it changes nothing any more."""
        match event:
            case Overheard(text):
                return matches.verdict != "answer" and not self.reading.wants_human(text)
            case Edited(text):
                asked = conversation.state in {State.CLARIFYING, State.OFFERING} and has_words(text)
                return not asked and conversation.state is not State.COLLECTING
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
        collecting = turn.conversation.state is State.COLLECTING
        if event.kind == INTAKE and collecting and turn.conversation.pending:
            open_ticket(turn)
        elif event.kind == IDLE and not collecting and turn.conversation.state not in HUMAN_STATES:
            forget(turn)

    def _while_human(self, turn: Turn, event: Event) -> None:
        command = parse_command(event.text) if isinstance(event, Said) else None
        pressed, _, rest = event.value.partition(":") if isinstance(event, Pressed) else ("", "", "")
        if pressed in {"human", "reopen"} or (command and command.name in {"status", "human", "start"}):
            self._status(turn)
        elif pressed == "solved":
            close(turn, "solved", "solved")
        elif pressed == "rate":
            rate(turn, rest)
        elif command and command.name == "end":
            close(turn, "ended", "contact")
        elif command and command.name == "transcript":
            transcript(turn)
        elif pressed != "still":
            self._be_silent(turn, event)

    def _status(self, turn: Turn) -> None:
        """Where the open ticket stands."""
        if turn.desk.ticket is not None:
            turn.effects.append(turn.voice.status(turn.desk.ticket, turn.now))

    def _be_silent(self, turn: Turn, event: Event) -> None:
        """A human will answer; while nobody has come yet, the contact is told so once."""
        waiting = turn.conversation.state is State.WAITING and not isinstance(event, Opened)
        if waiting and not turn.conversation.told_waiting:
            turn.effects.append(turn.voice.of_ticket("waiting"))
            turn.conversation = replace(turn.conversation, told_waiting=True)

    def _collect(self, turn: Turn, event: Event) -> None:
        """Details are asked for before a hand-over: everything that is no answer leads back to the question."""
        match event:
            case Said("", files=files) if files:
                ask_again(turn, Say(turn.voice.files("files_noted", files)))
            case Said(text):
                self._told(turn, text)
            case Edited(text):
                correct_details(turn, text)
            case Pressed("skip"):
                skip(turn)
            case Pressed("skip:all" | "human"):
                skip_all(turn)
            case Pressed(value) if value.startswith(FORM):
                ask_again(turn)
            case _:
                self._aside(turn, event)

    def _told(self, turn: Turn, text: str) -> None:
        """What was written in place of an answer, or the answer."""
        command = parse_command(text)
        if command is not None and command.name == "human":
            turn.conversation = with_question(turn.conversation, command.argument)
        rule = self._answering.urgency.rule(text)
        if rule is not None:
            hand_over(turn, "urgent", "handed_over_urgent", entry_of(turn), rule=rule)
            return
        match self.reading.meaning(turn.conversation, text):
            case Pressed() as pressed:
                self._collect(turn, pressed)
            case Command("human") | Command("start", "human"):
                skip_all(turn)
            case Command("status"):
                ask_again(turn, turn.voice.say("status_collecting"))
            case Command("end"):
                turn.effects.append(turn.voice.say("intake_ended"))
                forget(turn)
            case Command() as command:
                self._aside(turn, command)
            case SmallTalk("bye"):
                skip_all(turn)  # gone, and yet not to be forgotten
            case SmallTalk():
                ask_again(turn)
            case None:
                take_details(turn, text)

    def _aside(self, turn: Turn, event: Event | Command) -> None:
        """Do what was wanted in between, and ask again below it, unless that led to people or to a new question."""
        pending = turn.conversation.pending
        if isinstance(event, Command):
            self._answering.command(turn, event)
        else:
            self._answering.answer(turn, event)
        says = [effect for effect in turn.effects if isinstance(effect, Say)]
        if turn.conversation.pending is pending and says:
            turn.effects.remove(says[-1])
            ask_again(turn, says[-1])

    def _hear_word(self, turn: Turn, event: Said) -> None:
        """A word about the help was asked for: take it, unless it is clearly about something else."""
        text = event.text
        match self.reading.meaning(turn.conversation, text):
            case Pressed("skip" | "skip:all"):
                say_word(turn, "")
            case SmallTalk(kind) if kind != "bye" and text:
                say_word(turn, text)
            case None if text and turn.matches.verdict != "answer" and not self._answering.urgency.rule(text):
                say_word(turn, text)
            case _:
                self._answering.answer(turn, event)
