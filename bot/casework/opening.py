"""A hand-over: the ticket, what agents see of it first, and what the contact is told to expect."""

from __future__ import annotations

from dataclasses import replace

from bot.casework.brief import brief_of, first_buttons
from bot.casework.case import BOT, CONTACT, Case
from bot.casework.promises import hours, promise, wait
from bot.desk.hours import is_open, next_open
from bot.desk.rules import PRIORITIES
from bot.desk.times import within
from bot.desk.waits import expected
from bot.dialogue.events import OpenTicket, Say
from bot.messages import NEW_THREAD, Address, Priority, Ticket

RANK: dict[Priority, int] = {priority: rank for rank, priority in enumerate(PRIORITIES)}
"""Tickets of a higher rank are answered first."""


def open_ticket(case: Case, wanted: OpenTicket) -> None:
    """Open a ticket: everything that the store and the agents need."""
    places = tuple(Address(channel, chat, f"{NEW_THREAD}0") for channel, chat in case.rules.places.items())
    case.ticket = Ticket(
        number=0,
        status="waiting",
        opened_at=case.now,
        reason=wanted.reason,
        topic=wanted.topic,
        entry=wanted.entry,
        priority=wanted.priority,
        question=wanted.question,
        fields=wanted.fields,
        mood=wanted.mood,
        lang=case.conversation.lang,
        since=case.now,
        places=places,
    )
    place = len(case.effects)
    case.log("opened", BOT if wanted.reason in {"entry", "broke", "urgent", "misses"} else CONTACT, wanted.reason)
    offered = case.give()
    promised = promise(case)
    wait(case)
    # The ticket comes first: all else belongs to it.
    case.effects.insert(place, replace(wanted, offered=offered, promised=promised))
    case.take(case.open)
    files, brief = tuple(file for _, file in case.facts.files), brief_of(case, wanted.ask)
    if files:
        brief += "\n" + case.word("brief_files", value=str(len(files)))
    case.tell(brief, *first_buttons(case), files=files, calls=case.called("owner"), kind="brief")


def with_prospects(case: Case, said: Say) -> Say:
    """The hand-over's words with the place in the queue, the expected wait, and what happens if nobody answers."""
    return replace(said, text="\n\n".join((said.text, *prospects(case))))


def prospects(case: Case) -> list[str]:
    """What the contact can expect now, in paragraphs."""
    lines = [case.voice.phrase("queue_place", place=str(place_in_queue(case)))]
    promised = case.open.promised
    if not is_open(hours(case), case.now):
        opens = next_open(hours(case), case.now)
        closed = case.voice.phrase("closed_now", when=case.when(opens)) if opens else case.voice.phrase("no_hours")
        lines = [closed, *lines]
    lines.append(_wait(case))
    if promised is not None:
        lines.append(case.voice.phrase("promise", when=case.when(promised)))
    ways = other_ways(case)
    return [" ".join(lines) if case.voice.lang != "zh" else "".join(lines), *([ways] if ways else [])]


def _wait(case: Case) -> str:
    found = expected(case.facts.samples, case.open.topic, case.now, case.rules.zone)
    if found is None:
        return case.voice.phrase("wait_unknown")
    low, high = within(found.p50, case.voice.lang), within(found.p90, case.voice.lang)
    return case.voice.phrase("wait_expected", low=low, high=high)


def place_in_queue(case: Case) -> int:
    """Which place the ticket has among those that wait, from 1: higher priorities first, then the older ones."""
    ticket = case.open

    def is_before(number: int, priority: Priority, opened_at: float) -> bool:
        if number == ticket.number:
            return False
        mine = (-RANK[ticket.priority], ticket.opened_at, ticket.number or float("inf"))
        return (-RANK[priority], opened_at, number) < mine

    return 1 + sum(is_before(one.number, one.priority, one.opened_at) for one in case.facts.queue)


def other_ways(case: Case) -> str:
    """The other official ways to reach people that fit this urgency."""
    voice = case.voice
    pick = case.office.knowledge.pick
    found = []
    for way in case.rules.contacts:
        if case.open.priority in way.priorities:
            when = pick(way.hours, voice.lang)[1] if way.hours else ""
            name = pick(way.name, voice.lang)[1]
            found.append(voice.phrase("other_way", name=name, value=way.value, hours=when).rstrip())
    return "\n".join((voice.phrase("other_ways"), "", *(f"- {line}" for line in found))) if found else ""
