"""The configuration: YAML to checked settings. Every mistake is named with its file and line, and all at once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from bot.config.blocks import Settings
from bot.config.desk import Staff
from bot.config.desk_checks import staff_problems, topic_problems
from bot.errors import ConfigError
from bot.ports import Problem, listing
from bot.yamlfile import Source, Where, check, did_you_mean, in_order, naming, parse, read

DEFAULT_FILE = Path("config.yaml")

DEFAULT_TOKENS = {"telegram": "TELEGRAM_TOKEN", "discord": "DISCORD_TOKEN"}
"""Channels that are on without a line of configuration once their token is in the environment."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_PLACEHOLDER = re.compile(
    r"<[^<>]+>|(?:change|replace)[ _-]?me|todo|fixme|x{3,}|\.{3}|…"
    r"|(?:(?:put|insert|enter|paste)[ _-])?your[ _-](?:.*[ _-])?(?:token|key|secret|password|name|id|url|here)",
    re.IGNORECASE,
)
_BLANK = re.compile(r"<[a-z][^<>]*>", re.IGNORECASE)
"""A part to fill in, such as the end of sqlite:///<path>."""
_CHANNEL = re.compile(r"\w+(?:\.\w+)*(?:/[\w-]+)?")


@dataclass(frozen=True, slots=True)
class Config:
    """Checked settings. `off` says of every channel that can't be on which variable it lacks."""

    settings: Settings
    channels: Mapping[str, BaseModel] = field(default_factory=dict)
    off: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None

    def secrets(self) -> list[str]:
        """Tokens and keys in the settings, which must show nowhere."""
        return [secret for block in (self.settings, *self.channels.values()) for secret in _secrets(block)]

    def unknown_topics(self, topics: Collection[str]) -> list[Problem]:
        """Topics that the desk and its agents name, and that are none of these; told where they stand."""
        source = read(self.path) if self.path else []
        return [] if isinstance(source, list) else list(topic_problems(source, self.settings, topics))

    def knowledge_folder(self, bundled: Path) -> Path:
        """Where the knowledge is: beside the configuration first, then in the folder we were started in."""
        wanted = self.settings.knowledge.path
        if wanted is None:
            return bundled
        beside = (self.path.parent if self.path else Path()) / wanted
        return beside if beside.is_dir() else Path(wanted)


def _secrets(block: BaseModel) -> Iterator[str]:
    for _, value in block:
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, BaseModel):
            yield from _secrets(value)


OptionsOf = Callable[[str], type[BaseModel] | None]
"""The options model of a channel's adapter, by the channel's name; None where there is no such adapter."""


def load(
    path: Path | None,
    options_of: OptionsOf,
    environment: Mapping[str, str] | None = None,
    known_channels: Iterable[str] = (),
) -> Config:
    """Read and check the configuration. Without a path: `config.yaml` if it is there, else the defaults.

    `known_channels` are named where somebody asks for one that does not exist. Raises ConfigError with every mistake.
    """
    environment = os.environ if environment is None else environment
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    source = parse("", "defaults") if path is None else read(path)
    if isinstance(source, list):
        raise _refusal(source)
    if source.value is None:
        source = Source(source.name, {}, source.lines)
    reader = _Reader(source, environment, tuple(known_channels))
    settings, channels = reader.read(options_of)
    if reader.problems or settings is None:
        raise _refusal(reader.problems)
    return Config(settings, channels, reader.off, path)


def _refusal(problems: list[Problem]) -> ConfigError:
    return ConfigError(f"the configuration can't be used:\n{listing(in_order(problems))}")


