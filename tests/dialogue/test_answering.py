"""What leads to people unasked: two misses in a row, and what can't wait."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.dialogue.conversation import Dialogue
from bot.dialogue.events import Conversation, Event, OpenTicket, Pressed, Said, Say
from bot.dialogue.states import State
from bot.dialogue.turn import Manners
from bot.messages import PRIVATE, Address, Desk, Match, Matches
from tests.dialogue.test_decide import DIALOGUE, NOW

NOTHING = Matches("handover", "en")
UNSURE = Matches("clarify", "en", (Match("withdrawal-fees", 0.4),))
NEVER = [entry.id for entry in DIALOGUE.knowledge.entries.values() if entry.handover == "never"]
MISS = (Said("what is the weather"), NOTHING)
NONE = [(Said("something about fees"), UNSURE), (Pressed("none"), NOTHING)]
ANSWER = (Said("what does it cost"), Matches("answer", "en", (Match("withdrawal-fees", 1.0),)))
COMPLAINT = [(Said("q"), Matches("answer", "en", (Match(NEVER[0], 1.0),))), (Pressed(f"helped:no:{NEVER[0]}"), NOTHING)]
YES = (Pressed("helped:yes:withdrawal-fees"), NOTHING)


def run(
    *steps: tuple[Event, Matches], public: bool = False, dialogue: Dialogue = DIALOGUE
) -> tuple[Conversation, list[OpenTicket], list[Say]]:
    """The conversation at the end, all tickets opened on the way, and what was said last."""
    conversation = Conversation(1, Address("test", "ann"), lang="en", public=public)
    tickets: list[OpenTicket] = []
    says: list[Say] = []
    for event, matches in steps:
        decision = dialogue.decide(conversation, event, matches, Desk(), NOW)
        conversation = decision.conversation
        tickets += [effect for effect in decision.effects if isinstance(effect, OpenTicket)]
        says = [effect for effect in decision.effects if isinstance(effect, Say)]
    return conversation, tickets, says


@pytest.mark.parametrize(
    "steps",
    [[MISS, MISS], [*NONE, MISS], [MISS, *NONE], [*COMPLAINT, *COMPLAINT], [MISS, *COMPLAINT], [*COMPLAINT, MISS]],
)
def test_after_two_misses_in_a_row_people_take_over_unasked(steps: list[tuple[Event, Matches]]) -> None:
    conversation, tickets, says = run(*steps)
    assert [ticket.reason for ticket in tickets] == ["misses"] and conversation.state is State.WAITING
    assert says[0].text.startswith("I haven't been of help so far")
    assert conversation.misses == 0


@pytest.mark.parametrize(
    "steps", [[MISS], NONE, COMPLAINT, [MISS, ANSWER, MISS], [MISS, YES, MISS], [MISS, ANSWER, YES, MISS],
              [*COMPLAINT, ANSWER, MISS], [MISS, (Said("/help"), NOTHING)]],
)  # fmt: skip
def test_an_answer_between_them_ends_the_row(steps: list[tuple[Event, Matches]]) -> None:
    _, tickets, _ = run(*steps)
    assert tickets == []


def test_a_conversation_that_ended_begins_anew() -> None:
    assert run(MISS, (Said("/end"), NOTHING), MISS)[1] == []


def test_how_many_are_too_many_is_the_operators_choice() -> None:
    patient = Dialogue(DIALOGUE.knowledge, Manners(misses=3))
    assert run(MISS, MISS, dialogue=patient)[1] == [] and len(run(MISS, MISS, MISS, dialogue=patient)[1]) == 1


def test_in_public_two_misses_lead_into_private() -> None:
    _, tickets, says = run(MISS, MISS, public=True)
    assert tickets == [] and says[0].buttons[0].value == f"{PRIVATE}from-1"


SURE = Matches("answer", "en", (Match("two-factor-lost", 0.9),))


def test_what_can_not_wait_gets_the_answer_and_people_at_once() -> None:
    conversation, (ticket,), (say,) = run((Said("someone withdrew my coins"), SURE))
    assert (ticket.reason, ticket.priority, ticket.entry, ticket.topic) == (
        "urgent", "urgent", "two-factor-lost", "account",
    )  # fmt: skip
    answer = DIALOGUE.knowledge.entries["two-factor-lost"].answers["en"]["default"]
    assert say.text.startswith(answer[:40]) and "This is urgent" in say.text and "It helps them" in say.text
    assert conversation.state is State.WAITING and conversation.question == "someone withdrew my coins"


@pytest.mark.parametrize("matches", [NOTHING, UNSURE])
def test_without_a_sure_answer_it_goes_to_people_under_the_rules_topic(matches: Matches) -> None:
    _, (ticket,), (say,) = run((Said("someone withdrew my coins"), matches))
    assert (ticket.entry, ticket.topic, ticket.priority) == ("", "security", "urgent")
    assert say.text.startswith("This is urgent")


def test_a_topic_that_the_knowledge_lacks_is_left_out() -> None:
    topics = {name: topic for name, topic in DIALOGUE.knowledge.topics.items() if name != "security"}
    fewer = Dialogue(replace(DIALOGUE.knowledge, topics=topics), Manners())
    assert run((Said("someone withdrew my coins"), NOTHING), dialogue=fewer)[1][0].topic == ""


def test_in_public_what_can_not_wait_leads_into_private_with_the_answer() -> None:
    _, tickets, (say,) = run((Said("someone withdrew my coins"), SURE), public=True)
    assert tickets == [] and say.buttons[0].value == f"{PRIVATE}from-1"
    assert say.text.startswith(DIALOGUE.knowledge.entries["two-factor-lost"].answers["en"]["default"][:40])
