"""The shape of the knowledge files, as models; the JSON Schema that editors use is made from them.

One schema is for all of them: a file is a topic with its entries, the fields that entries ask for, what is urgent, or
the replies that agents keep ready.
"""

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
    TypeAdapter,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from bot.dialogue.fields import LONGEST_VALUE, flaw, search_for
from bot.dialogue.knowledge import DEFAULT_FORM, Handover
from bot.messages import Priority
from bot.yamlfile import LANGUAGE_CODE, NOT_A_TEXT

SCHEMA_FILE = Path(__file__).with_name("entries.schema.json")

FIELD_NAME = r"^[a-z][a-z0-9_]*$"
KEBAB = r"^[a-z0-9]+(-[a-z0-9]+)*$"
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


def _one_line(value: Any) -> Any:
    """A long regular expression may be written on several lines; where they break means nothing."""
    return "".join(value.splitlines()) if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(min_length=1)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE_CODE)]
Regex = Annotated[str, BeforeValidator(_one_line)]
FieldName = Annotated[str, StringConstraints(pattern=FIELD_NAME)]
RuleName = Annotated[str, StringConstraints(pattern=KEBAB)]
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

    id: Id = Field(description="unique, stable, kebab-case", json_schema_extra={"pattern": KEBAB})
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
        if not re.fullmatch(KEBAB, value):
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
    entries: list[EntryFile] = Field(min_length=1, description="the questions with their answers")


class FieldFile(_Strict):
    """Something that an agent needs to know. In a folder of one's own, what isn't given stays as it comes with us."""

    name: dict[Language, Text] = Field(default_factory=dict, description="by language: what it is called in a list")
    question: dict[Language, Text] = Field(
        default_factory=dict, description="by language: one short sentence that asks for it; default: the name and a ?"
    )
    hint: dict[Language, Text] = Field(
        default_factory=dict, description="by language: where to find it; said when an answer doesn't look right"
    )
    pattern: Regex = Field("", description="a regular expression for what an answer must hold; none: any text will do")
    find: Regex = Field(
        "",
        description="a regular expression that finds it in what was written; {pattern} or its first group is the value",
    )
    sensitive: bool = Field(False, description="whether it is shown masked, such as j***@example.com")
    longest: int = Field(LONGEST_VALUE, ge=1, le=2000, description="the most characters that a value has")

    @field_validator("pattern")
    @classmethod
    def _readable(cls, value: str) -> str:
        return _sound(value, value, groups=False)

    @field_validator("find")
    @classmethod
    def _finds(cls, value: str, info: ValidationInfo) -> str:
        return _sound(value, search_for(info.data.get("pattern") or "x", value))


def _as_groups(value: Any) -> Any:
    """Words of which one is enough are one group."""
    if isinstance(value, list) and value and not any(isinstance(item, list) for item in value):
        return [value]
    return value


Groups = Annotated[
    list[list[Text]],
    BeforeValidator(_as_groups),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": _TEXT},
                {"type": "array", "items": {"type": "array", "minItems": 1, "items": _TEXT}},
            ]
        }
    ),
]


class UrgencyFile(_Strict):
    """Words that make a matter urgent, so that people get it at once."""

    priority: Priority = Field("urgent", description="of the ticket that comes of it")
    topic: str = Field("", description="of the ticket, where no entry gives another one")
    words: dict[Language, Groups] = Field(
        description="by language: words of which a sentence holds one, or groups of which it holds one each"
    )
    unless: dict[Language, Texts] = Field(
        default_factory=dict, description="by language: words with which it is not urgent, such as how to prevent"
    )


class UrgencyUnless(_Strict):
    """What a file says of all its rules."""

    unless: dict[Language, Texts] = Field(
        default_factory=dict, description="by language: words with which none of the rules holds"
    )


class CannedFile(_Strict):
    """A reply that agents keep ready."""

    title: dict[Language, Text] = Field(min_length=1, description="by language: what agents see in the list")
    text: dict[Language, Text] = Field(
        min_length=1,
        description="by language: Markdown; {brand.name}, {contact.name}, {agent.name} and {ticket} are filled in",
    )


def _sound(value: str, regex: str, *, groups: bool = True) -> str:
    wrong = flaw(regex, groups=groups) if value else ""
    if wrong:
        raise ValueError(wrong)
    return value


class Check(_Strict):
    """A labelled question: what somebody may say, and the entry that answers it, or `handover` for none."""

    say: Text
    lang: Language | None = None
    expect: Id


def json_schema() -> str:
    """The JSON Schema of a file of the knowledge, as text."""
    files = TypeAdapter[Any](
        TopicFile
        | dict[FieldName, FieldFile]
        | dict[RuleName, CannedFile | None]
        | dict[RuleName, UrgencyFile | dict[Language, Texts] | None]
    )
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **files.json_schema(by_alias=True)}
    _refuse_other_keys(schema)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _refuse_other_keys(schema: Any) -> None:
    """Where keys must be language codes, say that no others are allowed; pydantic does not."""
    if isinstance(schema, dict):
        if "patternProperties" in schema:
            schema["additionalProperties"] = False
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            _refuse_other_keys(part)


if __name__ == "__main__":
    SCHEMA_FILE.write_text(json_schema(), encoding="utf-8")
