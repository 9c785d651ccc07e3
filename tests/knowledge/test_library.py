"""Hot reload: a change is taken up, a broken file is not, and says so."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.knowledge.library import WATCH_EVERY, Library
from bot.mind import Rules
from tests.harness import Bot
from tests.knowledge.folders import FEES, write
from tests.stands.clock import FakeClock

NEXT_DOOR = FEES.replace("topic: fees", "topic: more").replace("-fees", "-costs").replace("?", " then?")


class Naps(FakeClock):
    """A clock that can be asked to tell when somebody sleeps by it."""

    def __init__(self) -> None:
        super().__init__()
        self._slept = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self._slept.set()
        await super().sleep(seconds)

    async def asleep(self) -> None:
        """Wait until somebody goes to sleep."""
        await self._slept.wait()
        self._slept.clear()


@pytest.fixture
def folder(here: Path) -> Path:
    return write(here / "k", fees=FEES)


@pytest.fixture
def library(folder: Path) -> Library:
    return Library(folder, Rules())


def answer(library: Library, entry: str = "trading-fees") -> str:
    return library.mind.knowledge.entries[entry].answers["en"]["default"]


async def test_without_a_change_nothing_is_read_again(library: Library) -> None:
    mind = library.mind
    assert not await library.refresh()
    assert library.mind is mind


async def test_a_changed_file_is_taken_up(library: Library, folder: Path) -> None:
    write(folder, fees=FEES.replace("They are low.", "They are lower than ever."))
    assert await library.refresh()
    assert answer(library) == "They are lower than ever."
    assert not await library.refresh()


async def test_a_change_that_keeps_the_files_size_is_taken_up(library: Library, folder: Path) -> None:
    write(folder, fees=FEES.replace("They are low.", "They are nil."))
    os.utime(folder / "fees.yaml", ns=(1, 1))
    assert await library.refresh()
    assert answer(library) == "They are nil."


async def test_a_new_file_and_a_deleted_one_are_taken_up(library: Library, folder: Path) -> None:
    write(folder, more=NEXT_DOOR)
    assert await library.refresh()
    assert set(library.mind.knowledge.topics) == {"fees", "more"}
    (folder / "fees.yaml").unlink()
    assert await library.refresh()
    assert set(library.mind.knowledge.topics) == {"more"}


async def test_changed_phrases_are_taken_up(library: Library, folder: Path) -> None:
    write(folder, phrases="thanks: {en: Any time!}\n")
    assert await library.refresh()
    assert library.mind.knowledge.phrases.texts["thanks"]["en"] == "Any time!"


async def test_changed_checks_change_nothing(library: Library, folder: Path) -> None:
    write(folder, checks__fees="- {say: x, expect: handover}\n")
    assert not await library.refresh()


async def test_a_broken_file_leaves_the_old_knowledge_in_force_and_says_why(library: Library, folder: Path) -> None:
    mind = library.mind
    write(folder, fees=FEES.replace("They are low.", "'low"), more="topic: more\n\ttitle: x\n")
    assert await library.refresh()
    assert library.mind is mind
    assert [str(problem) for problem in library.problems] == [
        "k/fees.yaml:6: a quote is opened here and never closed",
        "k/more.yaml:2: a tab can't indent YAML; use spaces",
    ]
    assert not await library.refresh(), "the same broken files are not read and told again and again"


async def test_mended_again_the_new_knowledge_is_in_force_and_the_problems_are_gone(
    library: Library, folder: Path
) -> None:
    write(folder, fees="topic: [")
    await library.refresh()
    assert library.problems
    write(folder, fees=FEES.replace("They are low.", "Mended."))
    assert await library.refresh()
    assert answer(library) == "Mended."
    assert library.problems == []


async def test_a_folder_that_vanishes_leaves_the_old_knowledge_in_force(library: Library, folder: Path) -> None:
    elsewhere = shutil.move(folder, "elsewhere")
    assert await library.refresh()
    assert answer(library) == "They are low."
    assert "there is no such folder" in str(library.problems[0])
    shutil.move(elsewhere, folder)
    assert await library.refresh()
    assert library.problems == []


async def test_hints_are_kept_up_to_date(library: Library, folder: Path) -> None:
    assert library.warnings == []
    write(folder, fees=FEES.replace(", zh: 很低。", ""))
    await library.refresh()
    assert [str(problem) for problem in library.warnings] == ["k/fees.yaml:6: trading-fees: answer lacks zh"]


async def test_the_watch_looks_soon_enough(library: Library, folder: Path) -> None:
    assert WATCH_EVERY < 2, "a change must be in force within two seconds"
    clock = Naps()
    watch = asyncio.create_task(library.watch(clock))
    async with asyncio.timeout(5):
        await clock.asleep()
        write(folder, fees=FEES.replace("They are low.", "Seen by the watch."))
        clock.move(WATCH_EVERY)
        await clock.asleep()
    assert answer(library) == "Seen by the watch."
    watch.cancel()


def test_at_the_start_broken_knowledge_is_refused_with_all_its_mistakes(folder: Path) -> None:
    write(folder, fees="topic: 'fees", more="topic: [")
    with pytest.raises(KnowledgeError) as refusal:
        Library(folder, Rules())
    assert str(refusal.value).splitlines() == [
        "the knowledge can't be used:",
        "k/fees.yaml:1: a quote is opened here and never closed",
        'k/more.yaml:1: a value is missing here, or the "]" or "}" of what is opened above',
    ]


async def test_people_get_the_new_answer_and_health_tells_of_a_broken_file(folder: Path, here: Path) -> None:
    async with Bot(here, folder) as bot:
        await bot.press("entry:trading-fees")
        bot.expect("They are low.")
        write(folder, fees=FEES.replace("They are low.", "They are gone."))
        await bot.app.library.refresh()
        await bot.press("entry:trading-fees")
        bot.expect("They are gone.")
        write(folder, fees="topic: 'fees")
        await bot.app.library.refresh()
        await bot.press("entry:trading-fees")
        bot.expect("They are gone.")
        ready, parts = await bot.app.health().report()
        assert ready
        assert parts["knowledge"] == "k/fees.yaml:1: a quote is opened here and never closed"
