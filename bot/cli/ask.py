"""`frontdesk ask`: one question, and why it is answered so."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Annotated, Any

import typer

from bot.cli.options import ConfigOption, LangOption, check_language, read_config
from bot.dialogue.events import Conversation, Say
from bot.messages import Address, Desk, Item, Matches
from bot.mind import Mind


def ask(
    text: Annotated[str, typer.Argument(help="The question, as a person would write it.", metavar="TEXT")],
    config: ConfigOption = None,
    lang: LangOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask one question: the verdict, the ranked entries with confidence and reasons, and the reply."""
    from bot.ops.logs import configure
    from bot.parts import knowing_mind, open_library
    from bot.safety.cleaning import clean

    settings = read_config(config)
    check_language(settings, lang)
    configure("text", "error")
    text = clean(text)
    if not text:
        raise typer.BadParameter("the question is empty")
    now = time.time()

    def look(mind: Mind) -> tuple[Matches, str]:
        return mind.read(text, lang, now), _reply(mind, text, lang, now)

    mind, trouble = asyncio.run(knowing_mind(settings, open_library(settings), look))
    if trouble:
        print(f"without sentence vectors: {trouble}", file=sys.stderr)
    matches, reply = look(mind)
    spoken = lang or matches.lang or settings.settings.brand.default_language
    print(json.dumps(_as_json(matches, spoken, reply), ensure_ascii=False) if as_json else _as_text(matches, reply))
    if matches.verdict == "handover":
        raise typer.Exit(1)


def _reply(mind: Mind, text: str, lang: str | None, now: float) -> str:
    """What the bot would say to somebody who begins with this."""
    conversation = Conversation(0, Address("ask", "ask"), lang=lang or "", lang_chosen=lang is not None)
    decision = mind.consider(conversation, [Item(0, "text", text, now)], Desk(), now)
    said = [effect for effect in decision.effects if isinstance(effect, Say)]
    return "\n\n".join(say.text.replace("{ticket}", "...") for say in said)


def _as_json(matches: Matches, lang: str, reply: str) -> dict[str, Any]:
    ranked = [
        {
            "id": match.entry,
            "confidence": round(match.confidence, 4),
            "matched": match.matched,
            "reasons": list(match.reasons),
        }
        for match in matches.ranked
    ]
    return {"verdict": matches.verdict, "lang": lang, "matches": ranked, "reply": reply}


def _as_text(matches: Matches, reply: str) -> str:
    lines = [f"verdict: {matches.verdict}"]
    for match in matches.ranked:
        lines.append(f"  {match.confidence:.2f}  {match.entry}  (nearest: {match.matched})")
        lines += [f"        {reason}" for reason in match.reasons]
    return "\n".join([*lines, "", reply])
