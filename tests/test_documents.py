"""Documents fail the build when they lie: pictures, commands, phrases and metrics are looked up in their pages."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml
from anyio import run_process

from bot.cli import app
from bot.dialogue.commands import COMMANDS
from bot.dialogue.phrases import PHRASES, WORDS
from bot.dialogue.states import TRANSITIONS, State
from bot.knowledge.loader import bundled_folder
from tests.crash.service import Service

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND_LINES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.strip().splitlines()
    if line.strip()
]


def drawn() -> str:
    """The state diagram, from the table; ways that lead from all the bot's states alike are drawn once."""
    lines = ["stateDiagram-v2", "    [*] --> new"]
    names = {state: state.value.replace(" ", "_") for state in State}
    together: dict[tuple[str, str], list[str]] = {}
    for (state, signal), target in TRANSITIONS.items():
        together.setdefault((signal.value, names[target]), []).append(names[state])
    many = max(len(states) for states in together.values())
    lines += ["    state bot {"] + [f"        {name}" for name in next(s for s in together.values() if len(s) == many)]
    lines += ["    }"]
    for (signal, target), states in together.items():
        sources = ["bot"] if len(states) == many else states
        lines += [f"    {source} --> {target}: {signal}" for source in sources]
    return "\n".join(lines)


def test_the_picture_in_the_readme_is_drawn_from_the_table() -> None:
    picture = re.search(r"```mermaid\n(stateDiagram.*?)```", README, re.DOTALL)
    assert picture is not None
    assert picture[1].strip() == drawn(), f"put this into README.md:\n{drawn()}"


def test_every_command_of_the_program_is_in_the_readme() -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"`frontdesk {command.callback.__name__}" in README


def test_every_chat_command_is_in_the_readme_and_in_the_help_text() -> None:
    phrases = yaml.safe_load((bundled_folder() / "phrases.yaml").read_text(encoding="utf-8"))
    for command in COMMANDS:
        assert f"`/{command}`" in README
        if command not in {"start", "help"}:
            assert all(f"/{command}" in text for text in phrases["help"].values())


def test_every_phrase_is_written_in_both_languages_and_none_is_left_over() -> None:
    phrases = yaml.safe_load((bundled_folder() / "phrases.yaml").read_text(encoding="utf-8"))
    known = set(PHRASES) | {f"words_{group}" for group in WORDS}
    assert set(phrases) == known
    assert all(set(by_language) == {"en", "zh"} for by_language in phrases.values())


def test_the_readme_leads_only_to_files_that_exist() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_no_document_names_a_registry_or_a_path_of_somebodys_machine() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    hosts = (
        "python" + "hosted",
        "pypi" + ".org",
        "registry." + "npmjs",
        "deb." + "debian",
        "/ro" + "ot/",
        "/wo" + "rk/",
    )
    for name in tracked:
        text = (ROOT / name).read_text(encoding="utf-8", errors="ignore") if (ROOT / name).is_file() else ""
        assert not [host for host in hosts if host in text], name


@pytest.mark.parametrize("line", [line for line in COMMAND_LINES if line.startswith("make ")])
def test_the_readmes_make_commands_are_targets(line: str) -> None:
    subprocess.run([*shlex.split(line), "--dry-run"], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize(
    "line", [line for line in COMMAND_LINES if line.startswith("frontdesk ") and " run" not in line]
)
def test_the_readmes_frontdesk_commands_work(line: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", *shlex.split(line)[1:]],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input="/help\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()


async def test_make_run_and_the_readmes_http_calls_work(tmp_path: Path) -> None:
    service = Service(tmp_path, patience=120)  # make builds the environment anew if pyproject.toml changed
    service.command = ("make", "--no-print-directory", "-C", str(ROOT), "run", f"ARGS=--config {service.config}")
    await service.start()
    try:
        token = ""
        for line in (line for line in COMMAND_LINES if line.startswith("curl ")):
            words = [word.replace("http://127.0.0.1:8080", service.url) for word in shlex.split(line)]
            words = [word.replace("$TOKEN", token) for word in words]
            answer = (await run_process(words)).stdout.decode()
            token = token or re.findall(r'"token":"([^"]+)"', answer)[0]
        assert '"I forgot my password"' in answer
        async with httpx.AsyncClient(base_url=service.url) as client:
            assert (await client.get("/")).status_code == 200
    finally:
        await service.stop()
