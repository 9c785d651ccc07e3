"""The configuration: YAML to checked settings. Every mistake is named with its file and line, and all at once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from bot.errors import ConfigError
from bot.ports import Problem, listing
from bot.yamlfile import Source, Where, check, parse, read

DEFAULT_FILE = Path("config.yaml")

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_PLACEHOLDER = re.compile(r"<[^>]+>|change[ _-]?me|your[ _-](?:token|bot|key|password).*|xxx+|\.\.\.", re.IGNORECASE)

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Brand(_Block):
    """Who the bot speaks for."""

    name: str = Field("Example Exchange", min_length=1)
    languages: list[Language] = Field(["en", "zh"], min_length=1)
    default_language: Language = "en"
    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, LookupError):
            raise ValueError(f'"{value}" is no time zone; write one such as Europe/Berlin or Asia/Shanghai') from None
        return value

    @model_validator(mode="after")
    def _default_is_spoken(self) -> Brand:
        if self.default_language not in self.languages:
            raise ValueError(f'default_language "{self.default_language}" is not in languages')
        return self


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


class MatchingBlock(_Block):
    """From which confidence on (0..1) the bot answers, and from which it asks "did you mean"."""

    answer: float | None = Field(None, ge=0, le=1)
    clarify: float | None = Field(None, ge=0, le=1)


class LimitsBlock(_Block):
    """How much one person may write: so many at once, and so many a minute after that."""

    burst: int = Field(30, ge=1)
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

    def knowledge_folder(self, bundled: Path) -> Path:
        """Where the knowledge is: beside the configuration first, then in the folder we were started in."""
        wanted = self.settings.knowledge.path
        if wanted is None:
            return bundled
        beside = (self.path.parent if self.path else Path()) / wanted
        return beside if beside.is_dir() else Path(wanted)


OptionsOf = Callable[[str], type[BaseModel] | None]
"""The options model of a channel's adapter, by the channel's name; None where there is no such adapter."""


def load(path: Path | None, options_of: OptionsOf, environment: Mapping[str, str] | None = None) -> Config:
    """Read and check the configuration. Without a path: `config.yaml` if it is there, else the defaults.

    Raises ConfigError with every mistake.
    """
    environment = os.environ if environment is None else environment
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    source = parse("", "defaults") if path is None else read(path)
    if isinstance(source, Problem):
        raise ConfigError(str(source))
    if source.value is None:
        source = Source(source.name, {}, source.lines)
    reader = _Reader(source, environment)
    settings = reader.settings()
    channels = reader.channels(settings, options_of) if settings else {}
    if reader.problems or settings is None:
        raise ConfigError(listing(reader.problems))
    return Config(settings, channels, reader.off, path)


class _Reader:
    """One reading of one file, and the mistakes found in it."""

    def __init__(self, source: Source, environment: Mapping[str, str]) -> None:
        self._source = source
        self._environment = environment
        self.problems: list[Problem] = []
        self.off: dict[str, str] = {}

    def settings(self) -> Settings | None:
        value = self._filled(self._source.value, ())
        found = check(self._source, Settings, value)
        if isinstance(found, list):
            self.problems += found
            return None
        return found

    def channels(self, settings: Settings, options_of: OptionsOf) -> dict[str, BaseModel]:
        """The options of every channel that is on."""
        found: dict[str, BaseModel] = {}
        for name, block in settings.channels.items():
            where: Where = ("channels", name)
            model = options_of(name)
            if name in self.off:
                continue
            if model is None:
                self.problems.append(
                    self._source.problem(where, f'unknown channel "{name}": there is no adapter of this name')
                )
                continue
            options = check(self._source, model, block or {}, where)
            if isinstance(options, list):
                self.problems += options
            else:
                found[name] = options
        return found

    def _filled(self, value: Any, where: Where) -> Any:
        """The value with variables filled in and placeholders refused."""
        if isinstance(value, dict):
            return {key: self._filled(some, (*where, str(key))) for key, some in value.items()}
        if isinstance(value, list):
            return [self._filled(some, (*where, number)) for number, some in enumerate(value)]
        if not isinstance(value, str):
            return value
        if where and _PLACEHOLDER.fullmatch(value.strip()):
            name = ".".join(map(str, where))
            self.problems.append(self._source.problem(where, f'{name} is still a placeholder ("{value}"); fill it in'))
        return _VARIABLE.sub(lambda found: self._variable(found[1], found[2], where), value)

    def _variable(self, name: str, default: str | None, where: Where) -> str:
        value = self._environment.get(name) or default
        if value is not None:
            return value
        if len(where) > 1 and where[0] == "channels":
            self.off[str(where[1])] = name
        else:
            text = f"the variable {name} is not set; set it, or write ${{{name}:-a default}}"
            self.problems.append(self._source.problem(where, text))
        return ""
