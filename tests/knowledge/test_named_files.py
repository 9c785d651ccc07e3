"""Urgency and canned replies: bundled, overridden by name, and refused where they can't work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from bot.dialogue.knowledge import Canned
from bot.dialogue.urgency import Urgency, UrgencyRule
from bot.knowledge.library import fingerprint
from bot.knowledge.loader import bundled_folder
from bot.knowledge.schema import CannedFile, UrgencyFile
from bot.safety.asking import asks_for_secret
from tests.knowledge.folders import FEES, hints, loaded, mistakes, write

README = (bundled_folder() / "README.md").read_text(encoding="utf-8")
CAT = "cat: {words: {en: [a cat], zh: [猫]}}\n"
HELLO = "hello: {title: {en: Hello, zh: 你好}, text: {en: 'Hello {contact.name}', zh: '{contact.name}您好'}}\n"


def rules(text: str = "") -> Mapping[str, UrgencyRule]:
    knowledge = loaded(fees=FEES, urgency=text).knowledge
    assert knowledge is not None
    return {rule.id: rule for rule in knowledge.urgency}


def canned(text: str = "") -> Mapping[str, Canned]:
    knowledge = loaded(fees=FEES, canned=text).knowledge
    assert knowledge is not None
    return knowledge.canned


def example(heading: str) -> str:
    """The YAML below a heading of the README."""
    section = README.partition(f"## {heading}")[2].partition("\n## ")[0]
    return section.partition("```yaml\n")[2].partition("```")[0]


def test_without_files_of_ones_own_the_bundled_ones_apply() -> None:
    assert {"account-taken-over", "money-taken", "not-me", "wrong-address-just-now"} <= set(rules())
    assert {"ask-txid", "ask-screenshot", "checking", "resolved", "escalated", "keep-secrets"} <= set(canned())
    assert hints(fees=FEES, urgency="# nothing yet\n", canned="") == []


def test_every_bundled_reply_is_in_both_languages_and_asks_for_no_secret() -> None:
    for reply in canned().values():
        assert set(reply.titles) == set(reply.texts) == {"en", "zh"}, reply.id
        assert not any(map(asks_for_secret, reply.texts.values())), reply.id
        assert "\n" not in "".join(reply.texts.values()), "lines that were wrapped in the file are one"


def test_every_bundled_rule_has_a_topic_that_there_is_and_what_silences_all() -> None:
    topics = {path.stem for path in bundled_folder().glob("*.yaml")}
    for rule in rules().values():
        assert rule.topic in topics and rule.priority in {"urgent", "high"}, rule.id
        assert "how to prevent" in rule.unless["en"] and "如果" in rule.unless["zh"]


def test_a_rule_of_ones_own_is_added_and_one_of_a_bundled_name_takes_its_place() -> None:
    found = rules(CAT + "not-me: {priority: high, words: {en: [a dog]}, unless: {en: [no dog]}}\n")
    assert list(found)[-1] == "cat" and found["cat"].words == {"en": (("a cat",),), "zh": (("猫",),)}
    assert found["not-me"].words == {"en": (("a dog",),)} and found["not-me"].priority == "high"
    assert found["not-me"].unless["en"][-1] == "no dog" and len(found["not-me"].unless["en"]) > 1
    assert Urgency(found.values()).rule("I saw a cat") == found["cat"]


def test_a_name_without_a_value_takes_away_what_came_with_us() -> None:
    assert "not-me" not in rules("not-me:\n") and "checking" not in canned("checking:\n")


def test_what_silences_all_rules_is_overridden_language_by_language() -> None:
    found = rules("unless: {en: [only this]}\n")["not-me"]
    assert found.unless["en"] == ("only this",) and found.unless["zh"] == rules()["not-me"].unless["zh"]


def test_a_reply_of_ones_own_is_added_and_one_of_a_bundled_name_takes_its_place() -> None:
    found = canned(HELLO + HELLO.replace("hello:", "checking:"))
    assert found["hello"] == Canned(
        "hello", {"en": "Hello", "zh": "你好"}, {"en": "Hello {contact.name}", "zh": "{contact.name}您好"}
    )
    assert found["checking"].titles["en"] == "Hello"


def test_a_missing_translation_of_a_reply_is_a_hint_with_its_line() -> None:
    text = "hello:\n  title: {en: Hello, zh: 你好}\n  text: {en: Hello}\n"
    assert hints(fees=FEES, canned=text) == ["k/canned.yaml:3: hello.text lacks zh"]


def test_a_reply_that_asks_for_a_secret_is_hinted_at() -> None:
    text = "hello:\n  title: {en: A, zh: 一}\n  text: {en: Please send us your password., zh: 好}\n"
    assert hints(fees=FEES, canned=text) == [
        "k/canned.yaml:3: hello.text.en asks for a secret; nobody may be led to tell one, take it out"
    ]


def test_all_mistakes_are_told_at_once() -> None:
    urgency = """\
    Big Cat: {words: {en: [cat]}}
    7: {words: {en: [cat]}}
    one: {word: {en: [cat]}}
    two:
      priority: very
      words: {EN: [cat], zh: [""]}
    three: cat
    unless: {en: {}}
    """
    replies = """\
    one:
      title: {en: One}
    two:
      title: {en: Two, zh: 二}
      text: {en: "{uid} {ticket}", zh: "{brand.nam}"}
    """
    no_name = "is no name; write one of small letters, digits and hyphens, such as ask-txid"
    may = "it may use {agent.name}, {brand.name}, {contact.name}, {ticket}"
    assert mistakes(fees=FEES, urgency=urgency, canned=replies) == [
        "k/canned.yaml:1: one.text is missing",
        f"k/canned.yaml:5: two.text.en can't use {{uid}}; {may}",
        f"k/canned.yaml:5: two.text.zh can't use {{brand.nam}}; {may}",
        f'k/urgency.yaml:1: "Big Cat" {no_name}',
        f'k/urgency.yaml:2: "7" {no_name}',
        "k/urgency.yaml:3: one.words is missing",
        'k/urgency.yaml:3: unknown key "one.word"; did you mean "words"?',
        "k/urgency.yaml:5: two.priority must be one of 'low', 'normal', 'high' or 'urgent'",
        "k/urgency.yaml:6: two.words.EN must be a language code such as en or zh",
        "k/urgency.yaml:6: item 1 of two.words.zh must not be empty",
        "k/urgency.yaml:7: three must be a mapping (key: value)",
        "k/urgency.yaml:8: unless.en must be a text or a list of texts (put in quotes what looks like a number)",
    ]


@pytest.mark.parametrize("name", ["urgency", "canned"])
def test_a_file_that_is_no_mapping_is_told(name: str) -> None:
    (told,) = mistakes(fees=FEES, **{name: "- one"})
    assert told.startswith(f"k/{name}.yaml:1: must be a mapping: the name of a r")


@pytest.mark.parametrize("name", ["urgency", "canned"])
def test_a_file_in_another_place_is_not_silently_left_out(here: Path, name: str) -> None:
    (here / "k" / "deep").mkdir(parents=True)
    (here / "k" / "deep" / f"{name}.yaml").write_text(CAT)
    (told,) = mistakes(fees=FEES)
    assert told.startswith(f"k/deep/{name}.yaml:1: {name} are read only from {name}.yaml at the top")


def test_a_change_of_the_files_is_seen(here: Path) -> None:
    before = fingerprint(write(here / "k", fees=FEES))
    assert fingerprint(write(here / "k", urgency=CAT)) != before
    before = fingerprint(here / "k")
    assert fingerprint(write(here / "k", canned=HELLO)) != before


def test_the_readme_explains_every_key_and_its_examples_work() -> None:
    for model, heading in ((UrgencyFile, "What can't wait"), (CannedFile, "Replies that agents")):
        section = README.partition(f"## {heading}")[2].partition("\n## ")[0]
        assert all(f"| `{key}` |" in section for key in model.model_fields)
    found = rules(example("What can't wait"))
    assert (
        "money-gone" not in found and Urgency(found.values()).rule("help, the box is leaking") == found["parcel-leaks"]
    )
    assert Urgency(found.values()).rule("what if the box is leaking") is None
    assert "ask-receipt" in canned(example("Replies that agents"))
    assert hints(fees=FEES, urgency=example("What can't wait"), canned=example("Replies that agents")) == []


@pytest.mark.parametrize("name", ["urgency.yaml", "canned.yaml"])
def test_the_bundled_files_can_be_read_by_other_yaml_readers(name: str) -> None:
    value = yaml.safe_load((bundled_folder() / name).read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"[a-z0-9-]+", key) for key in value)
