"""While people have a ticket and after it: silence, solved, rated, opened again, and the record of it all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.dialogue.events import (
    CloseTicket,
    Conversation,
    Decision,
    Effect,
    Event,
    Opened,
    OpenTicket,
    Pressed,
    Rated,
    Said,
    Say,
    TimerDue,
    WantsTranscript,
)
from bot.dialogue.states import HUMAN_STATES, State
from bot.messages import PRIVATE, Address, Button, Desk, Match, Matches, Ticket
from tests.dialogue.test_decide import DIALOGUE, NOW

NOTHING = Matches("handover", "en")
FOUND = Matches("answer", "en", (Match("withdrawal-fees", 1.0),))
ADDRESS = Address("test", "ann")
LAST = Ticket(
    7, "closed", NOW - 60, topic="withdrawals", entry="withdrawal-not-arrived", priority="high", question="where is it",
    fields=(("uid", "88442211"),),
)  # fmt: skip
DESK = Desk(last=LAST)
CHOICES = (*(Button(str(n), f"rate:7:{n}") for n in range(1, 6)), Button("It isn't solved", "reopen:7"))
CLOSED = Conversation(1, ADDRESS, State.CLOSED, "en", choices=CHOICES)
WAITING = Conversation(1, ADDRESS, State.WAITING, "en")
OPEN = Desk(Ticket(8, "waiting", NOW - 60), last=LAST)


def decide(
    event: Event, conversation: Conversation = CLOSED, desk: Desk = DESK, matches: Matches = NOTHING
) -> Decision:
    return DIALOGUE.decide(conversation, event, matches, desk, NOW)


def texts(decision: Decision) -> list[str]:
    return [effect.text for effect in decision.effects if isinstance(effect, Say)]


def all_of(kind: type[Effect], decision: Decision) -> list[Effect]:
    return [effect for effect in decision.effects if isinstance(effect, kind)]


@pytest.mark.parametrize("event", [Pressed("rate:7:4"), Said("4"), Said(" 4. ")])
def test_a_rating_is_pressed_or_typed_and_a_word_is_asked_for(event: Event) -> None:
    decision = decide(event)
    assert all_of(Rated, decision) == [Rated(7, 4)]
    assert decision.conversation.state is State.RATING and decision.conversation.rated == (7, 4)
    assert "in a few words" in texts(decision)[0]
    assert [button.value for button in decision.conversation.choices] == ["skip"]


@pytest.mark.parametrize("word", ["Ann was quick and kind", "great", "thanks", "👍", "很满意", "x" * 900])
def test_the_next_text_is_the_word_and_that_is_all(word: str) -> None:
    decision = decide(Said(word), decide(Pressed("rate:7:4")).conversation)
    assert all_of(Rated, decision) == [Rated(7, word=word[:500])]
    assert decision.conversation.state is State.CLOSED and texts(decision) == ["Thank you, that helps us."]


@pytest.mark.parametrize(
    "event", [Pressed("skip"), Said("skip"), Said("Skip"), Said("no"), Said("不用"), Said("skip all")]
)
def test_the_word_can_be_left_out(event: Event) -> None:
    decision = decide(event, decide(Pressed("rate:7:4")).conversation)
    assert not all_of(Rated, decision) and len(texts(decision)) == 1 and decision.conversation.state is State.CLOSED


def test_a_low_rating_is_answered_as_such() -> None:
    asked = decide(Pressed("rate:7:2"))
    assert "team lead" in texts(asked)[0]
    assert "frank" in texts(decide(Said("nobody answered"), asked.conversation))[0]


@pytest.mark.parametrize(
    "text", ["/help", "/human", "I want a human", "转人工", "my account was hacked", "/end", "bye"]
)
def test_what_is_clearly_no_word_is_dealt_with(text: str) -> None:
    decision = decide(Said(text), decide(Pressed("rate:7:4")).conversation)
    assert not all_of(Rated, decision) and len(texts(decision)) == 1
    assert bool(all_of(OpenTicket, decision)) == (text not in {"/help", "/end", "bye"})


def test_a_question_that_has_an_answer_is_no_word() -> None:
    decision = decide(Said("what does a withdrawal cost"), decide(Pressed("rate:7:4")).conversation, matches=FOUND)
    assert not all_of(Rated, decision) and "Did this help?" in texts(decision)[0]


def test_a_later_rating_replaces_an_earlier_one() -> None:
    first = decide(Pressed("rate:7:4")).conversation
    for event in (Said("5"), Pressed("rate:7:5")):
        again = decide(event, first, Desk())
        assert all_of(Rated, again) == [Rated(7, 5)] and again.conversation.rated == (7, 5)
    done = decide(Said("fine"), first).conversation
    assert all_of(Rated, decide(Pressed("rate:7:1"), done, Desk())) == [Rated(7, 1)]


@pytest.mark.parametrize(
    "value", ["rate:8:5", "rate:7:0", "rate:7:6", "rate:7:", "rate:7", "rate::5", "rate:7:²", "rate:-7:5"]
)
def test_a_rating_that_was_never_offered_is_none(value: str) -> None:
    decision = decide(Pressed(value))
    assert not all_of(Rated, decision) and "no longer there" in texts(decision)[0]


def test_who_rates_while_another_matter_is_under_way_is_thanked_and_goes_on() -> None:
    human = decide(Pressed("rate:7:5"), WAITING, OPEN)
    assert all_of(Rated, human) == [Rated(7, 5)] and human.conversation.state is State.WAITING
    assert texts(human) == ["Thank you, that helps us."]
    start = replace(CLOSED, entry="withdrawal-not-arrived", question="late")
    collecting = decide(Said("/human"), start).conversation
    asked = decide(Pressed("rate:7:5"), collecting)
    assert all_of(Rated, asked) == [Rated(7, 5)] and asked.conversation.state is State.COLLECTING
    assert "Thank you" in texts(asked)[0] and "(UID)?**" in texts(asked)[0]


def test_who_says_no_word_is_left_in_peace() -> None:
    decision = decide(TimerDue("idle"), decide(Pressed("rate:7:4")).conversation)
    assert decision.conversation.state is State.CLOSED and not texts(decision)


@pytest.mark.parametrize("event", [Pressed("reopen:7"), Said("It isn't solved"), Said("6")])
def test_what_is_not_solved_goes_to_people_again_with_all_that_is_known(event: Event) -> None:
    decision = decide(event)
    assert all_of(OpenTicket, decision) == [
        OpenTicket(
            "reopened", "where is it", "withdrawals", "withdrawal-not-arrived", "high",
            ("uid", "txid", "network", "amount"), (), (("uid", "88442211"),),
        )
    ]  # fmt: skip
    assert decision.conversation.state is State.WAITING and "#{ticket}" in texts(decision)[0]


def test_a_ticket_that_can_not_be_opened_again_still_leads_to_people() -> None:
    for desk in (Desk(), DESK):
        decision = decide(Pressed("reopen:5"), desk=desk)
        (opened,) = all_of(OpenTicket, decision)
        assert isinstance(opened, OpenTicket) and opened.reason == "asked"
    assert not all_of(OpenTicket, decide(Pressed("reopen:7"), WAITING, OPEN)), "another one is open already"


def test_what_is_solved_is_closed() -> None:
    decision = decide(Pressed("solved"), WAITING, OPEN)
    assert all_of(CloseTicket, decision) == [CloseTicket("solved")] and decision.conversation.state is State.CLOSED
    assert "I've closed ticket #{ticket}" in texts(decision)[0]


@pytest.mark.parametrize("state", sorted(HUMAN_STATES))
def test_not_yet_is_for_people_to_read(state: State) -> None:
    assert texts(decide(Pressed("still"), replace(WAITING, state=state), OPEN)) == []


def test_the_bot_says_once_that_it_is_silent_and_not_at_all_while_an_agent_is_there() -> None:
    once = decide(Said("hello?"), WAITING, OPEN)
    assert "keep quiet" in texts(once)[0] and not texts(decide(Said("hello?"), once.conversation, OPEN))
    assert texts(decide(Said("hello?"), replace(WAITING, state=State.WITH_AGENT), OPEN)) == []
    assert texts(decide(Opened(), WAITING, OPEN)) == []


@pytest.mark.parametrize("state", [*sorted(HUMAN_STATES), State.NEW, State.ANSWERING, State.CLOSED, State.RATING])
def test_the_record_is_given_in_every_state(state: State) -> None:
    decision = decide(Said("/transcript"), replace(CLOSED, state=state, rated=(7, 5)))
    assert all_of(WantsTranscript, decision) and not texts(decision) and decision.conversation.state is state


def test_the_record_is_given_in_private_only() -> None:
    decision = decide(Said("/transcript"), Conversation(3, ADDRESS, lang="en", public=True))
    (say,) = [effect for effect in decision.effects if isinstance(effect, Say)]
    assert not all_of(WantsTranscript, decision) and say.buttons[0].value == f"{PRIVATE}from-3"
