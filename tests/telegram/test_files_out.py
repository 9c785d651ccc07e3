"""Files on their way out: Telegram's own by their ids, those of other platforms uploaded, albums in one go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import Undeliverable
from bot.messages import Address, File, Outbound
from tests.adapters.driver import module, tools
from tests.stands.telegram import BotApi
from tests.telegram.running import ANN, TOKEN, options

pytestmark = pytest.mark.anyio
HERE = Address("telegram", str(ANN.id))


@pytest.fixture
async def world() -> AsyncIterator[tuple[Any, Any]]:
    """A bot at the stand-in, and its adapter."""
    async with BotApi() as api:
        bot = api.add_bot(TOKEN, "frontdesk_bot")
        api.meet(ANN)
        adapter = module("telegram").Adapter(options(api), tools("telegram"))
        yield bot, adapter
        await adapter.close()


def outbound(*files: File) -> Outbound:
    return Outbound("key", HERE, "", files=files)


@pytest.mark.parametrize("kind", ["photo", "document", "voice", "audio", "video", "sticker"])
async def test_a_file_that_came_by_telegram_goes_out_by_its_id(world: tuple[Any, Any], kind: Any) -> None:
    bot, adapter = world
    await adapter.send(outbound(File("77", kind, "a.bin", channel="discord")))
    first = bot.shown(ANN.id)[-1]
    assert first.content == b"the bytes of 77"
    found = first.message[kind]
    id_ = (found[-1] if kind == "photo" else found)["file_id"]
    receipt = await adapter.send(outbound(File(id_, kind, "a.bin", channel="telegram")))
    sent = bot.shown(ANN.id)[-1]
    assert receipt.external_id == str(sent.message_id) != str(first.message_id)
    assert bot.calls[-1].params[kind] == id_, "its id is enough"


async def test_a_file_of_another_platform_is_uploaded_with_its_name(world: tuple[Any, Any]) -> None:
    bot, adapter = world
    await adapter.send(outbound(File("77", "document", "proof.pdf", "application/pdf", 12, "discord")))
    sent = bot.shown(ANN.id)[-1]
    assert sent.content == b"the bytes of 77"
    assert sent.message["document"]["file_name"] == "proof.pdf"


async def test_photos_and_videos_that_belong_together_are_one_album(world: tuple[Any, Any]) -> None:
    bot, adapter = world
    await adapter.send(outbound(*(File(str(n), "photo", f"{n}.jpg", channel="discord") for n in range(3))))
    shown = bot.shown(ANN.id)
    assert [sent.content for sent in shown] == [f"the bytes of {n}".encode() for n in range(3)]
    assert len({sent.message["media_group_id"] for sent in shown}) == 1
    assert [call.method for call in bot.calls if call.method != "getMe"] == ["sendMediaGroup"]


async def test_a_place_and_a_person_are_sent_as_what_they_are(world: tuple[Any, Any]) -> None:
    bot, adapter = world
    await adapter.send(outbound(File("52.5,13.4", "location", channel="telegram")))
    await adapter.send(outbound(File("+491234567", "contact", "Ann", channel="telegram")))
    place, person = bot.shown(ANN.id)
    assert place.message["location"]["latitude"] == 52.5
    assert person.message["contact"]["first_name"] == "Ann"


async def test_a_file_that_is_too_large_for_telegram_is_refused_with_the_limit(world: tuple[Any, Any]) -> None:
    _, adapter = world
    with pytest.raises(Undeliverable, match=r"film\.mp4 is larger than the 50 MB"):
        await adapter.send(outbound(File("7", "video", "film.mp4", size=60_000_000, channel="discord")))
    with pytest.raises(Undeliverable, match="larger than the 20 MB"):
        await adapter.fetch(File("7", "video", "film.mp4", size=30_000_000, channel="telegram"))


async def test_the_bytes_of_a_file_that_was_sent_here_can_be_fetched(world: tuple[Any, Any]) -> None:
    bot, adapter = world
    await adapter.send(outbound(File("77", "document", "proof.pdf", channel="discord")))
    id_ = bot.shown(ANN.id)[-1].message["document"]["file_id"]
    assert await adapter.fetch(File(id_, "document", channel="telegram")) == b"the bytes of 77"


async def test_a_file_that_is_gone_is_undeliverable(world: tuple[Any, Any]) -> None:
    _, adapter = world
    with pytest.raises(Undeliverable):
        await adapter.fetch(File("never-was", "document", channel="telegram"))
