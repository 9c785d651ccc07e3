"""The shape of the knowledge files, as models; the JSON Schema that editors use is made from them."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from bot.dialogue.knowledge import DEFAULT_FORM, Handover
from bot.messages import Priority
from bot.yamlfile import LANGUAGE_CODE, NOT_A_TEXT

SCHEMA_FILE = Path(__file__).with_name("entries.schema.json")

_KEBAB = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_TEXT = {"type": "string", "minLength": 1}


def _as_forms(value: Any) -> Any:
    """An answer that is just a text is the form for all channels."""
    if isinstance(value, dict | None):
        return value
    if not isinstance(value, str):
        raise ValueError(NOT_A_TEXT)
    return {DEFAULT_FORM: value}


def _as_list(value: Any) -> Any:
    """A single text is a list of one."""
    if isinstance(value, list | None):
        return value
    if not isinstance(value, str):
        raise ValueError("must be a text or a list of texts (put in quotes what looks like a number)")
    return [value]


def _as_day(value: Any) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == len("2026-12-31") else "")
    except ValueError:
        raise ValueError(f'is "{value}", which is no day; write one such as 2026-12-31') from None


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(min_length=1)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE_CODE)]
Day = Annotated[
    date | None,
    BeforeValidator(_as_day),
    WithJsonSchema({"type": ["string", "null"], "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]
Texts = Annotated[
    list[Text],
    BeforeValidator(_as_list),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": _TEXT}]}),
]
Forms = Annotated[
    dict[str, Text],
    BeforeValidator(_as_forms),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "object", "required": [DEFAULT_FORM], "additionalProperties": _TEXT}]}),
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Validity(_Strict):
    """When an entry may be answered; days in UTC, both included."""

    from_: Day = Field(None, alias="from", description="the first day, such as 2026-01-01")
    until: Day = Field(None, description="the last day, such as 2026-12-31")

    @field_validator("until")
    @classmethod
    def _in_order(cls, value: date | None, info: ValidationInfo) -> date | None:
        begin = info.data.get("from_")
        if value and begin and value < begin:
            raise ValueError(f'is "{value}", which is before from, "{begin}"')
        return value


class EntryFile(_Strict):
    """One FAQ item."""

    id: Id = Field(description="unique, stable, kebab-case", json_schema_extra={"pattern": _KEBAB})
    question: dict[Language, Texts] = Field(
        min_length=1, description="by language: the ways to ask; the first is the title that people see"
    )
    answer: dict[Language, Forms] = Field(
        min_length=1,
        description="by language: Markdown, or one text per channel beside a default; {brand.name}, {contact.name}",
    )
    keywords: dict[Language, Texts] = Field(
        default_factory=dict, description="by language: words that point to this entry"
    )
    see_also: list[Id] = Field(default_factory=list, description="ids of related entries; offered as buttons")
    handover: Handover = Field("offer", description="whether a person is never or always called, or offered")
    priority: Priority = Field("normal", description="of a ticket that starts here")
    ask: list[Id] = Field(default_factory=list, description="what an agent will need: uid, txid, network ...")
    valid: Validity = Field(Validity(), description="when this may be answered, if not always")
    updated: dict[Language, Day] = Field(
        default_factory=dict, description="by language: the day of the last change, so that old translations are told"
    )

    @field_validator("id")
    @classmethod
    def _kebab(cls, value: str) -> str:
        if not re.fullmatch(_KEBAB, value):
            raise ValueError(f'is "{value}"; it must be small letters, digits and hyphens, such as late-withdrawal')
        return value

    @field_validator("answer")
    @classmethod
    def _has_default(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for lang, forms in value.items():
            if DEFAULT_FORM not in forms:
                raise ValueError(f'has forms for channels in "{lang}", but no "{DEFAULT_FORM}" for all others')
        return value


class TopicFile(_Strict):
    """One file of the knowledge: a topic and its entries."""

    topic: Id = Field(description="unique and stable; agents' topics and tickets name it")
    title: dict[Language, Text] = Field(min_length=1, description="by language: what people see in the menu")
    entries: list[EntryFile] = Field(min_length=1)


class Check(_Strict):
    """A labelled question: what somebody may say, and the entry that answers it, or `handover` for none."""

    say: Text
    lang: Language | None = None
    expect: Id


def json_schema() -> str:
    """The JSON Schema of a topic file, as text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **TopicFile.model_json_schema(by_alias=True)}
    _refuse_other_keys(schema)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _refuse_other_keys(schema: Any) -> None:
    """Where keys must be language codes, say that no others are allowed; pydantic does not."""
    if isinstance(schema, dict):
        if "patternProperties" in schema:
            schema["additionalProperties"] = False
        for part in schema.values():
            _refuse_other_keys(part)


if __name__ == "__main__":
    SCHEMA_FILE.write_text(json_schema(), encoding="utf-8")
