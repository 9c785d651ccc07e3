"""The configuration of sentence vectors."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Config, load
from bot.errors import ConfigError
from bot.parts import options_of


def read(folder: Path, block: str) -> Config:
    path = folder / "config.yaml"
    path.write_text(f"matching:\n  vectors: {{{block}}}\n", encoding="utf-8")
    return load(path, options_of, {"KEY": "sk-very-secret"})


@pytest.mark.parametrize("block", ["", "kind: none", "kind: minilm", "kind: openai, url: 'http://h/v1', model: m"])
def test_each_kind_needs_no_more_than_this(tmp_path: Path, block: str) -> None:
    assert read(tmp_path, block).settings.matching.vectors


def test_the_key_is_not_shown(tmp_path: Path) -> None:
    config = read(tmp_path, "kind: openai, url: 'http://h/v1', model: m, api_key: '${KEY}'")
    key = config.settings.matching.vectors.api_key
    assert key is not None
    assert key.get_secret_value() == "sk-very-secret"
    assert "secret" not in repr(config)


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("kind: magic", "matching.vectors.kind"),
        ("kind: openai, model: m", "matching.vectors needs url and model where kind is openai, such as {kind: openai"),
        ("kind: openai, url: 'http://h/v1'", "matching.vectors needs url and model"),
        ("kind: openai, url: 'h/v1', model: m", 'is "h/v1", and must begin with http:// or https://'),
        ("timeout_seconds: 0", "timeout_seconds"),
        ("languages: []", "languages"),
        ("colour: red", "colour"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, block: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, block)
    assert told in str(refused.value)
    assert "config.yaml:" in str(refused.value)
