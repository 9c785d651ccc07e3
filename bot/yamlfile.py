"""YAML that people write: values together with the lines they stand on, so that every mistake can be shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from bot.ports import Problem

M = TypeVar("M", bound=BaseModel)
Where = tuple[str | int, ...]

LANGUAGE_CODE = r"^[a-z]{2,3}$"
NOT_A_TEXT = "must be a text (put it in quotes if it looks like a number)"

CLOSE_ENOUGH = 66
"""rapidfuzz's ratio (0..100) from which a word that we know is offered for one that we don't."""

_WHOLE_NUMBER = "must be a whole number"
_MAPPING = "must be a mapping (key: value)"
_PLAIN: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is missing",
    "string_type": lambda _: NOT_A_TEXT,
    "int_type": lambda _: _WHOLE_NUMBER,
    "int_parsing": lambda _: _WHOLE_NUMBER,
    "int_from_float": lambda _: _WHOLE_NUMBER,
    "float_type": lambda _: "must be a number",
    "float_parsing": lambda _: "must be a number",
    "finite_number": lambda _: "must be a number",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "list_type": lambda _: "must be a list, such as [one, two]",
    "dict_type": lambda _: _MAPPING,
    "model_type": lambda _: _MAPPING,
    "model_attributes_type": lambda _: _MAPPING,
    "too_short": lambda _: "must not be empty",
    "string_too_short": lambda _: "must not be empty",
    "literal_error": lambda context: f"must be one of {context['expected']}",
    "value_error": lambda context: str(context["error"]),
    "greater_than_equal": lambda context: f"must be {_number(context['ge'])} or more",
    "greater_than": lambda context: f"must be more than {_number(context['gt'])}",
    "less_than_equal": lambda context: f"must be {_number(context['le'])} or less",
    "less_than": lambda context: f"must be less than {_number(context['lt'])}",
}
_UNKNOWN_KEY = frozenset({"extra_forbidden", "invalid_key"})

_CUT = re.compile(r"\s#.*|\s+#+[^\s#].*")
"""A comment behind a text that may be part of it: none is set apart by two spaces and a space after the sign."""
_CUT_IN_LINE = re.compile(r"\s(#[^\s#]\S*)")


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed YAML file: its name as shown to people, its value, and the line of every place in it.

    `cut` holds what follows a text without quotes as a comment, and may be meant as part of the text.
    """

    name: str
    value: Any
    lines: dict[Where, int]
    cut: Mapping[Where, str] = field(default_factory=dict)

    def place(self, where: Sequence[str | int] = ()) -> str:
        """`file:line` of a place, or of the nearest one around it."""
        found: Where = ()
        for part in where:
            inner = next((inner for inner in ((*found, part), (*found, str(part))) if inner in self.lines), None)
            if inner is None:
                break
            found = inner
        return f"{self.name}:{self.lines.get(found, 1)}"

    def problem(self, where: Sequence[str | int], text: str, *, fatal: bool = True) -> Problem:
        """A mistake at a place."""
        return Problem(self.place(where), text, fatal)


class _Loader(yaml.CSafeLoader):
    """YAML 1.1 as PyYAML reads it, but `yes`, `no`, `on`, `off`, `=` and days stay texts: in a FAQ they are words."""