class _Reader:
    """One reading of one file, and the mistakes found in it."""

    def __init__(self, source: Source, environment: Mapping[str, str], known_channels: tuple[str, ...]) -> None:
        self._source = source
        self._environment = environment
        self._known_channels = known_channels
        self._told: set[Where] = set()
        """Places whose mistake is known already: what stands there is of no further interest."""
        self._by_default: set[str] = set()
        """Channels that the environment alone turned on."""
        self.problems: list[Problem] = []
        self.off: dict[str, str] = {}

    def read(self, options_of: OptionsOf) -> tuple[Settings | None, dict[str, BaseModel]]:
        """The settings, and the options of every channel that is on."""
        value = self._filled(self._source.value, ())
        if isinstance(value, dict):
            # A block whose lines are all commented out is there, but empty: it means the defaults.
            value = {key: block for key, block in value.items() if block is not None}
            if "channels" not in value:
                value["channels"] = self._default_channels()
        settings = check(self._source, Settings, value, told=self._told)
        if isinstance(settings, Settings):
            channels = self._channels(settings.channels, options_of)
            self._check_staff(settings, settings.channels)
            return settings, channels
        self.problems += settings
        blocks = value.get("channels") if isinstance(value, dict) else None
        blocks = blocks if isinstance(blocks, dict) else {}
        channels = self._channels(blocks, options_of)
        if isinstance(value, dict):
            # All mistakes at once: what is wrong elsewhere must not hide what the desk and its agents lack.
            staff = check(self._source, Staff, {key: value[key] for key in Staff.model_fields if key in value})
            if isinstance(staff, Staff):
                self._check_staff(staff, blocks)
        return None, channels

    def _check_staff(self, staff: Staff, blocks: Iterable[Any]) -> None:
        self.problems += staff_problems(self._source, staff, {*map(str, blocks), *self.off})

    def _default_channels(self) -> dict[str, Any]:
        """The web chat, and what the environment has a token for; the others are off."""
        tokens = {channel: self._environment.get(variable) for channel, variable in DEFAULT_TOKENS.items()}
        self.off = {channel: DEFAULT_TOKENS[channel] for channel, token in tokens.items() if not token}
        self._by_default = {channel for channel, token in tokens.items() if token}
        return {"web": None} | {channel: {"token": token} for channel, token in tokens.items() if token}

    def _channels(self, blocks: Mapping[Any, Any], options_of: OptionsOf) -> dict[str, BaseModel]:
        found: dict[str, BaseModel] = {}
        for name, block in blocks.items():
            where: Where = ("channels", name)
            if not isinstance(block, dict | None) or not isinstance(name, str):
                continue  # told by the check of the settings
            try:
                model = options_of(name) if _CHANNEL.fullmatch(name) else None
            except ImportError as error:
                self._add(where, f'the channel "{name}" can\'t be loaded: {error}; is its library installed?')
                continue
            if model is None:
                there = f"; there are {', '.join(self._known_channels)}" if self._known_channels else ""
                meant = did_you_mean(name, self._known_channels) or there
                self._add(where, f'unknown channel "{name}"{meant}')
                continue
            options = check(self._source, model, block or {}, where, self._told)
            if isinstance(options, list) and name in self._by_default:
                text = f"the variable {DEFAULT_TOKENS[name]} holds no token that a bot for {name} can have; correct it"
                self.problems.append(Problem("environment", text))
            elif isinstance(options, list):
                self.problems += options
            elif name not in self.off:
                found[name] = options
        return found

    def _add(self, where: Where, text: str) -> None:
        self._told.add(where)
        self.problems.append(self._source.problem(where, text))

    def _filled(self, value: Any, where: Where) -> Any:
        """The value with variables filled in and placeholders refused."""
        if isinstance(value, dict):
            return {key: self._filled(some, (*where, key)) for key, some in value.items()}
        if isinstance(value, list):
            return [self._filled(some, (*where, number)) for number, some in enumerate(value)]
        if not isinstance(value, str):
            return value
        if _PLACEHOLDER.fullmatch(value.strip()) or _BLANK.search(value):
            self._add(
                where, f'{"".join(naming(self._source.value, where))} is still a placeholder ("{value}"); fill it in'
            )
            return value
        return _VARIABLE.sub(lambda found: self._variable(found[1], found[2], where), value)

    def _variable(self, name: str, default: str | None, where: Where) -> str:
        value = self._environment.get(name) or default
        if value is not None:
            if _PLACEHOLDER.fullmatch(value.strip()):
                self._add(where, f"the variable {name} still holds a placeholder; give it its real value")
            return value
        if len(where) > 1 and where[0] == "channels":
            self._told.add(where)
            self.off.setdefault(str(where[1]), name)
        else:
            self._add(where, f"the variable {name} is not set; set it, or write ${{{name}:-a default}}")
        return ""
