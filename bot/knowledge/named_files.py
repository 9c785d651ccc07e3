"""Files of named things, such as urgency.yaml: the bot's own, and the operator's over it, name by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from bot.dialogue.knowledge import Canned
from bot.dialogue.replies import placeholders
from bot.dialogue.urgency import UrgencyRule
from bot.knowledge.hints import cut_hints
from bot.knowledge.prose import unwrap
from bot.knowledge.schema import KEBAB, CannedFile, UrgencyFile, UrgencyUnless
from bot.ports import Problem
from bot.safety.asking import asks_for_secret
from bot.yamlfile import Source, check, read

M = TypeVar("M", bound=BaseModel)

URGENCY_FILE = "urgency.yaml"
CANNED_FILE = "canned.yaml"
UNLESS = "unless"
"""The key in urgency.yaml whose words silence every rule."""
CANNED_PLACEHOLDERS = frozenset({"brand.name", "contact.name", "agent.name", "ticket"})


@dataclass(slots=True)
class Named(Generic[M]):
    """What the files say under each name, and where; a name without a value takes away what stood there before."""

    model: type[M]
    problems: list[Problem]
    found: dict[str, tuple[M, Source]] = field(default_factory=dict)

    def add(self, source: Source, values: Mapping[Any, Any]) -> None:
        """Take in what one file says."""
        for name, value in values.items():
            if not isinstance(name, str) or not re.fullmatch(KEBAB, name):
                text = f'"{name}" is no name; write one of small letters, digits and hyphens, such as ask-txid'
                self.problems.append(source.problem((str(name),), text))
            elif value is None:
                self.found.pop(name, None)
            else:
                self._add_one(source, name, value)

    def _add_one(self, source: Source, name: str, value: Any) -> None:
        one = check(source, self.model, value, (name,))
        if isinstance(one, list):
            self.problems += one
        else:
            self.found[name] = (one, source)


def urgency_rules(paths: Iterable[Path], problems: list[Problem]) -> list[UrgencyRule]:
    """The rules of all files; words below `unless` hold for all of them, language by language."""
    rules, unless = Named(UrgencyFile, problems), dict[str, tuple[str, ...]]()
    for source, values in _mappings(paths, "the name of a rule, then what it is like", problems):
        common = check(source, UrgencyUnless, {UNLESS: values.pop(UNLESS, None) or {}})
        if isinstance(common, list):
            problems += common
        else:
            unless |= {lang: tuple(some) for lang, some in common.unless.items()}
        rules.add(source, values)
    return [_rule(name, rule, unless) for name, (rule, _) in rules.found.items()]


def _rule(name: str, rule: UrgencyFile, unless: Mapping[str, tuple[str, ...]]) -> UrgencyRule:
    own = {lang: tuple(some) for lang, some in rule.unless.items()}
    silencing = {lang: (*unless.get(lang, ()), *own.get(lang, ())) for lang in dict.fromkeys((*unless, *own))}
    words = {lang: tuple(map(tuple, groups)) for lang, groups in rule.words.items()}
    return UrgencyRule(name, rule.priority, rule.topic, words, silencing)


def canned_replies(paths: Iterable[Path], languages: Sequence[str], problems: list[Problem]) -> list[Canned]:
    """The replies of all files."""
    replies = Named(CannedFile, problems)
    for source, values in _mappings(paths, "the name of a reply, then its title and text", problems):
        replies.add(source, values)
    for name, (reply, source) in replies.found.items():
        problems += _lacking(source, (name, "title"), reply.title, languages)
        problems += _lacking(source, (name, "text"), reply.text, languages)
        problems += _text_problems(source, name, reply)
    return [
        Canned(name, reply.title, {lang: unwrap(text) for lang, text in reply.text.items()})
        for name, (reply, _) in replies.found.items()
    ]


def _mappings(paths: Iterable[Path], of: str, problems: list[Problem]) -> Iterator[tuple[Source, dict[Any, Any]]]:
    """The files that hold what they should: each with a copy of its value."""
    for path in paths:
        source = read(path)
        if isinstance(source, list):
            problems += source
        elif isinstance(source.value, dict):
            problems += cut_hints(source, ())
            yield source, dict(source.value)
        elif source.value is not None:
            problems.append(source.problem((), f"must be a mapping: {of}"))


def _lacking(
    source: Source, where: tuple[str, str], by_language: Mapping[str, object], languages: Sequence[str]
) -> Iterator[Problem]:
    lacking = [lang for lang in languages if lang not in by_language]
    if lacking:
        yield source.problem(where, f"{'.'.join(where)} lacks {', '.join(lacking)}", fatal=False)


def _text_problems(source: Source, name: str, reply: CannedFile) -> Iterator[Problem]:
    """What a reply must not hold: placeholders that nobody fills in, and a request for a secret."""
    for lang, text in reply.text.items():
        where = (name, "text", lang)
        for strange in sorted(placeholders(text) - CANNED_PLACEHOLDERS):
            may = ", ".join(f"{{{one}}}" for one in sorted(CANNED_PLACEHOLDERS))
            yield source.problem(where, f"{'.'.join(where)} can't use {{{strange}}}; it may use {may}")
        if asks_for_secret(text):
            wrong = f"{'.'.join(where)} asks for a secret; nobody may be led to tell one, take it out"
            yield source.problem(where, wrong, fatal=False)
