"""What is probably wrong in an entry that can be used all the same: each as a hint with its line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from bot.dialogue.knowledge import Entry
from bot.knowledge.schema import EntryFile
from bot.ports import Problem
from bot.safety.asking import asks_for_secret, names_secret
from bot.yamlfile import Source, Where, did_you_mean

_LINK = re.compile(r"(?<!\\)\[[^\[\]\n]*\]\(\s*([^()\s]*)[^()\n]*\)")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_FULL_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)\S", re.IGNORECASE)
_ENTRY_LINK = re.compile(r"(?:entry:|#)(.*)", re.IGNORECASE)
_MOST_SHOWN = 60


def hints(source: Source, where: Where, entry: EntryFile) -> Iterator[Problem]:
    """What one entry shows by itself."""
    yield from _old_translations(source, where, entry)
    for lang, form, answer in _answers(entry.answer):
        for sentence in asks_for_secret(answer):
            text = f'the answer asks for a secret: "{_short(sentence)}"; nobody may be led to tell one, take it out'
            yield _hint(source, (*where, "answer", lang, form), f"{entry.id}: {text}")


def link_hints(source: Source, where: Where, entry: Entry, known: Collection[str]) -> Iterator[Problem]:
    """Links in an entry's answers that lead nowhere; `known` are the ids of all entries."""
    for lang, form, answer in _answers(entry.answers):
        for target in dict.fromkeys(_LINK.findall(_CODE.sub("", answer))):
            if _FULL_ADDRESS.match(target):
                continue
            to_entry = _ENTRY_LINK.fullmatch(target)
            name = to_entry[1] if to_entry else target
            if name in known:
                text = f"people can't follow the link to {name}; name it under see_also, which offers it as a button"
            elif to_entry:
                text = f'the answer links to "{name}", which is no entry{did_you_mean(name, known)}'
            else:
                text = f'the answer links to "{target}", which is no full address; write one such as https://...'
            yield _hint(source, (*where, "answer", lang, form), f"{entry.id}: {text}")


def cut_hints(source: Source, parts: Collection[str]) -> Iterator[Problem]:
    """Texts that end where a comment begins, which may not have been meant; looked for below keys of these names."""
    for where, rest in source.cut.items():
        if not parts or any(part in parts for part in where):
            text = f'the text ends before "{_short(rest)}", which is read as a comment; put quotes around all of it'
            yield _hint(source, where, f"{text}, or the comment on a line of its own")


def asked_secrets(source: Source, where: Where, entry: EntryFile, fields: Mapping[str, str]) -> Iterator[Problem]:
    """Secrets that an entry lets the bot ask for before a hand-over; `fields` are their names as people read them."""
    for number, name in enumerate(entry.ask):
        if names_secret(fields.get(name, "")) or names_secret(name.replace("_", " ")):
            text = f'{entry.id}: ask has "{name}", which is a secret; nobody may be led to tell one, take it out'
            yield _hint(source, (*where, "ask", number), text)


def _old_translations(source: Source, where: Where, entry: EntryFile) -> Iterator[Problem]:
    """`updated` tells when each language was last changed: one that is behind the newest needs a look."""
    days = {lang: day for lang, day in entry.updated.items() if day is not None}
    if not days:
        return
    newest = max(days, key=lambda lang: days[lang])
    for lang, day in days.items():
        if lang not in entry.answer:
            text = f"updated names {lang}, in which there is no answer"
        elif day < days[newest]:
            text = f"{lang} is of {day}, older than {newest} of {days[newest]}; look it through and set updated.{lang}"
        else:
            continue
        yield _hint(source, (*where, "updated", lang), f"{entry.id}: {text}")
    for lang in entry.answer:
        if lang not in days:
            text = f"{entry.id}: updated lacks {lang}; add the day of its last change"
            yield _hint(source, (*where, "updated"), text)


def _answers(answers: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    for lang, forms in answers.items():
        for form, answer in forms.items():
            yield lang, form, answer


def _hint(source: Source, where: Where, text: str) -> Problem:
    return source.problem(where, text, fatal=False)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 3] + "..."
