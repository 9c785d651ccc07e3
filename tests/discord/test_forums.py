"""Forums: the first reply in a new post, its tags, and who goes on in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.discord.running import (
    ANSWER,
    DETAILS,
    PRIVATELY,
    QUESTION,
    UNKNOWN,
    UNKNOWN_ANSWER,
    Service,
    discord,
    serving,
    text_of,
)


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("desk")) as running:
        yield running


async def test_a_new_post_is_answered_and_tagged(desk: Service) -> None:
    post = desk.forum.post(desk.person(), "Hello", QUESTION, tags=["mobile"])
    (answer,) = await desk.shown(post)
    assert ANSWER in text_of(answer) and answer.reference is None
    await desk.platform.eventually(lambda: post.tags == ["answered", "mobile"], "the tag")


async def test_the_title_of_a_post_is_part_of_the_question(desk: Service) -> None:
    ann = desk.person()
    post = desk.forum.post(ann, QUESTION, "Has anybody had that too?")
    assert ANSWER in text_of((await desk.shown(post))[0])
    await desk.remembers(ann, "text", [(f"{QUESTION}.\n\nHas anybody had that too?",)])
    post.edits(post.messages[0], "Nobody?")
    await desk.remembers(ann, "text", [(f"{QUESTION}.\n\nNobody?",)])


async def test_a_title_that_the_text_repeats_is_not_said_twice(desk: Service) -> None:
    ann = desk.person()
    await desk.shown(desk.forum.post(ann, QUESTION, f"{QUESTION}, help"))
    await desk.remembers(ann, "text", [(f"{QUESTION}, help",)])


async def test_a_post_that_greets_a_friend_is_a_question_all_the_same(desk: Service) -> None:
    post = desk.forum.post(desk.person(), "Money", f"{QUESTION}. {desk.person('Ben').mention} said to ask here")
    assert ANSWER in text_of((await desk.shown(post))[0])


async def test_what_is_not_known_waits_for_a_person_and_the_tag_follows(desk: Service) -> None:
    ann = desk.person()
    post = desk.forum.post(ann, "Sky", UNKNOWN)
    (unknown,) = await desk.shown(post)
    assert UNKNOWN_ANSWER in text_of(unknown)
    await desk.platform.eventually(lambda: post.tags == ["Needs Human"], "the tag")
    post.says(ann, QUESTION)
    _, answer = await desk.shown(post, 2)
    await desk.platform.eventually(lambda: post.tags == ["answered"], "the other tag")
    ann.clicks(answer, "No")
    *_, way = await desk.shown(post, 3)
    await desk.platform.eventually(lambda: post.tags == ["Needs Human"], "the first tag again")
    ann.clicks(way, PRIVATELY)
    assert DETAILS in text_of((await desk.shown(ann))[0])


async def test_whoever_opened_the_post_goes_on_and_others_only_if_they_call_the_bot(desk: Service) -> None:
    ann, ben = desk.person(), desk.person("Ben")
    post = desk.forum.post(ann, "Money", QUESTION)
    await desk.shown(post)
    post.says(ben, "What does a withdrawal cost?")
    post.says(ann, "see above", reply_to=post.says(ben, "did you wait?"))
    await desk.quiet(post, 1)
    asked = post.says(ann, "What does a withdrawal cost?")
    _, cost = await desk.shown(post, 2)
    assert "fee" in text_of(cost).lower() and cost.reference is asked
    post.says(ben, f"{desk.bot.mention} hello")
    await desk.shown(post, 3)


async def test_a_forum_that_is_not_listed_is_left_alone(desk: Service) -> None:
    ann = desk.person()
    post = desk.unlisted.post(ann, "Money", QUESTION, tags=["mobile"])
    await desk.quiet(post)
    post.says(ann, f"{desk.bot.mention} {QUESTION}")
    await desk.shown(post)
    await desk.quiet(post, 1)
    assert post.tags == ["mobile"]


async def test_a_post_with_a_picture_keeps_it(desk: Service) -> None:
    ann = desk.person()
    await desk.shown(desk.forum.post(ann, "Look", QUESTION, files=[("screen.png", b"png")]))
    kept = await desk.rows(
        "select kind, file.name from file join conversation on conversation.id = conversation"
        f" join contact on contact.id = contact where sender = '{ann.id}'"
    )
    assert kept == [("photo", "screen.png")]


async def test_a_post_with_five_tags_keeps_them_all(tmp_path: Path) -> None:
    async with discord() as desk:
        many = desk.guild.forum_channel("many", ["answered", "needs human", *"abcde"])
        async with desk.running(tmp_path, options=desk.options(answer_in=[many.id])):
            post = many.post(desk.person(), "Money", QUESTION, tags="abcde")
            await desk.shown(post)
            await desk.quiet(post, 1)
            assert post.tags == list("abcde")


async def test_without_tags_or_the_permission_to_set_them_posts_are_answered(tmp_path: Path) -> None:
    async with discord() as desk:
        bare = desk.guild.forum_channel("bare")
        desk.guild.deny("manage_threads", desk.forum)
        async with desk.running(tmp_path, options=desk.options(answer_in=[bare.id, desk.forum.id])):
            for forum in (bare, desk.forum):
                post = forum.post(desk.person(), "Money", QUESTION)
                assert ANSWER in text_of((await desk.shown(post))[0])
                await desk.quiet(post, 1)
                assert post.tags == []


async def test_in_chinese_too(desk: Service) -> None:
    post = desk.forum.post(desk.person("李雷", "zh-CN"), "提现求助", "我的提现怎么还没到账")
    (answer,) = await desk.shown(post)
    assert "提现" in text_of(answer) and answer.buttons[0] == "有帮助"
    await desk.platform.eventually(lambda: post.tags == ["answered"], "the tag")
