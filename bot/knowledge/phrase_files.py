"""Phrases: the bot's own texts and words, and the operator's over them, key by key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.desk.phrases import DESK_PHRASES
from bot.dialogue.knowledge import Phrases
from bot.dialogue.phrases import PHRASES, WORDS
from bot.dialogue.replies import placeholders
from bot.knowledge.hints import cut_hints
from bot.knowledge.prose import unwrap
from bot.ports import Problem
from bot.yamlfile import LANGUAGE_CODE, NOT_A_TEXT, Source, did_you_mean, read, shown

PHRASES_FILE = "phrases.yaml"
DESK_FILE = "desk.yaml"
WORDS_PREFIX = "words_"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a file of phrases may hold: texts by key, with their placeholders, and groups of words."""

    texts: Mapping[str, frozenset[str]]
    words: tuple[str, ...] = ()
    elsewhere: tuple[str, Mapping[str, frozenset[str]]] = ("", {})
    """The file in which other keys belong, and these."""

    @property
    def known(self) -> set[str]:
        """All keys that have a name."""
        return {*self.texts, *(WORDS_PREFIX + group for group in self.words)}


_BOT = _Kind(PHRASES, WORDS, (DESK_FILE, DESK_PHRASES))
_DESK = _Kind(DESK_PHRASES, elsewhere=(PHRASES_FILE, PHRASES))


def desk_phrases_of(bundled: Path, paths: Iterable[Path], problems: list[Problem]) -> dict[str, Mapping[str, str]]:
    """What agents read, of all files, the later ones over the earlier. No language is lacking here: agents read one."""
    texts: dict[str, Mapping[str, str]] = {}
    for path in paths:
        _add_phrases(_DESK, path, texts, {}, {}, problems)
    _demand(_DESK, bundled, texts, problems)
    return texts


def _demand(kind: _Kind, bundled: Path, texts: Mapping[str, object], problems: list[Problem]) -> None:
    """Every phrase must be there; where a file is broken, that is mistake enough."""
    if not any(problem.fatal for problem in problems):
        problems += [Problem(shown(bundled), f'lacks the phrase "{key}"') for key in kind.texts if key not in texts]


def phrases_of(bundled: Path, paths: Iterable[Path], languages: Sequence[str], problems: list[Problem]) -> Phrases:
    """The phrases of all files, the later ones over the earlier; those that nobody has are lacking in `bundled`."""
    texts: dict[str, Mapping[str, str]] = {}
    words: dict[str, Mapping[str, tuple[str, ...]]] = {}
    places: dict[str, str] = {}
    for path in paths:
        _add_phrases(_BOT, path, texts, words, places, problems)
    _demand(_BOT, bundled, texts, problems)
    for key, by_language in texts.items():
        lacking = [lang for lang in languages if lang not in by_language]
        if lacking:
            problems.append(Problem(places[key], f"the phrase {key} lacks {', '.join(lacking)}", fatal=False))
    return Phrases(texts, words)


def _add_phrases(
    kind: _Kind,
    path: Path,
    texts: dict[str, Mapping[str, str]],
    words: dict[str, Mapping[str, tuple[str, ...]]],
    places: dict[str, str],
    problems: list[Problem],
) -> None:
    source = read(path)
    if isinstance(source, list):
        problems += source
        return
    if source.value is None:
        return
    problems += cut_hints(source, ())
    if not isinstance(source.value, dict):
        problems.append(source.problem((), "must be a mapping: key, then one text per language"))
        return
    for key, value in source.value.items():
        wrong = list(_phrase_problems(kind, source, key, value))
        problems += wrong
        group = str(key).removeprefix(WORDS_PREFIX)
        if wrong:
            continue
        if group != key:
            words[group] = {**words.get(group, {}), **{lang: tuple(some) for lang, some in value.items()}}
        else:
            texts[key] = {**texts.get(key, {}), **{lang: unwrap(text.rstrip("\n")) for lang, text in value.items()}}
            places[key] = source.place((key,))


def _phrase_problems(kind: _Kind, source: Source, key: object, value: object) -> Iterator[Problem]:
    """What is wrong with one phrase."""
    if not isinstance(key, str) or key not in kind.known:
        file, others = kind.elsewhere
        meant = f"; it belongs into {file}" if key in others else did_you_mean(str(key), kind.known)
        yield source.problem((str(key),), f'unknown phrase "{key}"{meant}')
        return
    is_words = key.startswith(WORDS_PREFIX)
    if not isinstance(value, dict) or not value:
        text = f"{key} must be a mapping: one {'list of words' if is_words else 'text'} per language"
        yield source.problem((key,), text)
        return
    for lang, some in value.items():
        where, name = (key, str(lang)), f"{key}.{lang}"
        if not isinstance(lang, str) or not re.fullmatch(LANGUAGE_CODE, lang):
            yield source.problem(where, f"{name} must be a language code such as en or zh")
        elif is_words and not isinstance(some, list):
            yield source.problem(where, f"{name} must be a list of words")
        elif is_words:
            for number, word in enumerate(some):
                if not isinstance(word, str) or not word:
                    text = "must not be empty" if word == "" else NOT_A_TEXT
                    yield source.problem((*where, number), f"item {number + 1} of {name} {text}")
        elif not isinstance(some, str) or not some.strip():
            yield source.problem(where, f"{name} must not be empty" if some in ("", None) else f"{name} {NOT_A_TEXT}")
        else:
            allowed = kind.texts.get(key, frozenset())
            for strange in sorted(placeholders(some) - allowed):
                may = ", ".join(f"{{{one}}}" for one in sorted(allowed)) or "none"
                yield source.problem(where, f"{name} can't use {{{strange}}}; it may use {may}")