def _stays_text(tag: str, first: str | None) -> bool:
    """Whether what PyYAML would make `tag` of is left as it is written; `first` is the character it begins with."""
    kind = tag.removeprefix("tag:yaml.org,2002:")
    return kind in ("timestamp", "value") or (kind == "bool" and first not in tuple("tTfF"))


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not _stays_text(tag, first)]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def shown(path: Path) -> str:
    """A file as people write it from where they are: its name below the folder we were started in, else all of it."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def read(path: Path) -> Source | list[Problem]:
    """Parse a file, or say what is wrong with it."""
    name = shown(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [Problem(name, "there is no such file")]
    except IsADirectoryError:
        return [Problem(name, "is a folder, not a file")]
    except OSError as error:
        return [Problem(name, f"can't be read: {error.strerror}")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return [Problem(f"{name}:{line}", f"is not UTF-8 (byte 0x{data[error.start]:02x}); save the file as UTF-8")]
    return parse(text, name)


def parse(text: str, name: str) -> Source | list[Problem]:
    """Parse a text, or say what is wrong with it."""
    lines: dict[Where, int] = {}
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return Source(name, None, {(): 1})
            cut = {where: rest for where, scalar in _scalars(node, ()) if (rest := _cut_off(scalar, text))}
            repeated = [
                Problem(
                    f"{name}:{key.start_mark.line + 1}",
                    f'the key "{key.value}" stands here twice; the first is in line {first.start_mark.line + 1}',
                )
                for key, first in _walk(node, (), lines)
            ]
            return repeated or Source(name, loader.construct_document(node), lines, cut)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        written = text.splitlines() or [""]
        line, what = _explain(error, written)
        comment = _CUT_IN_LINE.search("\n".join(written[max(0, line - 2) : line]))
        if comment:
            what += f'; "{comment[1]}" is read as a comment: put quotes around a text with " #" in it'
        return [Problem(f"{name}:{line}", what)]
    except ReaderError as error:
        line = text.count("\n", 0, max(0, text.find(chr(error.character)))) + 1
        return [Problem(f"{name}:{line}", f"holds the control character U+{error.character:04X}; delete it")]
    except RecursionError:
        return [Problem(f"{name}:1", "is nested too deeply, or an alias (*) stands inside of what it names")]
    except (yaml.YAMLError, ValueError) as error:
        return [Problem(f"{name}:1", f"is not valid YAML: {error}")]


def _walk(node: Node, where: Where, lines: dict[Where, int]) -> Iterator[tuple[ScalarNode, ScalarNode]]:
    """Note the line of every place; yield keys that stand in one mapping twice, each with the first of its name."""
    lines[where] = node.start_mark.line + 1
    if isinstance(node, MappingNode):
        seen: dict[str, ScalarNode] = {}
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                first = seen.setdefault(key.value, key)
                if first is not key:
                    yield key, first
                yield from _walk(value, (*where, key.value), lines)
                lines[(*where, key.value)] = key.start_mark.line + 1
    elif isinstance(node, SequenceNode):
        for place, value in enumerate(node.value):
            yield from _walk(value, (*where, place), lines)


def _scalars(node: Node, where: Where) -> Iterator[tuple[Where, ScalarNode]]:
    """All values that are no mapping and no list, with their places."""
    if isinstance(node, ScalarNode):
        yield where, node
    else:
        is_map = isinstance(node, MappingNode)
        for key, value in [(str(key.value), value) for key, value in node.value] if is_map else enumerate(node.value):
            yield from _scalars(value, (*where, key))


def _cut_off(scalar: ScalarNode, text: str) -> str:
    """What stands behind a text without quotes as a comment that may not be meant as one; empty if nothing does."""
    begin = scalar.end_mark.index
    rest = text[begin : text.find("\n", begin) % (len(text) + 1)].rstrip()
    return rest.strip() if scalar.value and not scalar.style and _CUT.fullmatch(rest) else ""


def _explain(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> tuple[int, str]:
    """The line that a person must look at, and in plain words what is wrong there."""
    mark, begin = error.problem_mark or error.context_mark, error.context_mark or error.problem_mark
    if mark is None or begin is None:
        return 1, f"is not valid YAML: {error.problem or error.context}"
    line, opened = min(mark.line + 1, len(lines)), min(begin.line + 1, len(lines))
    text = lines[mark.line] if mark.line < len(lines) else ""
    char = text[mark.column] if mark.column < len(text) else ""
    indent = len(text) - len(text.lstrip())
    what, context = error.problem or "", error.context or ""
    if "\t" in text[:indent] or char == "\t":
        return line, "a tab can't indent YAML; use spaces"
    if "cannot start any token" in what:
        return line, f'a text that begins with "{char}" needs quotes around it'
    if "alias" in what + context or "anchor" in what + context:
        return line, 'a text that begins with "*" or "&" needs quotes around it'
    if "determine a constructor" in what:
        return line, f'a text that begins with "{char}" needs quotes around it'
    if "quoted scalar" in context and "end of stream" in what:
        return opened, "a quote is opened here and never closed"
    if "escape character" in what:
        return line, 'a "\\" in double quotes begins a special character; use single quotes instead'
    for bracket, end in ("[]", "{}"):
        if f"',' or '{end}'" in what:
            return opened, f'a "{bracket}" is opened here, and "{end}" or a comma is missing after it'
    if "expected key" in what or "'-' indicator" in what:
        if mark.column > indent:
            return line, "the text goes on after a closing quote or bracket; put quotes around all of it"
        return line, "the indentation is off: this line belongs to nothing above it"
    if "expected ':'" in what:
        return opened, 'this line has no ": "; if it continues the text above, indent it further'
    if "mapping values are not allowed" in what:
        return line, 'a text with ": " in it needs quotes; or the indentation is off, or the line above lacks its ":"'
    if "unhashable key" in what:
        return line, "a text that begins with { or [ needs quotes around it"
    if "node content" in what:
        return line, 'a value is missing here, or the "]" or "}" of what is opened above'
    if "another document" in what:
        return line, "a second document begins here (---); a file may hold one"
    if "block scalar" in context:
        return line, "after | or > the text begins on the next line, indented"
    return line, f"is not valid YAML: {what or context}"


def check(
    source: Source, model: type[M], value: Any = ..., where: Where = (), told: Collection[Where] = ()
) -> M | list[Problem]:
    """The value as `model`, or its mistakes with their lines, but for those at places that are `told` already.

    `where` is the value's place in the file.
    """
    try:
        return model.model_validate(source.value if value is ... else value)
    except ValidationError as error:
        found = [(_location(where, details), details) for details in error.errors(include_url=False)]
        return [_problem(source, place, model, details) for place, details in found if place not in told]


def _location(where: Where, details: Any) -> Where:
    return (*where, *(part for part in details["loc"] if part != "[key]"))


def _problem(source: Source, location: Where, model: type[BaseModel], details: Any) -> Problem:
    head, path = naming(source.value, location)
    kind = details["type"]
    if kind in _UNKNOWN_KEY:
        return source.problem(location, f'{head}unknown key "{path}"{_hint(details["loc"], model)}')
    context = details.get("ctx", {})
    if details["input"] is None and kind != "missing":
        text = "has no value"
    elif kind == "string_pattern_mismatch" and context["pattern"] == LANGUAGE_CODE:
        text = "must be a language code such as en or zh"
    elif kind in _PLAIN:
        text = _PLAIN[kind](context)
    else:
        text = details["msg"][:1].lower() + details["msg"][1:]
    return source.problem(location, f"{head}{path or ('' if head else 'the file')} {text}".strip())


def naming(value: Any, location: Where) -> tuple[str, str]:
    """How people call a place: what it belongs to (`my-entry: ` or `item 2 of checks: `), and the path within that."""
    head, path, item = "", "", False
    for part in location:
        if not isinstance(value, dict | list):
            break  # a short form: the model sees more parts than were written
        inside = value
        try:
            value = inside[part]  # type: ignore[index]  # keys of people's YAML are of any type
        except (LookupError, TypeError):
            value = None
        if isinstance(part, int) and isinstance(inside, list):
            known = value.get("id") if isinstance(value, dict) else None
            head, path = (
                (f"{known}: ", "") if isinstance(known, str) else (head, f"item {part + 1} of {path or 'the list'}")
            )
            item = bool(path)
        else:
            if item:
                head, path, item = f"{head}{path}: ", "", False
            path = f"{path}.{part}" if path else str(part)
    return head, path


def _number(value: float) -> str:
    return f"{value:g}"


def _hint(location: Where, model: type[BaseModel]) -> str:
    """What may have been meant by a key that is unknown where it stands."""
    schema = model.model_json_schema()
    key, here = str(location[-1]), _part(schema, schema, location[:-1])
    meant = did_you_mean(key, here.get("properties", {}))
    if meant:
        return meant
    blocks = schema.get("properties", {})
    owners = [name for name in blocks if key in _part(schema, schema, (name,)).get("properties", {})]
    return f'; it belongs under "{owners[0]}"' if owners else ""


def _part(schema: Mapping[str, Any], root: Mapping[str, Any], path: Where) -> Mapping[str, Any]:
    """The part of a JSON Schema that describes what stands at a path."""
    if "$ref" in schema:
        return _part(root["$defs"][schema["$ref"].rpartition("/")[2]], root, path)
    if not path:
        return schema
    inner: Any = {}
    if isinstance(path[0], int):
        inner = schema.get("items")
    else:
        inner = schema.get("properties", {}).get(path[0]) or schema.get("additionalProperties")
    return _part(inner, root, path[1:]) if isinstance(inner, Mapping) else {}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean "..."?` where a word that we know is close."""
    best = process.extractOne(
        word, list(known), scorer=fuzz.ratio, processor=default_process, score_cutoff=CLOSE_ENOUGH
    )
    return f'; did you mean "{best[0]}"?' if best else ""


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems file by file and line by line."""

    def order(problem: Problem) -> tuple[str, int]:
        name, _, line = problem.place.rpartition(":")
        return (name, int(line)) if line.isdigit() else (problem.place, 0)

    return sorted(problems, key=order)
