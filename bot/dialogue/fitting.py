"""A decision whose messages fit the platform: what is too long for one is said in several. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.events import Decision, Effect, Say
from bot.dialogue.splitting import parts


def fit(decision: Decision, longest: int) -> Decision:
    """The decision with no message above `longest` UTF-16 units; the buttons stand below the last part."""
    effects: list[Effect] = []
    for effect in decision.effects:
        effects += _fit(effect, longest) if isinstance(effect, Say) else [effect]
    return Decision(decision.conversation, tuple(effects))


def _fit(say: Say, longest: int) -> list[Say]:
    *before, last = parts(say.text, longest)
    return [replace(say, text=text, buttons=()) for text in before] + [replace(say, text=last)]
