"""The way to people: what they will need is asked for first, then the ticket is opened; and it is opened again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.dialogue.events import Conversation, OpenTicket, Pending, Say
from bot.dialogue.fields import FieldType, found, missing
from bot.dialogue.intake import answers
from bot.dialogue.knowledge import Entry
from bot.dialogue.states import Signal, State
from bot.dialogue.turn import Turn
from bot.dialogue.urgency import UrgencyRule
from bot.messages import Button, Priority, Ticket

AT_ONCE = frozenset({"broke", "urgent"})
"""Reasons for which nobody is asked anything first: something is at stake, or we have kept them waiting already."""
MOST_WRONG = 2
"""So many answers that don't look right, and the field is left out: what was written is in the record anyway."""


def hand_over(
    turn: Turn,
    reason: str,
    phrase: str,
    entry: Entry | None = None,
    *,
    with_answer: bool = False,
    rule: UrgencyRule | None = None,
) -> None:
    """Hand the conversation to people, now or once it is known what they will need; in public, lead into private.

    `with_answer` gives the entry's answer in the same message. By an urgent `rule` nothing is asked.
    """
    before = [turn.voice.answer_text(entry)] if entry and with_answer else []
    turn.conversation = replace(turn.conversation, misses=0)
    if turn.conversation.public:
        said = turn.voice.privately()
        turn.inform(replace(said, text="\n\n".join((*before, said.text))))
        return
    known = _known(turn, entry)
    pending = Pending(reason, phrase, entry.id if entry else "")
    turn.conversation = replace(turn.conversation, pending=pending, fields=tuple(known.items()))
    noted = turn.voice.noted(known)
    if _lacking(turn) and reason not in AT_ONCE and _priority(turn, rule) != "urgent":
        _ask(turn, *before, turn.voice.phrase("intake_begin"), *noted, first=True)
    else:
        open_ticket(turn, *before, *noted, rule=rule)


def _known(turn: Turn, entry: Entry | None) -> dict[str, str]:
    """What needn't be asked: told or skipped before, or written in passing."""
    ask = entry.ask if entry else ()
    written = found((turn.conversation.question, *turn.desk.said), turn.knowledge.fields, ask)
    return written | {name: value for name, value in turn.conversation.fields if name in ask}


def entry_of(turn: Turn) -> Entry | None:
    """The entry whose hand-over is pending."""
    pending = turn.conversation.pending
    return turn.knowledge.entries.get(pending.entry) if pending else None


def _lacking(turn: Turn) -> list[str]:
    """The fields still to be asked for, in the order of the entry."""
    return missing(_askable(turn)[1], dict(turn.conversation.fields))


def _priority(turn: Turn, rule: UrgencyRule | None) -> Priority:
    """How pressing it is: by the entry, by the rule, and by what the contact said of it."""
    entry, order = entry_of(turn), ("urgent", "high", "normal", "low")
    priority: Priority = entry.priority if entry else "normal"
    if rule is not None:
        priority = min(priority, rule.priority, key=order.index)
    return "high" if "urgent" in turn.conversation.mood and priority in {"low", "normal"} else priority


def open_ticket(turn: Turn, *before: str, rule: UrgencyRule | None = None) -> None:
    """Carry out the hand-over that is pending, with what is known; what is lacking may still be told."""
    conversation, entry = turn.conversation, entry_of(turn)
    pending = conversation.pending
    assert pending is not None, "somebody decided to hand over"
    question = conversation.question or (entry and turn.knowledge.title(entry, turn.voice.lang)) or ""
    topic = entry.topic if entry else rule.topic if rule and rule.topic in turn.knowledge.topics else ""
    ticket = OpenTicket(
        pending.reason,
        question,
        topic,
        pending.entry,
        _priority(turn, rule),
        entry.ask if entry else (),
        conversation.mood,
        tuple((name, value) for name, value in conversation.fields if value),
    )
    turn.effects.append(ticket)
    _wait(turn, turn.voice.handed_over(pending.phrase, _lacking(turn), *before))


