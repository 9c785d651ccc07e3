"""Slash commands and the message menu: what they are called, what they answer, and who sees it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.config import KnowledgeBlock, LimitsBlock
from bot.knowledge.loader import bundled_folder
from tests.discord.running import ANSWER, DETAILS, QUESTION, TICKET, UNKNOWN, Service, discord, serving, text_of
from tests.stands.discord.faults import Lost, Status
from tests.stands.discord.messages import Message


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
async def discreet(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Service]:
    """A service whose answers to /ask only the asker sees."""
    async with serving(tmp_path, ask_shown_to="asker") as running:
        yield running


def command(service: Service, name: str) -> dict[str, Any]:
    return next(each for each in service.bot.commands.all() if each["name"] == name)


# What Discord is told


async def test_the_commands_are_those_of_the_issue_in_both_languages(desk: Service) -> None:
    slash = [each["name"] for each in desk.bot.commands.all() if each["type"] == 1]
    assert sorted(slash) == ["ask", "end", "help", "human", "language", "status", "topics"]
    for name in slash:
        told = command(desk, name)["description_localizations"]
        assert told["zh-CN"] == told["zh-TW"] != told["en-US"] == told["en-GB"]
    (question,) = command(desk, "ask")["options"]
    assert question["autocomplete"] and question["required"] and question["max_length"] == 1000
    assert "问题" in question["description_localizations"]["zh-CN"]


async def test_the_message_menu_is_for_helpers_and_has_a_name_in_both_languages(desk: Service) -> None:
    (menu,) = [each for each in desk.bot.commands.all() if each["type"] == 3]
    assert menu["name"] == "Answer this" and menu["name_localizations"]["zh-CN"] == "回答这条消息"
    message = desk.other.says(desk.person(), QUESTION)
    with pytest.raises(AssertionError, match="not shown to"):
        desk.person().uses_on("Answer this", message)


async def test_discord_is_told_only_when_something_changed(tmp_path: Path) -> None:
    knowledge = tmp_path / "knowledge"
    shutil.copytree(bundled_folder(), knowledge)
    block = KnowledgeBlock(path=str(knowledge))
    async with discord() as desk:
        async with desk.running(tmp_path, knowledge=block):
            await desk.until("select count(*) from position where stream like 'commands:%'", [(1,)])
            assert desk.bot.commands.puts == {0: 1}
        async with desk.running(tmp_path, knowledge=block):
            await desk.ask(desk.person(), "/help")
            assert desk.bot.commands.puts == {0: 1}
        phrases = knowledge / "phrases.yaml"
        changed = phrases.read_text("utf-8").replace("What I know about", "x" * 120)
        phrases.write_text(changed.replace("en: Answer this,", f"en: {'y' * 40},"), "utf-8")
        async with desk.running(tmp_path, knowledge=block):
            await desk.platform.eventually(lambda: desk.bot.commands.puts == {0: 2}, "the change")
            assert command(desk, "topics")["description"] == "x" * 100, "one long text must not lose us all commands"


# What they answer


async def test_a_question_is_answered_for_everyone(desk: Service) -> None:
    place = desk.guild.text_channel("trading")
    asked = desk.person().uses("/ask", {"question": QUESTION}, place)
    assert ANSWER in await desk.answered(asked) and not asked.ephemeral
    (answer,) = await desk.shown(place)
    assert answer.embeds and "Can I cancel a withdrawal?" in answer.buttons


async def test_a_question_is_answered_for_the_asker_alone_if_that_is_wanted(discreet: Service) -> None:
    place = discreet.guild.text_channel("trading")
    ann = discreet.person()
    asked = ann.uses("/ask", {"question": QUESTION}, place)
    assert ANSWER in await discreet.answered(asked) and asked.ephemeral
    pressed = ann.clicks(asked.messages[0], "Can I cancel a withdrawal?")
    assert "cancel" in (await discreet.answered(pressed, 2)).lower()
    assert all(message.ephemeral for message in pressed.messages)
    await discreet.quiet(place)
    assert discreet.ours(ann) == []


async def test_what_only_one_saw_is_handed_over_in_a_direct_message(discreet: Service) -> None:
    ann = discreet.person()
    asked = ann.uses("/ask", {"question": UNKNOWN}, discreet.other)
    await discreet.answered(asked)
    pressed = ann.clicks(asked.messages[0], "Yes, please")
    (message,) = await discreet.shown(ann)
    assert TICKET in text_of(message) and await discreet.tickets(ann) == [(UNKNOWN,)]
    assert str(message.id) in await discreet.answered(pressed, 2) and pressed.ephemeral


async def test_a_question_in_chinese_is_answered_in_chinese(desk: Service) -> None:
    asked = desk.person("李雷", "zh-CN").uses("/ask", {"question": "我的提现怎么还没到账"}, desk.other)
    assert "提现" in await desk.answered(asked)


async def test_titles_are_offered_in_the_askers_language_and_the_choice_is_answered(desk: Service) -> None:
    ann, li = desk.person(), desk.person("李雷", "zh-TW")
    for person, typed, part in ((ann, "withd arriv", "withdrawal has not arrived"), (li, "提现", "提现")):
        offered = person.autocompletes("/ask", "question", typed, desk.other)
        choices = await desk.platform.eventually(lambda offered=offered: offered.choices, "choices")
        assert part in choices[0]["name"] and len(choices) <= 25
        asked = person.uses("/ask", {"question": choices[0]["value"]}, desk.other)
        await desk.answered(asked)
        assert asked.messages[0].embeds
        assert (await desk.record(person))[0] == ("contact", choices[0]["name"])


async def test_before_anything_is_typed_the_first_titles_are_offered(desk: Service) -> None:
    offered = desk.person().autocompletes("/ask", "question", "", desk.other)
    assert len(await desk.platform.eventually(lambda: offered.choices, "choices")) == 25


async def test_the_other_commands_are_answered_for_the_asker_alone(desk: Service) -> None:
    ann, place = desk.person(), desk.guild.text_channel("trading")
    for name, part in (
        ("help", "in your own words"),
        ("status", "no open ticket"),
        ("topics", "What is it about"),
        ("language", "Which language"),
        ("end", "Goodbye"),
    ):
        used = ann.uses(f"/{name}", {}, place)
        said = await desk.answered(used)
        assert (part in said or name == "end") and used.ephemeral, said
    assert desk.ours(place) == [] and desk.ours(ann) == []


async def test_commands_speak_the_language_of_whoever_uses_them(desk: Service) -> None:
    li = desk.person("李雷", "zh-CN")
    assert "工单" in await desk.answered(li.uses("/status", {}, desk.other))
    chosen = li.uses("/language", {}, desk.other)
    await desk.answered(chosen)
    li.clicks(chosen.messages[0], "English")
    await desk.until(f"select lang from conversation where chat = 'u{li.id}'", [("en",)])
    assert "no open ticket" in await desk.answered(li.uses("/status", {}, desk.other))


async def test_a_person_is_got_by_command_in_private_and_status_and_end_work_wherever_they_are_used(
    desk: Service,
) -> None:
    ann, place = desk.person(), desk.guild.text_channel("trading")
    used = ann.uses("/human", {}, place)
    told = await desk.answered(used)
    (message,) = await desk.shown(ann)
    assert TICKET in text_of(message) and used.ephemeral and str(message.id) in told
    for where in (place, desk.open, desk.platform.dm(ann)):
        assert "Ticket #" in await desk.answered(ann.uses("/status", {}, where))
    assert "#" in await desk.answered(ann.uses("/end", {}, place))
    assert "no open ticket" in await desk.answered(ann.uses("/status", {}, place))
    assert desk.ours(place) == []


async def test_whoever_a_person_serves_is_told_where_and_does_not_wait_for_a_command(desk: Service) -> None:
    ann = desk.person()
    await desk.answered(ann.uses("/human", {}, desk.other))
    for name in ("/topics", "/help", "/language"):
        used = ann.uses(name, {}, desk.other)
        assert str(desk.platform.dm(ann).id) in await desk.answered(used) and used.ephemeral
        assert not used.thinking


async def test_commands_work_in_a_direct_message(desk: Service) -> None:
    ann = desk.person()
    asked = ann.uses("/ask", {"question": QUESTION}, desk.platform.dm(ann))
    assert ANSWER in await desk.answered(asked) and not asked.ephemeral
    assert DETAILS in await desk.answered(ann.uses("/human", {}, desk.platform.dm(ann)))


async def test_two_commands_at_once_are_answered_each(desk: Service) -> None:
    ann = desk.person()
    used = {part: ann.uses(name, {}, desk.other) for name, part in (("/status", "ticket"), ("/topics", "about"))}
    for part, interaction in used.items():
        assert part in await desk.answered(interaction)
        assert len(interaction.messages) == 1


@pytest.mark.parametrize("fault", [Lost(), Status(404, code=10062, message="Unknown interaction")])
async def test_what_discord_did_not_let_us_acknowledge_is_answered_all_the_same(desk: Service, fault: Any) -> None:
    ann, place = desk.person(), desk.guild.text_channel("trading")
    desk.platform.fail("POST", "/interactions/{id}/{token}/callback", fault)
    asked = ann.uses("/ask", {"question": QUESTION}, place)
    (answer,) = await desk.shown(place)
    assert ANSWER in text_of(answer) and (asked.original is answer) == isinstance(fault, Lost)


async def test_who_is_too_fast_is_told_so_alone_and_nothing_spins(tmp_path: Path) -> None:
    async with serving(tmp_path, limits=LimitsBlock(burst=1, per_minute=1)) as desk:
        ann = desk.person()
        answer = await desk.ask(ann, f"{desk.bot.mention} {QUESTION}", desk.other)
        for used in (ann.uses("/topics", {}, desk.other), ann.clicks(answer, "No")):
            said = await desk.platform.eventually(
                lambda used=used: [each for each in used.messages if "faster" in text_of(each)], "a word"
            )
            assert said[0].ephemeral and not used.thinking
        assert "No" in answer.buttons


async def test_an_answer_that_comes_after_fifteen_minutes_is_an_ordinary_message(tmp_path: Path) -> None:
    async with serving(tmp_path, window=0.4) as desk:
        ann, ben = desk.person(), desk.person("Ben")
        asked = ann.uses("/ask", {"question": QUESTION}, desk.other)
        alone = ben.uses("/human", {}, desk.other)
        await desk.platform.eventually(lambda: asked.responses and alone.responses, "both acknowledged")
        desk.platform.age_interactions(15 * 60 + 1)
        (answer,) = await desk.shown(desk.other)
        assert ANSWER in text_of(answer) and not answer.pings.users
        assert TICKET in text_of((await desk.shown(ben))[0])


async def test_an_answer_owed_at_a_restart_is_an_ordinary_message(tmp_path: Path) -> None:
    async with discord() as desk:
        ann = desk.person()
        async with desk.running(tmp_path, window=30):
            ann.uses("/ask", {"question": QUESTION}, desk.other)
            await desk.until("select count(*) from inbox", [(1,)])
        async with desk.running(tmp_path):
            await desk.platform.eventually(
                lambda: any(ANSWER in text_of(message) for message in desk.ours(desk.other)), "the answer"
            )


# A helper has a message answered


def helper(desk: Service) -> Any:
    return desk.guild.member("Helen", roles=[desk.guild.role("Helper", allow=["manage_messages"])])


async def test_a_helper_has_somebodys_message_answered(desk: Service) -> None:
    ann, helen, place = desk.person(), helper(desk), desk.guild.text_channel("trading")
    message = place.says(ann, QUESTION)
    used = helen.uses_on("Answer this", message)
    assert "My answer follows" in await desk.answered(used) and used.ephemeral
    (answer,) = await desk.shown(place)
    assert ANSWER in text_of(answer) and answer.reference is message
    assert (await desk.record(ann))[0] == ("contact", QUESTION) and await desk.record(helen) == []
    refused = helen.clicks(answer, "No")
    assert "for the person who asked" in await desk.answered(refused)
    again = helen.uses_on("Answer this", message)
    assert "already" in await desk.answered(again)
    await desk.quiet(place, 1)


async def test_a_helper_has_a_message_answered_in_a_thread_where_questions_get_one(desk: Service) -> None:
    message = desk.open.says(desk.person(), "lol my withdrawal has not arrived and I am so done")
    helper(desk).uses_on("Answer this", message)
    answers: list[Message] = desk.ours(await desk.thread_of(message))
    assert ANSWER in text_of(answers[0])


async def test_what_cannot_be_answered_is_said_to_the_helper(desk: Service) -> None:
    place = desk.guild.text_channel("trading")
    ours = await desk.ask(desk.person(), f"{desk.bot.mention} hello", place)
    assert "in words" in await desk.answered(helper(desk).uses_on("Answer this", ours))
    silent = place.says(desk.person(), "", attachments=["screen.png"])
    assert "in words" in await desk.answered(helper(desk).uses_on("Answer this", silent))
