"""`frontdesk suggest`: phrasings to add, from real questions."""

from __future__ import annotations

import json
import time
from dataclasses import asdict

import typer

from bot.cli.gaps import DaysOption
from bot.cli.options import ConfigOption, JsonOption, read_config
from bot.cli.real import DAY, counted, reading_mind, stored_questions


def suggest(config: ConfigOption = None, days: DaysOption = 90, as_json: JsonOption = False) -> None:
    """Print phrasings to add from real questions, as YAML to paste. Exit 1 if there are none."""
    from bot.knowledge.loader import load
    from bot.knowledge.suggestions import as_yaml, suggestions
    from bot.parts import open_library

    settings, now = read_config(config), time.time()
    asked = stored_questions(settings, now - days * DAY)
    library, brand = open_library(settings), settings.settings.brand
    mind = reading_mind(settings, library, [(one.text, one.lang or None) for one in asked], now)
    found = suggestions(mind, asked, now)
    if as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    else:
        loaded = load(library.folder, brand.languages, brand.default_language)
        number, read = counted(len(found), "phrasing"), counted(len(asked), "question")
        print(f"# {number} to add, from {read} in {counted(days, 'day')}")
        if found:
            print("# Read each one; then put the lines below question: into the entry of that id.")
            print(as_yaml(loaded, found))
    if not found:
        raise typer.Exit(1)
