"""Discord's words as ours and ours as Discord's: pure translation, tried on payloads as Discord writes them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from discord.state import ConnectionState

from adapters.discord.commands import offered
from adapters.discord.inbound import (
    Hearing,
    asked_for,
    deletion_to_inbound,
    edit_to_inbound,
    is_public,
    message_to_inbound,
)
from adapters.discord.payload import chosen_view, label_of, mark, read_mark, to_payload, view_of
from adapters.discord.pending import ALIVE_FOR, MOST, Pending, PendingAnswers
from adapters.discord.places import person_of, place_of, private_place, ref_of, target_of, where_said
from bot.messages import LONGEST_TOKEN, Address, Button, File, Inbound, Outbound, Sender
from tests.stands.clock import FakeClock

ME, ANN, BEN = 111, 5, 6
GUILD, CHANNEL, OPEN, FORUM, THREAD, POST, PRIVATE = 70, 71, 72, 73, 74, 75, 76
HEARING = Hearing("discord", ME, frozenset({OPEN, FORUM}))
WHEN = "2026-11-22T10:00:00+00:00"


def user(id_: int, name: str = "Ann", bot: bool = False) -> dict[str, Any]:
    return {"id": str(id_), "username": name.lower(), "global_name": name, "discriminator": "0", "avatar": None,
            "bot": bot}  # fmt: skip


class World:
    """discord.py's own state with one guild, so that its own classes read the payloads."""

    def __init__(self) -> None:
        http = SimpleNamespace()
        self.state = ConnectionState(
            dispatch=lambda *_: None, handlers={}, hooks={}, http=cast(Any, http),
            intents=discord.Intents(guilds=True, messages=True, message_content=True),
        )  # fmt: skip
        self.state._get_client = lambda: cast(Any, None)
        self.state.user = discord.ClientUser(state=self.state, data=cast(Any, user(ME, "Frontdesk", True)))
        roles = [
            {"id": str(GUILD), "name": "@everyone", "permissions": "0", "position": 0, "color": 0, "hoist": False,
             "managed": False, "mentionable": False},
            {"id": "99", "name": "Frontdesk", "permissions": "0", "position": 1, "color": 0, "hoist": False,
             "managed": True, "mentionable": False, "tags": {"bot_id": str(ME)}},
        ]  # fmt: skip
        channels = [
            {"id": str(id_), "type": kind, "name": name, "position": 0, "permission_overwrites": []}
            for id_, kind, name in ((CHANNEL, 0, "general"), (OPEN, 0, "help"), (FORUM, 15, "questions"))
        ]
        threads = [
            self.thread(THREAD, OPEN, ME, 11, "Ann's question"), self.thread(POST, FORUM, ANN, 11, "Where is it?"),
            self.thread(PRIVATE, CHANNEL, ME, 12, "Example Exchange"),
        ]  # fmt: skip
        data = {"id": str(GUILD), "name": "Traders", "roles": roles, "channels": channels, "threads": threads,
                "members": [], "emojis": [], "owner_id": "1"}  # fmt: skip
        self.guild = discord.Guild(data=cast(Any, data), state=self.state)
        self.state._add_guild(self.guild)

    @staticmethod
    def thread(id_: int, parent: int, owner: int, kind: int, name: str) -> dict[str, Any]:
        meta = {"archived": False, "auto_archive_duration": 60, "archive_timestamp": WHEN, "locked": False}
        return {"id": str(id_), "parent_id": str(parent), "owner_id": str(owner), "type": kind, "name": name,
                "guild_id": str(GUILD), "thread_metadata": meta, "message_count": 1, "member_count": 1}  # fmt: skip

    def where(self, id_: int) -> Any:
        if id_ == 0:
            data = {"id": "60", "type": 1, "recipients": [user(ANN)]}
            return discord.DMChannel(me=cast(Any, self.state.user), state=self.state, data=cast(Any, data))
        return self.guild.get_channel_or_thread(id_)

    def message(self, where: int = 0, text: str = "hi", author: Any = None, id_: int = 900, **more: Any) -> Any:
        data = {
            "id": str(id_), "channel_id": str(where or 60), "author": author or user(ANN), "content": text,
            "timestamp": WHEN, "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [],
            "mention_roles": [], "attachments": [], "embeds": [], "pinned": False, "type": 0, "components": [],
        } | more  # fmt: skip
        return discord.Message(state=self.state, channel=self.where(where), data=cast(Any, data))


