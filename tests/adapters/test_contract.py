"""What every adapter must keep, whatever its platform. Adapters are found by themselves; each needs a driver."""

from __future__ import annotations

import ast
import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import BaseModel

import adapters
from bot.dialogue.splitting import units
from bot.errors import EmptyMessage, StoreUnavailable, TooManyMessages
from bot.messages import Accepted, Button, Inbound, Receipt
from bot.parts import adapter_names
from bot.ports import Limits
from tests.adapters.driver import Driver, eventually, module
from tests.adapters.drivers import DRIVERS, driver_of, message

FOLDER = Path(adapters.__file__).parent
OURS_ALLOWED = {"bot.messages", "bot.ports", "bot.errors"}
NAMES = adapter_names()
pytestmark = pytest.mark.anyio
every_adapter = pytest.mark.parametrize("name", NAMES)


class Core:
    """What stands behind `accept`: keeps what it takes, refuses on demand, and can be held up."""

    def __init__(self) -> None:
        self.taken: list[Inbound] = []
        self.asked = 0
        self.refusals: list[Exception] = []
        self.open = asyncio.Event()
        self.open.set()

    async def accept(self, inbound: Inbound) -> Accepted:
        self.asked += 1
        await self.open.wait()
        if self.refusals:
            raise self.refusals.pop(0)
        self.taken.append(inbound)
        return Accepted(1, len(self.taken))

    @property
    def texts(self) -> list[str]:
        return [inbound.text for inbound in self.taken]


@asynccontextmanager
async def serving(name: str) -> AsyncIterator[tuple[Driver, Core]]:
    """A running adapter, its person, and the core behind it."""
    core = Core()
    async with asyncio.timeout(30), driver_of(name)(core.accept) as driver:
        yield driver, core


def flat(text: str) -> str:
    """Without white space: a platform may break lines where it likes."""
    return "".join(text.split())


# Its form


def test_every_adapter_is_found_and_has_a_driver() -> None:
    assert {"terminal", "web", "telegram", "discord"} <= set(NAMES)
    for name in NAMES:
        driver_of(name)
    assert set(DRIVERS) <= set(NAMES), "a driver without an adapter"


def test_an_adapter_without_a_driver_is_told_to_write_one() -> None:
    with pytest.raises(AssertionError, match=r"smoke has no driver: write a class SmokeDriver in .*drivers\.py"):
        driver_of("smoke")


@every_adapter
def test_it_has_options_that_refuse_unknown_keys(name: str) -> None:
    options = module(name).Options
    assert issubclass(options, BaseModel)
    assert options.model_config.get("extra") == "forbid"


@every_adapter
async def test_it_has_limits_run_and_send(name: str) -> None:
    async with serving(name) as (driver, _):
        assert isinstance(driver.adapter.limits, Limits)
        assert driver.adapter.limits.text > 0
        assert isinstance(driver.adapter, module(name).Adapter)
        assert inspect.iscoroutinefunction(driver.adapter.run)
        assert inspect.iscoroutinefunction(driver.adapter.send)


@every_adapter
def test_of_ours_it_imports_only_the_words_the_ports_and_the_errors(name: str) -> None:
    own = f"adapters.{name}"
    files = [FOLDER / f"{name}.py"] if (FOLDER / f"{name}.py").exists() else sorted((FOLDER / name).rglob("*.py"))
    assert files
    for file in files:
        for imported in imports(ast.parse(file.read_text(encoding="utf-8"))):
            root = imported.split(".")[0]
            assert imported, f"{file}: imports of its own package must be written out, not relative"
            assert root != "bot" or imported in OURS_ALLOWED, f"{file} imports {imported}"
            assert root != "adapters" or f"{imported}.".startswith(f"{own}."), f"{file} imports {imported}"


