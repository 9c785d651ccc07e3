"""Properties of `decide`: it never raises on what a person sends, and always keeps its promises."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.conversation import Dialogue
from bot.dialogue.events import (
    Asked,
    Broke,
    CancelTimer,
    CloseTicket,
    Conversation,
    Event,
    Opened,
    OpenTicket,
    Pressed,
    Said,
    Say,
    SetTimer,
    TimerDue,
)
from bot.dialogue.states import HUMAN_STATES, State
from bot.dialogue.turn import Manners
from bot.knowledge.loader import bundled_folder, load
from bot.messages import Address, Desk, Match, Matches, Ticket, Verdict

NOW = 1_780_000_000.0


def dialogue() -> Dialogue:
    loaded = load(bundled_folder(), ["en", "zh"], "en")
    assert loaded.knowledge is not None
    return Dialogue(loaded.knowledge, Manners())


DIALOGUE = dialogue()
ENTRIES = sorted(DIALOGUE.knowledge.entries)
VALUES = [
    "human", "nevermind", "none", "topics", "start", "nonsense", "", "entry:", "entry:nothing", "topic:nothing",
    "helped:", "helped:yes:nothing", "helped:no:nothing", "language:zh", "language:xx", "language:",
    *(f"entry:{entry}" for entry in ENTRIES), *(f"helped:no:{entry}" for entry in ENTRIES),
    *(f"topic:{topic}" for topic in DIALOGUE.knowledge.topics),
]  # fmt: skip
TEXTS = [
    "/help", "/human", "/end", "/status", "/language", "/language 中文", "/topics", "/start x", "/?", "1", "99", "yes",
    "no", "好的", "不用", "hi", "谢谢", "bye", "转人工", "🙏", "...", "my withdrawal is stuck", "{ticket} {brand.name}",
]  # fmt: skip

events = st.one_of(
    st.builds(Said, st.one_of(st.sampled_from(TEXTS), st.text(max_size=60)), st.booleans()),
    st.builds(Pressed, st.one_of(st.sampled_from(VALUES), st.text(max_size=20))),
    st.just(Opened()),
    st.just(TimerDue("idle")),
    st.builds(Broke, st.text(max_size=20)),
)
verdicts: st.SearchStrategy[Verdict] = st.sampled_from(["answer", "clarify", "handover"])
matches = st.builds(
    lambda verdict, lang, some: Matches(
        verdict if some else "handover", lang, tuple(Match(entry, 0.9 - 0.1 * n) for n, entry in enumerate(some))
    ),
    verdicts,
    st.sampled_from([None, "en", "zh"]),
    st.lists(st.sampled_from(ENTRIES), max_size=5, unique=True),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(events, matches), max_size=12))
def test_any_sequence_of_events_keeps_the_rules(steps: list[tuple[Event, Matches]]) -> None:
    conversation, open_tickets = Conversation(1, Address("test", "ann")), 0
    for event, found in steps:
        before = conversation
        desk = Desk(Ticket(7, "waiting", NOW - 60)) if open_tickets else Desk()
        decision = DIALOGUE.decide(before, event, found, desk, NOW)
        conversation = decision.conversation
        effects = decision.effects
        says = [effect for effect in effects if isinstance(effect, Say)]
        assert len(says) <= 1, "one message in, at most one message out"
        if before.state not in HUMAN_STATES and not isinstance(event, TimerDue):
            assert len(says) == 1, "the bot never leaves a person without a word"
        for say in says:
            assert say.text.strip()
            assert "{ticket}" not in say.text or say.numbered or "{ticket}" in getattr(event, "text", "")
            assert all(button.label and button.value for button in say.buttons)
        open_tickets += sum(isinstance(effect, OpenTicket) for effect in effects)
        open_tickets -= sum(isinstance(effect, CloseTicket) for effect in effects)
        assert open_tickets == (conversation.state in HUMAN_STATES), "a ticket is open exactly while a human has it"
        timers = [effect for effect in effects if isinstance(effect, SetTimer | CancelTimer)]
        assert len(timers) == 1
        assert (conversation.address, conversation.id) == (before.address, before.id)


@pytest.mark.parametrize("state", sorted(HUMAN_STATES))
@given(event=events, found=matches)
@settings(max_examples=150, deadline=None)
def test_the_bot_never_answers_a_question_while_a_human_has_the_conversation(
    state: State, event: Event, found: Matches
) -> None:
    conversation = Conversation(1, Address("test", "ann"), state=state, told_waiting=True)
    decision = DIALOGUE.decide(conversation, event, found, Desk(Ticket(7, "waiting", NOW)), NOW)
    assert not [effect for effect in decision.effects if isinstance(effect, Asked | OpenTicket)]
    if isinstance(event, Said) and not event.hidden and not event.text.strip().startswith("/"):
        assert not [effect for effect in decision.effects if isinstance(effect, Say)]


def test_the_same_values_give_the_same_decision() -> None:
    conversation = Conversation(1, Address("test", "ann"))
    found = Matches("answer", "en", (Match(ENTRIES[0], 0.9),))
    decisions = {DIALOGUE.decide(conversation, Said("a question"), found, Desk(), NOW) for _ in range(3)}
    assert len(decisions) == 1


def test_an_answer_in_another_language_says_so() -> None:
    knowledge = DIALOGUE.knowledge
    entry = replace(knowledge.entries[ENTRIES[0]], answers={"zh": {"default": "只有中文"}}, handover="offer")
    one = Dialogue(replace(knowledge, entries={**knowledge.entries, entry.id: entry}), Manners())
    conversation = Conversation(1, Address("test", "ann"), lang="en")
    decision = one.decide(conversation, Pressed(f"entry:{entry.id}"), Matches("handover"), Desk(), NOW)
    said = next(effect for effect in decision.effects if isinstance(effect, Say))
    assert "only in 中文" in said.text
    assert "只有中文" in said.text


def test_a_channel_gets_its_own_form_of_an_answer() -> None:
    knowledge = DIALOGUE.knowledge
    forms = {"en": {"default": "long", "telegram": "short"}}
    entry = replace(knowledge.entries[ENTRIES[0]], answers=forms, handover="offer")
    one = Dialogue(replace(knowledge, entries={**knowledge.entries, entry.id: entry}), Manners())
    for channel, text in (("telegram", "short"), ("web", "long")):
        conversation = Conversation(1, Address(channel, "ann"), lang="en")
        decision = one.decide(conversation, Pressed(f"entry:{entry.id}"), Matches("handover"), Desk(), NOW)
        assert any(isinstance(effect, Say) and effect.text.startswith(text) for effect in decision.effects)


def test_an_entry_out_of_its_time_is_not_offered() -> None:
    knowledge = DIALOGUE.knowledge
    entry = replace(knowledge.entries[ENTRIES[0]], valid_until=NOW - 1)
    one = Dialogue(replace(knowledge, entries={**knowledge.entries, entry.id: entry}), Manners())
    conversation = Conversation(1, Address("test", "ann"))
    decision = one.decide(conversation, Pressed(f"entry:{entry.id}"), Matches("handover"), Desk(), NOW)
    assert any(isinstance(effect, Say) and "no longer there" in effect.text for effect in decision.effects)
