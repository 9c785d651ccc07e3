"""`frontdesk doctor`."""

from __future__ import annotations

import asyncio
import importlib
import sqlite3
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.config import load
from bot.parts import options_of
from tests.cli.program import Ran, Running, free_port, frontdesk
from tests.stands.telegram import BotApi, Hang, Status

doctor = importlib.import_module("bot.cli.doctor")  # the package has the command under the same name
TOKEN = "111111:a-token-that-must-never-show"


def findings(out: str) -> dict[str, str]:
    """The report by part: what is marked, and what is said."""
    parts = {}
    for line in out.splitlines():
        head, _, rest = line.partition("  ")
        if head:
            parts[head] = " ".join(rest.split())
        else:
            parts[list(parts)[-1]] += " | " + " ".join(rest.split())
    return parts


def configure(folder: Path, port: int, database: str = "frontdesk.db", more: str = "") -> None:
    (folder / "config.yaml").write_text(
        f"knowledge: {{path: faq}}\nstorage: {{url: sqlite:///{database}}}\nhttp: {{port: {port}}}\n{more}"
    )


class Stranger(BaseHTTPRequestHandler):
    """Another program on our port."""

    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"<html>not here</html>")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def stranger() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_before_the_first_start_all_is_well_and_nothing_is_made(folder: Path) -> None:
    port = free_port()
    configure(folder, port, "data/frontdesk.db", "channels: {web: {}, terminal: {lang: '${TERMINAL_LANGUAGE}'}}\n")
    text = (folder / "faq" / "fees.yaml").read_text(encoding="utf-8")
    (folder / "faq" / "fees.yaml").write_text(text.replace(", zh: 费用", ""), encoding="utf-8")
    ran = frontdesk(folder, "doctor")
    assert (ran.code, ran.err) == (0, "")
    assert "knowledge         hint   1 hint; frontdesk check shows it\n" in ran.out
    told = findings(ran.out.replace("knowledge         hint", "hints  hint"))
    assert told["configuration"] == "ok config.yaml"
    assert told["channel web"] == "ok configured and reachable"
    assert told["channel terminal"] == "off the variable TERMINAL_LANGUAGE is not set"
    assert told["knowledge"] == "ok 2 entries in 1 topics, faq"
    assert told["store"] == "ok data/frontdesk.db is not there yet; frontdesk run makes it"
    assert told["service"] == f"off not running at http://127.0.0.1:{port}/readyz (Connection refused)"
    assert not (folder / "data").exists()


def test_a_running_service_is_seen_and_so_is_what_ails_it(folder: Path) -> None:
    port = free_port()
    configure(folder, port)
    with Running(folder, "run") as service:
        service.ready(f"http://127.0.0.1:{port}")
        ran = frontdesk(folder, "doctor")
        told = findings(ran.out)
        assert ran.code == 0, ran.out
        assert told["service"] == f"ok running at http://127.0.0.1:{port}/readyz"
        assert told["store"].startswith("ok frontdesk.db: writable; 0 unhandled")

        (folder / "faq" / "more.yaml").write_text("topic: 'more")
        service.shows("knowledge.broken")
        ran = frontdesk(folder, "doctor")
        told = findings(ran.out)
        assert ran.code == 1
        broken = "faq/more.yaml:1: a quote is opened here and never closed"
        assert told["knowledge"] == f"fault the knowledge can't be used: | {broken}"
        assert told["service"] == f"fault knowledge: {broken}"


def test_a_database_that_can_not_be_made_and_another_program_on_the_port_are_faults(
    folder: Path, stranger: int
) -> None:
    (folder / "file").write_text("")
    configure(folder, stranger, "file/frontdesk.db")
    ran = frontdesk(folder, "doctor")
    assert ran.code == 1
    assert findings(ran.out)["store"] == (
        f"fault file/frontdesk.db can't be made: {folder / 'file'} is not a folder; set storage.url elsewhere"
    )
    assert findings(ran.out)["service"] == (
        f"fault what answers at http://127.0.0.1:{stranger}/readyz is not Frontdesk; stop it, or set another http.port"
    )


