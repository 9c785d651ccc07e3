"""`frontdesk run`: starts, answers, stops, and refuses to start with one readable message."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from bot.cli.run import names
from bot.config import Config, Settings
from bot.errors import ConfigError
from bot.parts import chosen_channels
from tests.cli.program import Running, free_port, frontdesk, until


def configure(folder: Path, port: int, more: str = "") -> str:
    (folder / "config.yaml").write_text(
        "knowledge: {path: faq}\nstorage: {url: sqlite:///frontdesk.db}\ndialogue: {merge_window_seconds: 0}\n"
        f"http: {{port: {port}}}\n{more}"
    )
    return f"http://127.0.0.1:{port}"


def test_it_starts_tells_where_answers_and_stops_when_told(folder: Path) -> None:
    url = configure(folder, free_port(), "channels: {web: {}, terminal: {lang: '${TERMINAL_LANGUAGE}'}}\n")
    with Running(folder, "run") as service, httpx.Client(base_url=url, trust_env=False) as client:
        service.ready(url)
        service.shows(f"web        {url}/")
        service.shows("terminal   off: the variable TERMINAL_LANGUAGE is not set")
        service.shows("knowledge  2 entries in 1 topics, faq")
        opened = client.post("/api/chat", json={"lang": "en"})
        assert opened.status_code == 201
        client.headers["Authorization"] = f"Bearer {opened.json()['token']}"
        assert client.post("/api/chat/messages", json={"id": "1", "text": "I forgot my password"}).status_code == 202
        until("an answer", lambda: "Forgot password" in client.get("/api/chat/messages", params={"after": 0}).text)
        with client.stream("GET", "/api/chat/stream"):  # a visitor's open window must not keep it from stopping
            code, seconds = service.stop()
        assert code == 0, service.output
        assert seconds < 10
        assert "Traceback" not in service.output


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_in_use_is_refused_in_one_line(folder: Path, taken: int) -> None:
    configure(folder, taken)
    refusal = frontdesk(folder, "run").refused()
    assert "\n" not in refusal
    assert refusal.startswith(f"frontdesk: can't listen on 127.0.0.1:{taken} (Address already in use)")
    assert "http.port" in refusal


def test_a_database_in_a_place_where_none_can_be_is_refused_in_one_line(folder: Path) -> None:
    (folder / "file").write_text("")
    text = (folder / "config.yaml").read_text().replace("frontdesk.db", "file/frontdesk.db")
    (folder / "config.yaml").write_text(text)
    refusal = frontdesk(folder, "run").refused()
    assert "\n" not in refusal
    assert refusal.startswith("frontdesk: can't use the database file/frontdesk.db")
    assert "storage.url" in refusal


def test_a_database_of_a_later_program_is_refused_with_what_to_do(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database, database:
        database.execute("create table schema_version (version integer not null)")
        database.execute("insert into schema_version values (999)")
    refusal = frontdesk(folder, "run").refused()
    assert "\n" not in refusal
    assert "this database has version 999" in refusal
    assert "install the Frontdesk that wrote it, or restore a backup made before" in refusal


def test_a_configuration_that_is_not_there_is_refused(shared: Path) -> None:
    refusal = frontdesk(shared, "run", "--config", "nowhere.yaml").refused()
    assert refusal.splitlines()[-1] == "nowhere.yaml: there is no such file"


def test_a_channel_that_is_not_configured_can_not_be_run(shared: Path) -> None:
    refusal = frontdesk(shared, "run", "--only", "web,carrier-pigeon").refused()
    assert refusal == "frontdesk: the channel carrier-pigeon is not configured; configured: web"


def test_channels_are_chosen_once_each_and_there_must_be_one() -> None:
    assert names(" web,,terminal , web") == ["web", "terminal"]
    with pytest.raises(ConfigError, match="--only names no channel"):
        names(" , ")


def test_a_channel_that_is_off_can_not_be_chosen() -> None:
    config = Config(Settings(), {}, {"parrot": "PARROT_TOKEN"})
    with pytest.raises(ConfigError, match="the channel parrot is off: PARROT_TOKEN is not set"):
        chosen_channels(config, ["parrot"])
