"""One person and the bot in private: what is written, and what is seen in return."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import KnowledgeBlock, LimitsBlock
from bot.dialogue.commands import COMMANDS
from tests.knowledge.folders import write
from tests.stands.telegram import BotApi, Status
from tests.telegram.people import ANSWER, NAME, QUESTION, UNKNOWN, Service, serving
from tests.telegram.running import ANN, LI, TOKEN, frontdesk, options

CODE = "\n".join(f"line {number} of the <code> & so *on*" for number in range(70))
PARAGRAPHS = [f"Paragraph {number}: " + "words & <signs> " * 50 for number in range(6)]
LONG = "\n\n".join([*PARAGRAPHS[:3], f"```\n{CODE}\n```", *PARAGRAPHS[3:]])
SIGNS = r"1 < 2 && 3 > 2, a_b_c, 5 * 3 * 2, <script>x</script>, `<b>`, [x](javascript:alert(1)), **bold**, 100 %"
STRANGE = f"""\
topic: strange
title: {{en: Strange <things> & *more*, zh: 怪事}}
entries:
  - id: long
    question: {{en: [How does the long contract work?], zh: [长合约如何运作]}}
    answer:
      en: {json.dumps(LONG)}
  - id: signs
    question: {{en: ["What is <b>1 & 2</b> in the *signs* table_of_signs?"], zh: [符号是什么]}}
    answer: {{en: {json.dumps(SIGNS)}}}
