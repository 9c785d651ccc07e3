"""The core where others read along, and with what is more than text: overheard, edited, files, links that lead here."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.bursts import steps
from bot.dialogue.events import (
    Asked,
    Conversation,
    Decision,
    Edited,
    Effect,
    Event,
    Heard,
    OpenTicket,
    Overheard,
    Pressed,
    Said,
    Say,
)  # fmt: skip
from bot.dialogue.replies import Voice, literal
from bot.dialogue.states import HUMAN_STATES, State
from bot.messages import PRIVATE, Address, Desk, File, Item, Match, Matches, Origin, Ticket
from bot.mind import Mind, Rules
from tests.dialogue.test_decide import DIALOGUE, NOW
from tests.dialogue.test_decide import events as some_events
from tests.dialogue.test_decide import matches as some_matches

NOTHING = Matches("handover", "en")
FOUND = Matches("answer", "en", (Match("withdrawal-not-arrived", 1.0),))
HACKED = Matches("answer", "en", (Match("account-hacked", 1.0),))
PUBLIC = Conversation(7, Address("telegram", "-5"), lang="en", public=True)
ALONE = Conversation(8, Address("telegram", "5"), lang="en")
PHOTO, PDF = File("p", "photo"), File("d", "document", "bill.pdf", "application/pdf", 9)


def decide(
    event: Event, matches: Matches = NOTHING, conversation: Conversation = PUBLIC, desk: Desk | None = None
) -> Decision:
    return DIALOGUE.decide(conversation, event, matches, desk or Desk(), NOW)


def says(decision: Decision) -> list[Say]:
    return [effect for effect in decision.effects if isinstance(effect, Say)]


def kinds(decision: Decision) -> list[type[Effect]]:
    return [type(effect) for effect in decision.effects]


# Where others read along


@pytest.mark.parametrize(
    ("event", "matches"),
    [
        (Said("/human"), NOTHING), (Said("I want a human"), NOTHING), (Pressed("human"), NOTHING),
        (Pressed("helped:no:withdrawal-not-arrived"), NOTHING), (Said("my account was hacked"), HACKED),
        (Pressed("entry:account-hacked"), NOTHING), (Said("/start human"), NOTHING),
    ],
)  # fmt: skip
def test_a_hand_over_in_public_is_a_way_into_private(event: Event, matches: Matches) -> None:
    decision = decide(event, matches)
    (said,) = says(decision)
    assert [button.value for button in said.buttons] == [f"{PRIVATE}from-7"] and "in private" in said.text
    assert OpenTicket not in kinds(decision) and decision.conversation.state not in HUMAN_STATES


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(some_events | st.builds(Overheard, st.text(max_size=20)), some_matches), max_size=8))
def test_nothing_in_public_ever_opens_a_ticket_or_silences_the_bot(steps: list[tuple[Event, Matches]]) -> None:
    conversation = PUBLIC
    for event, found in steps:
        decision = decide(event, found, conversation)
        conversation = decision.conversation
        assert OpenTicket not in kinds(decision) and conversation.state not in HUMAN_STATES
        assert not any(button.value == "human" for said in says(decision) for button in said.buttons)


def test_what_is_to_be_answered_before_a_hand_over_is_answered_in_public_too() -> None:
    assert "in private" not in says(decide(Said("my account was hacked"), HACKED))[0].text.splitlines()[0]


@pytest.mark.parametrize("event", [Said("what is the weather like today"), Said("hello"), Pressed("none")])
def test_every_button_for_a_person_leads_into_private_in_public_and_to_a_person_in_private(event: Event) -> None:
    for conversation, value in ((PUBLIC, f"{PRIVATE}from-7"), (ALONE, "human")):
        values = [button.value for button in says(decide(event, conversation=conversation))[0].buttons]
        assert value in values and not {f"{PRIVATE}from-7", "human"} - {value} & set(values)


def test_the_question_is_kept_for_who_goes_on_in_private() -> None:
    after = decide(Said("my withdrawal has not arrived, urgent"), FOUND).conversation
    assert (after.question, after.entry) == ("my withdrawal has not arrived, urgent", "withdrawal-not-arrived")
    assert after.mood == ("urgent",) and after.public


def test_a_secret_in_public_is_to_be_deleted() -> None:
    assert "delete your message" in says(decide(Said("password ***", hidden=True)))[0].text
    assert "delete your message" not in says(decide(Said("password ***", hidden=True), conversation=ALONE))[0].text


# Overheard


def test_what_is_overheard_is_answered_if_it_is_sure_and_then_it_is_recorded() -> None:
    decision = decide(Overheard("my withdrawal has not arrived"), FOUND)
    assert kinds(decision)[0] is Heard and Asked in kinds(decision) and len(says(decision)) == 1
    assert decision.conversation.question == "my withdrawal has not arrived"


@pytest.mark.parametrize("text", ["hi", "thanks", "what is the weather", "1", "yes", "ok", "🙈", ""])
@pytest.mark.parametrize("verdict", ["clarify", "handover"])
def test_nothing_follows_from_what_is_overheard_and_not_sure(text: str, verdict: str) -> None:
    unsure = Matches(verdict, "zh", (Match("withdrawal-not-arrived", 0.6),))  # type: ignore[arg-type]
    assert decide(Overheard(text), unsure) == Decision(PUBLIC)


@pytest.mark.parametrize(("confidence", "answers"), [(0.84, False), (0.85, True)])
def test_how_sure_is_the_operators_choice(confidence: float, answers: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    mind = Mind(DIALOGUE.knowledge, Rules())
    found = (Match("withdrawal-not-arrived", confidence),)
    monkeypatch.setattr(mind, "read", lambda *_: Matches("answer", "en", found))
    decision = mind.consider(PUBLIC, [Item(1, "overheard", "is my withdrawal late", NOW)], Desk(), NOW)
    assert bool(says(decision)) == answers


# Edited


@pytest.mark.parametrize("state", sorted(set(State) - {State.COLLECTING}))
def test_only_an_unanswered_question_is_asked_anew_by_an_edit(state: State) -> None:
    before = Conversation(8, Address("telegram", "5"), state=state, lang="en")
    decision = decide(Edited("my withdrawal has not arrived"), FOUND, before)
    assert bool(says(decision)) == (state in {State.CLARIFYING, State.OFFERING})
    assert says(decision) or decision == Decision(before)


@pytest.mark.parametrize("state", [State.ANSWERING, State.WAITING])
def test_a_secret_that_an_edit_brings_in_is_warned_of(state: State) -> None:
    before = Conversation(8, Address("telegram", "5"), state=state, lang="en")
    decision = decide(Edited("password ***", hidden=True), NOTHING, before)
    assert len(says(decision)) == 1 and "hidden it" in says(decision)[0].text and decision.conversation == before


# Files


def test_files_without_a_word_are_acknowledged_by_what_they_are_each_kind_once() -> None:
    (said,) = says(decide(Said("", files=(PHOTO, PHOTO, PDF)), conversation=ALONE))
    assert said.text.startswith("I've received this: photo, document.") and said.buttons[0].value == "human"


def test_files_with_a_question_are_noted_in_the_message_that_answers() -> None:
    (said,) = says(decide(Said("my withdrawal has not arrived", files=(PDF,)), FOUND, ALONE))
    assert said.text.startswith("I've kept what you sent (document)") and "Wallet > History" in said.text


def test_files_while_a_human_has_the_conversation_are_not_acknowledged_by_their_kind() -> None:
    human = Conversation(8, Address("telegram", "5"), state=State.WAITING, lang="en", told_waiting=True)
    assert says(decide(Said("", files=(PHOTO,)), conversation=human, desk=Desk(Ticket(1, "waiting", NOW)))) == []


def test_an_album_is_one_event_however_far_apart_its_parts_came() -> None:
    items = [
        Item(n, "text", text, NOW + 5 * n, album="a", files=(file,))
        for n, (text, file) in enumerate((("", PHOTO), ("what is this", PDF), ("", PHOTO)))
    ]
    (step,) = steps(items, 1.2, lambda _: False)
    assert (step.event, step.ref) == (Said("what is this", files=(PHOTO, PDF, PHOTO)), "")
    others = [items[0], Item(9, "text", "", NOW + 20, album="b", files=(PDF,))]
    assert len(steps(others, 1.2, lambda _: False)) == 2


def test_a_deletion_says_nothing() -> None:
    assert [step.event for step in steps([Item(1, "deletion", "", NOW)], 1.2, lambda _: False)] == [None]


# Links that lead here


@pytest.mark.parametrize(
    ("payload", "part"),
    [
        ("withdrawal-not-arrived", "Wallet > History"), ("topic-withdrawals", "Withdrawals: which of these"),
        ("human", "{ticket}"), ("", "Hello, this is"), ("nonsense", "Hello, this is"), ("from-3", "Hello, this is"),
        ("topic-", "Hello, this is"), ("entry:withdrawal-not-arrived", "Hello, this is"),
    ],
)  # fmt: skip
def test_what_a_link_names_is_where_it_leads(payload: str, part: str) -> None:
    (said,) = says(decide(Said(f"/start {payload}"), conversation=ALONE))
    assert part in said.text


def test_who_comes_on_from_public_gets_a_ticket_about_what_was_asked_there() -> None:
    origin = Origin("why is it late", "withdrawal-not-arrived", ("urgent",))
    asked = decide(Said("/start from-7"), conversation=ALONE, desk=Desk(origin=origin)).conversation
    assert asked.state is State.COLLECTING
    decision = decide(Pressed("skip:all"), conversation=asked)
    (ticket,) = [effect for effect in decision.effects if isinstance(effect, OpenTicket)]
    assert (ticket.question, ticket.entry, ticket.topic, ticket.mood) == (
        "why is it late", "withdrawal-not-arrived", "withdrawals", ("urgent",),
    )  # fmt: skip
    assert ticket.ask and decision.conversation.state is State.WAITING


def test_who_comes_on_again_while_the_ticket_is_open_is_told_where_it_stands() -> None:
    human = Conversation(8, Address("telegram", "5"), state=State.WAITING, lang="en", told_waiting=True)
    decision = decide(Said("/start from-7"), NOTHING, human, Desk(Ticket(4, "waiting", NOW), Origin("other")))
    assert "#4" in says(decision)[0].text and OpenTicket not in kinds(decision)


@pytest.mark.parametrize("name", ["[x](https://evil.example)", "**b**", "a_b_c", "`", "# x", "a\nb", "{ticket}", "\\"])
def test_a_name_is_shown_as_it_is(name: str) -> None:
    shown = literal(name)
    assert "\n" not in shown and "](" not in shown.replace("\\]", "") and "**" not in shown
    assert shown.replace("\\", "") == " ".join(name.split()).replace("\\", "")


@pytest.mark.parametrize("said", ["yes please", "好的", "Yes, please", "1"])
def test_a_typed_yes_to_a_person_in_public_leads_to_private_like_the_button(said: str) -> None:
    offered = decide(Said("how is the weather")).conversation
    assert offered.state is State.OFFERING
    (say,) = says(decide(Said(said), conversation=offered))
    assert [button.value for button in say.buttons] == [f"{PRIVATE}from-7"]


def test_a_form_asks_for_as_many_fields_as_its_button_has_room_for() -> None:
    names = tuple(f"a_field_with_a_long_name_{number}" for number in range(5))
    voice = Voice(DIALOGUE.knowledge, "Brand", ("en",), "en", PUBLIC)
    (button,) = voice.form(names)
    assert button.value == f"form:{names[0]},{names[1]}" == button.token
    assert not voice.form(())
