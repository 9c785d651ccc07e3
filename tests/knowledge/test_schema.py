"""The JSON Schema that editors use: current, and in agreement with the loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.knowledge.loader import bundled_folder, knowledge_files
from bot.knowledge.phrase_files import DESK_FILE, PHRASES_FILE
from bot.knowledge.schema import SCHEMA_FILE, TopicFile, json_schema
from bot.yamlfile import Source, check, parse, read
from tests.knowledge.folders import FEES

SCHEMA = json.loads(json_schema())
TOPIC_FILES = [path for path in knowledge_files(bundled_folder()) if path.name not in (PHRASES_FILE, DESK_FILE)]


def is_valid(value: Any) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(value)


def test_the_file_in_the_repository_is_current() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == json_schema(), "run: make schema"


def test_it_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", TOPIC_FILES, ids=lambda path: path.name)
def test_every_bundled_topic_file_validates_and_names_the_schema(path: Path) -> None:
    source = read(path)
    assert isinstance(source, Source)
    jsonschema.validate(source.value, SCHEMA, jsonschema.Draft202012Validator)
    begin, _, schema = path.read_text(encoding="utf-8").splitlines()[0].partition("$schema=")
    assert begin == "# yaml-language-server: "
    assert (path.parent / schema).resolve() == SCHEMA_FILE.resolve()


def test_every_key_is_explained() -> None:
    for name, model in SCHEMA["$defs"].items():
        for key, field in model["properties"].items():
            assert field.get("description"), f"{name}.{key}"


@pytest.mark.parametrize(
    ("old", "new", "sound"),
    [
        ("", "", True),
        ("[What are the trading fees?]", "What are the trading fees?", True),
        ("They are low.", "{default: Low., telegram: Lower.}", True),
        ("They are low.", "{telegram: Lower.}", False),
        ("They are low.", "5", False),
        ("They are low.", "''", False),
        ("[What are the trading fees?]", "[]", False),
        ("[What are the trading fees?]", "[5]", False),
        ("answer: {en", "answer: {EN", False),
        ("title: {en", "title: {english", False),
        ("title: {en: Fees, zh: 费用}", "title: {}", False),
        ("- id: trading-fees", "- id: Trading Fees", False),
        ("topic: fees\n", "", False),
        ("topic: fees\n", "topic: fees\nfoo: bar\n", False),
        ("    see_also:", "    valid: {from: 2026-01-01, until: 2026-12-31}\n    see_also:", True),
        ("    see_also:", "    valid: {from: 2026, until: 2026-12-31}\n    see_also:", False),
        ("    see_also:", "    handover: maybe\n    see_also:", False),
        ("    see_also:", "    priority: urgent\n    see_also:", True),
        ("    see_also:", "    ask: [uid]\n    keywords: {en: fee}\n    see_also:", True),
        ("    see_also:", "    keywords: {en: [fee, 5]}\n    see_also:", False),
    ],
)
def test_the_editor_and_the_loader_agree(old: str, new: str, sound: bool) -> None:
    assert old in FEES
    source = parse(FEES.replace(old, new, 1), "fees.yaml")
    assert isinstance(source, Source)
    assert is_valid(source.value) is sound
    assert isinstance(check(source, TopicFile), TopicFile) is sound