def imports(tree: ast.Module) -> Iterator[str]:
    """The modules that a file imports, inside functions too; empty for a relative one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            whole = node.module in {"bot", "adapters"}  # then the names are the modules
            yield from (f"{node.module}.{alias.name}" for alias in node.names) if whole else [node.module or ""]


# What comes in


@every_adapter
async def test_what_a_person_says_reaches_accept_once_with_all_that_is_needed(name: str) -> None:
    async with serving(name) as (driver, core):
        assert await driver.say("hello there")
        assert await driver.say("hello there")
    assert core.texts == ["hello there"] * 2
    first, second = core.taken
    assert first.address == second.address
    assert first.address.channel == name
    assert first.address.chat
    assert first.account
    assert first.sender.id
    assert first.sender.id == second.sender.id
    assert first.external_id
    assert (first.account, first.external_id) != (second.account, second.external_id)
    assert not first.choice


@every_adapter
@pytest.mark.parametrize(
    "text", ["提现一直没到账", "😀👨\u200d👩\u200d👧", "مرحبا", "[bold]x[/x] <b> *_`", "/human", "7"], ids=ascii
)
async def test_a_text_reaches_accept_as_it_was_said(name: str, text: str) -> None:
    async with serving(name) as (driver, core):
        assert await driver.say(text)
    assert core.texts == [text]


@every_adapter
async def test_nothing_is_acknowledged_before_accept_has_returned(name: str) -> None:
    async with serving(name) as (driver, core):
        core.open.clear()
        saying = asyncio.create_task(driver.say("wait for it"))
        await eventually(lambda: core.asked, "accept was never asked")
        done, _ = await asyncio.wait([saying], timeout=0.1)
        assert not done, "it was acknowledged while accept was still at work"
        core.open.set()
        assert await saying


@every_adapter
@pytest.mark.parametrize(
    "error",
    [StoreUnavailable(), TooManyMessages(0.01), EmptyMessage(), RuntimeError("a bug [/x]")],
    ids=lambda error: type(error).__name__,
)
async def test_nothing_is_lost_when_accept_raises(name: str, error: Exception) -> None:
    async with serving(name) as (driver, core):
        core.refusals.append(error)
        if not await driver.say("important"):  # told; so they say it again
            assert await driver.say("important")
        assert await driver.say("and more")
        assert not driver.ended
    assert core.texts == ["important", "and more"]


@every_adapter
async def test_messages_keep_their_order(name: str) -> None:
    said = [f"message {number}" for number in range(20)]
    async with serving(name) as (driver, core):
        for text in said:
            await driver.say(text)
    assert core.texts == said


@every_adapter
async def test_run_ends_when_it_is_cancelled_and_can_begin_again(name: str) -> None:
    async with serving(name) as (driver, core):
        await driver.say("before")
        await driver.end()
        assert driver.ended
        again = asyncio.create_task(driver.adapter.run(core.accept))
        done, _ = await asyncio.wait([again], timeout=0.05)
        assert not done
        again.cancel()
        await asyncio.wait([again], timeout=5)
        assert again.cancelled()


# What goes out


@every_adapter
async def test_a_message_sent_shows_its_text_and_all_its_buttons_and_gives_a_receipt(name: str) -> None:
    async with serving(name) as (driver, _):
        buttons = [Button(f"Choice {n}", f"value:{n}") for n in range(driver.adapter.limits.buttons or 3)]
        receipt = await driver.send(message(driver, 1, "Which of these is it?", buttons))
        seen = flat(await driver.seen())
    assert isinstance(receipt, Receipt)
    places = [seen.index(flat(text)) for text in ("Which of these is it?", *(button.label for button in buttons))]
    assert places == sorted(places)


@every_adapter
async def test_two_messages_sent_are_shown_in_order(name: str) -> None:
    async with serving(name) as (driver, _):
        for seq, text in enumerate(("the first one", "the second one"), start=1):
            await driver.send(message(driver, seq, text))
        seen = flat(await driver.seen())
    assert seen.index("thefirstone") < seen.index("thesecondone")


@every_adapter
async def test_markdown_leaves_no_word_and_no_link_out(name: str) -> None:
    text = (
        "# Fees\n\nIt is **free** and _fast_, see [our page](https://example.com/fees):\n\n- one\n- two\n\n1. `code`\n"
    )
    async with serving(name) as (driver, _):
        await driver.send(message(driver, 1, text))
        seen = flat(await driver.seen())
    for word in ("Fees", "free", "fast", "ourpage", "https://example.com/fees", "one", "two", "code"):
        assert word in seen


@every_adapter
@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4 = 24",
        "snake_case_name and __init",
        "a < b & c > d",
        "[bold]",
        "[/x]",
        "[bold]not bold[/bold] [/]",
        "[link=https://example.com]x[/link]",
        "<b>",
        "<b>bold</b> and <img src=x>",
        "<script>alert(1)</script>",
        "x <!-- kept --> y",
        ":smile: :+1:",
        "`",
        "unfinished **bold and [link](",
        "{brand.name} {0} {} %s %d",
        "C:\\Users\\x",
        "#hash ~tilde | pipe ^",
        "😀 👨\u200d👩\u200d👧 🏳️\u200d🌈 🇨🇳",
        "提现 ABC ，。！",
        "مرحبا",
    ],
    ids=ascii,
)
async def test_text_that_looks_like_markup_is_shown_literally(name: str, text: str) -> None:
    async with serving(name) as (driver, _):
        await driver.send(message(driver, 1, f"Before {text} after", [Button(text, "value")]))
        seen = flat(await driver.seen())
    assert flat(f"Before {text} after") in seen
    assert flat(text) in seen.partition(flat(f"Before {text} after"))[2], "and on a button"


@every_adapter
@pytest.mark.parametrize("word", ["word ", "提", "😀", "x"], ids=ascii)
async def test_a_text_as_long_as_the_limits_allow_is_shown_whole(name: str, word: str) -> None:
    async with serving(name) as (driver, _):
        length = min(driver.adapter.limits.text, 20_000)
        text = (word * ((length - 5) // units(word))).rstrip() + "(end)"
        await driver.send(message(driver, 1, text))
        seen = flat(await driver.seen())
    assert flat(text) in seen


@every_adapter
@pytest.mark.parametrize("text", ["", " ", "\n", "---", "```", "```\n[/x]\n```", "|a|b|\n|-|-|\n|[/x]|<b>|"], ids=ascii)
async def test_an_odd_text_never_raises(name: str, text: str) -> None:
    async with serving(name) as (driver, _):
        assert isinstance(await driver.send(message(driver, 1, text)), Receipt)
        await driver.send(message(driver, 2, "still here"))
        assert "stillhere" in flat(await driver.seen())