@pytest.fixture
def world(anyio_backend: str) -> World:
    return World()


def read(message: Any, asker: int | None = None) -> Inbound | None:
    return message_to_inbound(message, HEARING, asker)


def to(id_: int) -> dict[str, Any]:
    """A reply to somebody's message number 800."""
    quoted = {
        "id": "800", "channel_id": "71", "author": user(id_), "content": "x", "timestamp": WHEN, "type": 0,
        "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [],
        "attachments": [], "embeds": [], "pinned": False, "components": [],
    }  # fmt: skip
    return {"message_reference": {"message_id": "800", "channel_id": "71"}, "referenced_message": quoted, "type": 19}


async def test_a_direct_message_becomes_one_of_ours(world: World) -> None:
    assert read(world.message()) == Inbound(
        Address("discord", "u5"),
        "111",
        "m900",
        Sender("5", "Ann"),
        "hi",
        at=discord.utils.snowflake_time(900).timestamp(),
        ref="900",
    )


@pytest.mark.parametrize(
    ("where", "more", "asker", "kind"),
    [
        (CHANNEL, {}, None, None),
        (CHANNEL, {"mentions": [user(ME, bot=True)]}, None, "message"),
        (CHANNEL, {"content": "<@&99> hi"}, None, "message"),
        (CHANNEL, to(ME), None, "message"),
        (CHANNEL, to(BEN), None, None),
        (CHANNEL, to(ME) | {"referenced_message": None}, None, None),
        (OPEN, {}, None, "overheard"),
        (OPEN, to(BEN), None, None),
        (OPEN, {"mentions": [user(BEN)]}, None, None),
        (THREAD, {}, ANN, "message"),
        (THREAD, {}, BEN, None),
        (THREAD, {"mentions": [user(BEN)]}, ANN, None),
        (THREAD, to(BEN), ANN, None),
        (POST, {"id": str(POST), "mentions": [user(BEN)]}, ANN, "message"),
        (POST, {"mentions": [user(BEN)]}, ANN, None),
        (PRIVATE, to(BEN), ANN, "message"),
        (PRIVATE, {"mentions": [user(ME, bot=True)]}, BEN, None),
        (0, to(BEN), None, "message"),
    ],
)
async def test_who_is_meant_follows_from_the_place_the_mentions_and_the_reply(
    world: World, where: int, more: dict[str, Any], asker: int | None, kind: str | None
) -> None:
    found = read(world.message(where, **more), asker)
    assert (found and found.kind) == kind


@pytest.mark.parametrize(
    "more",
    [{"type": 18}, {"type": 21}, {"type": 6}, {"type": 7}, {"webhook_id": "3"}, {"author": user(7, "Other", True)}],
)
async def test_what_nobody_wrote_is_nothing_to_us(world: World, more: dict[str, Any]) -> None:
    message = world.message(0, **more)
    assert read(message) is None and asked_for(message, HEARING) is None


