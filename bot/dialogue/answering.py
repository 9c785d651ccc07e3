"""What the bot does while it has the conversation itself: looks questions up, answers, asks back, leads to people."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.afterwards import forget, open_again, rate, say_word
from bot.dialogue.commands import Command
from bot.dialogue.events import (
    Asked,
    Broke,
    Conversation,
    Edited,
    Event,
    Heard,
    Judged,
    Opened,
    Overheard,
    Pressed,
    Said,
    TimerDue,
    WantsTranscript,
)
from bot.dialogue.handover import entry_of, hand_over
from bot.dialogue.knowledge import Entry, Knowledge
from bot.dialogue.reading import Reading, SmallTalk
from bot.dialogue.replies import language_name
from bot.dialogue.states import Signal, State
from bot.dialogue.turn import Manners, Turn
from bot.dialogue.urgency import Urgency
from bot.messages import PRIVATE

LONGEST_QUESTION_KEPT = 500
"""Characters of a question that ticket and question log keep; the record keeps all of it."""


class Answering:
    """Answers over one knowledge. Immutable after construction."""

    def __init__(self, knowledge: Knowledge, manners: Manners, reading: Reading) -> None:
        self.knowledge = knowledge
        self.manners = manners
        self.reading = reading
        self.urgency = Urgency(knowledge.urgency)

    def answer(self, turn: Turn, event: Event) -> None:
        """Answer whatever it is."""
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
                    self.command(turn, Command("human"))
            case Broke(text):
                if not turn.conversation.pending:
                    kept = text[:LONGEST_QUESTION_KEPT] or turn.conversation.question
                    turn.conversation = replace(turn.conversation, question=kept)
                hand_over(turn, "broke", "handed_over_broken", entry_of(turn))
            case TimerDue():
                raise AssertionError("timers are taken before")

    def _said(self, turn: Turn, text: str) -> None:
        match self.reading.meaning(turn.conversation, text):
            case Command() as command:
                self.command(turn, command)
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
            forget(turn)

    def _question(self, turn: Turn, text: str) -> None:
        matches, kept = turn.matches, text[:LONGEST_QUESTION_KEPT]
        top = matches.ranked[0] if matches.ranked else None
        turn.conversation = replace(turn.conversation, question=kept, entry="")
        lang = matches.lang or turn.voice.lang
        for match in (top, *matches.others):
            best, confidence = (match.entry, match.confidence) if match else ("", 0.0)
            turn.effects.append(Asked(kept, lang, matches.verdict, best, confidence))
        rule = self.urgency.rule(text)
        if rule is not None:
            entry = self.knowledge.entries[top.entry] if top and matches.verdict == "answer" else None
            turn.conversation = replace(turn.conversation, entry=entry.id if entry else "")
            hand_over(turn, "urgent", "handed_over_urgent", entry, with_answer=True, rule=rule)
        elif matches.others and top:
            self._entries(turn, [self.knowledge.entries[match.entry] for match in (top, *matches.others)])
        elif matches.verdict == "answer" and top:
            self._entry(turn, self.knowledge.entries[top.entry])
        elif matches.verdict == "clarify" and top:
            turn.say(turn.voice.did_you_mean(matches.ranked))
            turn.move(Signal.UNCLEAR)
        else:
            self._unknown(turn)

    def _unknown(self, turn: Turn) -> None:
        """There is no answer; the second time in a row people take over."""
        if not self._is_missed_again(turn):
            turn.say(turn.voice.unknown())
            turn.move(Signal.UNKNOWN)

    def _is_missed_again(self, turn: Turn, entry: Entry | None = None) -> bool:
        """Count that the bot was of no help: whether that was once too often, and so people take over."""
        misses = _misses(turn) + 1
        turn.conversation = replace(turn.conversation, misses=misses)
        if misses >= self.manners.misses:
            hand_over(turn, "misses", "handed_over_misses", entry or entry_of(turn))
        return misses >= self.manners.misses

    def _entry(self, turn: Turn, entry: Entry) -> None:
        turn.conversation = replace(turn.conversation, entry=entry.id, misses=_misses(turn))
        if entry.handover == "always":
            hand_over(turn, "entry", "handed_over", entry, with_answer=True)
        else:
            turn.say(turn.voice.answer(entry))
            turn.move(Signal.ANSWERED)

    def _entries(self, turn: Turn, entries: list[Entry]) -> None:
        """Several questions, each answered; one that needs a human goes first and takes the others along."""
        urgent = next((entry for entry in entries if entry.handover == "always"), None)
        if urgent is not None:
            self._entry(turn, urgent)
            return
        turn.conversation = replace(turn.conversation, entry=entries[0].id, misses=_misses(turn))
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
            self.command(turn, Command("human"))
        elif kind in {"topics", "human", "start"}:
            self.command(turn, Command(kind))
        elif kind == "nevermind":
            turn.inform(turn.voice.say("never_mind"))
        elif kind == "none":
            self._unknown(turn)
        elif kind == "reopen":
            if not open_again(turn, rest):
                self.command(turn, Command("human"))
        elif kind == "rate" and rate(turn, rest):
            pass
        elif value == "skip" and turn.conversation.state is State.RATING:
            say_word(turn, "")
        else:
            turn.inform(turn.voice.say("gone"))

    def _judged(self, turn: Turn, value: str) -> None:
        verdict, _, entry_id = value.partition(":")
        entry = self.knowledge.entries.get(entry_id)
        turn.effects.append(Judged(entry_id, verdict == "yes"))
        if verdict == "yes":
            turn.conversation = replace(turn.conversation, misses=0)
            turn.inform(turn.voice.say("helpful_yes"))
        elif entry is None or entry.handover != "never":
            hand_over(turn, "unhelpful", "handed_over_unhelpful", entry)
        else:
            # The answer that is complained of now doesn't count as one that stands.
            turn.conversation = replace(turn.conversation, choices=())
            if not self._is_missed_again(turn, entry):
                turn.inform(turn.voice.say("helpful_no"))

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

    def command(self, turn: Turn, command: Command) -> None:
        """Do what a command says."""
        match command.name:
            case "start":
                self._start(turn, command.argument)
            case "help":
                turn.inform(turn.voice.say("help"))
            case "human":
                self._ask_for_human(turn, command.argument)
            case "status":
                turn.inform(turn.voice.say("status_none"))
            case "topics":
                turn.inform(turn.voice.topics())
            case "language":
                self._language(turn, command.argument)
            case "transcript":
                transcript(turn)
            case "end":
                turn.effects.append(turn.voice.say("goodbye"))
                forget(turn)
            case other:
                turn.inform(turn.voice.say("unknown_command", command=f"/{other}"))

    def _ask_for_human(self, turn: Turn, why: str) -> None:
        """The contact wants a person; what they say with it is the question."""
        entry = self.knowledge.entries.get(turn.conversation.entry)
        turn.conversation = with_question(turn.conversation, why)
        hand_over(turn, "asked", "handed_over", entry, rule=self.urgency.rule(why) if why else None)

    def _start(self, turn: Turn, wanted: str) -> None:
        """Arrive by a link, which may name what is wanted: an entry, a topic, a person, or what was asked in public."""
        entry, topic = self.knowledge.entries.get(wanted), wanted.removeprefix("topic-")
        origin = turn.desk.origin
        if origin is not None:
            turn.conversation = replace(
                turn.conversation, question=origin.question, entry=origin.entry, mood=origin.mood
            )
            hand_over(turn, "asked", "handed_over", self.knowledge.entries.get(origin.entry))
        elif wanted == "human":
            self.command(turn, Command("human"))
        elif entry is not None and entry.is_valid(turn.now):
            self._entry(turn, entry)
        elif topic != wanted and topic in self.knowledge.topics:
            turn.inform(turn.voice.topic(topic, turn.now))
        else:
            turn.inform(turn.voice.greeting())


def with_question(conversation: Conversation, words: str) -> Conversation:
    """The conversation with what the contact said when they asked for a person, if anything, as its question."""
    return replace(conversation, question=words[:LONGEST_QUESTION_KEPT]) if words else conversation


def _misses(turn: Turn) -> int:
    """How often in a row the bot was of no help: an answer that nobody complained of ended the row."""
    stands = any(button.value.startswith("helped:") for button in turn.conversation.choices)
    return 0 if stands else turn.conversation.misses


def transcript(turn: Turn) -> None:
    """The record is for the contact alone; the rest is done where the record can be read."""
    if turn.conversation.public:
        turn.inform(turn.voice.privately())
    else:
        turn.effects.append(WantsTranscript())
