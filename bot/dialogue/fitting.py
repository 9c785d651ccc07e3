"""A decision whose messages fit the platform: what is too much for one is said in several. Pure."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from bot.dialogue.events import Decision, Effect, Say
from bot.dialogue.splitting import parts
from bot.messages import FORM, File, FileKind

MOST_TOGETHER = 10
"""Files in one message; both Telegram's albums and Discord's messages hold ten."""
FAMILIES: dict[FileKind, str] = {"photo": "album", "video": "album", "document": "documents", "audio": "audio"}
"""Kinds that Telegram shows together; files of any other kind come alone."""


def fit(decision: Decision, longest: int, *, forms: bool = False) -> Decision:
    """The decision with no message above `longest` UTF-16 units, and files in messages of their own.

    Buttons that open a form stay only where there are `forms`.
    """
    effects: list[Effect] = []
    for effect in decision.effects:
        effects += _fit(effect if forms else _without_forms(effect), longest) if isinstance(effect, Say) else [effect]
    return Decision(decision.conversation, tuple(effects))


def _without_forms(say: Say) -> Say:
    return replace(say, buttons=tuple(button for button in say.buttons if not button.value.startswith(FORM)))


def _fit(say: Say, longest: int) -> list[Say]:
    """The text in parts, the buttons below the last one, then the files; each can be sent in one go or not at all."""
    if say.files and not say.text:
        texts: list[Say] = []
    else:
        *before, last = parts(say.text, longest)
        texts = [replace(say, text=text, buttons=(), files=()) for text in before]
        texts.append(replace(say, text=last, files=()))
    return texts + [replace(say, text="", buttons=(), files=some) for some in together(say.files)]


def together(files: tuple[File, ...]) -> list[tuple[File, ...]]:
    """Files in groups that one message can hold, in their order."""
    found: list[tuple[File, ...]] = []
    for family, some in groupby(files, key=lambda file: FAMILIES.get(file.kind, "")):
        group, most = list(some), MOST_TOGETHER if family else 1
        found += [tuple(group[start : start + most]) for start in range(0, len(group), most)]
    return found
