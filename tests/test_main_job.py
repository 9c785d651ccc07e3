"""The main job as transcripts: what people write, and the one thing they are told."""

from __future__ import annotations

import pytest

from tests.harness import Bot


async def test_a_question_in_english_gets_the_entrys_answer(bot: Bot) -> None:
    await bot.say("My withdrawal has not arrived")
    shown = bot.expect("Wallet > History > Withdrawals", "Did this help?")
    assert [button.value for button in shown.buttons][:2] == [
        "helped:yes:withdrawal-not-arrived",
        "helped:no:withdrawal-not-arrived",
    ]


async def test_a_question_in_chinese_gets_the_answer_in_chinese(bot: Bot) -> None:
    await bot.say("我的提现怎么还没到账")
    bot.expect("提现", "这个回答有帮助吗？")


async def test_a_question_outside_the_knowledge_gets_i_dont_know_and_the_offer_of_a_person(bot: Bot) -> None:
    await bot.say("今天天气怎么样")
    shown = bot.expect("不知道", "人工")
    assert [button.value for button in shown.buttons] == ["human", "nevermind"]


async def test_the_contact_is_told_the_number_of_the_ticket(bot: Bot) -> None:
    await bot.say("what is the weather like today")
    bot.expect("I don't know")
    await bot.press("human")
    bot.expect("#1")
    assert await bot.rows("select number, status, reason, question from ticket") == [
        (1, "waiting", "asked", "what is the weather like today")
    ]


async def test_each_of_several_people_gets_a_ticket_of_their_own(bot: Bot) -> None:
    for number, who in enumerate(("ann", "bob", "cai"), start=1):
        await bot.say("/human", who=who)
        bot.expect(f"#{number}", who=who)


async def test_the_bot_says_once_that_it_is_silent_while_a_human_has_the_conversation(bot: Bot) -> None:
    await bot.say("/human")
    bot.expect("#1")
    await bot.say("my withdrawal has not arrived")
    bot.expect("ticket #1", "quiet")
    await bot.say("hello?")
    bot.expect_silence()
    await bot.later(minutes=8)
    await bot.say("/status")
    bot.expect("#1", "8 min")


async def test_a_second_request_for_a_human_joins_the_open_ticket(bot: Bot) -> None:
    await bot.say("/human")
    await bot.press("human")
    await bot.say("/human")
    assert await bot.rows("select count(*) from ticket") == [(1,)]


async def test_the_contact_can_withdraw_the_ticket_and_the_bot_answers_again(bot: Bot) -> None:
    await bot.say("/human")
    bot.expect("#1")
    await bot.say("/end")
    bot.expect("withdrawn", "#1")
    assert await bot.rows("select status, closed_because from ticket") == [("closed", "contact")]
    await bot.say("My withdrawal has not arrived")
    bot.expect("Wallet > History")


async def test_an_unhelpful_answer_leads_to_a_human(bot: Bot) -> None:
    await bot.say("My withdrawal has not arrived")
    bot.expect("Did this help?")
    await bot.press("helped:no:withdrawal-not-arrived")
    shown = bot.expect("a person", "What is your account ID (UID)?")
    assert [button.value for button in shown.buttons] == ["skip", "skip:all"]
    await bot.press("skip:all")
    bot.expect("sorry", "#1")
    assert await bot.rows("select entry, priority, reason from ticket") == [
        ("withdrawal-not-arrived", "high", "unhelpful")
    ]
    assert await bot.rows("select entry, helpful from question") == [("withdrawal-not-arrived", 0)]


async def test_a_helpful_answer_is_remembered_as_such(bot: Bot) -> None:
    await bot.say("My withdrawal has not arrived")
    bot.expect("Did this help?")
    await bot.say("yes")
    bot.expect("Good to hear")
    assert await bot.rows("select helpful from question") == [(1,)]


async def test_an_unhelpful_answer_of_an_entry_without_hand_over_asks_for_other_words(bot: Bot) -> None:
    never = next(e for e in bot.app.library.mind.knowledge.entries.values() if e.handover == "never")
    await bot.press(f"entry:{never.id}")
    bot.expect("Did this help?")
    await bot.press(f"helped:no:{never.id}")
    bot.expect("other words", "/human")
    assert await bot.rows("select count(*) from ticket") == [(0,)]


async def test_an_entry_that_always_hands_over_answers_and_opens_a_ticket_in_one_message(bot: Bot) -> None:
    await bot.press("entry:account-hacked")
    bot.expect("#1")
    assert await bot.rows("select entry, priority from ticket") == [("account-hacked", "urgent")]


@pytest.mark.parametrize(
    ("text", "part"), [("hello", "Hello"), ("HI there!!", "Hello"), ("你好", "您好"), ("在吗", "您好")]
)
async def test_a_greeting_is_greeted(bot: Bot, text: str, part: str) -> None:
    await bot.say(text)
    bot.expect(part)


