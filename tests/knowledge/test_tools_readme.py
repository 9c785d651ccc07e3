"""knowledge/README.md says what is true."""

from __future__ import annotations

import re

import yaml

from bot.cli import app
from bot.knowledge.loader import bundled_folder, load
from bot.knowledge.schema import Check, EntryFile
from bot.yamlfile import Source, parse
from tests.knowledge.folders import loaded

README = (bundled_folder() / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
MISTAKES = README.partition("## When YAML says no")[2]


def test_the_example_is_sound_and_without_hints() -> None:
    found = loaded(shipping=BLOCKS[0])
    assert [str(problem) for problem in found.problems] == []


def test_the_example_checks_expect_entries_of_the_example() -> None:
    entries = {entry["id"] for entry in yaml.safe_load(BLOCKS[0])["entries"]}
    expected = {Check.model_validate(check).expect for check in yaml.safe_load(BLOCKS[1])}
    assert expected <= entries | {"handover"}


def test_every_key_and_every_field_is_explained() -> None:
    for name in EntryFile.model_fields:
        assert f"| `{name}` |" in README
    knowledge = load(bundled_folder(), ["en", "zh"], "en").knowledge
    assert knowledge is not None
    for name in knowledge.fields:
        assert f"`{name}`" in README


def test_every_tool_named_is_a_command() -> None:
    commands = {command.callback.__name__ for command in app.registered_commands if command.callback}
    named = set(re.findall(r"`frontdesk (\w+)", README))
    assert named <= commands
    assert {"check", "evaluate", "gaps", "suggest", "diff", "ask"} <= named


def test_what_is_called_a_mistake_is_one_and_its_cure_is_none() -> None:
    for wrong, right in (
        ("en: Note: fees apply", 'en: "Note: fees apply"'),
        ("en: Ask for bus #1", 'en: "Ask for bus #1"'),
        ('en: "5" or 5', "en: '\"5\" or 5'"),
    ):
        assert f"`{wrong}`" in MISTAKES
        assert f"`{right}`" in MISTAKES
        found = parse(wrong, "x.yaml")
        assert isinstance(found, list) or found.cut
        cured = parse(right, "x.yaml")
        assert isinstance(cured, Source)
        assert not cured.cut
