"""The shape of the knowledge files, as models; the JSON Schema that editors use is made from them."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator

from bot.dialogue.knowledge import DEFAULT_FORM, Handover
from bot.messages import Priority

SCHEMA_FILE = Path(__file__).with_name("entries.schema.json")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(min_length=1)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


def _as_forms(value: Any) -> Any:
    """An answer that is just a text is the form for all channels."""
    return {DEFAULT_FORM: value} if isinstance(value, str) else value


def _as_list(value: Any) -> Any:
    """A single text is a list of one."""
    return [value] if isinstance(value, str) else value


Texts = Annotated[list[Text], BeforeValidator(_as_list), Field(min_length=1)]
Forms = Annotated[dict[str, Text], BeforeValidator(_as_forms)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Validity(_Strict):
    """When an entry may be answered; days in UTC, both included."""

    from_: date | None = Field(None, alias="from")
    until: date | None = None


class EntryFile(_Strict):
    """One FAQ item."""

    id: Id = Field(description="unique, stable, kebab-case")
    question: dict[Language, Texts] = Field(min_length=1, description="phrasings by language; the first is the title")
    answer: dict[Language, Forms] = Field(min_length=1, description="Markdown by language, or by language and channel")
    keywords: dict[Language, Texts] = Field(default_factory=dict)
    see_also: list[Id] = Field(default_factory=list)
    handover: Handover = "offer"
    priority: Priority = "normal"
    ask: list[Id] = Field(default_factory=list)
    valid: Validity = Validity()

    @field_validator("id")
    @classmethod
    def _kebab(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
            raise ValueError('must be kebab-case, such as "withdrawal-not-arrived"')
        return value

    @field_validator("answer")
    @classmethod
    def _has_default(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for lang, forms in value.items():
            if DEFAULT_FORM not in forms:
                raise ValueError(f'has forms for channels in "{lang}", but no "{DEFAULT_FORM}"')
        return value


class TopicFile(_Strict):
    """One file of the knowledge: a topic and its entries."""

    topic: Id
    title: dict[Language, Text] = Field(min_length=1)
    entries: list[EntryFile] = Field(min_length=1)


class Check(_Strict):
    """A labelled question: what somebody may say, and the entry that answers it, or `handover` for none."""

    say: Text
    lang: Language | None = None
    expect: Id


class ChecksFile(_Strict):
    """The labelled questions of one file."""

    checks: list[Check]


def json_schema() -> str:
    """The JSON Schema of a topic file, as text."""
    schema = TopicFile.model_json_schema(by_alias=True)
    answer = schema["$defs"]["EntryFile"]["properties"]["answer"]
    answer["additionalProperties"] = {
        "anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]
    }
    for name in ("question", "keywords"):
        texts = schema["$defs"]["EntryFile"]["properties"][name]
        texts["additionalProperties"] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(json_schema(), encoding="utf-8")