@pytest.mark.parametrize(
    ("text", "part"), [("thanks a lot", "welcome"), ("ok thank you", "welcome"), ("谢谢", "不客气")]
)
async def test_thanks_are_answered(bot: Bot, text: str, part: str) -> None:
    await bot.say(text)
    bot.expect(part)


@pytest.mark.parametrize(("text", "part"), [("bye", "Goodbye"), ("thanks, bye!", "Goodbye"), ("再见", "再见")])
async def test_a_goodbye_closes_the_conversation(bot: Bot, text: str, part: str) -> None:
    await bot.say(text)
    bot.expect(part)
    assert await bot.rows("select state from conversation") == [("closed",)]


@pytest.mark.parametrize("text", ["转人工", "human", "I want a human", "人工客服", "agent please", "轉人工"])
async def test_asking_for_a_human_in_words_opens_a_ticket(bot: Bot, text: str) -> None:
    await bot.say(text)
    bot.expect("#1")


async def test_help_names_the_commands(bot: Bot) -> None:
    await bot.say("/help")
    bot.expect("/topics", "/human", "/status", "/language", "/end")


async def test_an_unknown_command_is_named_and_help_is_offered(bot: Bot) -> None:
    await bot.say("/frobnicate")
    bot.expect("/frobnicate", "/help")


async def test_the_language_command_is_kept_over_the_language_of_later_messages(bot: Bot) -> None:
    await bot.say("/language")
    shown = bot.expect("Which language")
    assert [button.label for button in shown.buttons] == ["English", "中文"]
    await bot.press("language:zh")
    bot.expect("中文")
    await bot.say("My withdrawal has not arrived")
    bot.expect("这个回答有帮助吗？")


async def test_a_language_that_is_not_spoken_is_refused_with_those_that_are(bot: Bot) -> None:
    await bot.say("/language fr")
    bot.expect("English", "中文")


async def test_the_contacts_language_is_kept_for_messages_that_tell_none(bot: Bot) -> None:
    await bot.say("提现一直没到账")
    bot.expect("这个回答有帮助吗？")
    await bot.say("???")
    bot.expect("文字")


@pytest.mark.parametrize("text", ["/human", "/status", "/help", "/topics", "ok", "hello"])
async def test_a_command_or_an_ok_in_latin_letters_does_not_change_a_chinese_conversation(bot: Bot, text: str) -> None:
    await bot.say("提现一直没到账")
    bot.expect("这个回答有帮助吗？")
    await bot.say(text)
    assert await bot.rows("select lang from conversation") == [("zh",)]
    assert any("\u4e00" <= character <= "\u9fff" for character in bot.expect().text)


async def test_topics_lead_to_questions_and_questions_to_answers(bot: Bot) -> None:
    await bot.say("/topics")
    topics = bot.expect("about")
    assert len(topics.buttons) == 10
    await bot.press("topic:withdrawals")
    bot.expect("Withdrawals")
    await bot.say("1")
    bot.expect("Did this help?")


async def test_a_choice_can_be_typed_by_its_label(bot: Bot) -> None:
    await bot.say("/topics")
    bot.expect()
    await bot.say("withdrawals")
    bot.expect("Withdrawals", "which of these")


async def test_an_old_button_is_answered_kindly(bot: Bot) -> None:
    await bot.press("entry:an-entry-that-is-gone")
    bot.expect("no longer there")


@pytest.mark.parametrize("text", ["🙈🙉", "???", "。。。", "!!!", "-"])
async def test_a_message_without_words_is_answered_with_a_kind_request(bot: Bot, text: str) -> None:
    await bot.say(text)
    bot.expect("words")


async def test_a_burst_of_short_messages_is_one_question(bot: Bot) -> None:
    await bot.say("hi", "my withdrawal", "has not arrived")
    bot.expect("Wallet > History")
    assert await bot.rows("select text from question") == [("hi\nmy withdrawal\nhas not arrived",)]


async def test_a_command_stands_alone_in_a_burst(bot: Bot) -> None:
    shown = await bot.say("/help", "my withdrawal has not arrived")
    assert ["/topics" in shown[0].text, "Wallet > History" in shown[1].text] == [True, True]


async def test_a_quiet_conversation_is_closed_silently_and_the_next_message_begins_again(bot: Bot) -> None:
    await bot.say("My withdrawal has not arrived")
    bot.expect("Did this help?")
    await bot.later(minutes=31)
    bot.expect_silence()
    assert await bot.rows("select state from conversation") == [("closed",)]
    await bot.say("hello")
    bot.expect("Hello")


