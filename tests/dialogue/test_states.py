"""The transition table: complete for the bot's states, closed, and every state can be left."""

from __future__ import annotations

import pytest

from bot.dialogue.states import HUMAN_STATES, TRANSITIONS, Signal, State, after


def test_every_state_can_be_reached_and_left() -> None:
    assert {target for _, target in TRANSITIONS.items()} | {State.NEW} >= set(State) - {State.NEW}
    assert {state for state, _ in TRANSITIONS} == set(State)


@pytest.mark.parametrize("state", [state for state in State if state not in HUMAN_STATES])
def test_whatever_the_bot_does_is_possible_in_each_of_its_states(state: State) -> None:
    for signal in (Signal.INFORMED, Signal.ANSWERED, Signal.UNCLEAR, Signal.UNKNOWN, Signal.HANDED_OVER, Signal.ENDED):
        assert (state, signal) in TRANSITIONS


@pytest.mark.parametrize("state", sorted(HUMAN_STATES))
def test_the_bot_can_not_answer_while_a_human_has_the_conversation(state: State) -> None:
    for signal in (Signal.INFORMED, Signal.ANSWERED, Signal.UNCLEAR, Signal.UNKNOWN):
        with pytest.raises(ValueError, match=state.value):
            after(state, signal)
