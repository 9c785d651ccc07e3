"""Before a hand-over: only what is missing is asked for, one thing at a time, and nobody is held up by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.dialogue.bursts import steps
from bot.dialogue.conversation import Dialogue
from bot.dialogue.events import (
    INTAKE,
    Broke,
    Conversation,
    Decision,
    Edited,
    Event,
    OpenTicket,
    Pressed,
    Said,
    Say,
    SetTimer,
    TimerDue,
)
from bot.dialogue.fitting import fit
from bot.dialogue.intake import answers
from bot.dialogue.states import State
from bot.messages import Address, Desk, File, Item, ItemKind, Match, Matches, Origin
from tests.dialogue.test_decide import DIALOGUE, NOW
from tests.dialogue.test_fields import HEX

NOTHING = Matches("handover", "en")
TYPES = DIALOGUE.knowledge.fields
ASK = DIALOGUE.knowledge.entries["withdrawal-not-arrived"].ask
"""uid, txid, network, amount: in this order."""
ANSWERED = Conversation(
    1, Address("test", "ann"), State.ANSWERING, "en", question="where is it", entry="withdrawal-not-arrived"
)
HACKED = Matches("answer", "en", (Match("account-hacked", 1.0),))


def decide(event: Event, conversation: Conversation = ANSWERED, desk: Desk | None = None) -> Decision:
    return DIALOGUE.decide(conversation, event, NOTHING, desk or Desk(), NOW)


def said(decision: Decision) -> Say:
    (say,) = [effect for effect in decision.effects if isinstance(effect, Say)]
    return say


def ticket(decision: Decision) -> OpenTicket:
    (opened,) = [effect for effect in decision.effects if isinstance(effect, OpenTicket)]
    return opened


def after(*texts: str, start: Conversation = ANSWERED) -> Decision:
    """What follows from the last of these, said after a person was asked for."""
    decision = decide(Said("/human"), start)
    for text in texts:
        decision = decide(Said(text), decision.conversation)
    return decision


def test_it_asks_for_what_is_missing_with_its_hint_one_thing_at_a_time() -> None:
    first = said(after())
    assert "I'll get you a person" in first.text and "**What is your account ID (UID)?**" in first.text
    assert "5 to 12 digits" in first.text and "TxID" not in first.text
    assert [button.value for button in first.buttons] == ["skip", "skip:all", f"form:{','.join(ASK)}"]
    second = said(after("88442211"))
    assert second.text.startswith("I've noted: your account ID (UID) – 88442211.") and "(TxID)?**" in second.text
    assert [button.value for button in second.buttons] == ["skip", "skip:all"]


def test_at_the_end_the_ticket_has_all_that_was_told() -> None:
    decision = after("88442211", HEX, "trc20", "250 usdt")
    opened = ticket(decision)
    assert opened.fields == (("uid", "88442211"), ("txid", HEX), ("network", "trc20"), ("amount", "250 usdt"))
    assert (opened.ask, opened.reason, opened.question) == (ASK, "asked", "where is it")
    assert (opened.entry, opened.topic, opened.priority) == ("withdrawal-not-arrived", "withdrawals", "high")
    assert decision.conversation.state is State.WAITING and not decision.conversation.fields
    assert "#{ticket}" in said(decision).text and "It helps them" not in said(decision).text


def test_nothing_is_asked_that_was_written_already() -> None:
    desk = Desk(said=("my uid is 88442211", f"sent 250 USDT over TRC20, {HEX}", "where is it"))
    decision = decide(Said("/human"), desk=desk)
    assert dict(ticket(decision).fields) == {"uid": "88442211", "txid": HEX, "network": "TRC20", "amount": "250 USDT"}
    assert said(decision).text.startswith("I've noted: ") and "88442211" in said(decision).text
    some = decide(Said("/human"), desk=Desk(said=("my uid is 88442211",)))
    assert "(TxID)?**" in said(some).text and "your account ID (UID) – 88442211" in said(some).text
    question = replace(ANSWERED, question="uid 88442211, where is my withdrawal")
    assert "(TxID)?**" in said(decide(Said("/human"), question)).text


def test_the_question_alone_and_the_whole_record_lead_to_the_same_way() -> None:
    """The store reads what was said only once it is clear that it is needed: then the decision is taken anew."""
    whole = decide(Said("/human"), desk=Desk(said=("uid 88442211",)))
    assert whole.conversation.state is decide(Said("/human")).conversation.state is State.COLLECTING
    assert decide(Said(HEX), whole.conversation).conversation.fields[0] == ("uid", "88442211")


@pytest.mark.parametrize("text", ["skip", "Skip", "I don't know", "no", "跳过", "不知道", "没有"])
def test_what_the_contact_does_not_have_is_skipped_and_never_asked_again(text: str) -> None:
    decision = after(text)
    assert "(TxID)?**" in said(decision).text and decision.conversation.fields == (("uid", ""),)
    assert said(decision).text == said(decide(Pressed("skip"), after().conversation)).text
    opened = after(text, text, text, text)
    assert ticket(opened).fields == () and "It helps them" not in said(opened).text


@pytest.mark.parametrize(
    "text",
    ["/human", "give me a human", "转人工", "直接转人工", "Straight to a person", "skip all", "bye", "/start human"],
)
def test_who_wants_a_person_gets_one_and_no_more_questions(text: str) -> None:
    opened = after("88442211", text)
    assert ticket(opened).fields == (("uid", "88442211"),)
    assert opened.conversation.state is State.WAITING


@pytest.mark.parametrize("number", ["1", "2", "3", "12345"])
def test_a_bare_number_is_an_answer_and_never_a_button(number: str) -> None:
    decision = after(number)
    assert decision.conversation.state is State.COLLECTING
    assert (dict(decision.conversation.fields).get("uid") == number) == (len(number) > 4)


def test_of_a_wrong_answer_it_is_said_once_how_a_right_one_looks() -> None:
    once, twice = after("what is that"), after("what is that", "I told you")
    assert "doesn't look right" in said(once).text and "5 to 12 digits" in said(once).text
    assert "as you wrote it" in said(twice).text and "(TxID)?**" in said(twice).text
    assert "doesn't look right" in said(after("what is that", "I told you", "hmm")).text, "the next field is another"
    assert "88442211" in said(after("what is that", "88442211")).text


def test_one_message_may_tell_several_things() -> None:
    decision = after(f"uid 88442211, 250 USDT over TRC20, {HEX}")
    assert dict(ticket(decision).fields) == {"uid": "88442211", "txid": HEX, "network": "TRC20", "amount": "250 USDT"}
    other = after("it was over TRC20")
    assert dict(other.conversation.fields) == {"network": "TRC20"} and "(UID)?**" in said(other).text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_form_fills_in_all_fields_by_their_names(lang: str) -> None:
    values = {"uid": "88442211", "txid": HEX, "network": "TRC20", "amount": "250"}
    form = "\n".join(f"{TYPES[name].names[lang]}{':：'[lang == 'zh']} {value}" for name, value in values.items())
    assert dict(ticket(after(form)).fields) == values


def test_a_sensitive_value_is_confirmed_masked_and_passed_on_whole() -> None:
    start = replace(ANSWERED, entry="two-factor-lost")
    decision = after("88442211", "john_b@example.com", start=start)
    assert "john_b" not in said(decision).text and r"j\*\*\*@example.com" in said(decision).text
    assert dict(decision.conversation.fields)["email"] == "john_b@example.com"


def test_a_value_is_shown_as_it_is_and_makes_no_link() -> None:
    entry = next(entry for entry in DIALOGUE.knowledge.entries.values() if entry.ask[:1] == ("device",))
    decision = after("[x](https://evil.example)", start=replace(ANSWERED, entry=entry.id))
    assert "](" not in said(decision).text.replace("\\]", "")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("/status", "still collecting"), ("/help", "/topics"), ("/topics", "What is it about?"), ("hello", "UID"),
        ("/nonsense", "/nonsense"), ("ok", "UID"), ("???", "UID"), ("/language", "Which language"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_dealt_with_and_the_question_asked_again(text: str, part: str) -> None:
    decision = after(text)
    assert part in said(decision).text and said(decision).text.count("(UID)?**") == 1
    assert (
        decision.conversation.state is State.COLLECTING
        and decision.conversation.pending == after().conversation.pending
    )
    values = [button.value for button in said(decision).buttons]
    assert values[-2:] == ["skip", "skip:all"] and (len(values) > 2) == (text in {"/topics", "/language"})
    assert decision.conversation.choices == said(decision).buttons


def test_the_contact_can_call_it_off() -> None:
    decision = after("88442211", "/end")
    assert "called nobody" in said(decision).text and decision.conversation.state is State.CLOSED
    assert not decision.conversation.fields and decision.conversation.pending is None


def test_who_says_nothing_more_is_handed_over_with_what_is_known() -> None:
    waiting = after("88442211")
    assert SetTimer(INTAKE, NOW + 300) in waiting.effects
    opened = decide(TimerDue(INTAKE), waiting.conversation)
    assert ticket(opened).fields == (("uid", "88442211"),)
    assert "the transaction ID (TxID), the network, the amount and the coin" in said(opened).text
    assert decide(TimerDue("idle"), waiting.conversation).conversation.state is State.COLLECTING


def test_a_timer_that_comes_late_changes_nothing() -> None:
    for state in (State.ANSWERING, State.WAITING, State.CLOSED):
        before = replace(ANSWERED, state=state)
        assert decide(TimerDue(INTAKE), before).conversation == before


def test_files_are_noted_and_are_no_wrong_answer() -> None:
    photo = File("p", "photo")
    alone = decide(Said("", files=(photo,)), after().conversation)
    assert "photo" in said(alone).text and "(UID)?**" in said(alone).text and alone.conversation.pending is not None
    assert alone.conversation.pending.wrong == 0
    both = said(decide(Said("88442211", files=(photo,)), after().conversation)).text
    assert "photo" in both and "(TxID)?**" in both


def test_a_form_that_was_named_in_words_asks_again() -> None:
    assert "(UID)?**" in said(after("Fill in a form")).text


def test_an_edited_message_corrects_and_is_no_wrong_answer() -> None:
    before = after("88442211").conversation
    corrected = decide(Edited("uid 88442212"), before)
    assert dict(corrected.conversation.fields) == {"uid": "88442212"} and "88442212" in said(corrected).text
    for text in ("something else", "", "uid 88442211"):
        silent = decide(Edited(text), before)
        assert silent.conversation == before and not any(isinstance(effect, Say) for effect in silent.effects)
        assert SetTimer(INTAKE, NOW + 300) in silent.effects, "the timer may have run out at this very moment"


def test_what_is_urgent_is_not_held_up_by_questions() -> None:
    start = Conversation(1, Address("test", "ann"), lang="en")
    pressed = decide(Pressed("entry:account-hacked"), start)
    assert (
        ticket(pressed).priority == "urgent"
        and "It helps them if you write here: your account ID" in said(pressed).text
    )
    broken = decide(Broke("boom"), ANSWERED)
    assert ticket(broken).reason == "broke" and ticket(broken).question == "boom"


def test_an_answer_that_turns_out_urgent_opens_the_ticket_at_once() -> None:
    opened = ticket(after("88442211", "someone withdrew my coins"))
    assert (opened.reason, opened.priority, opened.entry) == ("urgent", "urgent", "withdrawal-not-arrived")
    assert opened.fields == (("uid", "88442211"),)


def test_if_handling_an_answer_fails_the_ticket_is_opened_with_what_is_known() -> None:
    opened = ticket(decide(Broke("88442211x"), after("88442211").conversation))
    assert (opened.reason, opened.question, opened.fields) == ("broke", "where is it", (("uid", "88442211"),))


def test_an_answer_does_not_change_the_language() -> None:
    chinese = after(start=replace(ANSWERED, lang="zh")).conversation
    decision = DIALOGUE.decide(chinese, Said("this is no number"), Matches("handover", "en"), Desk(), NOW)
    assert decision.conversation.lang == "zh"


def test_a_new_matter_asks_for_what_it_needs_and_keeps_what_was_told() -> None:
    before = after("88442211").conversation
    other = decide(Pressed("helped:no:limits-raise"), before)
    assert other.conversation.pending is not None and other.conversation.pending.entry == "limits-raise"
    assert "(UID)?**" not in said(other).text and other.conversation.fields == (("uid", "88442211"),)


def test_what_was_asked_in_public_is_collected_for_in_private() -> None:
    origin = Origin("uid 88442211, where is it", "withdrawal-not-arrived")
    decision = decide(Said("/start from-7"), Conversation(1, Address("test", "ann"), lang="en"), Desk(origin=origin))
    assert decision.conversation.fields == (("uid", "88442211"),) and "(TxID)?**" in said(decision).text


def test_an_answer_comes_with_the_first_question_where_an_entry_gives_both() -> None:
    start = Conversation(1, Address("test", "ann"), lang="en")
    text = said(decide(Pressed("entry:complaint"), start)).text
    answer = DIALOGUE.knowledge.entries["complaint"].answers["en"]["default"]
    assert text.startswith(answer[:40]) and text.count("(UID)?**") == 1


def test_knowledge_that_changes_meanwhile_hands_over() -> None:
    entry = replace(DIALOGUE.knowledge.entries["withdrawal-not-arrived"], ask=())
    changed = Dialogue(
        replace(DIALOGUE.knowledge, entries={**DIALOGUE.knowledge.entries, entry.id: entry}), DIALOGUE.manners
    )
    for event in (Said("88442211"), Said("/help"), Pressed("skip"), Pressed("skip:all"), TimerDue(INTAKE)):
        decision = changed.decide(after().conversation, event, NOTHING, Desk(), NOW)
        assert decision.conversation.state is State.WAITING


def test_the_form_is_offered_only_where_there_are_forms() -> None:
    def values(forms: bool) -> list[str]:
        return [button.value for button in said(fit(after(), 4000, forms=forms)).buttons]

    assert "form:" in values(True)[-1] and values(False) == ["skip", "skip:all"]


@pytest.mark.parametrize(
    ("asked", "text", "expected"),
    [
        ("uid", "88442211", {"uid": "88442211"}),
        ("uid", f"88442211 and {HEX}", {"uid": "88442211", "txid": HEX}),
        ("amount", f"{HEX}, 250", {"txid": HEX, "amount": "250"}),
        ("amount", HEX, {"txid": HEX}),
        ("uid", "UID：88442211", {"uid": "88442211"}),
        ("uid", "所用网络：TRC20\n账户 UID：88442211", {"uid": "88442211", "network": "TRC20"}),
        ("uid", "the network: no idea\nyour account ID (UID): 88442211", {"uid": "88442211"}),
        ("error_code", "Network error: try again", {"error_code": "Network error: try again"}),
        ("error_code", "uid 88442211", {"uid": "88442211"}),
        ("error_code", "the error code or message: it says: no", {"error_code": "it says: no"}),
        ("uid", "no idea", {}),
        ("uid", "", {}),
    ],
)
def test_what_an_answer_tells(asked: str, text: str, expected: dict[str, str]) -> None:
    assert answers(text, TYPES[asked], TYPES, ("uid", "txid", "network", "amount", "error_code")) == expected


@pytest.mark.parametrize(("kind", "is_outrun"), [("text", True), ("choice", True), ("edit", True), ("deletion", False)])
def test_only_who_says_something_puts_off_the_hand_over(kind: ItemKind, is_outrun: bool) -> None:
    items = [Item(1, "timer", INTAKE, NOW), Item(2, kind, "88442211", NOW)]
    found = [step.event for step in steps(items, 1.2, lambda _: False)]
    assert (TimerDue(INTAKE) in found) != is_outrun
