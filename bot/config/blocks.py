"""The settings as checked values: one model a block of the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from bot.config.base import Block, Language, Zone
from bot.config.desk import Staff
from bot.matching.calibration import Thresholds


class Brand(Block):
    """Who the bot speaks for."""

    name: str = Field("Example Exchange", min_length=1)
    languages: list[Language] = Field(["en", "zh"], min_length=1)
    default_language: Language = Field("en", validate_default=True)
    timezone: Zone = "UTC"
    colour: str = Field("#1f6feb", pattern=r"^#[0-9A-Fa-f]{6}$")

    @field_validator("default_language")
    @classmethod
    def _is_spoken(cls, value: str, info: ValidationInfo) -> str:
        spoken = info.data.get("languages")
        if spoken is not None and value not in spoken:
            raise ValueError(f'is "{value}", which is not one of brand.languages: {", ".join(spoken)}')
        return value


class KnowledgeBlock(Block):
    """Where the knowledge is; nothing means the example that comes with Frontdesk."""

    path: str | None = None


class StorageBlock(Block):
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


class HttpBlock(Block):
    """The one HTTP server."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: str | None = None

    @property
    def url(self) -> str:
        """Where people reach the server."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


class DialogueBlock(Block):
    """How conversations are led."""

    merge_window_seconds: float = Field(1.2, ge=0, le=30)
    idle_close_minutes: float = Field(30, gt=0)
    misses: int = Field(2, ge=1)
    intake_minutes: float = Field(5, gt=0)


class VectorsBlock(Block):
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


class MatchingBlock(Block):
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


class LimitsBlock(Block):
    """How much one person may write: so many at once, and so many a minute after that."""

    burst: int = Field(120, ge=1)
    per_minute: float = Field(60, gt=0)


class LogBlock(Block):
    """The log."""

    format: Literal["auto", "text", "json"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(Staff):
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
