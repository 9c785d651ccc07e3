"""A person alone with the bot in direct messages: answers, files, languages, long texts, hand-over."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from bot.config import KnowledgeBlock
from tests.discord.running import (
    ANSWER,
    QUESTION,
    SPOKEN,
    TICKET,
    UNKNOWN,
    UNKNOWN_ANSWER,
    Service,
    serving,
    text_of,
)
from tests.knowledge.folders import write

CODE = "\n".join(f"line {number}: print('a*b_c')  # 𝔘𝔫𝔦 🧑‍🚀" for number in range(25))
PARAGRAPHS = [f"Paragraph {number}: " + "words & <signs> " * 50 for number in range(6)]
LONG = "\n\n".join([*PARAGRAPHS[:3], f"```py\n{CODE}\n```", *PARAGRAPHS[3:]])
SIGNS = r"1 < 2 && 3 > 2, a\_b\_c, 5 \* 3, <script>x</script>, `<b>`, **bold**, 100 %, @everyone 🧑‍🚀 𝔘"
STRANGE = f"""\
topic: strange
title: {{en: Strange things, zh: 怪事}}
entries:
  - id: long
    question: {{en: [How does the long contract work?], zh: [长合约如何运作]}}
    answer:
      en: {json.dumps(LONG, ensure_ascii=False)}
  - id: signs
    question: {{en: ["What is in the table of signs?"], zh: [符号是什么]}}
    answer: {{en: {json.dumps(SIGNS, ensure_ascii=False)}}}
