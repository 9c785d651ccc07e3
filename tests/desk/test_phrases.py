"""What agents read: complete in both languages, short enough for the platforms, and the operator's own over it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.desk.commands import DESK_COMMANDS
from bot.desk.phrases import DESK_PHRASES
from bot.dialogue.phrases import PHRASES
from bot.dialogue.replies import placeholders
from bot.knowledge import loader
from bot.knowledge.loader import bundled_folder
from tests.knowledge.folders import FEES, hints, loaded, mistakes, write

BUNDLED: dict[str, dict[str, str]] = yaml.safe_load((bundled_folder() / "desk.yaml").read_text(encoding="utf-8"))
LONGEST_BUTTON = 80
"""Characters of a label on Discord."""
LONGEST_IN_MENU = 90
"""Characters of a command's description; Discord allows 100."""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def texts(**files: str) -> dict[str, dict[str, str]]:
    found = loaded(fees=FEES, **files).knowledge
    assert found is not None
    return {key: dict(found.phrases.texts[key]) for key in DESK_PHRASES}


def test_every_phrase_is_written_in_both_languages_and_none_is_left_over() -> None:
    assert set(BUNDLED) == set(DESK_PHRASES)
    assert all(set(by_language) == {"en", "zh"} for by_language in BUNDLED.values())


@pytest.mark.parametrize("key", DESK_PHRASES)
def test_every_placeholder_is_used_in_both_languages(key: str) -> None:
    for lang, text in BUNDLED[key].items():
        assert placeholders(text) == DESK_PHRASES[key], lang


def test_no_phrase_of_the_desk_has_the_key_of_one_that_contacts_read() -> None:
    assert not set(DESK_PHRASES) & set(PHRASES)


def test_labels_and_descriptions_fit_where_they_are_shown() -> None:
    for key, by_language in BUNDLED.items():
        if key.startswith("desk_button_"):
            assert max(map(len, by_language.values())) <= LONGEST_BUTTON, key
        if key.startswith("command_desk_"):
            assert max(map(len, by_language.values())) <= LONGEST_IN_MENU, key


@pytest.mark.parametrize("command", DESK_COMMANDS)
def test_the_help_names_every_command_and_what_it_needs_is_told(command: str) -> None:
    assert all(f"/{command}" in text for text in BUNDLED["desk_help"].values())


def test_without_a_file_of_ones_own_the_bundled_ones_apply() -> None:
    assert texts() == BUNDLED


def test_they_are_overridden_key_by_key_and_language_by_language() -> None:
    changed = texts(desk="desk_claimed: {en: 'Yours, {agent}.'}\ndesk_woke: {de: Wieder da.}\n")
    assert changed["desk_claimed"] == {"en": "Yours, {agent}.", "zh": BUNDLED["desk_claimed"]["zh"]}
    assert changed["desk_woke"] == {**BUNDLED["desk_woke"], "de": "Wieder da."}
    assert changed["desk_taken"] == BUNDLED["desk_taken"]


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_overrides_nothing(text: str) -> None:
    assert hints(fees=FEES, desk=text) == []


def test_all_mistakes_are_told_with_their_lines() -> None:
    desk = """\
    desk_claimd: {en: x}
    thanks: {en: x}
    words_greet: {en: [x]}
    field_uid: {en: x}
    desk_taken: {en: "{agent} {ticket}", zh: ""}
    """
    assert mistakes(fees=FEES, desk=desk) == [
        'k/desk.yaml:1: unknown phrase "desk_claimd"; did you mean "desk_claimed"?',
        'k/desk.yaml:2: unknown phrase "thanks"; it belongs into phrases.yaml',
        'k/desk.yaml:3: unknown phrase "words_greet"',
        'k/desk.yaml:4: unknown phrase "field_uid"',
        "k/desk.yaml:5: desk_taken.en can't use {ticket}; it may use {agent}",
        "k/desk.yaml:5: desk_taken.zh must not be empty",
    ]


def test_a_phrase_of_the_desk_among_those_for_contacts_is_led_to_its_file() -> None:
    assert mistakes(fees=FEES, phrases="desk_woke: {en: x}\n") == [
        'k/phrases.yaml:1: unknown phrase "desk_woke"; it belongs into desk.yaml'
    ]


def test_a_bundled_file_that_lacks_a_phrase_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = {name: (bundled_folder() / f"{name}.yaml").read_text(encoding="utf-8") for name in ("phrases", "desk")}
    bundled["desk"] = bundled["desk"].replace("\ndesk_woke:", "\n#")
    write(here / "bundled", **bundled)
    monkeypatch.setattr(loader, "bundled_folder", lambda: here / "bundled")
    assert mistakes(fees=FEES) == ['bundled/desk.yaml: lacks the phrase "desk_woke"']
