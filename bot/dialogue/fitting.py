"""A decision whose messages fit the platform: what is too much for one is said in several. Pure."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

from bot.dialogue.events import Amend, Decision, Effect, Say, Tell
from bot.dialogue.splitting import parts
from bot.messages import FORM, File, FileKind

LONGEST_AT_DESKS = 2000
"""UTF-16 units that every desk can show: Discord's messages have no more."""
MOST_TOGETHER = 10
"""Files in one message; both Telegram's albums and Discord's messages hold ten."""
FAMILIES: dict[FileKind, str] = {"photo": "album", "video": "album", "document": "documents", "audio": "audio"}
"""Kinds that Telegram shows together; files of any other kind come alone."""


def fit(
    decision: Decision, longest: int, *, forms: bool = False, longest_at: Callable[[str], int] = lambda _: sys.maxsize
) -> Decision:
    """The decision with no message above `longest` UTF-16 units, and files in messages of their own.

    Buttons that open a form stay only where there are `forms`. What agents see is fitted to `longest_at` their channel.
    """
    effects: list[Effect] = []
    for effect in decision.effects:
        match effect:
            case Say():
                effects += _fit_say(effect if forms else _without_forms(effect), longest)
            case Tell():
                effects += _fit_tell(effect, longest_at(effect.place.channel))
            case Amend():
                effects.append(_fit_amend(effect, longest))
            case _:
                effects.append(effect)
    return replace(decision, effects=tuple(effects))


def _fit_amend(amend: Amend, longest: int) -> Amend:
    """A message can be changed into one message only: what is too long is cut there, and whole in the record."""
    return replace(amend, at_contact=parts(amend.text, longest)[0], at_desks=parts(amend.at_desks, LONGEST_AT_DESKS)[0])


def _without_forms(say: Say) -> Say:
    return replace(say, buttons=tuple(button for button in say.buttons if not button.value.startswith(FORM)))


def _pieces(text: str, files: tuple[File, ...], longest: int) -> list[tuple[str, tuple[File, ...]]]:
    """The text in parts, then the files; each can be sent in one go or not at all."""
    texts = [] if files and not text else parts(text, longest)
    return [*((part, ()) for part in texts), *(("", some) for some in together(files))]


def _fit_say(say: Say, longest: int) -> list[Say]:
    """The buttons are below the last part of the text. What an agent said stays one message in the record."""
    found = []
    pieces = _pieces(say.text, say.files, longest)
    last_text = max((number for number, (text, _) in enumerate(pieces) if text), default=0)
    for number, (text, files) in enumerate(pieces):
        part = replace(say, text=text, files=files, buttons=say.buttons if number == last_text else ())
        if say.author == "agent" and len(pieces) > 1:
            part = replace(part, whole=(say.text, say.files) if number == 0 else None, continues=number > 0)
        found.append(part)
    return found


def _fit_tell(tell: Tell, longest: int) -> list[Tell]:
    pieces = _pieces(tell.text, tell.files, longest)
    last_text = max((number for number, (text, _) in enumerate(pieces) if text), default=0)
    return [
        replace(
            tell,
            text=text,
            files=files,
            buttons=tell.buttons if number == last_text else (),
            mentions=tell.mentions if number == last_text else (),
        )
        for number, (text, files) in enumerate(pieces)
    ]


def together(files: tuple[File, ...]) -> list[tuple[File, ...]]:
    """Files in groups that one message can hold, in their order."""
    found: list[tuple[File, ...]] = []
    for family, some in groupby(files, key=lambda file: FAMILIES.get(file.kind, "")):
        group, most = list(some), MOST_TOGETHER if family else 1
        found += [tuple(group[start : start + most]) for start in range(0, len(group), most)]
    return found
