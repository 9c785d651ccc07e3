"""All states of a conversation and every way from one to another, in one table.

A missing pair is the error: the core never moves a conversation on a signal that the table doesn't know.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a conversation stands; it is always in exactly one state."""

    NEW = "new"  # nobody has spoken yet
    ANSWERING = "answering"  # the bot has the conversation
    CLARIFYING = "clarifying"  # "did you mean ...?" was asked
    OFFERING = "offering"  # "shall I get a person?" was asked
    COLLECTING = "collecting"  # a hand-over was decided; what people will need is asked for
    WAITING = "waiting"  # a ticket is open and nobody has taken it
    WITH_AGENT = "with agent"  # an agent has the ticket
    RATING = "rating"  # the help was rated; a word about it was asked for
    CLOSED = "closed"  # over; the next message begins again


class Signal(StrEnum):
    """What happened to a conversation."""

    INFORMED = "informed"  # greeted, or told something that is no answer to a question
    ANSWERED = "answered"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"
    ASKED_DETAILS = "asked for details"
    HANDED_OVER = "handed over"
    CLAIMED = "claimed"
    RELEASED = "released"
    RESOLVED = "resolved"  # the ticket was closed
    RATED = "rated"
    ENDED = "ended"  # goodbye, or nothing said for long


HUMAN_STATES = frozenset({State.WAITING, State.WITH_AGENT})
"""In these the bot is silent: a human has the conversation or will have it."""

_BOT_STATES = tuple(state for state in State if state not in HUMAN_STATES)

_BOT_SIGNALS = {
    Signal.INFORMED: State.ANSWERING,
    Signal.ANSWERED: State.ANSWERING,
    Signal.UNCLEAR: State.CLARIFYING,
    Signal.UNKNOWN: State.OFFERING,
    Signal.ASKED_DETAILS: State.COLLECTING,
    Signal.HANDED_OVER: State.WAITING,
    Signal.RATED: State.RATING,
    Signal.ENDED: State.CLOSED,
}

TRANSITIONS: dict[tuple[State, Signal], State] = {
    **{(state, signal): target for state in _BOT_STATES for signal, target in _BOT_SIGNALS.items()},
    (State.WAITING, Signal.CLAIMED): State.WITH_AGENT,
    (State.WAITING, Signal.RESOLVED): State.CLOSED,
    (State.WITH_AGENT, Signal.RELEASED): State.WAITING,
    (State.WITH_AGENT, Signal.RESOLVED): State.CLOSED,
}


def after(state: State, signal: Signal) -> State:
    """The state that `signal` leads to. Raises ValueError for a pair that is not in the table: that is our bug."""
    try:
        return TRANSITIONS[state, signal]
    except KeyError:
        raise ValueError(f"a conversation that is {state.value!r} can't be {signal.value!r}") from None