async def test_every_kind_of_file_is_known_by_its_type(world: World) -> None:
    files = [
        {"id": "1", "filename": "a.png", "size": 3, "url": "", "proxy_url": "", "content_type": "image/png"},
        {"id": "2", "filename": "voice-message.ogg", "size": 4, "url": "", "proxy_url": "",
         "content_type": "audio/ogg", "waveform": "AA==", "duration_secs": 1.0, "flags": 0},
        {"id": "3", "filename": "a.mp4", "size": 5, "url": "", "proxy_url": "", "content_type": "video/mp4"},
        {"id": "4", "filename": "log", "size": 2**40, "url": "", "proxy_url": ""},
        {"id": "5", "filename": "a.txt", "size": 1, "url": "", "proxy_url": "",
         "content_type": "text/plain; charset=utf-8"},
    ]  # fmt: skip
    stickers = [{"id": "9", "name": "Wumpus", "format_type": 1}]
    found = read(world.message(text="", attachments=files, sticker_items=stickers))
    assert found and found.files == (
        File("60/900/1", "photo", "a.png", "image/png", 3),
        File("60/900/2", "voice", "voice-message.ogg", "audio/ogg", 4),
        File("60/900/3", "video", "a.mp4", "video/mp4", 5),
        File("60/900/4", "document", "log", "", 2**40),
        File("60/900/5", "document", "a.txt", "text/plain", 1),
        File("9", "sticker", "Wumpus"),
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<@111> hi", "hi"), ("hi <@!111>", "hi"), ("<@&99>", ""), ("<@111>, hi", ", hi"), ("<@5> hi", "<@5> hi"),
        ("<:kek:123> <a:wow:456>", ":kek: :wow:"), ("`<@1110>`", "`<@1110>`"),
        ("🧑‍🚀 𝔘 ```\nx\n```", "🧑‍🚀 𝔘 ```\nx\n```"),
    ],
)  # fmt: skip
async def test_our_name_is_no_part_of_a_question_and_an_emoji_is_its_name(world: World, text: str, kept: str) -> None:
    found = asked_for(world.message(CHANNEL, text), HEARING)
    assert found and found.text == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [("It hangs", "Where is it?\n\nIt hangs"), ("WHERE IS IT? Help", "WHERE IS IT? Help"), ("", "Where is it?")],
)  # fmt: skip
async def test_a_posts_title_is_said_before_its_text(world: World, text: str, kept: str) -> None:
    first, later = read(world.message(POST, text, id_=POST), ANN), read(world.message(POST, "and?"), ANN)
    assert first and later and (first.text, later.text) == (kept, "and?")


async def test_an_edit_and_a_deletion_have_the_place_and_the_reference_of_their_message(world: World) -> None:
    for where in (0, CHANNEL, OPEN, THREAD, POST, PRIVATE):
        message = world.message(where, edited_timestamp=WHEN)
        said = message_to_inbound(message, HEARING, ANN) or asked_for(message, HEARING)
        edit, deletion = edit_to_inbound(message, HEARING), deletion_to_inbound(900, world.where(where), ANN, HEARING)
        assert said and (said.address, said.ref) == (edit.address, edit.ref) == (deletion.address, deletion.ref)
        assert (edit.kind, deletion.kind) == ("edit", "deletion")
    earlier = edit_to_inbound(world.message(edited_timestamp=WHEN), HEARING)
    later = edit_to_inbound(world.message(edited_timestamp="2026-11-22T10:00:01+00:00"), HEARING)
    assert earlier.external_id != later.external_id


async def test_deletions_are_nobodys_so_that_a_hundred_at_once_are_taken(world: World) -> None:
    senders = {deletion_to_inbound(number, world.where(CHANNEL), 0, HEARING).sender for number in range(100)}
    assert len(senders) == 100


async def test_a_private_place_is_the_same_wherever_one_is_alone_with_us(world: World) -> None:
    alone = private_place("discord", ANN)
    assert place_of("discord", world.where(0), ANN, ME) == place_of("discord", world.where(PRIVATE), ANN, ME) == alone
    assert person_of(alone) == ANN and person_of(Address("discord", "71")) is None
    assert place_of("discord", world.where(THREAD), ANN, ME) == Address("discord", str(OPEN), str(THREAD))
    assert target_of(Address("discord", "72", "74")) == 74 and target_of(Address("discord", "72")) == 72
    assert [is_public(world.where(where)) for where in (0, PRIVATE, CHANNEL, THREAD)] == [False, False, True, True]
    assert where_said(ref_of(900, world.where(PRIVATE), ME)) == PRIVATE
    assert where_said(ref_of(900, world.where(THREAD), ME)) is None and where_said("i1@71") == 71


# Ours as Discord's


def outbound(text: str = "hi", *buttons: Button, kind: Any = "") -> Outbound:
    return Outbound("k", Address("discord", "u5"), text, buttons, kind=kind, contact="5")


