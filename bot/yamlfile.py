"""YAML that people write: values together with the lines they stand on, so that every mistake can be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from rapidfuzz import process
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.ports import Problem

M = TypeVar("M", bound=BaseModel)
Where = tuple[str | int, ...]

CLOSE_ENOUGH = 70
"""rapidfuzz's ratio (0..100) from which a key that we know is offered for one that we don't."""

_PLAIN: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is missing",
    "string_type": lambda _: "must be a text (put it in quotes if it looks like a number)",
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "float_parsing": lambda _: "must be a number",
    "bool_parsing": lambda _: "must be true or false",
    "list_type": lambda _: "must be a list",
    "dict_type": lambda _: "must be a mapping (key: value)",
    "model_type": lambda _: "must be a mapping (key: value)",
    "model_attributes_type": lambda _: "must be a mapping (key: value)",
    "too_short": lambda context: f"needs at least {context['min_length']}",
    "string_too_short": lambda _: "must not be empty",
    "literal_error": lambda context: f"must be one of {context['expected']}",
    "value_error": lambda context: str(context["error"]),
    "greater_than_equal": lambda context: f"must be {context['ge']} or more",
    "greater_than": lambda context: f"must be more than {context['gt']}",
    "less_than_equal": lambda context: f"must be {context['le']} or less",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed YAML file: its name as shown to people, its value, and the line of every place in it."""

    name: str
    value: Any
    lines: dict[Where, int]

    def place(self, where: Sequence[str | int] = ()) -> str:
        """`file:line` of a place, or of the nearest one around it."""
        path = tuple(where)
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"

    def problem(self, where: Sequence[str | int], text: str, *, fatal: bool = True) -> Problem:
        """A mistake at a place."""
        return Problem(self.place(where), text, fatal)


class _Loader(yaml.CSafeLoader):
    """YAML 1.1 as PyYAML reads it, but `yes`, `no`, `on` and `off` stay texts: in a FAQ they are words."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path, name: str = "") -> Source | Problem:
    """Parse a file, or say what is wrong with it."""
    name = name or str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return Problem(f"{name}:1", f"is not UTF-8 (byte {error.start}); save the file as UTF-8")
    except OSError as error:
        return Problem(name, f"can't be read: {error.strerror}")
    return parse(text, name)


def parse(text: str, name: str) -> Source | Problem:
    """Parse a text, or say what is wrong with it."""
    lines: dict[Where, int] = {}
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return Source(name, None, {(): 1})
            repeated = next(_walk(node, (), lines), None)
            if repeated is not None:
                return Problem(
                    f"{name}:{repeated.start_mark.line + 1}", f'the key "{repeated.value}" stands here twice'
                )
            return Source(name, loader.construct_document(node), lines)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return Problem(f"{name}:{line}", _plain_yaml(error))
    except (yaml.YAMLError, ValueError) as error:
        return Problem(f"{name}:1", f"is not valid YAML: {error}")


def _plain_yaml(error: yaml.MarkedYAMLError) -> str:
    what = error.problem or error.context or "is not valid YAML"
    if "'\\t'" in what:
        return "a tab can't indent YAML; use spaces"
    if "mapping values are not allowed" in what:
        return 'a ": " in a text needs quotes around the text, or the indentation is off'
    return f"is not valid YAML: {what}"


def _walk(node: Node, where: Where, lines: dict[Where, int]) -> Iterator[ScalarNode]:
    """Note the line of every place; yield keys that stand in one mapping twice."""
    lines[where] = node.start_mark.line + 1
    if isinstance(node, MappingNode):
        seen = set()
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)
                yield from _walk(value, (*where, key.value), lines)
                lines[(*where, key.value)] = key.start_mark.line + 1
    elif isinstance(node, SequenceNode):
        for place, value in enumerate(node.value):
            yield from _walk(value, (*where, place), lines)


def check(source: Source, model: type[M], value: Any = ..., where: Where = ()) -> M | list[Problem]:
    """The value as `model`, or all its mistakes with their lines. `where` is the value's place in the file."""
    try:
        return model.model_validate(source.value if value is ... else value)
    except ValidationError as error:
        return [_problem(source, where, model, details) for details in error.errors(include_url=False)]


def _problem(source: Source, where: Where, model: type[BaseModel], details: Any) -> Problem:
    location: Where = (*where, *(part for part in details["loc"] if part != "[key]"))
    name = ".".join(map(str, location)) or "the file"
    if details["type"] == "extra_forbidden":
        return source.problem(location, f'unknown key "{name}"{_suggestion(str(location[-1]), model)}')
    plain = _PLAIN.get(details["type"])
    text = plain(details.get("ctx", {})) if plain else details["msg"][:1].lower() + details["msg"][1:]
    return source.problem(location, f"{name} {text}")


def _suggestion(key: str, model: type[BaseModel]) -> str:
    """`; did you mean "..."?` where a key that the model knows is close."""
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    known = {name for part in parts for name in part.get("properties", {})}
    best = process.extractOne(key, known, score_cutoff=CLOSE_ENOUGH)
    return f'; did you mean "{best[0]}"?' if best else ""
