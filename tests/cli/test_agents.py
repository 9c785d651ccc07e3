"""`frontdesk agents`: who answers, and links that let them in beside a running service."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import furnish
from tests.cli.program import Running, free_port, frontdesk

STAFF = """\
agents:
  - {name: Ann, alias: Anna, role: lead, telegram: 111, languages: [en], topics: [fees]}
  - {name: 小明, discord: 222}
desk: {telegram: {chat: -100123}}
"""


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with agents, in which the service runs: the folder, and where the service answers."""
    folder, port = furnish(tmp_path_factory.mktemp("staffed")), free_port()
    path = folder / "config.yaml"
    path.write_text(path.read_text().replace("{port: 0}", f"{{port: {port}}}") + STAFF, encoding="utf-8")
    with Running(folder, "run", "--only", "web") as running:
        running.ready(f"http://127.0.0.1:{port}")
        yield folder, f"http://127.0.0.1:{port}"


def test_the_agents_are_listed_with_what_they_know_and_whether_they_are_there(staffed: tuple[Path, str]) -> None:
    folder, _ = staffed
    with sqlite3.connect(folder / "frontdesk.db") as database:
        database.execute("insert into agent values ('Ann', 1, 0, null) on conflict do nothing")
    ran = frontdesk(folder, "agents")
    assert (ran.code, ran.err) == (0, "")
    ann, ming = ran.out.splitlines()[1:]
    assert ann.split() == ["Ann", "Anna", "lead", "telegram,", "console", "en", "fees", "away"]
    assert ming.split() == ["小明", "小明", "agent", "discord,", "console", "all", "all", "there"]
    found = json.loads(frontdesk(folder, "agents", "--json").out)
    assert [(one["name"], one["there"]) for one in found] == [("Ann", False), ("小明", True)]


def test_a_link_is_printed_beside_the_running_service_and_stored_as_a_hash_only(staffed: tuple[Path, str]) -> None:
    folder, url = staffed
    ran = frontdesk(folder, "agents", "link", "小明")
    assert ran.code == 0
    assert "once" in ran.err
    link = httpx.URL(ran.out.strip())
    assert str(link).startswith(f"{url}/desk/enter?")
    assert link.params["name"] == "小明"
    with sqlite3.connect(folder / "frontdesk.db") as database:
        stored = database.execute("select key_hash from link where agent = '小明'").fetchall()
    assert len(stored) == 1
    assert link.params["key"] not in stored[0][0]


def test_nobody_else_gets_a_link(staffed: tuple[Path, str]) -> None:
    said = frontdesk(staffed[0], "agents", "link", "Mallory").refused()
    assert "Mallory" in said
    assert "Ann, 小明" in said


def test_without_a_database_the_agents_are_listed_but_there_is_no_link(folder: Path) -> None:
    assert frontdesk(folder, "agents").out.splitlines()[1].split()[0] == "Agent"
    assert "frontdesk run" in frontdesk(folder, "agents", "link", "Agent").refused()
    assert not (folder / "frontdesk.db").exists()


def test_where_the_console_is_off_there_is_no_link(folder: Path) -> None:
    with (folder / "config.yaml").open("a", encoding="utf-8") as config:
        staff = STAFF.replace("desk: {", "desk: {console: null, ").replace("discord: 222", "telegram: 222")
        config.write(staff + "channels: {telegram: {token: '1:x'}}\n")
    assert "console" in frontdesk(folder, "agents", "link", "Ann").refused()