"""
GREETING = "greeting: {en: 'Hello {contact.name}, welcome to {brand.name}.', zh: '您好 {contact.name}'}\n"


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(scope="module")
async def strange(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    """A service whose knowledge holds all that could break a message, and greets people by their names."""
    folder = tmp_path_factory.mktemp("strange")
    knowledge = write(folder / "knowledge", strange=STRANGE, phrases=GREETING)
    async with serving(folder, knowledge=KnowledgeBlock(path=str(knowledge))) as running:
        yield running


async def test_an_answer_is_an_embed_in_the_brands_colour_with_what_is_related_as_buttons(desk: Service) -> None:
    ann = desk.person()
    answer = await desk.ask(ann, QUESTION)
    (embed,) = answer.embeds
    assert answer.content == "" and ANSWER in embed["description"] and embed["color"] == 0x1F6FEB
    assert answer.buttons[:2] == ["Yes, it helped", "No"] and answer.buttons[-1] == "Talk to a person"
    assert "Can I cancel a withdrawal?" in answer.buttons and answer.reference is None
    ann.clicks(answer, "Can I cancel a withdrawal?")
    _, related = await desk.shown(ann, 2)
    assert related.embeds and "cancel" in text_of(related).lower()


async def test_what_is_no_answer_is_plain_text(desk: Service) -> None:
    hello = await desk.ask(desk.person(), "hello")
    assert hello.embeds == [] and "Example Exchange" in hello.content


async def test_somebody_who_writes_chinese_is_answered_in_chinese(desk: Service) -> None:
    li = desk.person("李雷", "zh-CN")
    answer = await desk.ask(li, "我的提现怎么还没到账")
    assert "提现" in text_of(answer) and answer.buttons[:2] == ["有帮助", "没有帮助"]


async def test_somebody_from_no_server_of_ours_is_answered(desk: Service) -> None:
    assert ANSWER in text_of(await desk.ask(desk.platform.user("Zoe"), QUESTION))


async def test_commands_can_be_written_too(desk: Service) -> None:
    ann = desk.person()
    assert "/topics" in text_of(await desk.ask(ann, "/help"))
    assert "no open ticket" in text_of(await desk.ask(ann, "/status"))


async def test_what_the_bot_does_not_know_is_handed_over_and_then_it_is_quiet(desk: Service) -> None:
    ann = desk.person()
    unknown = await desk.ask(ann, UNKNOWN)
    assert UNKNOWN_ANSWER in text_of(unknown)
    ann.clicks(unknown, "Yes, please")
    _, handed_over = await desk.shown(ann, 2)
    assert TICKET in text_of(handed_over) and await desk.tickets(ann) == [(UNKNOWN,)]
    assert "added this to ticket" in text_of(await desk.ask(ann, "hello?"))
    desk.platform.dm(ann).says(ann, "hello??")
    await desk.quiet(ann, 3)


async def test_several_messages_in_a_row_are_answered_in_their_order(desk: Service) -> None:
    ann = desk.person()
    for text in ("hello", "/status", "/topics", "/help"):
        desk.platform.dm(ann).says(ann, text)
    texts = [text_of(message) for message in await desk.shown(ann, 4)]
    said = ("Example Exchange", "no open ticket", "What is it about", "/topics")
    assert all(part in text for part, text in zip(said, texts, strict=True)), texts


async def test_files_are_kept_with_what_is_known_of_them_and_acknowledged(desk: Service) -> None:
    ann = desk.person()
    files = [("screen.png", b"png"), ("bill.pdf", b"%PDF-1"), ("clip.mp4", b"movie"), ("song.mp3", b"la"), "unknown"]
    dm = desk.platform.dm(ann)
    dm.says(ann, QUESTION, attachments=files)
    (shown,) = await desk.shown(ann)
    assert ANSWER in text_of(shown) and "photo" in text_of(shown)
    kept = await desk.rows(
        "select file.id, kind, file.name, type, size from file join conversation on conversation.id = conversation"
        f" where chat = 'u{ann.id}' order by place"
    )
    asked = dm.messages[0]
    ids = [f"{dm.id}/{asked.id}/{each.id}" for each in asked.attachments]
    assert kept == [
        (ids[0], "photo", "screen.png", "image/png", 3),
        (ids[1], "document", "bill.pdf", "application/pdf", 6),
        (ids[2], "video", "clip.mp4", "video/mp4", 5),
        (ids[3], "audio", "song.mp3", "audio/mpeg", 2),
        (ids[4], "document", "unknown", "application/octet-stream", 7),
    ]


async def test_a_file_without_a_word_is_kept_and_words_are_asked_for(desk: Service) -> None:
    ann = desk.person()
    dm = desk.platform.dm(ann)
    dm.says(ann, "", attachments=[("screen.png", b"png")])
    (shown,) = await desk.shown(ann)
    assert "in words" in text_of(shown)
    dm.edits(dm.messages[0], "it looks like this")
    await desk.remembers(ann, "text", [("it looks like this",)])
    await desk.quiet(ann, 1)


async def test_a_reply_keeps_what_it_replies_to(desk: Service) -> None:
    ann = desk.person()
    dm = desk.platform.dm(ann)
    answer = await desk.ask(ann, QUESTION)
    dm.says(ann, "thanks", reply_to=answer)
    await desk.shown(ann, 2)
    dm.says(ann, "hello", reply_to=dm.messages[0])
    await desk.shown(ann, 3)
    await desk.remembers(ann, "text, reply_to", [(QUESTION, None), ("thanks", 2), ("hello", 1)])


async def test_an_empty_message_is_answered_kindly(desk: Service) -> None:
    ann = desk.person()
    desk.platform.dm(ann).says(ann, "  ")
    assert "in words" in text_of((await desk.shown(ann))[0])


async def test_a_secret_is_hidden_in_the_record(desk: Service) -> None:
    ann = desk.person()
    await desk.ask(ann, "my password is hunter2secret, why can I not log in")
    assert "hunter2secret" not in str(await desk.record(ann))


async def test_a_long_answer_comes_in_several_messages_with_its_code_whole(strange: Service) -> None:
    ann = strange.person()
    strange.platform.dm(ann).says(ann, "How does the long contract work?")
    await strange.platform.eventually(lambda: strange.ours(ann) and strange.ours(ann)[-1].buttons, "the last part")
    shown = strange.ours(ann)
    assert len(shown) > 3 and all(len(text_of(message).encode("utf-16-le")) <= 4000 for message in shown)
    (code,) = [text_of(message) for message in shown if "print(" in text_of(message)]
    assert f"```py\n{CODE}\n```" in code
    whole = " ".join(text_of(message) for message in shown)
    assert all(paragraph.strip() in whole for paragraph in PARAGRAPHS)
    assert all(message.embeds for message in shown) and not any(message.buttons for message in shown[:-1])


async def test_a_long_answer_in_a_channel_is_whole_in_its_thread(strange: Service) -> None:
    ann = strange.person()
    thread = await strange.thread_of(strange.open.says(ann, "How does the long contract work?"))
    await strange.platform.eventually(lambda: strange.ours(thread)[-1].buttons, "the last part")
    whole = " ".join(text_of(message) for message in strange.ours(thread))
    assert all(paragraph.strip() in whole for paragraph in PARAGRAPHS)
    assert not any(message.author == strange.bot for message in strange.open.messages if message.type in SPOKEN)


async def test_a_long_answer_to_a_command_is_whole(strange: Service) -> None:
    asked = strange.person().uses("/ask", {"question": "How does the long contract work?"}, strange.other)
    await strange.platform.eventually(lambda: asked.messages and asked.messages[-1].buttons, "the last part")
    whole = " ".join(text_of(message) for message in asked.messages)
    assert all(paragraph.strip() in whole for paragraph in PARAGRAPHS)


async def test_signs_of_all_kinds_reach_people_as_they_were_written(strange: Service) -> None:
    assert SIGNS in text_of(await strange.ask(strange.person(), "What is in the table of signs?"))


async def test_mentions_in_any_text_of_ours_ping_nobody(strange: Service) -> None:
    ann, place = strange.person(), strange.guild.text_channel("trading")
    everybody = f"@everyone @here {ann.mention} {strange.guild.role('Team').mention}"
    eve = strange.person(everybody)
    place.says(eve, f"{strange.bot.mention} hello")
    await strange.shown(place)
    greeting = strange.person(everybody).uses("/ask", {"question": "hello"}, place)
    await strange.answered(greeting)
    thread = await strange.thread_of(strange.open.says(eve, "What is in the table of signs?"))
    said = strange.platform.bot_messages(strange.bot)
    assert sum(ann.mention in message.content for message in said if message.type in SPOKEN) == 2
    assert "@everyone" in thread.name
    for message in said:
        pings = message.pings
        assert not pings.everyone and not pings.roles and (not pings.users or message.type not in SPOKEN)


async def test_a_name_full_of_markdown_makes_no_link(strange: Service) -> None:
    hello = await strange.ask(strange.person("[free coins](https://evil.example)"), "hello")
    assert "[free" not in hello.content.replace("\\[", "") and "free coins" in hello.content
