"""The configuration: YAML to checked settings. Every mistake is named with its file and line, and all at once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.errors import ConfigError
from bot.matching.calibration import Thresholds
from bot.ports import Problem, listing
from bot.yamlfile import LANGUAGE_CODE, Source, Where, check, did_you_mean, in_order, naming, parse, read

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

Language = Annotated[str, StringConstraints(pattern=LANGUAGE_CODE)]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Brand(_Block):
    """Who the bot speaks for."""

    name: str = Field("Example Exchange", min_length=1)
    languages: list[Language] = Field(["en", "zh"], min_length=1)
    default_language: Language = Field("en", validate_default=True)
    timezone: str = "UTC"
    colour: str = Field("#1f6feb", pattern=r"^#[0-9A-Fa-f]{6}$")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, LookupError):
            raise ValueError(f'is "{value}", which is no time zone; write one such as Asia/Shanghai or UTC') from None
        return value

    @field_validator("default_language")
    @classmethod
    def _is_spoken(cls, value: str, info: ValidationInfo) -> str:
        spoken = info.data.get("languages")
        if spoken is not None and value not in spoken:
            raise ValueError(f'is "{value}", which is not one of brand.languages: {", ".join(spoken)}')
        return value


class KnowledgeBlock(_Block):
    """Where the knowledge is; nothing means the example that comes with Frontdesk."""

    path: str | None = None


class StorageBlock(_Block):
    """The database."""

    url: str = "sqlite:///data/frontdesk.db"

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        if not value.startswith("sqlite:///") or value == "sqlite:///":
            raise ValueError('must be "sqlite:///" and a path, such as sqlite:///data/frontdesk.db')
        return value

    @property
    def sqlite_path(self) -> Path:
        """The file: relative to the folder that Frontdesk is started in, unless it begins with a further slash."""
        return Path(self.url.removeprefix("sqlite:///"))


class HttpBlock(_Block):
    """The one HTTP server."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: str | None = None

    @property
    def url(self) -> str:
        """Where people reach the server."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


class DialogueBlock(_Block):
    """How conversations are led."""

    merge_window_seconds: float = Field(1.2, ge=0, le=30)
    idle_close_minutes: float = Field(30, gt=0)


class VectorsBlock(_Block):
    """Sentence vectors: what texts mean, beside what they say."""

    kind: Literal["none", "minilm", "openai"] = "none"
    url: str | None = None
    model: str | None = None
    api_key: SecretStr | None = None
    languages: list[Language] | None = Field(None, min_length=1)
    timeout_seconds: float = Field(1.0, gt=0, le=30)
    cache: str = Field("data/vectors.db", min_length=1)

    @field_validator("url")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https?://[^/]", value):
            raise ValueError(f'is "{value}", and must begin with http:// or https://')
        return value

    @model_validator(mode="after")
    def _is_complete(self) -> VectorsBlock:
        if self.kind == "openai" and not (self.url and self.model):
            example = "{kind: openai, url: http://127.0.0.1:11434/v1, model: bge-m3}"
            raise ValueError(f"needs url and model where kind is openai, such as {example}")
        return self


class MatchingBlock(_Block):
    """How sure the bot must be: as so many wrong answers in 100, or as confidences (0..1)."""

    wrong_per_100: float | None = Field(None, gt=0, le=50)
    topics: dict[str, Annotated[float, Field(gt=0, le=50)]] = Field(default={})
    answer: float | None = Field(None, ge=0, le=1)
    clarify: float | None = Field(None, ge=0, le=1, validate_default=True)
    unasked: float = Field(0.85, ge=0, le=1)
    vectors: VectorsBlock = VectorsBlock()

    @field_validator("answer")
    @classmethod
    def _one_of_both(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is not None and info.data.get("wrong_per_100") is not None:
            raise ValueError("can't be set beside wrong_per_100, from which it follows; set one of them to null")
        return value

    @field_validator("clarify")
    @classmethod
    def _not_above_answer(cls, value: float | None, info: ValidationInfo) -> float | None:
        if "answer" in info.data:
            usual, answer = Thresholds(), info.data["answer"]
            clarify, answer = usual.clarify if value is None else value, usual.answer if answer is None else answer
            if clarify > answer:
                raise ValueError(f"is {clarify:g}, and must not be above answer, which is {answer:g}")
        return value


class LimitsBlock(_Block):
    """How much one person may write: so many at once, and so many a minute after that."""

    burst: int = Field(120, ge=1)
    per_minute: float = Field(60, gt=0)


class LogBlock(_Block):
    """The log."""

    format: Literal["auto", "text", "json"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(_Block):
    """Everything but the channels' own blocks, which their adapters check."""

    brand: Brand = Brand()
    knowledge: KnowledgeBlock = KnowledgeBlock()
    storage: StorageBlock = StorageBlock()
    http: HttpBlock = HttpBlock()
    channels: dict[str, dict[str, Any] | None] = Field(default={"web": None})
    dialogue: DialogueBlock = DialogueBlock()
    matching: MatchingBlock = MatchingBlock()
    limits: LimitsBlock = LimitsBlock()
    log: LogBlock = LogBlock()


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
        if isinstance(settings, list):
            self.problems += settings
            blocks = value.get("channels") if isinstance(value, dict) else None
            return None, self._channels(blocks if isinstance(blocks, dict) else {}, options_of)
        return settings, self._channels(settings.channels, options_of)

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
