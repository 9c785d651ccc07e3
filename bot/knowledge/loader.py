"""From YAML files to `Knowledge`: all mistakes are found in one go, each with its file and line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import bot
from bot.dialogue.knowledge import Entry, Knowledge, Phrases, Topic
from bot.dialogue.replies import FIELD, PHRASES, WORDS, placeholders
from bot.knowledge.schema import EntryFile, TopicFile
from bot.ports import Problem
from bot.yamlfile import Source, check, read

PHRASES_FILE = "phrases.yaml"
CHECKS_FOLDER = "checks"
WORDS_PREFIX = "words_"
ANSWER_PLACEHOLDERS = frozenset({"brand.name", "contact.name"})


def bundled_folder() -> Path:
    """Where the knowledge that comes with Frontdesk is: inside an installed package, or beside `bot/` in a checkout."""
    package = Path(bot.__file__).parent
    installed = package / "bundled_knowledge"
    return installed if installed.is_dir() else package.parent / "knowledge"


@dataclass(slots=True)
class Loaded:
    """What loading found. `knowledge` is None if a mistake is fatal."""

    knowledge: Knowledge | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def fatal(self) -> list[Problem]:
        """The mistakes that keep the knowledge from being used."""
        return [problem for problem in self.problems if problem.fatal]


def knowledge_files(folder: Path) -> list[Path]:
    """The YAML files of a knowledge folder, checks apart, in a stable order."""
    files = [*folder.rglob("*.yaml"), *folder.rglob("*.yml")]
    return sorted(path for path in files if CHECKS_FOLDER not in path.relative_to(folder).parts[:-1])


def load(folder: Path, languages: Sequence[str], default_language: str) -> Loaded:
    """Read a knowledge folder. `languages` are those the brand speaks: a translation that lacks is a finding."""
    loaded = Loaded()
    if not folder.is_dir():
        loaded.problems.append(Problem(str(folder), "is not a folder; set knowledge.path to one with YAML files"))
        return loaded
    files = knowledge_files(folder)
    phrases = _phrases(folder, languages, loaded.problems)
    known_fields = {key.removeprefix(FIELD) for key in phrases.texts if key.startswith(FIELD)}
    gathered = _Gathered(languages, known_fields, loaded.problems)
    for path in files:
        if path.name != PHRASES_FILE:
            gathered.add(path, str(path.relative_to(folder)))
    gathered.check_links()
    if not gathered.entries and not loaded.problems:
        loaded.problems.append(Problem(str(folder), "holds no entries; add a YAML file with a topic and its entries"))
    if not loaded.fatal:
        entries = [entry for entry, _, _ in gathered.entries.values()]
        loaded.knowledge = Knowledge.of(entries, gathered.topics.values(), phrases, default_language)
    return loaded


class _Gathered:
    """Entries and topics of all files, and what is wrong with them."""

    def __init__(self, languages: Sequence[str], known_fields: set[str], problems: list[Problem]) -> None:
        self.entries: dict[str, tuple[Entry, Source, int]] = {}
        self.topics: dict[str, Topic] = {}
        self._languages = languages
        self._known_fields = known_fields
        self._problems = problems
        self._phrasings: dict[str, tuple[str, str]] = {}

    def add(self, path: Path, name: str) -> None:
        source = read(path, name)
        if isinstance(source, Problem):
            self._problems.append(source)
            return
        if source.value is None:
            self._problems.append(source.problem((), "is empty; write a topic and its entries, or delete the file"))
            return
        found = check(source, TopicFile)
        if isinstance(found, list):
            self._problems.extend(found)
            return
        if found.topic in self.topics:
            self._problems.append(source.problem(("topic",), f'the topic "{found.topic}" is in another file already'))
            return
        self.topics[found.topic] = Topic(found.topic, found.title, tuple(entry.id for entry in found.entries))
        self._missing(source, ("title",), "title", found.title)
        for place, entry in enumerate(found.entries):
            self._add_entry(source, place, found.topic, entry)

    def _add_entry(self, source: Source, place: int, topic: str, entry: EntryFile) -> None:
        where = ("entries", place)
        known = self.entries.get(entry.id)
        if known:
            other = known[1].place(("entries", known[2], "id"))
            self._problems.append(source.problem((*where, "id"), f'the id "{entry.id}" is taken already, at {other}'))
            return
        self.entries[entry.id] = (_entry(topic, entry), source, place)
        self._missing(source, (*where, "question"), f"{entry.id}: question", entry.question)
        self._missing(source, (*where, "answer"), f"{entry.id}: answer", entry.answer)
        for name in entry.ask:
            if name not in self._known_fields:
                some = ", ".join(sorted(self._known_fields))
                self._problems.append(
                    source.problem((*where, "ask"), f'{entry.id}: ask has "{name}", which is none of {some}')
                )
        for lang, forms in entry.answer.items():
            for text in forms.values():
                for name in sorted(placeholders(text) - ANSWER_PLACEHOLDERS):
                    self._problems.append(
                        source.problem((*where, "answer", lang), f"{entry.id}: {{{name}}} is no placeholder of answers")
                    )
        self._check_phrasings(source, where, entry)

    def _check_phrasings(self, source: Source, where: tuple[str | int, ...], entry: EntryFile) -> None:
        for lang, phrasings in entry.question.items():
            for number, phrasing in enumerate(phrasings):
                here = (*where, "question", lang, number)
                owner, place = self._phrasings.setdefault(phrasing.casefold(), (entry.id, source.place(here)))
                if place != source.place(here):
                    text = f'"{phrasing}" is a phrasing of {owner} already, at {place}; keep it where it belongs'
                    self._problems.append(source.problem(here, text, fatal=False))

    def _missing(
        self, source: Source, where: tuple[str | int, ...], what: str, by_language: Mapping[str, object]
    ) -> None:
        lacking = [lang for lang in self._languages if lang not in by_language]
        if lacking:
            self._problems.append(source.problem(where, f"{what} lacks {', '.join(lacking)}", fatal=False))

    def check_links(self) -> None:
        """`see_also` must lead somewhere; known only once every file is read."""
        for entry, source, place in self.entries.values():
            for other in entry.see_also:
                if other not in self.entries:
                    self._problems.append(
                        source.problem(
                            ("entries", place, "see_also"), f'{entry.id}: see_also names "{other}", which is no entry'
                        )
                    )


def _entry(topic: str, entry: EntryFile) -> Entry:
    return Entry(
        id=entry.id,
        topic=topic,
        questions={lang: tuple(some) for lang, some in entry.question.items()},
        answers=entry.answer,
        keywords={lang: tuple(some) for lang, some in entry.keywords.items()},
        see_also=tuple(entry.see_also),
        handover=entry.handover,
        priority=entry.priority,
        ask=tuple(entry.ask),
        valid_from=_midnight(entry.valid.from_),
        valid_until=_midnight(entry.valid.until, days=1),
    )


def _midnight(day: date | None, days: int = 0) -> float | None:
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=days), time(), UTC).timestamp()


def _phrases(folder: Path, languages: Sequence[str], problems: list[Problem]) -> Phrases:
    """The bundled phrases, with those of the folder over them key by key."""
    texts: dict[str, Mapping[str, str]] = {}
    words: dict[str, Mapping[str, tuple[str, ...]]] = {}
    files = dict.fromkeys((bundled_folder() / PHRASES_FILE, folder / PHRASES_FILE))
    for path in files:
        if path.exists():
            _add_phrases(path, texts, words, problems)
    for key, by_language in texts.items():
        lacking = [lang for lang in languages if lang not in by_language]
        if lacking:
            problems.append(Problem(PHRASES_FILE, f"{key} lacks {', '.join(lacking)}", fatal=False))
    return Phrases(texts, words)


def _add_phrases(
    path: Path,
    texts: dict[str, Mapping[str, str]],
    words: dict[str, Mapping[str, tuple[str, ...]]],
    problems: list[Problem],
) -> None:
    source = read(path, PHRASES_FILE)
    if isinstance(source, Problem):
        problems.append(source)
        return
    if not isinstance(source.value, dict):
        problems.append(source.problem((), "must be a mapping: key, then one text per language"))
        return
    for key, value in source.value.items():
        group = str(key).removeprefix(WORDS_PREFIX)
        problem = _phrase_problem(source, str(key), value)
        if problem:
            problems.append(problem)
        elif group in WORDS and key != group:
            words[group] = {**words.get(group, {}), **{lang: tuple(map(str, some)) for lang, some in value.items()}}
        else:
            texts[key] = {**texts.get(key, {}), **{lang: text.rstrip("\n") for lang, text in value.items()}}


def _phrase_problem(source: Source, key: str, value: object) -> Problem | None:
    """What is wrong with one phrase, if anything."""
    is_words = key.startswith(WORDS_PREFIX)
    known = key.removeprefix(WORDS_PREFIX) in WORDS if is_words else key in PHRASES or key.startswith(FIELD)
    if not known:
        return source.problem((key,), f'unknown phrase "{key}"')
    if not isinstance(value, dict) or not value:
        return source.problem((key,), f"{key} must be a mapping: one {'list' if is_words else 'text'} per language")
    for lang, text in value.items():
        if not isinstance(text, list if is_words else str) or not text:
            return source.problem((key, lang), f"{key}.{lang} must be a {'list of words' if is_words else 'text'}")
        if isinstance(text, str):
            strange = placeholders(text) - PHRASES.get(key, frozenset())
            if strange:
                names = ", ".join(f"{{{name}}}" for name in sorted(strange))
                return source.problem((key, lang), f"{key}.{lang} can't use {names}")
    return None
