"""What an agent needs to know can be filled in as a form, where the ticket is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.discord.running import DETAILS, QUESTION, Service, discord, serving, text_of
from tests.stands.discord.people import Member

FORM = {"en-US": "Fill in a form", "zh-CN": "填写表单"}


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, anyio_backend: str) -> AsyncIterator[Service]:
    async with serving(tmp_path_factory.mktemp("desk")) as running:
        yield running


async def handed_over(desk: Service, who: Member, question: str = QUESTION, human: str = "Talk to a person") -> None:
    answer = await desk.ask(who, question)
    who.clicks(answer, human)
    await desk.shown(who, 2)


async def test_a_ticket_offers_a_form_for_what_an_agent_needs_to_know(desk: Service) -> None:
    ann = desk.person()
    await handed_over(desk, ann)
    ticket = desk.ours(ann)[-1]
    assert DETAILS in text_of(ticket)
    opened = ann.clicks(ticket, FORM["en-US"])
    await desk.platform.eventually(lambda: opened.modal, "a form")
    assert opened.modal["title"] == FORM["en-US"]
    assert "UID" in str(opened.modal["components"])
    sent = ann.submits(opened, {"uid": "12345678", "network": "TRC20"})
    assert "filled in" in await desk.answered(sent)
    found = await desk.rows(
        "select text from message join conversation on conversation.id = message.conversation"
        f" where chat = 'u{ann.id}' and author = 'contact' order by seq desc limit 1"
    )
    assert "12345678" in found[0][0] and "TRC20" in found[0][0]


async def test_a_form_can_be_opened_again_and_sent_empty_changes_nothing(desk: Service) -> None:
    ann = desk.person()
    await handed_over(desk, ann)
    ticket = desk.ours(ann)[-1]
    before = await desk.record(ann)
    for _ in range(2):
        opened = ann.clicks(ticket, FORM["en-US"])
        await desk.platform.eventually(lambda opened=opened: opened.modal, "a form")
        assert await desk.answered(ann.submits(opened, {"uid": ""}))
    assert await desk.record(ann) == before


async def test_the_form_speaks_the_persons_language(desk: Service) -> None:
    li = desk.person("Li", lang="zh-CN")
    await handed_over(desk, li, "提现一直没到账", "转人工")
    opened = li.clicks(desk.ours(li)[-1], FORM["zh-CN"])
    await desk.platform.eventually(lambda: opened.modal, "a form")
    assert "账户 UID" in str(opened.modal["components"])
    assert "已为客服保存" in await desk.answered(li.submits(opened, {"uid": "12345678"}))


async def test_after_a_restart_the_form_still_opens(tmp_path: Path) -> None:
    async with discord() as desk:
        ann = desk.person()
        async with desk.running(tmp_path):
            await handed_over(desk, ann)
        async with desk.running(tmp_path):
            opened = ann.clicks(desk.ours(ann)[-1], FORM["en-US"])
            await desk.platform.eventually(lambda: opened.modal, "a form")
            assert "filled in" in await desk.answered(ann.submits(opened, {"uid": "12345678"}))
