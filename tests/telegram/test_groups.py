"""The bot in groups: when it speaks, to whom, what it keeps, and what happens to the group itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.stands.telegram import Group, Person, Sent
from tests.telegram.people import ANSWER, NAME, QUESTION, UNKNOWN, UNKNOWN_ANSWER, Service, serving

OPEN = Group(-500, "Open to all")
"""The group in which questions to nobody in particular are answered."""
AT = f"@{NAME}"


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("desk"), answer_in=[OPEN.id]) as running:
        running.api.meet(OPEN)
        yield running


def link_of(sent: Sent) -> str:
    """What the button into the private chat makes people say there."""
    urls = [button["url"] for row in sent.buttons for button in row if "url" in button]
    assert len(urls) == 1 and urls[0].startswith(f"https://t.me/{NAME}?start=")
    return "/start " + urls[0].partition("?start=")[2]


@pytest.mark.parametrize(
    "text",
    [
        f"{AT} {QUESTION}", f"{QUESTION} {AT}", f"My withdrawal {AT} has not arrived", f"@FrontDesk_BOT, {QUESTION}",
        f"{AT}: {QUESTION}", f"😀 {AT} {QUESTION}",
    ],
)  # fmt: skip
async def test_a_mention_anywhere_in_the_text_is_answered_as_a_reply(desk: Service, text: str) -> None:
    ann, group = desk.person(), desk.group()
    asked = desk.bot.says(ann, text, group)
    (shown,) = await desk.shown(group)
    assert ANSWER in shown.text and shown.reply_to == asked
    number = await desk.conversation(ann, group)
    ((kept,),) = await desk.rows(f"select text from message where conversation = {number} and author = 'contact'")
    assert NAME not in kept.lower() and "withdrawal" in kept


async def test_a_question_in_chinese_with_a_mention_is_answered_in_chinese(desk: Service) -> None:
    assert "提现" in (await desk.ask(desk.person("李雷", "zh"), f"{AT} 我的提现怎么还没到账", desk.group())).text


@pytest.mark.parametrize(
    "text",
    [QUESTION, "hello", "/price", "/help@other_bot", "/start@frontdesk_bot_2", "frontdesk_bot help", f"{AT}2 help",
     "mail me at ann@frontdesk_bot please", "@other_bot what do withdrawals cost?", "see /help"],
)  # fmt: skip
async def test_what_is_not_said_to_the_bot_is_not_answered_nor_kept(desk: Service, text: str) -> None:
    ann, group = desk.person(), desk.group()
    desk.bot.says(ann, text, group)
    await desk.quiet(group)
    assert await desk.rows(f"select * from contact where sender = '{ann.id}'") == []


@pytest.mark.parametrize("text", ["/help", f"/help@{NAME}", f"/HELP@{NAME.upper()}", f"{AT} /help"])
async def test_a_command_for_the_bot_is_answered(desk: Service, text: str) -> None:
    assert "/topics" in (await desk.ask(desk.person(), text, desk.group())).text


async def test_a_reply_to_the_bot_is_answered_and_one_to_a_person_is_not(desk: Service) -> None:
    ann, ben, group = desk.person(), desk.person("Ben"), desk.group()
    first = await desk.ask(ann, f"{AT} hello", group)
    assert ANSWER in (await desk.ask(ann, QUESTION, group, reply_to=first.message_id)).text
    desk.bot.says(ben, QUESTION, group, reply_to=desk.bot.says(ann, "morning", group))
    await desk.quiet(group, 2)


async def test_a_photo_whose_caption_mentions_the_bot_is_answered(desk: Service) -> None:
    group = desk.group()
    desk.bot.sends_photo(desk.person(), f"{QUESTION} {AT}", chat=group)
    (shown,) = await desk.shown(group)
    assert ANSWER in shown.text and "photo" in shown.text


async def test_a_mention_without_a_word_is_answered_kindly(desk: Service) -> None:
    assert "in words" in (await desk.ask(desk.person(), AT, desk.group())).text


async def test_in_a_forum_the_answer_comes_in_the_topic_of_the_question(desk: Service) -> None:
    ann, forum = desk.person(), desk.group(forum=True)
    first, second = (desk.bot.opens_topic(ann, forum, name) for name in ("Deposits", "Withdrawals"))
    asked = desk.bot.says(ann, f"{AT} {QUESTION}", forum, second)
    (shown,) = await desk.shown(forum)
    assert (shown.thread, shown.reply_to) == (second, asked) and ANSWER in shown.text
    assert (await desk.ask(ann, f"{AT} hello", forum, thread=first)).thread == first
    assert (await desk.ask(ann, f"{AT} hello", forum)).thread is None
    places = await desk.rows(f"select thread from conversation where chat = '{forum.id}' order by id")
    assert places == [(str(second),), (str(first),), ("",)]


async def test_a_message_in_a_topic_that_the_bot_opened_is_no_reply_to_the_bot(desk: Service) -> None:
    forum = desk.group(forum=True)
    thread = desk.api.open_topic(forum, "News")
    desk.bot.says(desk.person(), QUESTION, forum, thread)
    await desk.quiet(forum)


@pytest.mark.parametrize("name", ["other_bot", "GroupHelp"])
async def test_other_bots_are_ignored(desk: Service, name: str) -> None:
    group = desk.group()
    desk.bot.says(Person(77, "Other", name, is_bot=True), f"{AT} {QUESTION}", group)
    await desk.quiet(group)


@pytest.mark.parametrize(("number", "name"), [(1087968824, "GroupAnonymousBot"), (136817688, "Channel_Bot")])
async def test_who_writes_in_the_name_of_a_group_or_channel_is_answered(desk: Service, number: int, name: str) -> None:
    group = desk.group()
    speaks_as = group.chat() if name == "GroupAnonymousBot" else {"id": -9, "title": "News", "type": "channel"}
    asked = desk.bot.says(
        Person(number, "Somebody", name, is_bot=True), f"{AT} {QUESTION}", group, sender_chat=speaks_as
    )
    (shown,) = await desk.shown(group)
    assert ANSWER in shown.text and shown.reply_to == asked


async def test_two_people_have_conversations_of_their_own(desk: Service) -> None:
    ann, ben, group = desk.person(), desk.person("Ben"), desk.group()
    assert UNKNOWN_ANSWER in (await desk.ask(ann, f"{AT} {UNKNOWN}", group)).text
    assert ANSWER in (await desk.ask(ben, f"{AT} {QUESTION}", group)).text
    assert await desk.conversation(ann, group) != await desk.conversation(ben, group)


# Groups in which questions to nobody are answered


async def test_a_verbatim_question_to_nobody_is_answered_where_that_is_wanted(desk: Service) -> None:
    ann, before = desk.person(), len(desk.bot.shown(OPEN.id))
    asked = desk.bot.says(ann, "How do I withdraw crypto?", OPEN)
    shown = (await desk.shown(OPEN, before + 1))[-1]
    assert shown.reply_to == asked and "ithdraw" in shown.text
    number = await desk.conversation(ann, OPEN)
    said = await desk.rows(f"select author, ref from message where conversation = {number} order by seq")
    assert said == [("contact", str(asked)), ("bot", "")]


@pytest.mark.parametrize(
    "text", ["lol my withdrawal was fun", UNKNOWN, "hello", "thanks", "ok", "🙈", "/price", "/x@other_bot"]
)
async def test_chatter_is_neither_answered_nor_kept(desk: Service, text: str) -> None:
    ann, before = desk.person(), len(desk.bot.shown(OPEN.id))
    desk.bot.says(ann, text, OPEN)
    await desk.quiet(OPEN, before)
    sql = f"select conversation.id from conversation join contact on contact.id = contact where sender = '{ann.id}'"
    await desk.until(f"select count(*) from inbox where status = 'new' and conversation in ({sql})", [(0,)])
    assert await desk.rows(f"select text from message where conversation in ({sql})") == []
    assert await desk.rows(f"select value from inbox where value <> '' and conversation in ({sql})") == []


async def test_who_asks_for_a_person_there_is_shown_the_way_into_private(desk: Service) -> None:
    ann, before = desk.person(), len(desk.bot.shown(OPEN.id))
    asked = desk.bot.says(ann, "I want a human", OPEN)
    shown = (await desk.shown(OPEN, before + 1))[-1]
    assert shown.reply_to == asked and "from-" in link_of(shown)


async def test_what_people_say_to_each_other_is_not_answered_even_where_questions_are(desk: Service) -> None:
    ann, before = desk.person(), len(desk.bot.shown(OPEN.id))
    desk.bot.says(ann, "How do I withdraw crypto?", OPEN, reply_to=desk.bot.says(desk.person("Ben"), "morning", OPEN))
    desk.bot.sends_photo(ann, chat=OPEN)
    await desk.quiet(OPEN, before)


# From the group into private


async def test_a_hand_over_goes_on_in_private_with_the_question_that_was_asked(desk: Service) -> None:
    ann, group = desk.person(), desk.group()
    unknown = await desk.ask(ann, f"{AT} {UNKNOWN}", group)
    assert UNKNOWN_ANSWER in unknown.text
    opened = await desk.ask(ann, link_of(unknown))
    assert "Your ticket is #" in opened.text
    number = await desk.conversation(ann)
    assert await desk.rows(f"select question from ticket where conversation = {number}") == [(UNKNOWN,)]
    assert len(desk.bot.shown(group.id)) == 1


@pytest.mark.parametrize("text", [f"/human@{NAME}", f"{AT} human", f"转人工 {AT}", f"{AT} my account was hacked"])
async def test_no_ticket_is_opened_where_others_read_along(desk: Service, text: str) -> None:
    ann, group = desk.person(), desk.group()
    shown = await desk.ask(ann, text, group)
    assert "from-" in link_of(shown)
    number = await desk.conversation(ann, group)
    assert await desk.rows(f"select count(*) from ticket where conversation = {number}") == [(0,)]


async def test_somebody_elses_way_into_private_only_greets(desk: Service) -> None:
    ann, eve, group = desk.person(), desk.person("Eve"), desk.group()
    unknown = await desk.ask(ann, f"{AT} {UNKNOWN}", group)
    assert "Hello, this is" in (await desk.ask(eve, link_of(unknown))).text
    number = await desk.conversation(eve)
    assert await desk.rows(f"select count(*) from ticket where conversation = {number}") == [(0,)]


async def test_an_answer_that_did_not_help_leads_into_private(desk: Service) -> None:
    ann, group = desk.person(), desk.group()
    answer = await desk.ask(ann, f"{AT} {QUESTION}", group)
    await desk.press(ann, answer, "No", group)
    _, private = await desk.shown(group, 2)
    await desk.press(ann, await desk.ask(ann, link_of(private)), "Straight to a person")
    number = await desk.conversation(ann)
    sql = f"select question, entry from ticket where conversation = {number}"
    await desk.until(sql, [(QUESTION, "withdrawal-not-arrived")])


async def test_a_secret_in_a_group_is_to_be_deleted(desk: Service) -> None:
    shown = await desk.ask(desk.person(), f"{AT} my password is hunter2secret, why can I not log in", desk.group())
    assert "delete your message now" in shown.text and "hunter2secret" not in shown.text


# Buttons


async def test_somebody_elses_button_is_left_to_who_asked(desk: Service) -> None:
    ann, eve, group = desk.person(), desk.person("Eve"), desk.group()
    answer = await desk.ask(ann, f"{AT} {QUESTION}", group)
    assert "for the person who asked" in await desk.press(eve, answer, "Yes, it helped", group)
    assert await desk.press(ann, answer, "Yes, it helped", group) == ""
    await desk.shown(group, 2)


async def test_what_follows_on_a_button_belongs_to_who_pressed_it(desk: Service) -> None:
    ann, eve, group = desk.person(), desk.person("Eve"), desk.group()
    menu = await desk.ask(ann, f"/topics@{NAME}", group)
    await desk.press(ann, menu, menu.labels[0], group)
    _, topic = await desk.shown(group, 2)
    assert "for the person who asked" in await desk.press(eve, topic, topic.labels[0], group)
    await desk.press(ann, topic, topic.labels[0], group)
    await desk.shown(group, 3)
