"""Files that nobody sent: made when somebody fetches them, such as the transcript of a ticket."""

from __future__ import annotations

import re

from bot.desk.transcript import Record, as_text
from bot.desk.transcript_html import as_html
from bot.dialogue.fields import masked
from bot.errors import Undeliverable
from bot.messages import File
from bot.mind import Mind
from bot.ports import Case, Clock, DeskStore

_TRANSCRIPT = re.compile(r"(\d{1,18})/(staff|contact)/([A-Za-z-]{2,20})\.(txt|html)")


async def generated(file: File, store: DeskStore, mind: Mind, clock: Clock) -> bytes:
    """The bytes of a file that we promised. Raises Undeliverable for one that nobody could have promised."""
    asked = _TRANSCRIPT.fullmatch(file.id)
    case = await store.case(int(asked[1])) if asked else None
    if asked is None or case is None:
        raise Undeliverable(f"there is no file {file.name or file.id}")
    _, whose, lang, end = asked.groups()
    render = as_text if end == "txt" else as_html
    return render(_record(case, mind, lang, clock.now()), lang, for_agents=whose == "staff").encode()


def _record(case: Case, mind: Mind, lang: str, now: float) -> Record:
    """What a transcript of a ticket is made of."""
    knowledge, ticket = mind.knowledge, case.summary.ticket
    topic = knowledge.topics.get(ticket.topic)
    details = []
    for name, value in ticket.fields:
        type_ = knowledge.fields.get(name)
        details.append((mind.field(name, lang)[0], masked(type_, value) if type_ else value))
    return Record(
        brand=mind.rules.manners.brand,
        zone=mind.rules.desk.zone,
        made_at=now,
        lines=case.lines,
        ticket=ticket,
        contact=case.summary.contact,
        channel=case.summary.channel,
        topic=knowledge.pick(topic.titles, lang)[1] if topic else "",
        details=tuple(details),
    )
