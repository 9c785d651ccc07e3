"""The bot's own texts: overridden key by key, and refused where they can't work."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.dialogue.phrases import PHRASES, WORDS
from bot.knowledge import loader
from bot.knowledge.loader import bundled_folder
from tests.harness import Bot
from tests.knowledge.folders import FEES, hints, loaded, mistakes, write


def test_without_a_file_of_ones_own_the_bundled_phrases_apply() -> None:
    found = loaded(fees=FEES)
    assert found.knowledge is not None
    assert set(PHRASES) <= set(found.knowledge.phrases.texts)
    assert set(WORDS) == set(found.knowledge.phrases.words)


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_overrides_nothing(text: str) -> None:
    assert hints(fees=FEES, phrases=text) == []


def test_phrases_are_overridden_key_by_key_and_language_by_language() -> None:
    bundled = loaded(fees=FEES).knowledge
    changed = loaded(fees=FEES, phrases="thanks: {en: Any time!}\nwords_bye: {zh: [回见]}\n").knowledge
    assert bundled is not None and changed is not None
    assert changed.phrases.texts["thanks"] == {**bundled.phrases.texts["thanks"], "en": "Any time!"}
    assert changed.phrases.texts["goodbye"] == bundled.phrases.texts["goodbye"]
    assert changed.phrases.words["bye"] == {**bundled.phrases.words["bye"], "zh": ("回见",)}
    assert changed.phrases.words["greet"] == bundled.phrases.words["greet"]


def test_a_further_language_of_a_phrase_is_taken() -> None:
    found = loaded(fees=FEES, phrases="thanks: {de: Gern geschehen.}\n").knowledge
    assert found is not None
    assert set(found.phrases.texts["thanks"]) == {"en", "zh", "de"}


async def test_the_bot_says_what_the_folder_says(here: Path) -> None:
    phrases = "thanks: {en: 'Any time, says {brand.name}!'}\n"
    async with Bot(here, write(here / "k", fees=FEES, phrases=phrases)) as bot:
        await bot.say("thank you")
        bot.expect("Any time, says Example Exchange!")


def test_a_phrase_missing_in_a_language_is_a_hint_with_its_line() -> None:
    phrases = "greeting: {fr: Salut}\nthanks: {fr: De rien}\n"
    found = loader.load(write(Path("k"), fees=FEES, phrases=phrases), ["en", "de"], "en").problems
    told = [str(problem) for problem in found if problem.place.startswith("k/phrases.yaml")]
    assert told == ["k/phrases.yaml:1: the phrase greeting lacks de", "k/phrases.yaml:2: the phrase thanks lacks de"]


def test_a_language_of_the_brand_that_no_phrase_is_in_is_hinted_at_in_the_bundled_file(here: Path) -> None:
    found = loader.load(write(here / "k", fees=FEES), ["en", "de"], "en")
    told = [problem for problem in found.problems if "the phrase" in problem.text]
    assert all(problem.place.rpartition(":")[2].isdigit() for problem in told)
    assert {problem.text for problem in told} >= {f"the phrase {key} lacks de" for key in PHRASES}
    assert found.fatal == []


def test_all_mistakes_are_told_at_once() -> None:
    phrases = """\
    thansk: {en: x}
    7: {en: x}
    words_hello: {en: [x]}
    goodbye: Bye
    helpful_yes: {}
    helpful_no:
      en: ""
      zh: 5
      zh-CN: x
    words_yes:
      en: yes
      zh: [是, 5, ""]
    unknown: {en: "{ticket}, {brand.name}", zh: "{ticket}"}
    waiting: {en: "{ticket} {minutes}"}
    field_uid: {en: uid}
    """
    assert mistakes(fees=FEES, phrases=phrases) == [
        'k/phrases.yaml:1: unknown phrase "thansk"; did you mean "thanks"?',
        'k/phrases.yaml:2: unknown phrase "7"',
        'k/phrases.yaml:3: unknown phrase "words_hello"; did you mean "words_no"?',
        "k/phrases.yaml:4: goodbye must be a mapping: one text per language",
        "k/phrases.yaml:5: helpful_yes must be a mapping: one text per language",
        "k/phrases.yaml:7: helpful_no.en must not be empty",
        "k/phrases.yaml:8: helpful_no.zh must be a text (put it in quotes if it looks like a number)",
        "k/phrases.yaml:9: helpful_no.zh-CN must be a language code such as en or zh",
        "k/phrases.yaml:11: words_yes.en must be a list of words",
        "k/phrases.yaml:12: item 2 of words_yes.zh must be a text (put it in quotes if it looks like a number)",
        "k/phrases.yaml:12: item 3 of words_yes.zh must not be empty",
        "k/phrases.yaml:13: unknown.en can't use {brand.name}; it may use none",
        "k/phrases.yaml:13: unknown.en can't use {ticket}; it may use none",
        "k/phrases.yaml:13: unknown.zh can't use {ticket}; it may use none",
        "k/phrases.yaml:14: waiting.en can't use {minutes}; it may use {ticket}",
        'k/phrases.yaml:15: unknown phrase "field_uid"',
    ]


@pytest.mark.parametrize(
    ("phrases", "expected"),
    [
        ("- thanks", "k/phrases.yaml:1: must be a mapping: key, then one text per language"),
        ("thanks:\n\ten: x", "k/phrases.yaml:2: a tab can't indent YAML; use spaces"),
    ],
)
def test_a_file_that_is_no_mapping_is_told(phrases: str, expected: str) -> None:
    assert mistakes(fees=FEES, phrases=phrases) == [expected]


@pytest.mark.parametrize("name", ["deep/phrases.yaml", "phrases.yml"])
def test_phrases_in_another_place_are_not_silently_left_out(here: Path, name: str) -> None:
    (here / "k" / "deep").mkdir(parents=True)
    (here / "k" / name).write_text("thanks: {en: Any time!}\n")
    assert mistakes(fees=FEES) == [
        f"k/{name}:1: phrases are read only from phrases.yaml at the top of the knowledge folder; move them there"
    ]


def test_a_bundled_file_that_lacks_a_phrase_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = yaml.safe_load((bundled_folder() / "phrases.yaml").read_text(encoding="utf-8"))
    del texts["gone"]
    write(here / "bundled", phrases=yaml.safe_dump(texts, allow_unicode=True))
    monkeypatch.setattr(loader, "bundled_folder", lambda: here / "bundled")
    assert mistakes(fees=FEES) == ['bundled/phrases.yaml: lacks the phrase "gone"']
