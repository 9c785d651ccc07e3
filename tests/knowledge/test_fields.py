"""The fields that entries ask for: bundled, overridden key by key, and refused where they can't work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from bot.dialogue.fields import FieldType, found, read
from bot.knowledge import loader
from bot.knowledge.library import fingerprint
from bot.knowledge.loader import FIELDS_FILE, bundled_folder
from bot.knowledge.schema import FieldFile
from bot.safety.asking import asks_for_secret, names_secret
from bot.yamlfile import Source, check, parse
from tests.harness import Bot
from tests.knowledge.folders import FEES, hints, loaded, mistakes, write
from tests.knowledge.test_schema import is_valid

BUNDLED = ["email", "txid", "address", "network", "datetime", "amount", "order_id", "error_code", "uid", "device"]
SHOES = "shoe_size: {name: {en: your shoe size, zh: 鞋码}, pattern: '[0-9]{2}'}\n"


def fields(text: str = "") -> Mapping[str, FieldType]:
    knowledge = loaded(fees=FEES, fields=text).knowledge
    assert knowledge is not None
    return knowledge.fields


def test_without_a_file_of_ones_own_the_bundled_fields_apply() -> None:
    assert list(fields()) == BUNDLED
    assert hints(fees=FEES, fields="# nothing yet\n") == []


def test_every_bundled_field_is_there_in_both_languages_and_asks_for_no_secret() -> None:
    for name, type_ in fields().items():
        assert set(type_.names) == set(type_.questions) == set(type_.hints) == {"en", "zh"}, name
        for text in (*type_.questions.values(), *type_.hints.values()):
            assert not asks_for_secret(text)
        assert not any(map(names_secret, type_.names.values()))
        assert all(len(text) <= 90 and text[-1] in "?？" for text in type_.questions.values()), name
        assert type_.find, f"{name} is never found in what was written"


def test_the_bundled_file_can_be_read_by_other_yaml_readers_and_validates() -> None:
    value = yaml.safe_load((bundled_folder() / FIELDS_FILE).read_text(encoding="utf-8"))
    assert list(value) == BUNDLED
    assert is_valid(value)


def test_a_field_is_overridden_key_by_key_and_language_by_language() -> None:
    changed = fields("uid: {name: {en: your member number}, pattern: 'M[0-9]{6}', sensitive: true}\n")["uid"]
    bundled = fields()["uid"]
    assert changed.names == {**bundled.names, "en": "your member number"}
    assert (changed.questions, changed.hints, changed.find) == (bundled.questions, bundled.hints, bundled.find)
    assert changed.sensitive and not bundled.sensitive
    assert read(changed, "it is M123456") == "M123456"
    assert found("my uid is M123456", {"uid": changed}, ["uid"]) == {"uid": "M123456"}, "find uses the new pattern"


def test_the_readme_explains_every_key_and_its_example_works() -> None:
    text = (bundled_folder() / "README.md").read_text(encoding="utf-8")
    section = text.partition("## What agents need to know")[2].partition("\n## ")[0]
    assert all(f"| `{key}` |" in section for key in FieldFile.model_fields)
    example = fields(section.partition("```yaml\n")[2].partition("```")[0])
    assert found("M12345678 is my uid; it is PX-1234567", example, list(example)) == {
        "uid": "M12345678",
        "parcel_id": "PX-1234567",
    }


def test_a_pattern_can_be_taken_away() -> None:
    assert mistakes(fees=FEES, fields="network: {pattern: ''}\n") == [
        "k/fields.yaml:1: network.find names {pattern}, and there is none"
    ]
    assert read(fields("network: {pattern: '', find: ''}\n")["network"], "the usual one") == "the usual one"


def test_a_field_of_ones_own_comes_last_and_can_be_asked_for() -> None:
    assert list(fields(SHOES)) == [*BUNDLED, "shoe_size"]
    assert hints(fees=FEES + "    ask: [shoe_size, uid]\n", fields=SHOES) == []
    assert fields(SHOES)["shoe_size"].questions == {"en": "Your shoe size?", "zh": "鞋码？"}


def test_a_long_expression_may_go_over_several_lines() -> None:
    text = "order_id:\n  pattern: |-\n    [0-9]{4}\n    -[0-9]{4}\n    |X[0-9]{4}\n"
    assert fields(text)["order_id"].pattern == "[0-9]{4}-[0-9]{4}|X[0-9]{4}"


async def test_the_bot_names_a_field_of_the_folder(here: Path) -> None:
    text = FEES + "    handover: always\n    ask: [shoe_size]\n"
    async with Bot(here, write(here / "k", fees=text, fields=SHOES)) as bot:
        await bot.press("entry:withdrawal-fees")
        bot.expect("shoe size")


def test_a_change_of_the_file_is_seen(here: Path) -> None:
    before = fingerprint(write(here / "k", fees=FEES))
    assert fingerprint(write(here / "k", fields=SHOES)) != before


def test_a_missing_translation_is_a_hint_with_its_line() -> None:
    text = "shoe_size:\n  name: {en: your shoe size}\n  question: {zh: 鞋码是多少？}\n  hint: {en: Look into one.}\n"
    assert hints(fees=FEES, fields=text) == [
        "k/fields.yaml:2: shoe_size.name lacks zh",
        "k/fields.yaml:3: shoe_size.question lacks en",
        "k/fields.yaml:4: shoe_size.hint lacks zh",
    ]


def test_a_field_that_is_a_secret_is_hinted_at_and_so_is_who_asks_for_it() -> None:
    text = """\
    login_word:
      name: {en: your password, zh: 密码}
      question: {en: Please send us your password., zh: 好？}
    """
    found = hints(fees=FEES + "    ask: [login_word]\n", fields=text)
    assert [hint.split(";")[0] for hint in found] == [
        'k/fees.yaml:11: withdrawal-fees: ask has "login_word", which is a secret',
        "k/fields.yaml:2: login_word.name.en asks for a secret",
        "k/fields.yaml:2: login_word.name.zh asks for a secret",
        "k/fields.yaml:3: login_word.question.en asks for a secret",
    ]


def test_all_mistakes_are_told_at_once_and_asking_for_a_broken_field_is_none() -> None:
    text = """\
    Shoe Size: {name: {en: x, zh: x}}
    7: {name: {en: x, zh: x}}
    uid: {patern: '[0-9]'}
    pet: cat
    one:
      name: {en: one, zh: ""}
      pattern: '[0-9'
    two:
      name: {EN: two}
      pattern: '[0-9]+'
      find: 'no ([0-9]{3})'
      longest: 0
      sensitive: maybe
    three:
      question: {en: '{brand.name}?', zh: 三？}
    four:
      name: {en: four, zh: 四}
      find: 'no {pattern}'
    five:
      name: {en: five, zh: 五}
      pattern: '(a)(b)'
      find: '(?:no?){9,20}'
    txid: {pattern: '(?:[0-9]{1,9}){1,9}'}
    network: {pattern: '[a-z]{1,999}[a-z]'}
    """
    many = "can be read in too many ways, which takes long"
    no_name = "is no name of a field; write one of small letters, digits and _, such as order_id"
    told = mistakes(fees=FEES + "    ask: [one, pet, shoes]\n", fields=text)
    assert [mistake.split("; make its")[0] for mistake in told] == [
        'k/fees.yaml:11: withdrawal-fees: ask has the unknown field "shoes"; there are '
        + ", ".join(sorted([*BUNDLED, "one", "two", "three", "four", "five", "pet"])),
        f'k/fields.yaml:1: "Shoe Size" {no_name}',
        f'k/fields.yaml:2: "7" {no_name}',
        'k/fields.yaml:3: unknown key "uid.patern"; did you mean "pattern"?',
        "k/fields.yaml:4: pet must be a mapping (key: value)",
        "k/fields.yaml:6: one.name.zh must not be empty",
        "k/fields.yaml:7: one.pattern is no regular expression: unterminated character set at position 0",
        "k/fields.yaml:9: two.name.EN must be a language code such as en or zh",
        "k/fields.yaml:10: two.pattern goes on without end; in place of * and + say how many there are at most, "
        "such as {1,40}",
        "k/fields.yaml:12: two.longest must be 1 or more",
        "k/fields.yaml:13: two.sensitive must be true or false",
        "k/fields.yaml:14: three.name is missing",
        "k/fields.yaml:15: three.question.en can't use {brand.name}; it may use none",
        "k/fields.yaml:18: four.find names {pattern}, and there is none",
        "k/fields.yaml:21: five.pattern has a group that is kept; write (?:...) instead of (...)",
        f"k/fields.yaml:22: five.find {many}",
        f"k/fields.yaml:23: txid.pattern {many}",
    ]


def test_a_pattern_that_is_too_much_only_inside_of_the_bundled_find_is_told(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phrases, desk = ((bundled_folder() / name).read_text(encoding="utf-8") for name in ("phrases.yaml", "desk.yaml"))
    bundled = "pet: {name: {en: pet, zh: 宠物}, pattern: '[0-9]{5}', find: '[a-z]{1,50}{pattern}'}\n"
    write(here / "bundled", phrases=phrases, desk=desk, fields=bundled)
    monkeypatch.setattr(loader, "bundled_folder", lambda: here / "bundled")
    assert "pet" in fields()
    (mistake,) = mistakes(fees=FEES, fields="pet: {pattern: '[0-9]{1,90}'}\n")
    assert mistake.startswith("k/fields.yaml:1: pet.find with this pattern can be read in too many ways")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- uid", "k/fields.yaml:1: must be a mapping: the name of a field, then what it is like"),
        ("uid:\n\tlongest: 5", "k/fields.yaml:2: a tab can't indent YAML; use spaces"),
    ],
)
def test_a_file_that_is_no_mapping_is_told(text: str, expected: str) -> None:
    assert mistakes(fees=FEES, fields=text) == [expected]


@pytest.mark.parametrize("name", ["deep/fields.yaml", "fields.yml"])
def test_fields_in_another_place_are_not_silently_left_out(here: Path, name: str) -> None:
    (here / "k" / "deep").mkdir(parents=True)
    (here / "k" / name).write_text(SHOES)
    assert mistakes(fees=FEES) == [
        f"k/{name}:1: fields are read only from fields.yaml at the top of the knowledge folder; move them there"
    ]


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("uid: {longest: 5}", True),
        (SHOES, True),
        ("uid: {longest: 0}", False),
        ("uid: {name: {english: x}}", False),
        ("uid: {patern: x}", False),
        ("Uid: {longest: 5}", False),
        ("uid: 5", False),
    ],
)
def test_the_editor_and_the_loader_agree(text: str, sound: bool) -> None:
    source = parse(text, "fields.yaml")
    assert isinstance(source, Source)
    assert is_valid(source.value) is sound
    ((name, value),) = source.value.items()
    assert (isinstance(check(source, FieldFile, value, (name,)), FieldFile) and name.islower()) is sound
