"""Fields: what the bot's own fields.yaml and the operator's say of them, key by key, as checked types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.dialogue.fields import PATTERN, FieldType, flaw, search_for
from bot.dialogue.replies import placeholders
from bot.knowledge.hints import cut_hints
from bot.knowledge.schema import FIELD_NAME, FieldFile
from bot.ports import Problem
from bot.safety.asking import asks_for_secret, names_secret
from bot.yamlfile import Source, check, read

FIELDS_FILE = "fields.yaml"
FIELD_TEXTS = ("name", "question", "hint")
"""Keys of a field whose values are texts by language."""


@dataclass(slots=True)
class _Field:
    """What the files say about one field so far, and where each part of it stands."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def add(self, source: Source, name: str, found: FieldFile) -> None:
        """Lay what a file says over what those before it said, key by key; texts language by language."""
        for key in found.model_fields_set:
            value = getattr(found, key)
            self.values[key] = {**self.values.get(key, {}), **value} if key in FIELD_TEXTS else value
            self.places[key] = source.place((name, key))
        self.places.setdefault("", source.place((name,)))


class FieldsFound:
    """The fields of all files, and what is wrong with them."""

    def __init__(self, languages: Sequence[str], problems: list[Problem]) -> None:
        self.broken: set[str] = set()
        """Of fields that can't be used, so that asking for one is not called a mistake as well."""
        self._fields: dict[str, _Field] = {}
        self._languages = languages
        self._problems = problems

    def add(self, path: Path) -> None:
        """Take in one file."""
        source = read(path)
        if isinstance(source, list):
            self._problems.extend(source)
        elif isinstance(source.value, dict):
            self._problems += cut_hints(source, ())
            for name, value in source.value.items():
                self._add_field(source, name, value)
        elif source.value is not None:
            self._problems.append(source.problem((), "must be a mapping: the name of a field, then what it is like"))

    def _add_field(self, source: Source, name: object, value: object) -> None:
        if not isinstance(name, str) or not re.fullmatch(FIELD_NAME, name):
            text = f'"{name}" is no name of a field; write one of small letters, digits and _, such as order_id'
            self._problems.append(source.problem((str(name),), text))
            return
        found = check(source, FieldFile, value, (name,))
        if isinstance(found, list):
            self._problems += found
            self.broken.add(name)
            return
        self._fields.setdefault(name, _Field()).add(source, name, found)
        self._problems += _field_problems(source, name, found)

    def types(self) -> dict[str, FieldType]:
        """The fields that can be used."""
        return {name: self._type(name, some) for name, some in self._fields.items() if name not in self.broken}

    def _type(self, name: str, some: _Field) -> FieldType:
        values = some.values
        type_ = FieldType(
            id=name,
            names=values.get("name", {}),
            questions=_questions(values.get("name", {})) | values.get("question", {}),
            hints=values.get("hint", {}),
            **{key: value for key, value in values.items() if key not in FIELD_TEXTS},
        )
        self._problems += self._together(type_, some)
        return type_

    def _together(self, type_: FieldType, some: _Field) -> Iterator[Problem]:
        """What is wrong only when the parts of a field, which may stand in two files, come together."""
        if not type_.names:
            yield Problem(some.places[""], f"{type_.id}.name is missing")
        if PATTERN in type_.find and not type_.pattern:
            place = some.places.get("pattern", some.places["find"])
            yield Problem(place, f"{type_.id}.find names {PATTERN}, and there is none")
        elif type_.find and (wrong := flaw(search_for(type_.pattern, type_.find))):
            yield Problem(some.places["pattern"], f"{type_.id}.find with this pattern {wrong}")
        for key in FIELD_TEXTS:
            lacking = [lang for lang in self._languages if lang not in some.values.get(key, {lang: ""})]
            if lacking and (key != "name" or type_.names):
                yield Problem(some.places[key], f"{type_.id}.{key} lacks {', '.join(lacking)}", fatal=False)


def _questions(names: Mapping[str, str]) -> dict[str, str]:
    """Questions for a field that has none: its name, asked."""
    return {
        lang: f"{name[:1].upper()}{name[1:]}{'？' if lang in ('zh', 'ja') else '?'}" for lang, name in names.items()
    }


def _field_problems(source: Source, name: str, found: FieldFile) -> Iterator[Problem]:
    """What the texts of one field must not hold: placeholders, and a request for a secret."""
    for key in FIELD_TEXTS:
        for lang, text in getattr(found, key).items():
            where, what = (name, key, lang), f"{name}.{key}.{lang}"
            for strange in sorted(placeholders(text)):
                yield source.problem(where, f"{what} can't use {{{strange}}}; it may use none")
            if names_secret(text) if key == "name" else asks_for_secret(text):
                wrong = f"{what} asks for a secret; nobody may be led to tell one, take it out"
                yield source.problem(where, wrong, fatal=False)
