"""Transactions that read real questions, and what people said of the answers."""

from __future__ import annotations

import json

from bot.dialogue.commands import chosen
from bot.messages import Button
from bot.ports import Question
from bot.storage.query import Query

_QUESTIONS = """
select question.conversation, question.at, question.text, question.lang, verdict, question.entry, confidence, helpful,
    exists (
        select 1 from ticket
        where ticket.conversation = question.conversation and ticket.question = question.text
          and ticket.reason <> 'entry' and ticket.opened_at >= question.at
    ),
    question.id
from question where at >= ? order by question.id desc limit ?
"""

# The bot's line that came with the question, and the next line that is not the bot's.
_OFFERED = """
select offered.buttons, reply.text
from message as offered join message as reply on reply.conversation = offered.conversation
where offered.conversation = ? and offered.author = 'bot' and offered.at = ?
  and reply.seq = (
    select min(seq) from message as later
    where later.conversation = offered.conversation and later.seq > offered.seq and later.author = 'contact'
  )
order by offered.seq desc limit 1
"""


def questions(q: Query, since: float, most: int) -> list[Question]:
    """The last `most` questions asked at `since` or later, oldest first.

    A message that asked several things is one question, without an entry: which text belongs to which is not known.
    """
    found: dict[tuple[int, float, str], Question] = {}
    for conversation, at, text, lang, verdict, entry, confidence, helpful, escalated, _ in reversed(
        q(_QUESTIONS, (since, most))
    ):
        several = (conversation, at, text) in found
        found[conversation, at, text] = Question(
            text,
            lang,
            verdict,
            "" if several else entry,
            0.0 if several else float(confidence),
            conversation,
            float(at),
            None if helpful is None or several else bool(helpful),
            _chosen(q, conversation, at) if verdict == "clarify" else "",
            bool(escalated),
        )
    return list(found.values())


def _chosen(q: Query, conversation: int, at: float) -> str:
    """What the contact answered to "did you mean", by a button or in words: an entry's id, `none`, or nothing."""
    rows = q(_OFFERED, (conversation, at))
    if not rows:
        return ""
    button = chosen(rows[0][1], [Button(*pair) for pair in json.loads(rows[0][0])])
    kind, _, rest = button.value.partition(":") if button else ("", "", "")
    return rest if kind == "entry" else "none" if kind in {"none", "human"} else ""