def test_a_file_that_is_no_database_is_a_fault(folder: Path) -> None:
    (folder / "frontdesk.db").write_text("no database, and long enough to be looked at as one" * 20)
    ran = frontdesk(folder, "doctor")
    assert ran.code == 1
    assert "frontdesk.db: file is not a database" in findings(ran.out)["store"]
    assert findings(ran.out)["service"] == "off http.port is 0, any free port: it can't be known where to ask"


def test_a_database_of_a_later_program_is_a_fault_with_what_to_do(folder: Path) -> None:
    with sqlite3.connect(folder / "frontdesk.db") as database:
        database.execute("create table schema_version (version integer not null)")
        database.execute("insert into schema_version values (999)")
    database.close()
    ran = frontdesk(folder, "doctor")
    assert ran.code == 1
    store = findings(ran.out)["store"]
    assert store.startswith("fault can't use the database frontdesk.db: this database has version 999")
    assert "install the Frontdesk that wrote it" in store


MONDAY_NOON = 1_795_435_200.0
"""23 November 2026, 12:00 UTC."""
DESKS = "desk: {telegram: {chat: -100123}, discord: {channel: 55}}\n"


def desk(folder: Path, text: str, now: float = MONDAY_NOON, **environment: str) -> dict[str, str]:
    """What doctor says of the desk, by part."""
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    found = doctor._desk(load(folder / "config.yaml", options_of, environment), now)
    return {finding.part: f"{finding.mark} {finding.text}" for finding in found}


def test_with_nothing_configured_the_console_is_the_desk_round_the_clock(shared: Path) -> None:
    told = findings(frontdesk(shared, "doctor").out)
    assert told["desk console"] == "ok http://127.0.0.1:0/desk, 1 agent"
    assert told["agents"] == "ok Agent (lead)"
    assert told["desk hours"] == "ok open round the clock"


def test_every_desk_is_told_with_its_agents_and_what_turns_it_on(folder: Path) -> None:
    text = DESKS + "agents: [{name: Ann, role: lead, telegram: 11}, {name: Bo, telegram: 12}]\n"
    told = desk(folder, text, TELEGRAM_TOKEN=TOKEN)
    assert told["desk telegram"] == "ok -100123, 2 agents"
    assert told["desk discord"] == "off the channel discord is off: the variable DISCORD_TOKEN is not set"
    assert told["desk console"] == "ok http://127.0.0.1:8080/desk, 2 agents"
    assert told["agents"] == "ok Ann (lead), Bo"


def test_a_desk_without_anybody_and_agents_without_a_lead_are_hints(folder: Path) -> None:
    told = desk(folder, DESKS + "agents: [{name: Bo, discord: 12}]\n", TELEGRAM_TOKEN=TOKEN)
    assert told["desk telegram"] == "hint nobody can answer there: no agent has a telegram number; add it under agents"
    assert told["agents"] == "hint nobody is told when nobody else answers; give one of the agents role: lead"


def test_no_desk_that_is_on_is_a_fault(folder: Path) -> None:
    text = "desk: {telegram: {chat: -1}, console: null}\nagents: [{name: Ann, telegram: 11}]\n"
    told = desk(folder, text)
    assert told["desk"] == "fault nobody can answer: no desk is on, and desk.console is null"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("{mon: 09:00-18:00}", "ok open until today 18:00 (Europe/Berlin)"),
        ("{mon: 09:00-12:00, tue: 08:30-12:00}", "ok closed until Tue 24 Nov, 08:30 (Europe/Berlin)"),
        ("{mon: 24h}, holidays: {2026-11-23: closed}", "ok closed until Mon 30 Nov, 00:00 (Europe/Berlin)"),
    ],
)
def test_whether_people_are_there_is_told_with_the_time_that_ends_it(folder: Path, hours: str, expected: str) -> None:
    assert desk(folder, f"brand: {{timezone: Europe/Berlin}}\ndesk: {{hours: {hours}}}")["desk hours"] == expected


def test_hours_of_a_topic_are_told_apart_and_a_desk_that_no_longer_opens_is_a_hint(folder: Path) -> None:
    mondays = ", ".join(f"{date(2026, 11, 23) + timedelta(weeks=week)}: closed" for week in range(60))
    text = f"desk: {{topics: {{fees: {{hours: {{mon: 24h}}, holidays: {{{mondays}}}}}, kyc: {{hours: {{mon: 24h}}}}}}}}"
    told = desk(folder, text)
    assert told["hours fees"] == (
        "hint closed, and not open again for more than a year; see desk.hours and its holidays"
    )
    assert told["hours kyc"] == "ok open until Tue 24 Nov, 00:00 (UTC)"


