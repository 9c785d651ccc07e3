"""The configuration: what is taken, and that every mistake is told with its line, in words, and all at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from bot.config import Config, Settings, load
from bot.errors import ConfigError
from bot.parts import adapter_names, options_of

EXAMPLE = Path(__file__).parent.parent / "config.example.yaml"
REFUSED = "the configuration can't be used:"


class ParrotOptions(BaseModel):
    """A channel with a token, as most have."""

    model_config = ConfigDict(extra="forbid")

    token: str
    perches: int = 1


def options(channel: str) -> type[BaseModel] | None:
    if channel == "stranger":
        raise ModuleNotFoundError("No module named 'strangelib'")
    return ParrotOptions if channel == "parrot" else options_of(channel)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(text: str | bytes, **environment: str) -> Config:
    Path("config.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(Path("config.yaml"), options, environment, ["parrot", "web"])


def mistakes(text: str | bytes, **environment: str) -> list[str]:
    """The lines of the refusal."""
    with pytest.raises(ConfigError) as refusal:
        read(text, **environment)
    first, *lines = str(refusal.value).splitlines()
    assert first == REFUSED
    return lines


# What is taken


def test_without_a_configuration_the_web_chat_is_on_with_the_defaults() -> None:
    config = load(None, options, {})
    assert config.settings == Settings()
    assert list(config.channels) == ["web"]
    assert config.path is None


def test_config_yaml_in_the_folder_is_taken_without_being_named() -> None:
    Path("config.yaml").write_text("http: {port: 9000}\n")
    assert load(None, options, {}).settings.http.port == 9000


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n", "\ufeff# with a byte order mark\n"])
def test_an_empty_file_means_the_defaults(text: str) -> None:
    assert read(text).settings == Settings()


def test_a_block_whose_lines_are_all_commented_out_means_its_defaults() -> None:
    assert read("brand:\n  # name: x\nchannels:\nhttp: {port: 1}\n").settings.brand == Settings().brand


def test_a_variable_is_filled_in_and_a_default_stands_in_for_one_that_is_not_set() -> None:
    text = "brand: {name: '${WHO} ${WHAT:-Exchange}'}\nhttp: {port: '${PORT:-8181}', host: '${HOST:-}'}\n"
    settings = read(text, WHO="Acme", PORT="").settings
    assert (settings.brand.name, settings.http.port, settings.http.host) == ("Acme Exchange", 8181, "")


def test_a_channel_whose_variable_is_not_set_is_off_and_named_with_the_variable() -> None:
    config = read("channels:\n  web:\n  parrot: {token: '${PARROT_TOKEN}'}\n")
    assert list(config.channels) == ["web"]
    assert config.off == {"parrot": "PARROT_TOKEN"}


def test_a_channel_whose_variable_is_set_is_on() -> None:
    config = read("channels: {parrot: {token: '${PARROT_TOKEN}'}}\n", PARROT_TOKEN="secret")
    assert config.channels == {"parrot": ParrotOptions(token="secret")}
    assert config.off == {}


def test_words_that_yaml_would_turn_into_something_else_stay_words() -> None:
    assert read("brand: {name: yes}\n").settings.brand.name == "yes"
    assert read("brand: {name: 2026-02-30}\n").settings.brand.name == "2026-02-30"


def test_the_knowledge_is_looked_for_beside_the_configuration_first(folder: Path) -> None:
    (folder / "etc" / "faq").mkdir(parents=True)
    (folder / "etc" / "config.yaml").write_text("knowledge: {path: faq}\n")
    config = load(Path("etc/config.yaml"), options, {})
    assert config.knowledge_folder(Path("bundled")) == Path("etc/faq")
    assert read("").knowledge_folder(Path("bundled")) == Path("bundled")
    assert read("knowledge: {path: elsewhere}").knowledge_folder(Path("bundled")) == Path("elsewhere")


# What is refused


def test_several_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = """\
brnd: {name: x}
http:
  port: "80x"
  hst: 127.0.0.1
channels:
  web: {origns: []}
  parot: {}
  zebra: {}
  stranger: {}
brand:
  name: ""
  languages: [en, english]
  timezone: Mars
