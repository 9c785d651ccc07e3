"""Silence and promises: by when a contact was told to hear, whether that was kept, and what happens if not."""

from __future__ import annotations

from bot.casework.case import BOT, LADDER, OPENING, SNOOZE, Case
from bot.desk import ladder
from bot.desk.hours import Hours, is_open, next_open, open_between
from bot.dialogue.events import Say


def hours(case: Case) -> Hours:
    """When people are there for this ticket."""
    return case.rules.hours_of(case.open.topic)


def wait(case: Case, since: float | None = None) -> None:
    """From now on the contact waits for a human, unless they do already."""
    ticket = case.open
    if ticket.since is None or since is not None:
        case.change(since=case.now if since is None else since, steps=0)
    _next_step(case)


def promise(case: Case) -> float | None:
    """Promise the contact to hear by the next step of the ladder: when that is, None if nothing can be promised."""
    ticket = case.open
    assert ticket.since is not None, "promised only to whom waits"
    due = ladder.promise(case.rules.ladder, ticket.priority, ticket.since, case.now, hours(case))
    if due is not None and due != ticket.promised:
        case.log("promised", BOT, repr(due))
    case.change(promised=due)
    return due


def settle_promise(case: Case, *, answered: bool) -> None:
    """Note whether the promise in force was kept: it was if a human answers now and in time, and broken if its time has
    passed. If neither is so, the contact needed no answer any more, and the promise is void."""
    promised = case.open.promised
    if promised is not None:
        in_time = case.now <= promised
        kept = ladder.kept(promised, case.now if answered else None)
        case.log("kept" if kept else "void" if in_time else "broken", BOT, repr(promised))
        case.change(promised=None)


def answered(case: Case) -> None:
    """A human has answered: the silence is over."""
    ticket = case.open
    settle_promise(case, answered=True)
    if ticket.answered_at is None:
        waited = open_between(hours(case), ticket.opened_at, case.now)
        case.change(answered_at=case.now, waited=waited)
    case.change(since=None, steps=0, snoozed_until=None)
    for kind in (LADDER, OPENING, SNOOZE):
        case.timer(kind, None)


def step(case: Case) -> None:
    """A step of the ladder may be due: remind agents, and tell the contact the truth with a new promise."""
    ticket = case.open
    if ticket.since is None or ticket.snoozed_until is not None:
        return
    rungs, own = case.rules.ladder, hours(case)
    count = ladder.reached(rungs, ticket.priority, ticket.since, case.now, own)
    if count > ticket.steps:
        who = ladder.whom(rungs, ticket.priority, count - 1, bool(ticket.owner or ticket.offered))
        if ticket.promised is not None and ticket.promised <= case.now:
            settle_promise(case, answered=False)
        case.change(steps=count)
        names = case.called(who)
        case.log("reminded", BOT, f"{who}: {', '.join(names)}")
        waited = case.minutes(case.now - ticket.since)
        owner = ", ".join(names)
        case.tell(case.word(f"reminder_{who}", agent=owner, minutes=waited), calls=names)
        due = promise(case)
        case.say(_reminder(case, who, due))
    _next_step(case)


def _reminder(case: Case, who: str, due: float | None) -> Say:
    if due is None:
        return case.voice.say("no_hours")
    return case.voice.say(f"reminder_{who}", when=case.when(due))


def _next_step(case: Case) -> None:
    ticket = case.open
    assert ticket.since is not None, "asked only while somebody waits"
    due = ladder.due(case.rules.ladder, ticket.priority, ticket.steps, ticket.since, hours(case))
    case.timer(LADDER, due)
    if not is_open(hours(case), case.now):
        case.timer(OPENING, next_open(hours(case), case.now))


def opened(case: Case) -> None:
    """People are back: whoever waited over night is first."""
    if case.open.since is None:
        return
    if not case.open.owner and case.open.offered in {"", *case.facts.away}:
        case.give()
    names = case.called("owner") or case.present()
    case.log("hours_began", BOT)
    case.tell(case.word("open_again"), calls=names)
    case.say(case.voice.say("back_now"))


def woke(case: Case, *, calls: bool = True) -> None:
    """A snoozed ticket is there again."""
    ticket = case.open
    if ticket.snoozed_until is None:
        return
    case.change(snoozed_until=None)
    case.timer(SNOOZE, None)
    case.log("woke", BOT)
    case.tell(case.word("woke"), calls=case.called("owner") if calls else ())
    if ticket.since is not None:
        wait(case, case.now)  # nobody is late for the time that it was put aside