"""
GREETING = "greeting: {en: 'Hello {contact.name}, welcome to {brand.name}.', zh: '您好 {contact.name}'}\n"


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(scope="module")
async def strange(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    """A service whose knowledge holds all that could break markup."""
    folder = tmp_path_factory.mktemp("strange")
    knowledge = write(folder / "knowledge", strange=STRANGE, phrases=GREETING)
    async with serving(folder, knowledge=KnowledgeBlock(path=str(knowledge))) as running:
        yield running


async def test_a_question_in_english_is_answered_with_formatting(desk: Service) -> None:
    shown = await desk.ask(desk.person(), QUESTION)
    assert ANSWER in shown.text and "Did this help?" in shown.text
    assert shown.parse_mode == "HTML" and "<b>Wallet &gt; History" in shown.html
    assert any(entity["type"] == "bold" for entity in shown.entities)
    assert shown.labels[:2] == ["Yes, it helped", "No"] and shown.reply_to is None


async def test_a_question_in_chinese_is_answered_in_chinese(desk: Service) -> None:
    shown = await desk.ask(desk.person("李雷", "zh-hans"), "我的提现怎么还没到账")
    assert "提现" in shown.text and "这个回答有帮助吗" in shown.text
    assert shown.labels[:2] == ["有帮助", "没有帮助"] and shown.parse_mode == "HTML"


async def test_what_a_person_writes_decides_the_language_not_their_app(desk: Service) -> None:
    assert "有帮助" in (await desk.ask(desk.person(lang="en"), "我的提现怎么还没到账")).text


@pytest.mark.parametrize("command", ["/help", f"/help@{NAME}", "/HELP", " /help "])
async def test_help_names_the_commands(desk: Service, command: str) -> None:
    shown = await desk.ask(desk.person(), command)
    assert all(f"/{name}" in shown.text for name in ("topics", "human", "status", "language", "end"))


async def test_each_command_does_what_the_menu_says(desk: Service) -> None:
    ann = desk.person()
    assert "Which language" in (await desk.ask(ann, "/language")).text
    assert len((await desk.ask(ann, "/topics")).labels) == 10
    assert "no open ticket" in (await desk.ask(ann, "/status")).text
    assert "Your ticket is #" in (await desk.ask(ann, "/human")).text
    assert "has been open for 0 min" in (await desk.ask(ann, "/status")).text
    assert "withdrawn ticket #" in (await desk.ask(ann, "/end")).text
    assert "/price" in (await desk.ask(ann, "/price")).text


@pytest.mark.parametrize(
    ("payload", "part"),
    [
        ("withdrawal-not-arrived", ANSWER),
        ("topic-withdrawals", "Withdrawals: which of these"),
        ("human", "Your ticket is #"),
        ("", "Hello, this is"),
        ("nonsense", "Hello, this is"),
        ("topic-nothing", "Hello, this is"),
        ("from-999999", "Hello, this is"),
        ("from-1", "Hello, this is"),
        ("from-99999999999999999999999", "Hello, this is"),
        ("🙈 <b>&", "Hello, this is"),
    ],
)
async def test_a_deep_link_leads_where_it_says(desk: Service, payload: str, part: str) -> None:
    assert part in (await desk.ask(desk.person(), f"/start {payload}".strip())).text


async def test_a_human_who_has_the_chat_is_not_interrupted(desk: Service) -> None:
    ann = desk.person()
    await desk.ask(ann, "/human")
    assert "keep quiet" in (await desk.ask(ann, QUESTION)).text
    desk.bot.says(ann, "are you there?")
    await desk.quiet(ann, 2)


async def test_a_secret_is_hidden_and_its_owner_is_warned_without_being_told_to_delete_it(desk: Service) -> None:
    ann = desk.person()
    shown = await desk.ask(ann, "my password is hunter2secret, why can I not log in")
    assert "I've hidden it" in shown.text and "delete" not in shown.text
    kept = await desk.rows("select text from message union all select value from inbox")
    assert not any("hunter2secret" in text for (text,) in kept)


async def test_a_long_answer_comes_in_parts_with_its_code_whole_and_its_buttons_below_the_last(
    strange: Service,
) -> None:
    ann = strange.person()
    strange.bot.says(ann, "How does the long contract work?")
    await strange.bot.eventually(lambda: strange.bot.shown(ann.id) and strange.bot.last(ann.id).labels, "the last part")
    shown = strange.bot.shown(ann.id)
    assert len(shown) >= 2 and [bool(sent.labels) for sent in shown] == [False] * (len(shown) - 1) + [True]
    code = [sent for sent in shown if any(entity["type"] == "pre" for entity in sent.entities)]
    assert len(code) == 1 and CODE in code[0].text
    whole = "\n\n".join(sent.text for sent in shown)
    assert all(paragraph.strip() in whole for paragraph in PARAGRAPHS)
    assert all(sum(paragraph.strip() in sent.text for sent in shown) == 1 for paragraph in PARAGRAPHS)


async def test_signs_of_markup_in_an_entry_break_nothing(strange: Service) -> None:
    ann = strange.person()
    shown = await strange.ask(ann, "What is <b>1 & 2</b> in the *signs* table_of_signs?")
    assert shown.parse_mode == "HTML"
    for part in ("1 < 2 && 3 > 2, a_b_c, 5 * 3 * 2, <script>x</script>, <b>,", "bold, 100 %"):
        assert part in shown.text
    assert {entity["type"] for entity in shown.entities} - {"bot_command"} == {"bold", "code"}
    menu = await strange.ask(ann, "/topics")
    assert "Strange <things> & *more*" in menu.labels


@pytest.mark.parametrize("name", ["<b>Ann</b>", "A & B", "Ann_von_*Zurich*", "<", "`", "[Ann](https://evil.example)"])
async def test_a_name_full_of_markup_is_only_a_name(strange: Service, name: str) -> None:
    shown = await strange.ask(strange.person(name), "/start")
    assert f"Hello {name}, welcome" in shown.text
    assert {entity["type"] for entity in shown.entities} <= {"url", "bot_command"}, "what Telegram finds in plain text"


@pytest.mark.parametrize("text", ["<b>", "</b></i>", "&amp;", "&#x0;", "*_`[", "```", "\\", "> < >", "𝕏 < 𝕐"])
async def test_a_text_full_of_markup_is_answered(strange: Service, text: str) -> None:
    assert (await strange.ask(strange.person(), text)).parse_mode == "HTML"


async def test_markup_that_telegram_refuses_is_sent_as_plain_text(desk: Service) -> None:
    ann = desk.person()
    refusal = "Bad Request: can't parse entities: Unsupported start tag"
    desk.api.fail("sendMessage", Status(400, description=refusal), chat=ann.id)
    shown = await desk.ask(ann, QUESTION)
    assert shown.parse_mode == "" and ANSWER in shown.text and "<b>" not in shown.text and "**" not in shown.text
    assert shown.labels[0] == "Yes, it helped"


async def test_the_menu_of_commands_is_set_for_each_language_and_only_when_it_changed(tmp_path: Path) -> None:
    async with BotApi() as api:
        bot = api.add_bot(TOKEN, NAME)

        def sets() -> list[str]:
            return [call.params.get("language_code", "") for call in bot.calls if call.method == "setMyCommands"]

        async with frontdesk(tmp_path, {"telegram": options(api)}):
            await bot.eventually(lambda: bot.polled, "a poll")
        assert sets() == ["", "en", "zh"]
        assert [one["command"] for one in bot.commands["default", ""]] == list(COMMANDS)
        assert bot.commands["default", "en"][1]["description"] == "What I can do"
        assert bot.commands["default", "zh"][1]["description"] == "我能做什么"
        bot.commands["default", "zh"] = [{"command": "old", "description": "Old"}]
        async with frontdesk(tmp_path, {"telegram": options(api)}):
            await bot.eventually(lambda: bot.polled, "a poll")
        assert sets() == ["", "en", "zh", "zh"]


async def test_a_menu_that_telegram_does_not_take_stops_nothing(tmp_path: Path) -> None:
    async with BotApi() as api:
        bot = api.add_bot(TOKEN, NAME)
        api.fail("setMyCommands", Status(400), times=None)
        async with frontdesk(tmp_path, {"telegram": options(api)}):
            bot.says(ANN, QUESTION)
            await bot.eventually(lambda: bot.shown(ANN.id), "an answer")


async def test_what_was_written_while_the_service_was_down_is_answered_at_the_start_oldest_first(
    tmp_path: Path,
) -> None:
    async with BotApi() as api:
        bot, now = api.add_bot(TOKEN, NAME), int(time.time())
        bot.says(ANN, QUESTION, date=now - 3600)
        bot.says(LI, "我的提现怎么还没到账", date=now - 3000)
        bot.says(ANN, "What are the trading fees?", date=now - 2400)
        bot.says(ANN, UNKNOWN, date=now - 60)
        async with frontdesk(tmp_path, {"telegram": options(api)}, window=1.2):
            await bot.eventually(lambda: len(bot.shown(ANN.id)) == 3 and bot.shown(LI.id), "all answers")
        assert not bot.pending and bot.typing == []
        first, second, third = (sent.text for sent in bot.shown(ANN.id))
        assert ANSWER in first and "ee" in second and "I don't know" in third
        assert bot.shown(LI.id)[0].at < bot.shown(ANN.id)[1].at


async def test_typing_is_shown_for_what_takes_longer_and_a_burst_is_one_question(tmp_path: Path) -> None:
    async with serving(tmp_path, window=1.2) as slow:
        ann, bob, cai, dan = (slow.person(name) for name in ("Ann", "Bob", "Cai", "Dan"))
        await slow.ask(bob, "/human")
        slow.bot.says(bob, "it is about my card")
        slow.bot.says(cai, QUESTION, date=int(time.time()) - 600)
        for text in ("hi", "my withdrawal", "has not arrived"):
            slow.bot.says(ann, text)
        assert "/topics" in (await slow.ask(dan, "/help")).text
        for who, count in ((bob, 2), (cai, 1), (ann, 1)):
            await slow.shown(who, count)
        assert slow.bot.typing == [ann.id], "not for who waits for a human, what waited for us, or what was quick"
        number = await slow.conversation(ann)
        asked = await slow.rows(f"select text from question where conversation = {number}")
        assert asked == [("hi\nmy withdrawal\nhas not arrived",)]
        assert ANSWER in slow.bot.last(ann.id).text


async def test_who_writes_too_fast_is_told_once_and_others_are_served(tmp_path: Path) -> None:
    async with serving(tmp_path, limits=LimitsBlock(burst=2, per_minute=1)) as strict:
        ann, bob = strict.person(), strict.person("Bob")
        for number in range(10):
            strict.bot.says(ann, f"/help {number}")
        shown = await strict.shown(ann, 3)
        assert sum("faster than I can read" in sent.text for sent in shown) == 1
        assert "again in 60 s" in next(sent.text for sent in shown if "faster" in sent.text)
        assert ANSWER in (await strict.ask(bob, QUESTION)).text
        pressed = strict.bot.last(bob.id)
        assert ANSWER not in await strict.press(bob, pressed, "Yes, it helped")
        await strict.quiet(ann, 3)
        assert await strict.rows("select count(*) from message where author = 'contact' and text like '/help _'") == [
            (2,)
        ]
