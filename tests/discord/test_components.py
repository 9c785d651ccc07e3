"""Buttons and menus: how they look, that each works once and for one person, and that they outlive a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.discord.running import ANSWER, QUESTION, Service, discord, serving, text_of
from tests.stands.discord.messages import Message


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("desk")) as running:
        yield running


def menu_of(message: Message) -> tuple[str, list[str]]:
    """A message's menu: its id, and what it offers."""
    (menu,) = [found for found in message.controls() if found["type"] == 3]
    return menu["custom_id"], [option["label"] for option in menu["options"]]


async def test_a_pressed_button_becomes_the_choice_that_was_made(desk: Service) -> None:
    ann = desk.person()
    answer = await desk.ask(ann, QUESTION)
    ann.clicks(answer, "Yes, it helped")
    await desk.shown(ann, 2)
    await desk.platform.eventually(lambda: answer.buttons == ["✓ Yes, it helped"], "the change")
    assert answer.embeds, "the text stays"
    with pytest.raises(AssertionError, match="disabled"):
        ann.clicks(answer, "✓ Yes, it helped")


async def test_a_second_press_is_told_that_the_choice_is_made(desk: Service) -> None:
    ann, place = desk.person(), desk.guild.text_channel("trading")
    answer = await desk.ask(ann, f"{desk.bot.mention} {QUESTION}", place)
    first, second = ann.clicks(answer, "Yes, it helped"), ann.clicks(answer, "No")
    await desk.platform.eventually(lambda: first.followups or second.followups, "a word on the second")
    (late,) = [each for each in (first, second) if each.followups]
    assert "already chosen" in text_of(late.followups[0]) and late.followups[0].ephemeral
    await desk.quiet(place, 2)


async def test_somebody_elses_press_changes_nothing_and_is_told_kindly(desk: Service) -> None:
    ann, eve, place = desk.person(), desk.person("Eve"), desk.guild.text_channel("trading")
    answer = await desk.ask(ann, f"{desk.bot.mention} {QUESTION}", place)
    pressed = eve.clicks(answer, "Yes, it helped")
    assert "for the person who asked" in await desk.answered(pressed) and pressed.ephemeral
    zhen = desk.person("甄", "zh-CN")
    assert "提问者" in await desk.answered(zhen.clicks(answer, "No"))
    assert len(answer.buttons) > 2
    ann.clicks(answer, "Yes, it helped")
    await desk.shown(place, 2)


async def test_topics_are_a_menu_and_choosing_leads_to_their_questions_and_to_an_answer(desk: Service) -> None:
    ann = desk.person()
    topics = await desk.ask(ann, "/topics")
    menu, labels = menu_of(topics)
    assert len(labels) >= 9 and topics.buttons == []
    ann.selects(topics, menu, [next(label for label in labels if "ithdraw" in label)])
    _, questions = await desk.shown(ann, 2)
    await desk.platform.eventually(lambda: topics.buttons and topics.buttons[0].startswith("✓"), "the choice shown")
    inner, titles = menu_of(questions)
    assert "My withdrawal has not arrived" in titles and questions.buttons == ["Topics"]
    ann.selects(questions, inner, ["My withdrawal has not arrived"])
    *_, answer = await desk.shown(ann, 3)
    assert ANSWER in text_of(answer)


async def test_the_menu_of_a_command_answers_its_user_alone(desk: Service) -> None:
    ann, place = desk.person(), desk.guild.text_channel("trading")
    used = ann.uses("/topics", {}, place)
    await desk.answered(used)
    menu, labels = menu_of(used.messages[0])
    chosen = ann.selects(used.messages[0], menu, [labels[0]])
    await desk.answered(chosen, 2)
    assert chosen.ephemeral and menu_of(chosen.messages[1])[1]
    assert desk.ours(place) == [] and desk.ours(ann) == []


async def test_in_chinese_too(desk: Service) -> None:
    li = desk.person("李雷", "zh-CN")
    used = li.uses("/topics", {}, desk.other)
    await desk.answered(used)
    _, labels = menu_of(used.messages[0])
    assert any("提现" in label for label in labels)


async def test_components_work_after_a_restart(tmp_path: Path) -> None:
    async with discord() as desk:
        ann, eve = desk.person(), desk.person("Eve")
        async with desk.running(tmp_path):
            thread = await desk.thread_of(desk.open.says(ann, QUESTION))
            (answer,) = desk.ours(thread)
            topics = await desk.ask(ann, "/topics")
            used = ann.uses("/topics", {}, desk.other)
            await desk.answered(used)
        async with desk.running(tmp_path):
            assert "for the person who asked" in await desk.answered(eve.clicks(answer, "No"))
            ann.clicks(answer, "Can I cancel a withdrawal?")
            _, related = await desk.shown(thread, 2)
            assert related.embeds
            menu, labels = menu_of(topics)
            ann.selects(topics, menu, [labels[0]])
            assert menu_of((await desk.shown(ann, 2))[1])[1]
            chosen = ann.selects(used.messages[0], menu, [labels[0]])
            await desk.answered(chosen, 2)
            assert chosen.ephemeral
            ann.clicks(related, "Yes, it helped")
            await desk.shown(thread, 3)
