"""Vectors in the background and in time: what is embedded when, and what a slow or broken model costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.errors import VectorsUnavailable
from bot.knowledge.library import Library
from bot.mind import Mind, Rules
from bot.vectors.cache import VectorCache
from bot.vectors.gauge import yardsticks
from bot.vectors.sense import BATCH, FIRST_WAIT, LONGEST_WAIT, MOST_REMEMBERED, TRIAL, Sense
from tests.knowledge.folders import FEES, write
from tests.stands.clock import FakeClock
from tests.stands.embeddings import vector

TIMEOUT = 0.05


class Model:
    """A model in this process that does as it is told."""

    def __init__(self, *, needs_gauge: bool = False) -> None:
        self.name = "model"
        self.languages: Sequence[str] | None = ["en"]
        self.needs_gauge = needs_gauge
        self.asked: list[list[str]] = []
        self.broken: Callable[[Sequence[str]], bool] = lambda _: False
        self.hangs = False
        self.closed = False

    async def embed(self, texts: Sequence[str]) -> Sequence[np.ndarray]:
        self.asked.append(list(texts))
        if self.hangs:
            await asyncio.Event().wait()
        if self.broken(texts):
            raise VectorsUnavailable("the model is broken")
        found = [np.array(vector(text), dtype=np.float32) for text in texts]
        return [values / np.linalg.norm(values) for values in found]

    async def close(self) -> None:
        self.closed = True


class World:
    """A sense over a model, a knowledge folder and a clock that stands."""

    def __init__(self, folder: Path, model: Model | None = None, cache: VectorCache | None = None) -> None:
        self.model = model or Model()
        self.clock = FakeClock()
        self.library = Library(folder, Rules())
        self.sense = Sense(self.model, cache, self.clock, lambda: self.library.mind, self.library.replace, TIMEOUT)

    async def ready(self) -> World:
        while await self.sense.step():
            pass
        self.model.asked.clear()
        return self

    async def ask(self, *texts: str) -> set[str]:
        """The questions of these that get their meaning."""
        return set(await self.sense.meanings({text: text for text in texts}))


@pytest.fixture
def folder(here: Path) -> Path:
    return write(here / "k", fees=FEES)


@pytest.fixture
def world(folder: Path) -> World:
    return World(folder)


def many(count: int) -> str:
    """A topic with so many English phrasings."""
    questions = "".join(f"        - what about matter number {number}\n" for number in range(count))
    return (
        "topic: many\ntitle: {en: Many}\nentries:\n"
        f"  - id: matters\n    question:\n      en:\n{questions}    answer: {{en: That one.}}\n"
    )


def means(mind: Mind) -> bool:
    """Whether a mind compares by meaning."""
    return bool(mind.wanting(lambda other: other.read("what does it cost", None, 0.0)))


async def test_until_the_knowledge_is_embedded_no_question_wants_a_vector(world: World) -> None:
    assert not means(world.library.mind)
    assert await world.sense.step()
    assert means(world.library.mind)
    assert not await world.sense.step(), "what is done is done"


async def test_only_phrasings_in_the_models_languages_are_asked_for_in_batches(folder: Path) -> None:
    write(folder, many=many(2 * BATCH))
    world = World(folder)
    await world.sense.step()
    assert all(len(texts) <= BATCH for texts in world.model.asked)
    asked = [text for texts in world.model.asked for text in texts]
    assert len(asked) == len(set(asked)) > 2 * BATCH
    assert all(text.isascii() for text in asked)


async def test_a_reload_is_embedded_anew_with_the_cache_only_what_is_new(folder: Path, tmp_path: Path) -> None:
    world = await World(folder, cache=VectorCache(tmp_path / "vectors.db")).ready()
    write(folder, more=FEES.replace("topic: fees", "topic: more").replace("-fees", "-costs").replace("?", " then?"))
    assert await world.library.refresh()
    assert not means(world.library.mind), "words alone until it is done"
    await world.sense.step()
    assert means(world.library.mind)
    new = [text for texts in world.model.asked for text in texts]
    assert new
    assert all("then?" in text for text in new)


async def test_a_knowledge_that_changes_while_it_is_embedded_is_not_overwritten(world: World, folder: Path) -> None:
    new: list[Mind] = []

    def change(_: Sequence[str]) -> bool:
        if not new:
            new.append(Mind(world.library.mind.knowledge, Rules()))
            world.library.mind = new[0]
        return False

    world.model.broken = change
    await world.sense.step()
    assert world.library.mind is new[0]
    await world.sense.step()
    assert means(world.library.mind)


async def test_the_next_start_asks_for_nothing(folder: Path, tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.db")
    await World(folder, Model(needs_gauge=True), cache).ready()
    again = World(folder, Model(needs_gauge=True), cache)
    assert await again.sense.step()
    assert means(again.library.mind)
    assert again.model.asked == []


async def test_what_was_embedded_before_a_failure_is_not_lost(folder: Path, tmp_path: Path) -> None:
    write(folder, many=many(3 * BATCH))
    world = World(folder, cache=VectorCache(tmp_path / "vectors.db"))
    world.model.broken = lambda _: len(world.model.asked) > 2
    await world.sense.step()
    assert world.sense.trouble == "answers are found by words alone: the model is broken"
    assert not means(world.library.mind)
    before = {text for texts in world.model.asked[:2] for text in texts}
    world.model.asked.clear()
    world.model.broken = lambda _: False
    world.clock.move(FIRST_WAIT)
    while await world.sense.step():
        pass
    assert means(world.library.mind)
    assert world.sense.trouble is None
    assert not before & {text for texts in world.model.asked for text in texts}


async def test_another_model_does_not_get_the_vectors_of_this_one(folder: Path, tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.db")
    await World(folder, cache=cache).ready()
    other = Model()
    other.name = "another"
    await World(folder, other, cache).sense.step()
    assert other.asked


async def test_a_foreign_model_is_measured_first(folder: Path) -> None:
    world = World(folder, Model(needs_gauge=True))
    await world.sense.step()
    assert world.model.asked[0] == yardsticks(["en"])
    assert means(world.library.mind)


async def test_questions_are_embedded_together_and_each_once(world: World) -> None:
    await world.ready()
    assert await world.ask("one", "two") == {"one", "two"}
    assert await world.ask("two", "one", "three") == {"one", "two", "three"}
    assert world.model.asked == [["one", "two"], ["three"]]


async def test_only_so_many_questions_are_remembered(world: World) -> None:
    await world.ready()
    await world.ask("first")
    await world.ask(*(f"number {number}" for number in range(MOST_REMEMBERED)))
    world.model.asked.clear()
    await world.ask("first")
    assert world.model.asked == [["first"]]


async def test_a_slow_model_costs_one_question_the_timeout_and_the_others_nothing(world: World) -> None:
    await world.ready()
    world.model.hangs = True
    assert await world.ask("one") == set()
    assert world.sense.trouble == "answers are found by words alone: model took longer than 0.05 s"
    assert await world.ask("two", "three") == set()
    assert world.model.asked == [["one"]]


async def test_what_is_remembered_is_told_even_while_the_model_is_down(world: World) -> None:
    await world.ready()
    await world.ask("one")
    world.model.broken = lambda _: True
    assert await world.ask("one", "two") == {"one"}
    assert await world.ask("one") == {"one"}


async def test_a_trial_in_the_background_ends_the_trouble(world: World) -> None:
    await world.ready()
    world.model.broken = lambda _: True
    await world.ask("one")
    assert not await world.sense.step(), "not at once"
    world.clock.move(FIRST_WAIT)
    assert await world.sense.step()
    assert world.sense.trouble, "it is still broken"
    world.model.broken = lambda _: False
    world.clock.move(2 * FIRST_WAIT)
    assert await world.sense.step()
    assert world.sense.trouble is None
    assert world.model.asked == [["one"], [TRIAL], [TRIAL]]
    assert await world.ask("one") == {"one"}
    assert means(world.library.mind)


async def test_trials_get_rarer_but_never_end(world: World) -> None:
    await world.ready()
    world.model.broken = lambda _: True
    await world.ask("one")
    waited = 0
    for _ in range(20):
        world.clock.move(LONGEST_WAIT)
        waited += await world.sense.step()
    assert waited == 20
    world.clock.move(LONGEST_WAIT - 1)
    assert not await world.sense.step()


async def test_questions_that_fail_together_count_once(world: World) -> None:
    await world.ready()
    world.model.broken = lambda _: True
    await asyncio.gather(*(world.ask(f"number {number}") for number in range(20)))
    world.clock.move(FIRST_WAIT)
    assert await world.sense.step()


async def test_from_the_cache_alone_a_mind_is_equipped_wholly_or_not_at_all(folder: Path, tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.db")
    for needs_gauge in (False, True):
        world = World(folder, Model(needs_gauge=needs_gauge), cache)
        world.model.name = f"model {needs_gauge}"
        assert await world.sense.equipped(world.library.mind, only_cached=True) is None
        assert world.model.asked == []
        await world.sense.step()
        found = await world.sense.equipped(world.library.mind, only_cached=True)
        assert found is not None
        assert means(found)


async def test_a_knowledge_in_languages_that_the_model_does_not_know_is_left_alone(folder: Path) -> None:
    world = World(folder)
    world.model.languages = ["ka"]
    assert await world.sense.step()
    assert not await world.sense.step()
    assert world.model.asked == []


async def test_closing_lets_the_model_go(world: World) -> None:
    await world.sense.close()
    assert world.model.closed