log: {level: loud}
limits: {burst: 0, per_minute: 0}
storage: {url: mysql://x}
"""
    assert mistakes(text) == [
        'config.yaml:1: unknown key "brnd"; did you mean "brand"?',
        "config.yaml:3: http.port must be a whole number",
        'config.yaml:4: unknown key "http.hst"; did you mean "host"?',
        'config.yaml:6: unknown key "channels.web.origns"; did you mean "origins"?',
        'config.yaml:7: unknown channel "parot"; did you mean "parrot"?',
        'config.yaml:8: unknown channel "zebra"; there are parrot, web',
        "config.yaml:9: the channel \"stranger\" can't be loaded: No module named 'strangelib'; "
        "is its library installed?",
        "config.yaml:11: brand.name must not be empty",
        "config.yaml:12: item 2 of brand.languages must be a language code such as en or zh",
        'config.yaml:13: brand.timezone is "Mars", which is no time zone; write one such as Asia/Shanghai or UTC',
        "config.yaml:14: log.level must be one of 'debug', 'info', 'warning' or 'error'",
        "config.yaml:15: limits.burst must be 1 or more",
        "config.yaml:15: limits.per_minute must be more than 0",
        'config.yaml:16: storage.url must be "sqlite:///" and a path, such as sqlite:///data/frontdesk.db',
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\nbrand: {name: 5}", "config.yaml:2: brand.name must be a text (put it in quotes if it looks like a number)"),
        ("brand: {name: }", "config.yaml:1: brand.name has no value"),
        ("brand: x", "config.yaml:1: brand must be a mapping (key: value)"),
        ("brand: {languages: en}", "config.yaml:1: brand.languages must be a list, such as [one, two]"),
        ("brand: {languages: []}", "config.yaml:1: brand.languages must not be empty"),
        ("http: {port: 99999}", "config.yaml:1: http.port must be 65535 or less"),
        ("http: {port: 80.5}", "config.yaml:1: http.port must be a whole number"),
        ("dialogue: {merge_window_seconds: no}", "config.yaml:1: dialogue.merge_window_seconds must be a number"),
        ("channels: [web]", "config.yaml:1: channels must be a mapping (key: value)"),
        ("channels:\n  web: on", "config.yaml:2: channels.web must be a mapping (key: value)"),
        ("channels:\n  ../x: {}", 'config.yaml:2: unknown channel "../x"; there are parrot, web'),
        ("channels:\n  7: {}", "config.yaml:2: channels.7 must be a text (put it in quotes if it looks like a number)"),
        ("channels: {parrot: {}}", "config.yaml:1: channels.parrot.token is missing"),
        ("7: x", 'config.yaml:1: unknown key "7"'),
        ("port: 80", 'config.yaml:1: unknown key "port"; it belongs under "http"'),
        ("whatever: 80", 'config.yaml:1: unknown key "whatever"'),
        ("- brand", "config.yaml:1: the file must be a mapping (key: value)"),
        ("just words", "config.yaml:1: the file must be a mapping (key: value)"),
        (
            "brand:\n  languages: [de, fr]",
            'config.yaml:1: brand.default_language is "en", which is not one of brand.languages: de, fr',
        ),
        (
            "brand:\n  languages: [en]\n  default_language: zh",
            'config.yaml:3: brand.default_language is "zh", which is not one of brand.languages: en',
        ),
        (
            "matching:\n  answer: 0.3\n  clarify: 0.6",
            "config.yaml:3: matching.clarify is 0.6, and must not be above answer, which is 0.3",
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_line_and_what_it_must_be(text: str, expected: str) -> None:
    assert mistakes(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("brand:\n\tname: x", "config.yaml:2: a tab can't indent YAML; use spaces"),
        ("brand:\n  name: x\n\thttp: {}", "config.yaml:3: a tab can't indent YAML; use spaces"),
        ("http: {port: 1\nbrand: {}", 'config.yaml:1: a "{" is opened here, and "}" or a comma is missing after it'),
        ("brand:\n  languages: [en\n", 'config.yaml:2: a "[" is opened here, and "]" or a comma is missing after it'),
        ('brand:\n  name: "x\nhttp: {}', "config.yaml:2: a quote is opened here and never closed"),
        (
            'brand:\n  name: "x" y',
            "config.yaml:2: the text goes on after a closing quote or bracket; put quotes around all of it",
        ),
        ("brand: {name: '@x'}\nhttp: @y", 'config.yaml:2: a text that begins with "@" needs quotes around it'),
        ("brand:\n  name: *x*", 'config.yaml:2: a text that begins with "*" or "&" needs quotes around it'),
        ("brand:\n  name: !x y", 'config.yaml:2: a text that begins with "!" needs quotes around it'),
        ("brand:\n  name: {{x}}", "config.yaml:2: a text that begins with { or [ needs quotes around it"),
        (
            "brand:\n  name: x\n timezone: UTC",
            "config.yaml:3: the indentation is off: this line belongs to nothing above it",
        ),
        (
            "brand:\n  name: Acme: the exchange",
            'config.yaml:2: a text with ": " in it needs quotes; or the indentation is off, '
            'or the line above lacks its ":"',
        ),
        (
            "brand:\n  name: x\nhttp\nlog: {}",
            'config.yaml:3: this line has no ": "; if it continues the text above, indent it further',
        ),
        (
            'brand: {name: "\\d"}',
            'config.yaml:1: a "\\" in double quotes begins a special character; use single quotes instead',
        ),
        ("brand: {}\n---\nhttp: {}", "config.yaml:2: a second document begins here (---); a file may hold one"),
        ("brand:\n  name: |x\n", "config.yaml:2: after | or > the text begins on the next line, indented"),
        ("# ä\nbrand:\n  name: a\x01", "config.yaml:3: holds the control character U+0001; delete it"),
        (
            "brand: &x [*x]",
            "config.yaml:1: is nested too deeply, or an alias (*) stands inside of what it names",
        ),
        (b"brand:\n  name: Caf\xe9\n", "config.yaml:2: is not UTF-8 (byte 0xe9); save the file as UTF-8"),
        ("brand: [", 'config.yaml:1: a value is missing here, or the "]" or "}" of what is opened above'),
    ],
)
def test_broken_yaml_is_told_in_plain_words_with_the_line_to_look_at(text: str | bytes, expected: str) -> None:
    assert mistakes(text) == [expected]


def test_all_repeated_keys_are_told_with_the_line_of_the_first() -> None:
    assert mistakes("brand: {}\nhttp:\n  port: 1\n  port: 2\nbrand: {name: y}\n") == [
        'config.yaml:4: the key "port" stands here twice; the first is in line 3',
        'config.yaml:5: the key "brand" stands here twice; the first is in line 1',
    ]


@pytest.mark.parametrize(
    "value",
    ["<your name>", "changeme", "CHANGE_ME", "...", "…", "xxxx", "TODO", "YOUR_TELEGRAM_BOT_TOKEN", "your-token-here",
     "put your token here", "Bearer <token>"],
)  # fmt: skip
def test_a_leftover_placeholder_is_refused(value: str) -> None:
    assert mistakes(f"channels:\n  parrot:\n    token: {value!r}") == [
        f'config.yaml:3: channels.parrot.token is still a placeholder ("{value}"); fill it in'
    ]


def test_a_placeholder_in_a_list_is_named_by_its_place() -> None:
    assert mistakes("channels:\n  web:\n    origins:\n      - https://example.com\n      - https://<your site>") == [
        'config.yaml:5: item 2 of channels.web.origins is still a placeholder ("https://<your site>"); fill it in'
    ]


def test_a_placeholder_in_a_variable_is_refused_without_showing_the_value() -> None:
    assert mistakes("channels: {parrot: {token: '${PARROT_TOKEN}'}}", PARROT_TOKEN="your-bot-token") == [
        "config.yaml:1: the variable PARROT_TOKEN still holds a placeholder; give it its real value"
    ]


@pytest.mark.parametrize("value", ["Your Exchange", "I <3 coins", "5 < 6 > 4", "Mastodon't"])
def test_ordinary_texts_are_no_placeholders(value: str) -> None:
    assert read(yaml.safe_dump({"brand": {"name": value}})).settings.brand.name == value


def test_a_variable_that_is_not_set_outside_of_a_channel_is_one_mistake_and_not_two() -> None:
    assert mistakes("brand:\n  name: ${BRAND}\nhttp:\n  port: ${PORT}\n") == [
        "config.yaml:2: the variable BRAND is not set; set it, or write ${BRAND:-a default}",
        "config.yaml:4: the variable PORT is not set; set it, or write ${PORT:-a default}",
    ]


def test_a_channel_that_is_off_is_checked_all_the_same() -> None:
    assert mistakes("channels:\n  parrot:\n    token: ${PARROT_TOKEN}\n    perchs: 3\n  tiger: {key: '${K}'}") == [
        'config.yaml:4: unknown key "channels.parrot.perchs"; did you mean "perches"?',
        'config.yaml:5: unknown channel "tiger"; there are parrot, web',
    ]


def test_a_file_that_is_not_there_is_told_without_a_traceback_or_an_errno() -> None:
    with pytest.raises(ConfigError) as refusal:
        load(Path("nowhere.yaml"), options, {})
    assert str(refusal.value).splitlines() == [REFUSED, "nowhere.yaml: there is no such file"]


def test_a_folder_in_place_of_the_file_is_told(folder: Path) -> None:
    (folder / "etc").mkdir()
    with pytest.raises(ConfigError, match="etc: is a folder, not a file"):
        load(Path("etc"), options, {})


def test_a_file_that_may_not_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigError, match=r"config.yaml: can't be read: Permission denied"):
        load(Path("config.yaml"), options, {})


# The example


def example(*, all_on: bool = False) -> dict[str, Any]:
    """The example's values; with `all_on`, settings that are off (`#key: value`) are turned on."""
    text = EXAMPLE.read_text(encoding="utf-8")
    value: dict[str, Any] = yaml.safe_load(re.sub(r"(?m)^( *)#(?=(?:- )?\w)", r"\1", text) if all_on else text)
    return value


def block_in(annotation: Any) -> type[BaseModel] | None:
    """The model of a block that is the value, may be it, or stands in a list or under a name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := block_in(part))), None)


def blocks_of(annotation: Any, shown: Any) -> list[Any]:
    """The blocks that are shown where some may be of any number."""
    kind = get_origin(annotation)
    return list(shown.values()) if kind is dict else list(shown) if kind is list else [shown]


def assert_shows(model: type[BaseModel], shown: dict[str, Any], where: str, default: BaseModel | None = None) -> None:
    """The example has exactly the model's keys, with their defaults; `default` has them where they are not the model's
    own."""
    fields = {field.alias or name: (name, field) for name, field in model.model_fields.items()}
    assert set(shown) == set(fields), f"{where}: config.example.yaml and {model.__name__} name different keys"
    for key, (name, field) in fields.items():
        if key == "channels" or (field.is_required() and default is None):
            continue
        value = getattr(default, name) if default else field.get_default(call_default_factory=True)
        block = block_in(field.annotation)
        if block is None:
            assert shown[key] == value, f"{where}{key}: another default"
            continue
        for one in blocks_of(field.annotation, shown[key]):
            assert_shows(block, one, f"{where}{key}.", value if isinstance(value, BaseModel) else None)


def test_the_example_is_valid_as_it_stands_and_is_what_no_configuration_means() -> None:
    config = load(EXAMPLE, options_of, {})
    nothing = load(None, options_of, {})
    assert config.channels == nothing.channels
    assert config.settings.model_dump(exclude={"channels"}) == nothing.settings.model_dump(exclude={"channels"})


def test_the_example_has_every_key_with_its_default_and_none_that_does_not_exist() -> None:
    assert_shows(Settings, example(all_on=True), "")


def test_the_example_has_every_option_of_every_adapter() -> None:
    channels = example(all_on=True)["channels"]
    assert set(channels) == set(adapter_names())
    for name, block in channels.items():
        model = options_of(name)
        assert model is not None
        assert_shows(model, block, f"channels.{name}.")


def test_every_key_of_the_example_has_a_comment_above_it() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if re.match(r" *#?(?:- )?\w+:", line):
            above = lines[number - 1]
            assert re.match(r" *# \w", above), f"line {number + 1} of config.example.yaml: {line.strip()}"
            assert len(above) - len(above.lstrip()) == len(line) - len(line.lstrip()), f"line {number} is not aligned"


def test_without_channels_a_token_in_the_environment_turns_its_platform_on() -> None:
    found = load(None, options_of, {"TELEGRAM_TOKEN": "123456:a-token-of-a-bot"})
    assert set(found.channels) == {"web", "telegram"}
    assert found.off == {"discord": "DISCORD_TOKEN"}
    assert found.secrets() == ["123456:a-token-of-a-bot"]


def test_without_channels_and_tokens_the_platforms_are_named_as_off(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("brand: {name: Shop}\n")
    for config in (load(None, options_of, {}), load(path, options_of, {})):
        assert set(config.channels) == {"web"}
        assert config.off == {"telegram": "TELEGRAM_TOKEN", "discord": "DISCORD_TOKEN"}


def test_a_bad_token_in_the_environment_is_refused_without_being_shown() -> None:
    with pytest.raises(ConfigError) as refused:
        load(None, options_of, {"TELEGRAM_TOKEN": "not-a-token-but-secret"})
    assert "telegram" in str(refused.value)
    assert "but-secret" not in str(refused.value)
