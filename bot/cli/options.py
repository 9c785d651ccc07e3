"""Options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.config import Config, load
from bot.errors import ConfigError

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The configuration; default: config.yaml if it is there.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LangOption = Annotated[str | None, typer.Option("--lang", help="Your language, such as en or zh.")]


def read_config(path: Path | None) -> Config:
    """The checked configuration. Raises ConfigError with every mistake."""
    from bot.parts import adapter_names, options_of  # late: brings in the whole service

    return load(path, options_of, known_channels=adapter_names())


def check_language(config: Config, lang: str | None) -> None:
    """Raises ConfigError for a language that the brand does not speak."""
    known = config.settings.brand.languages
    if lang is not None and lang not in known:
        raise ConfigError(f'--lang "{lang}" is not one of brand.languages: {", ".join(known)}')