def _wait(turn: Turn, said: Say) -> None:
    turn.say(said)
    turn.move(Signal.HANDED_OVER)
    turn.conversation = replace(without_pending(turn.conversation), told_waiting=False, misses=0)


def without_pending(conversation: Conversation) -> Conversation:
    """The conversation with no hand-over under way."""
    return replace(conversation, pending=None, fields=())


def reopen(turn: Turn, last: Ticket) -> None:
    """Hand over again what was closed but not solved."""
    entry = turn.knowledge.entries.get(last.entry)
    ask, mood = entry.ask if entry else (), turn.conversation.mood
    turn.conversation = replace(turn.conversation, question=last.question, entry=last.entry)
    _wait(turn, turn.voice.handed_over("reopened", ()))
    turn.effects.append(
        OpenTicket("reopened", last.question, last.topic, last.entry, last.priority, ask, mood, fields=last.fields)
    )


def _ask(turn: Turn, *before: str, first: bool = False, buttons: tuple[Button, ...] = ()) -> None:
    """Ask for the first thing that is lacking; people take over if nothing is, as when the knowledge has changed."""
    lacking = _lacking(turn)
    if not lacking:
        open_ticket(turn, *before)
        return
    asked = turn.voice.field_question(lacking, *before, with_form=first)
    turn.say(replace(asked, buttons=(*buttons, *asked.buttons)))
    if turn.conversation.state is not State.COLLECTING:
        turn.move(Signal.ASKED_DETAILS)


def ask_again(turn: Turn, said: Say | None = None) -> None:
    """Ask the same again, below what had to be said in between, whose buttons stay."""
    if said is None:
        _ask(turn)
    else:
        _ask(turn, said.text, buttons=said.buttons)


def _go_on(turn: Turn, fields: Mapping[str, str], *before: str) -> None:
    """Note these fields and ask for the next one; if there is none, people take over."""
    assert turn.conversation.pending is not None
    turn.conversation = replace(
        turn.conversation,
        pending=replace(turn.conversation.pending, wrong=0),
        fields=tuple({**dict(turn.conversation.fields), **fields}.items()),
    )
    _ask(turn, *before)


def skip(turn: Turn) -> None:
    """The contact doesn't have what was asked for, or won't say."""
    _go_on(turn, dict.fromkeys(_lacking(turn)[:1], ""))


def skip_all(turn: Turn) -> None:
    """The contact wants a person and no more questions."""
    _go_on(turn, dict.fromkeys(_lacking(turn), ""))


def take_details(turn: Turn, text: str) -> None:
    """Read an answer: whatever fields it tells. Of a wrong one it is said once how a right one looks."""
    conversation, asked = turn.conversation, _lacking(turn)[:1]
    types, names = _askable(turn)
    fresh = _fresh(turn, answers(text, types[asked[0]], types, names)) if asked else {}
    pending = conversation.pending
    if fresh or not asked:
        _go_on(turn, fresh, *turn.voice.noted(fresh))
    elif pending is not None and pending.wrong + 1 < MOST_WRONG:
        turn.conversation = replace(conversation, pending=replace(pending, wrong=pending.wrong + 1))
        _ask(turn, turn.voice.phrase("intake_wrong"))
    else:
        _go_on(turn, dict.fromkeys(asked, ""), turn.voice.phrase("intake_kept"))


def correct_details(turn: Turn, text: str) -> None:
    """Take over what an edited message tells now. It is no answer: where it tells nothing, nothing is said."""
    fresh = _fresh(turn, found(text, *_askable(turn)))
    if fresh:
        _go_on(turn, fresh, *turn.voice.noted(fresh))


def _askable(turn: Turn) -> tuple[Mapping[str, FieldType], list[str]]:
    """All types of fields, and the names of those that the pending hand-over wants to know."""
    entry, types = entry_of(turn), turn.knowledge.fields
    return types, [name for name in (entry.ask if entry else ()) if name in types]


def _fresh(turn: Turn, values: Mapping[str, str]) -> dict[str, str]:
    """Of these values those that weren't known."""
    known = dict(turn.conversation.fields)
    return {name: value for name, value in values.items() if known.get(name) != value}