async def test_a_ticket_is_not_closed_by_the_idle_timer(bot: Bot) -> None:
    await bot.say("/human")
    await bot.later(minutes=600)
    assert await bot.rows("select state from conversation") == [("waiting",)]


async def test_a_pasted_secret_is_hidden_before_it_is_stored_and_the_contact_is_warned(bot: Bot) -> None:
    await bot.say("my password is hunter2secret, why can I not log in")
    bot.expect("I've hidden it")
    stored = await bot.rows(
        "select text from message union all select value from inbox union all select text from question"
    )
    assert not any("hunter2secret" in text for (text,) in stored)


async def test_a_message_whose_handling_raises_goes_to_a_human_and_others_go_on(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    mind = bot.app.library.mind
    real = mind.read

    def read(text: str, lang: str | None, now: float) -> object:
        if "boom" in text:
            raise RuntimeError("a bug in matching")
        return real(text, lang, now)

    monkeypatch.setattr(mind, "read", read)
    await bot.say("boom my withdrawal")
    bot.expect("Something went wrong", "#1")
    assert await bot.rows("select reason, question from ticket") == [("broke", "boom my withdrawal")]
    await bot.say("My withdrawal has not arrived", who="bob")
    bot.expect("Wallet > History", who="bob")


async def test_two_people_in_one_group_have_conversations_of_their_own(bot: Bot) -> None:
    await bot.say("/human", who="ann", chat="group")
    await bot.say("My withdrawal has not arrived", who="bob", chat="group")
    assert await bot.rows("select state from conversation order by id") == [("waiting",), ("answering",)]


@pytest.mark.parametrize("text", ["ok", "yes", "好的"])
async def test_a_yes_to_nothing_that_was_asked_opens_no_ticket(bot: Bot, text: str) -> None:
    await bot.say("hello")
    await bot.say(text)
    assert await bot.rows("select count(*) from ticket") == [(0,)]


async def test_a_ticket_is_about_the_question_asked_last(bot: Bot) -> None:
    await bot.say("My withdrawal has not arrived")
    await bot.say("what is the weather like today")
    await bot.say("yes")
    assert await bot.rows("select question, topic, priority from ticket") == [
        ("what is the weather like today", "", "normal")
    ]


async def test_only_what_was_never_written_is_asked_for_before_a_hand_over(bot: Bot) -> None:
    await bot.say("I am uid 88442211")
    await bot.say("My withdrawal of 250 USDT over TRC20 has not arrived")
    await bot.say("/human")
    shown = bot.platform.shown[-1]
    assert "88442211" in shown.text and "TRC20" in shown.text and "250 USDT" in shown.text
    assert "What is the transaction ID (TxID)?" in shown.text
    await bot.restart()
    await bot.say("1")
    assert "doesn't look right" in bot.platform.shown[-1].text
    await bot.say("skip")
    assert "#1" in bot.platform.shown[-1].text
    assert await bot.rows("select reason, entry, fields from ticket") == [
        (
            "asked",
            "withdrawal-not-arrived",
            '[["uid","88442211"],["network","TRC20"],["amount","250 USDT"]]',
        )
    ]


async def test_who_falls_silent_while_details_are_asked_for_is_handed_over(bot: Bot) -> None:
    await bot.say("My withdrawal has not arrived")
    await bot.say("转人工")
    await bot.say("88442211")
    assert await bot.rows("select state from conversation") == [("collecting",)]
    await bot.later(minutes=6)
    assert "#1" in bot.platform.shown[-1].text and "TxID" in bot.platform.shown[-1].text
    assert await bot.rows("select status, fields from ticket") == [("waiting", '[["uid","88442211"]]')]
    assert await bot.rows("select kind from timer where kind in ('intake', 'idle')") == []


async def test_a_hand_over_can_be_called_off_while_details_are_asked_for(bot: Bot) -> None:
    await bot.say("My withdrawal has not arrived")
    await bot.say("/human")
    await bot.say("/end")
    assert "called nobody" in bot.platform.shown[-1].text
    await bot.later(minutes=6)
    assert await bot.rows("select count(*) from ticket") == [(0,)]


async def test_two_questions_in_a_row_without_an_answer_lead_to_a_human(bot: Bot) -> None:
    await bot.say("what is the weather like today")
    bot.expect("I don't know")
    await bot.say("who won the football match yesterday")
    bot.expect("I haven't been of help", "#1")
    assert await bot.rows("select reason, question from ticket") == [("misses", "who won the football match yesterday")]


@pytest.mark.parametrize("text", ["help, someone withdrew my coins", "我的币被转走了"])
async def test_what_can_not_wait_goes_to_a_human_at_once(bot: Bot, text: str) -> None:
    await bot.say(text)
    bot.expect("#1")
    assert await bot.rows("select reason, priority, question from ticket") == [("urgent", "urgent", text)]