async def test_an_answer_is_an_embed_and_all_else_is_text_that_pings_nobody() -> None:
    answer, text, empty = (to_payload(each, 0x1F6FEB) for each in (outbound(kind="answer"), outbound(), outbound(" ")))
    assert (answer["embed"].description, answer["embed"].colour.value) == ("hi", 0x1F6FEB) and "content" not in answer
    assert text["content"] == "hi" and "embed" not in text and empty["content"]
    assert all(each["allowed_mentions"].to_dict() == {"parse": []} for each in (answer, text, empty))


def rows(view: discord.ui.View) -> list[list[dict[str, Any]]]:
    return [row["components"] for row in view.to_components()]


async def test_topics_are_in_menus_and_many_entries_too() -> None:
    topics = [Button(f"T{number}", f"topic:{number}") for number in range(60)]
    entries = [Button("e" * 200, f"entry:{number}") for number in range(6)]
    found = rows(view_of([*topics, *entries[:5], Button("Back", "topics")], "5"))
    assert [len(row[0].get("options", ())) for row in found[:3]] == [25, 25, 10]
    assert [len(row) for row in found] == [1, 1, 1, 5, 1]
    (menu,), (back,) = rows(view_of([*entries, Button("Back", "topics")], "5"))
    assert len(menu["options"]) == 6 and len(menu["options"][0]["label"]) == 100 and back["label"] == "Back"


@pytest.mark.parametrize("count", [1, 5, 25, 26, 200])
async def test_no_number_of_choices_breaks_a_message(count: int) -> None:
    for value in ("topic:", "entry:", "helped:"):
        found = rows(view_of([Button("x" * 99, f"{value}{number}") for number in range(count)], "5"))
        assert 1 <= len(found) <= 5
        mixed = [Button("x", f"{value}{number}") for number in range(count)] + [Button("b", "topics")] * 2
        ids = [each["custom_id"] for row in rows(view_of(mixed, "5")) for each in row]
        assert len(ids) == len(set(ids)) and len(rows(view_of(mixed, "5"))) <= 5


async def test_a_components_id_names_the_choice_and_its_owner_and_fits() -> None:
    long = Button("x", "entry:" + "é" * 100)
    (found,) = rows(view_of([long], "1" * 20))[0]
    assert len(found["custom_id"].encode()) <= 100 and len(long.token) <= LONGEST_TOKEN
    assert read_mark(found["custom_id"]) == (long.token, "1" * 20)
    assert read_mark(mark("a~b", "5")) == ("a~b", "5") and read_mark("old") == ("old", "")


async def test_a_used_message_shows_the_label_that_was_chosen(world: World) -> None:
    buttons = [Button("Yes", "helped:yes"), *(Button(f"T{number}", f"topic:{number}") for number in range(3))]
    shown = world.message(CHANNEL, components=view_of(buttons, "5").to_components())
    assert [label_of(shown, choice) for choice in ("helped:yes", "topic:2", "gone")] == ["Yes", "T2", ""]
    (used,) = rows(chosen_view("y" * 90))[0]
    assert used["disabled"] and used["label"].startswith("✓ y") and len(used["label"]) == 80


async def test_titles_are_offered_by_what_was_typed() -> None:
    entries = [(f"e{number}", f"Title {number}") for number in range(40)] + [("x" * 200, "Too long"), ("fee", "手续费")]
    assert len(offered("", entries)) == 25 and len(offered("title", entries)) == 25
    assert offered("手续", entries)[0].value == "entry:fee"
    assert all(len(choice.value) <= 100 for choice in offered("Too long", entries))
    assert offered("x", []) == []


async def test_what_waits_for_an_answer_is_forgotten_in_time() -> None:
    clock = FakeClock()
    waiting = PendingAnswers(clock)
    one = Pending(cast(Any, None), True, "original")
    waiting.add("i1", one)
    assert waiting.get("i1") is one and waiting.get("i2") is None
    clock.move(ALIVE_FOR)
    assert waiting.get("i1") is None
    for number in range(MOST + 5):
        waiting.add(f"i{number + 10}", one)
    assert len(waiting._waiting) == MOST and waiting.get("i10") is None
