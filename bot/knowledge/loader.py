"""From YAML files to `Knowledge`: all mistakes are found in one go, each with its file and line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import bot
from bot.dialogue.knowledge import Entry, Knowledge, Topic
from bot.dialogue.replies import placeholders
from bot.knowledge.field_files import FIELDS_FILE, FieldsFound
from bot.knowledge.hints import asked_secrets, cut_hints, hints, link_hints
from bot.knowledge.named_files import CANNED_FILE, URGENCY_FILE, canned_replies, urgency_rules
from bot.knowledge.phrase_files import DESK_FILE, PHRASES_FILE, desk_phrases_of, phrases_of
from bot.knowledge.prose import unwrap
from bot.knowledge.schema import EntryFile, TopicFile
from bot.ports import Problem
from bot.yamlfile import Source, Where, check, did_you_mean, in_order, read, shown

CHECKS_FOLDER = "checks"
ANSWER_PLACEHOLDERS = frozenset({"brand.name", "contact.name"})
APART = (PHRASES_FILE, FIELDS_FILE, URGENCY_FILE, CANNED_FILE, DESK_FILE)
"""Files at the top of the folder that are no topics; each lies over the bundled one of its name."""
_ONLY_AT_THE_TOP = frozenset(Path(name).stem for name in APART)
TEXT_KEYS = frozenset({"title", "question", "answer", "keywords"})
"""Keys of a topic file below which there are texts that people wrote as such."""
_NAMED = f"there are {', '.join(f'{{{name}}}' for name in sorted(ANSWER_PLACEHOLDERS))}"


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
    origins: Mapping[str, tuple[Source, Where]] = field(default_factory=dict)
    """Where each entry stands, by its id."""

    def place(self, entry: str, *inside: str | int) -> str:
        """`file:line` of something inside an entry."""
        source, where = self.origins[entry]
        return source.place((*where, *inside))

    @property
    def fatal(self) -> list[Problem]:
        """The mistakes that keep the knowledge from being used."""
        return [problem for problem in self.problems if problem.fatal]


def yaml_files(folder: Path) -> list[Path]:
    """All YAML files below a folder, in a stable order; hidden ones, such as an editor's, are not looked at."""
    files = [*folder.rglob("*.yaml"), *folder.rglob("*.yml")]
    return sorted(path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def knowledge_files(folder: Path) -> list[Path]:
    """The YAML files of a knowledge folder, checks apart."""
    return [path for path in yaml_files(folder) if CHECKS_FOLDER not in path.relative_to(folder).parts[:-1]]


def load(folder: Path, languages: Sequence[str], default_language: str) -> Loaded:
    """Read a knowledge folder. `languages` are those the brand speaks: a translation that lacks is a finding."""
    loaded = Loaded()
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "there is no such folder"
        loaded.problems.append(Problem(shown(folder), f"{what}; set knowledge.path to one with YAML files"))
        return loaded
    problems = loaded.problems
    bundled = bundled_folder() / PHRASES_FILE
    phrases = phrases_of(bundled, _layers(folder, PHRASES_FILE), languages, problems)
    desk = desk_phrases_of(bundled_folder() / DESK_FILE, _layers(folder, DESK_FILE), problems)
    fields = FieldsFound(languages, problems)
    for path in _layers(folder, FIELDS_FILE):
        fields.add(path)
    types = fields.types()
    urgency = urgency_rules(_layers(folder, URGENCY_FILE), problems)
    canned = canned_replies(_layers(folder, CANNED_FILE), languages, problems)
    called = {name: " / ".join(type_.names.values()) for name, type_ in types.items()}
    gathered = _Gathered(languages, called | dict.fromkeys(fields.broken, ""), loaded.problems)
    for path in knowledge_files(folder):
        if path not in {folder / name for name in APART}:
            gathered.add(path)
    gathered.check_links()
    if not gathered.entries and not loaded.fatal:
        text = "holds no entries; add a YAML file with a topic and its entries"
        loaded.problems.append(Problem(shown(folder), text))
    loaded.problems = in_order(loaded.problems)
    if not loaded.fatal:
        entries = [entry for entry, _, _ in gathered.entries.values()]
        phrases = replace(phrases, texts={**phrases.texts, **desk})
        loaded.knowledge = Knowledge.of(
            entries, gathered.topics.values(), phrases, default_language, types.values(), urgency, canned
        )
        loaded.origins = {id_: (source, where) for id_, (_, source, where) in gathered.entries.items()}
    return loaded


def _layers(folder: Path, name: str) -> list[Path]:
    """The files of a name that there are: the bundled one, and the folder's own over it."""
    return [path for path in dict.fromkeys((bundled_folder() / name, folder / name)) if path.exists()]


class _Gathered:
    """Entries and topics of all files, and what is wrong with them."""

    def __init__(self, languages: Sequence[str], fields: Mapping[str, str], problems: list[Problem]) -> None:
        self.entries: dict[str, tuple[Entry, Source, Where]] = {}
        self.topics: dict[str, Topic] = {}
        self._languages = languages
        self._fields = fields
        self._problems = problems
        self._phrasings: dict[str, tuple[str, str, str]] = {}
        self._topic_places: dict[str, str] = {}
        self._broken_ids: set[str] = set()
        """Of entries that can't be used, so that a link to one is not called a mistake as well."""
        self._unreadable = False

    def add(self, path: Path) -> None:
        """Take in one file."""
        source = read(path)
        if isinstance(source, list):
            self._problems.extend(source)
            self._unreadable = True
        elif path.stem in _ONLY_AT_THE_TOP:
            text = (
                f"{path.stem} are read only from {path.stem}.yaml at the top of the knowledge folder; move them there"
            )
            self._problems.append(source.problem((), text))
        elif source.value is None:
            self._problems.append(source.problem((), "is empty; write a topic and its entries, or delete the file"))
        else:
            self._add_topic(source)

    def _add_topic(self, source: Source) -> None:
        self._problems += cut_hints(source, TEXT_KEYS)
        found = check(source, TopicFile)
        if isinstance(found, list):
            self._problems.extend(found)
            self._add_sound_entries(source)
            return
        first = self._topic_places.setdefault(found.topic, source.place(("topic",)))
        if found.topic in self.topics:
            text = f'the topic "{found.topic}" is taken already, at {first}; a topic is one file'
            self._problems.append(source.problem(("topic",), text))
        else:
            self.topics[found.topic] = Topic(found.topic, found.title, tuple(entry.id for entry in found.entries))
        self._missing(source, ("title",), "title", found.title)
        for place, entry in enumerate(found.entries):
            self._add_entry(source, ("entries", place), found.topic, entry)

    def _add_sound_entries(self, source: Source) -> None:
        """The file can't be used; look at its sound entries all the same, so that all mistakes are told at once."""
        values = source.value.get("entries") if isinstance(source.value, dict) else None
        for place, value in enumerate(values if isinstance(values, list) else ()):
            entry = check(source, EntryFile, value, ("entries", place))
            if isinstance(entry, EntryFile):
                self._add_entry(source, ("entries", place), "", entry)
            elif isinstance(value, dict):
                self._broken_ids.add(str(value.get("id")))

    def _add_entry(self, source: Source, where: Where, topic: str, entry: EntryFile) -> None:
        if entry.id in self.entries:
            _, other, there = self.entries[entry.id]
            taken = other.place((*there, "id"))
            self._problems.append(source.problem((*where, "id"), f'the id "{entry.id}" is taken already, at {taken}'))
            return
        self.entries[entry.id] = (_entry(topic, entry), source, where)
        self._missing(source, (*where, "question"), f"{entry.id}: question", entry.question)
        self._missing(source, (*where, "answer"), f"{entry.id}: answer", entry.answer)
        for number, name in enumerate(entry.ask):
            if name not in self._fields:
                meant = did_you_mean(name, self._fields) or f"; there are {', '.join(sorted(self._fields))}"
                text = f'{entry.id}: ask has the unknown field "{name}"{meant}'
                self._problems.append(source.problem((*where, "ask", number), text))
        for lang, forms in entry.answer.items():
            for form, answer in forms.items():
                for name in sorted(placeholders(answer) - ANSWER_PLACEHOLDERS):
                    text = f"{entry.id}: {{{name}}} is no placeholder of answers; {_NAMED}"
                    self._problems.append(source.problem((*where, "answer", lang, form), text))
        self._check_phrasings(source, where, entry)
        self._problems += [*hints(source, where, entry), *asked_secrets(source, where, entry, self._fields)]

    def _check_phrasings(self, source: Source, where: Where, entry: EntryFile) -> None:
        for lang, phrasings in entry.question.items():
            for number, phrasing in enumerate(phrasings):
                place = source.place((*where, "question", lang, number))
                if phrasing.casefold() not in self._phrasings:
                    self._phrasings[phrasing.casefold()] = (entry.id, lang, place)
                    continue
                owner, owner_lang, first = self._phrasings[phrasing.casefold()]
                if owner == entry.id and owner_lang != lang:
                    continue  # one word for both languages, such as KYC
                whose = "this entry" if owner == entry.id else owner
                text = f'{entry.id}: "{phrasing}" is a phrasing of {whose} already, at {first}; keep one of them'
                self._problems.append(Problem(place, text, fatal=False))

    def _missing(self, source: Source, where: Where, what: str, by_language: Mapping[str, object]) -> None:
        lacking = [lang for lang in self._languages if lang not in by_language]
        if lacking:
            self._problems.append(source.problem(where, f"{what} lacks {', '.join(lacking)}", fatal=False))

    def check_links(self) -> None:
        """`see_also` and links must lead somewhere; known only once every file is read."""
        if self._unreadable:
            return  # the entry meant may be in the file that could not be read
        known = {*self.entries, *self._broken_ids}
        for entry, source, where in self.entries.values():
            for number, other in enumerate(entry.see_also):
                if other not in known:
                    text = f'{entry.id}: see_also names "{other}", which is no entry{did_you_mean(other, known)}'
                    self._problems.append(source.problem((*where, "see_also", number), text))
            self._problems += link_hints(source, where, entry, known)


def _entry(topic: str, entry: EntryFile) -> Entry:
    return Entry(
        id=entry.id,
        topic=topic,
        questions={lang: tuple(some) for lang, some in entry.question.items()},
        answers={lang: {form: unwrap(text) for form, text in forms.items()} for lang, forms in entry.answer.items()},
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