async def examined(folder: Path, api_url: str, more: str = "", http: str = "") -> Ran:
    """What doctor says with a Telegram channel."""
    configure(folder, 0, more=f"channels: {{telegram: {{token: '{TOKEN}', api_url: '{api_url}'{more}}}}}\n")
    if http:
        text = (folder / "config.yaml").read_text()
        (folder / "config.yaml").write_text(text.replace("{port: 0}", f"{{port: 0, public_url: '{http}'}}"))
    ran = await asyncio.to_thread(frontdesk, folder, "doctor")
    assert TOKEN not in ran.out + ran.err
    assert ran.err == ""
    return ran


async def test_a_bot_that_telegram_knows_is_well_and_doctor_changes_nothing(folder: Path) -> None:
    async with BotApi() as api:
        bot = api.add_bot(TOKEN)
        ran = await examined(folder, api.url)
        assert findings(ran.out)["channel telegram"] == "ok configured and reachable"
        assert {call.method for call in bot.calls} <= {"getMe", "getWebhookInfo"}
    assert ran.code == 0
    assert not (folder / "frontdesk.db").exists()


async def test_what_a_bot_lacks_for_its_settings_is_a_hint(folder: Path) -> None:
    async with BotApi() as api:
        api.add_bot(TOKEN)
        ran = await examined(folder, api.url, ", webhook_secret: 'a-secret-for-the-webhook'", "http://example.com")
    assert ran.code == 0
    assert findings(ran.out)["channel telegram"].startswith("hint a webhook needs http.public_url with https://")


@pytest.mark.parametrize("kind", ["refused", "unreachable", "broken"])
async def test_a_bot_that_can_not_work_is_a_fault_with_what_to_do(folder: Path, kind: str) -> None:
    async with BotApi() as api:
        bot = api.add_bot(TOKEN)
        url = f"http://127.0.0.1:{free_port()}" if kind == "unreachable" else api.url
        if kind == "refused":
            bot.revoke()
        if kind == "broken":
            api.fail("getMe", Status(502, html=True), times=None)
        ran = await examined(folder, url)
    assert ran.code == 1
    assert (
        findings(ran.out)["channel telegram"]
        == {
            "refused": "fault Telegram refuses the token of this bot: it was revoked or mistyped; take the current one "
            "from @BotFather",
            "unreachable": "fault Telegram can't be reached: ConnectError; see whether this machine gets there, or set "
            "the channel's proxy",
            "broken": "fault Telegram can't be reached: Bad Gateway (502)",
        }[kind]
    )


async def test_a_bot_whose_telegram_is_silent_is_a_fault_in_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PATIENCE", 0.4)
    async with BotApi() as api:
        api.add_bot(TOKEN)
        api.fail("getMe", Hang(60), times=None)
        configure(folder, 0, more=f"channels: {{telegram: {{token: '{TOKEN}', api_url: '{api.url}'}}}}\n")
        found = await doctor._channel("telegram", load(folder / "config.yaml", options_of))
    assert found == [doctor.Finding("channel telegram", "fault", "does not answer within 0 s")]


async def test_what_a_bot_lacks_for_its_desk_is_told_with_the_cure(folder: Path) -> None:
    async with BotApi() as api:
        bot = api.add_bot(TOKEN)
        channel = f"channels: {{telegram: {{token: '{TOKEN}', api_url: '{api.url}'}}}}\n"
        configure(folder, 0, more=channel + "desk: {telegram: {chat: -100123}}\nagents: [{name: Ann, telegram: 11}]\n")
        ran = await asyncio.to_thread(frontdesk, folder, "doctor")
        assert "sendMessage" not in {call.method for call in bot.calls}
    assert ran.code == 1
    assert findings(ran.out)["channel telegram"].split(":")[0] == (
        "fault the bot is not in the desk group -100123, or there is no such group"
    )
    assert findings(ran.out)["desk telegram"] == "ok -100123, 1 agent"
