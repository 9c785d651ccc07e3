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
    Edited,
    Effect,
    Event,
    Opened,
    OpenTicket,
    Pressed,
    Rated,
    Said,
    Say,
    SetTimer,
    TimerDue,
    WantsTranscript,
)
from bot.dialogue.states import HUMAN_STATES, State
from bot.dialogue.turn import Manners
from bot.knowledge.loader import bundled_folder, load
from bot.messages import Address, Desk, File, Match, Matches, Ticket, Verdict

NOW = 1_780_000_000.0


def dialogue() -> Dialogue:
    loaded = load(bundled_folder(), ["en", "zh"], "en")
    assert loaded.knowledge is not None
    return Dialogue(loaded.knowledge, Manners())


DIALOGUE = dialogue()
ENTRIES = sorted(DIALOGUE.knowledge.entries)
VALUES = [
    "human", "nevermind", "none", "topics", "start", "nonsense", "", "entry:", "entry:nothing", "topic:nothing",
    "skip", "skip:all", "form:uid", "rate:7:5", "rate:7:1", "rate:7:9", "rate:8:5", "rate:x", "reopen:7", "reopen:8",
    "solved", "still", "helped:", "helped:yes:nothing", "helped:no:nothing", "language:zh", "language:xx", "language:",
    *(f"entry:{entry}" for entry in ENTRIES), *(f"helped:no:{entry}" for entry in ENTRIES),
    *(f"topic:{topic}" for topic in DIALOGUE.knowledge.topics),
]  # fmt: skip
TEXTS = [
    "/help", "/human", "/end", "/status", "/language", "/language 中文", "/topics", "/start x", "/?", "1", "99", "yes",
    "no", "好的", "不用", "hi", "谢谢", "bye", "转人工", "🙏", "...", "my withdrawal is stuck", "{ticket} {brand.name}",
    "/transcript", "/start human", "skip", "跳过", "88442211", "uid 88442211, TRC20", "uid: 88442211\nnetwork: TRC20",
    "my account was hacked", "give me a human", "5", "Straight to a person",
]  # fmt: skip

events = st.one_of(
    st.builds(Said, st.one_of(st.sampled_from(TEXTS), st.text(max_size=60)), st.booleans()),
    st.builds(Pressed, st.one_of(st.sampled_from(VALUES), st.text(max_size=20))),
    st.just(Opened()),
    st.builds(Said, st.sampled_from(["", "88442211"]), files=st.just((File("p", "photo"),))),
    st.builds(Edited, st.one_of(st.sampled_from(TEXTS), st.text(max_size=20)), st.booleans()),
    st.sampled_from([TimerDue("idle"), TimerDue("intake")]),
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


CLOSED_LAST = Ticket(7, "closed", NOW - 900, question="why", entry="withdrawal-not-arrived", fields=(("uid", "1"),))
QUESTIONS = [text for type_ in DIALOGUE.knowledge.fields.values() for text in type_.questions.values()]


def open_now(desk: Desk, waits: bool) -> Desk:
    return replace(desk, ticket=Ticket(8, "waiting", NOW - 60) if waits else None)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(events, matches), max_size=12),
    st.sampled_from([Desk(), Desk(last=CLOSED_LAST), Desk(said=("uid 88442211", "TRC20, 5 USDT"))]),
)
def test_any_sequence_of_events_keeps_the_rules(steps: list[tuple[Event, Matches]], desk: Desk) -> None:
    conversation, open_tickets = Conversation(1, Address("test", "ann")), 0
    for event, found in steps:
        before = conversation
        decision = DIALOGUE.decide(before, event, found, open_now(desk, bool(open_tickets)), NOW)
        conversation, effects = decision.conversation, decision.effects
        says = [effect for effect in effects if isinstance(effect, Say)]
        assert len(says) <= 1, "one message in, at most one message out"
        if before.state not in HUMAN_STATES and not isinstance(event, TimerDue | Edited):
            answered = says or any(isinstance(effect, WantsTranscript) for effect in effects)
            assert answered, "the bot never leaves a person without a word"
        for say in says:
            assert say.text.strip()
            assert "{ticket}" not in say.text or say.numbered or "{ticket}" in getattr(event, "text", "")
            assert all(button.label and button.value for button in say.buttons)
            asked = sum(text in say.text for text in QUESTIONS)
            assert asked <= (conversation.state is State.COLLECTING), "one question at a time, and none to no end"
        open_tickets += sum(isinstance(effect, OpenTicket) for effect in effects)
        open_tickets -= sum(isinstance(effect, CloseTicket) for effect in effects)
        assert open_tickets == (conversation.state in HUMAN_STATES), "a ticket is open exactly while a human has it"
        check_timers(before, event, conversation, effects)
        check_the_way_to_people(before, event, conversation, effects)
        assert all(1 <= rated.rating <= 5 or rated.word for rated in effects if isinstance(rated, Rated))
        assert (conversation.address, conversation.id) == (before.address, before.id)


def check_timers(before: Conversation, event: Event, after: Conversation, effects: tuple[Effect, ...]) -> None:
    """Somebody who is asked for details is never forgotten, and a timer that ran out is never left to itself."""
    timers = [effect for effect in effects if isinstance(effect, SetTimer | CancelTimer)]
    assert len({timer.kind for timer in timers}) == len(timers)
    wanted = {timer.kind: isinstance(timer, SetTimer) for timer in timers}
    if after.state is State.COLLECTING:
        assert wanted == {"intake": True, "idle": False}
    elif not isinstance(event, Edited):
        assert wanted["idle"] == (after.state not in HUMAN_STATES and after.state is not State.CLOSED)
        assert ("intake" in wanted) == (before.state is State.COLLECTING)


def check_the_way_to_people(
    before: Conversation, event: Event, after: Conversation, effects: tuple[Effect, ...]
) -> None:
    """A hand-over is pending exactly while details are asked for, and only the contact's own /end takes it back."""
    assert (after.pending is not None) == (after.state is State.COLLECTING)
    assert after.pending is not None or after.fields == ()
    if before.state is State.COLLECTING and after.state is not State.COLLECTING:
        ended = isinstance(event, Said) and event.text.strip().split()[:1] == ["/end"]
        assert any(isinstance(effect, OpenTicket) for effect in effects) != ended
    if before.state is State.COLLECTING and event in (Pressed("skip:all"), Pressed("human"), TimerDue("intake")):
        assert after.state is State.WAITING


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
