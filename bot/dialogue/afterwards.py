"""What a contact says of a ticket that is over, or should be: solved, rated, or not solved after all."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.events import CloseTicket, Rated
from bot.dialogue.handover import reopen, without_pending
from bot.dialogue.replies import RATINGS
from bot.dialogue.states import HUMAN_STATES, Signal, State
from bot.dialogue.turn import Turn

LONGEST_WORD = 500
"""Characters of a word about the help that the ticket keeps; the record keeps all of it."""


def forget(turn: Turn) -> None:
    """The conversation is over; what it was about is no longer known."""
    turn.move(Signal.ENDED)
    _empty(turn)


def close(turn: Turn, phrase: str, reason: str) -> None:
    """The contact needs the ticket no longer."""
    turn.effects += [turn.voice.of_ticket(phrase), CloseTicket(reason)]
    turn.move(Signal.RESOLVED)
    _empty(turn)


def _empty(turn: Turn) -> None:
    turn.conversation = replace(
        without_pending(turn.conversation), question="", entry="", choices=(), mood=(), misses=0
    )


def rate(turn: Turn, value: str) -> bool:
    """Take a rating, `7:5` of ticket 7, and ask for a word about it: whether it was one that may be given here."""
    number, _, mark = value.partition(":")
    if not mark.isdecimal() or int(mark) not in RATINGS or not _may_rate(turn, f"rate:{value}", number):
        return False
    ticket, rating = int(number), int(mark)
    turn.effects.append(Rated(ticket, rating))
    turn.conversation = replace(turn.conversation, rated=(ticket, rating))
    if turn.conversation.state in HUMAN_STATES or turn.conversation.state is State.COLLECTING:
        turn.effects.append(turn.voice.rating_thanks(rating))  # no time for words: there is another matter under way
    else:
        turn.say(turn.voice.rating_word(rating))
        turn.move(Signal.RATED)
    return True


def _may_rate(turn: Turn, value: str, number: str) -> bool:
    """Whether it is the contact's own ticket: anybody can make up a button's value."""
    rated, last = turn.conversation.rated, turn.desk.last
    offered = any(button.value == value for button in turn.conversation.choices)
    own = {str(ticket) for ticket in (rated[0] if rated else 0, last.number if last else 0) if ticket}
    return number.isdecimal() and (offered or number in own)


def say_word(turn: Turn, text: str) -> None:
    """Take the word about the help, or none, and leave it at that."""
    number, rating = turn.conversation.rated or (0, 0)
    if text and number:
        turn.effects.append(Rated(number, word=text[:LONGEST_WORD]))
    turn.effects.append(turn.voice.rating_thanks(rating))
    forget(turn)


def open_again(turn: Turn, number: str) -> bool:
    """Open the ticket again that was closed last: whether it is this one."""
    last = turn.desk.last
    if last is None or str(last.number) != number or turn.conversation.public:
        return False
    reopen(turn, last)
    return True
