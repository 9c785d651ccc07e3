"""Silence and promises: by when a contact was told to hear, whether that was kept, and what happens if not."""

from __future__ import annotations

from bot.casework.case import BOT, LADDER, OPENING, SNOOZE, STALE, Case
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
    else:  # under another priority or other hours some of the steps taken may not be due yet
        case.change(steps=min(ticket.steps, _reached(case)))
    _next_step(case)


def promise(case: Case) -> float | None:
    """Promise the contact, who waits, to hear by the next step of the ladder: when that is, None if nothing can be
    promised. It takes the place of the promise in force."""
    ticket = case.open
    assert ticket.since is not None, "promised only to whom waits"
    due = ladder.promise(case.rules.ladder, ticket.priority, ticket.since, case.now, hours(case))
    if due != ticket.promised:
        settle_promise(case, answered=False)
        if due is not None:
            case.log("promised", BOT, repr(due))
    case.change(promised=due, steps=_reached(case))
    _next_step(case)
    return due


def _reached(case: Case) -> int:
    """How many steps of the ladder are due by now."""
    ticket = case.open
    assert ticket.since is not None, "asked only while somebody waits"
    return ladder.reached(case.rules.ladder, ticket.priority, ticket.since, case.now, hours(case))


def settle_promise(case: Case, *, answered: bool) -> None:
    """Note whether the promise in force was kept: it was if a human answers now and in time, and broken if its time has
    passed. If neither is so, the contact needs it no more or gets another one, and it is void."""
    promised = case.open.promised
    if promised is not None:
        kept = ladder.kept(promised, case.now if answered else None)
        case.log("kept" if kept else "void" if case.now < promised else "broken", BOT, repr(promised))
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
    """A step of the ladder or a promise may be due: remind agents, and tell the contact the truth with a new
    promise."""
    ticket = case.open
    if ticket.since is None or ticket.snoozed_until is not None:
        return
    count = _reached(case)
    is_promised = ticket.promised is not None and ticket.promised <= case.now
    if count > ticket.steps or is_promised:
        _remind(case, max(0, count - 1), case.now - ticket.since)
    else:
        _next_step(case)


def _remind(case: Case, number: int, waited: float) -> None:
    """Take a step of the ladder, after so many seconds of silence."""
    ticket = case.open
    who = ladder.whom(case.rules.ladder, ticket.priority, number, bool(ticket.owner or ticket.offered))
    names = case.called(who)
    case.log("reminded", BOT, f"{who}: {', '.join(names)}")
    case.tell(case.word(f"reminder_{who}", agent=", ".join(names), minutes=case.minutes(waited)), calls=names)
    case.say(_reminder(case, who, promise(case)))


def _reminder(case: Case, who: str, due: float | None) -> Say:
    if due is None:
        return case.voice.say("no_hours")
    return case.voice.say(f"reminder_{who}", when=case.when(due))


def _next_step(case: Case) -> None:
    """Set when the contact hears next: by the ladder or, if that is earlier, as was promised; and the opening."""
    ticket = case.open
    assert ticket.since is not None, "asked only while somebody waits"
    if ticket.snoozed_until is not None:
        return
    due = ladder.due(case.rules.ladder, ticket.priority, ticket.steps, ticket.since, hours(case))
    case.timer(LADDER, min((at for at in (due, ticket.promised) if at is not None), default=None))
    case.timer(OPENING, None if is_open(hours(case), case.now) else next_open(hours(case), case.now))


def opened(case: Case) -> None:
    """People are back: whoever waited over night is first."""
    if case.open.since is None or case.open.snoozed_until is not None:
        return
    if not case.open.owner and case.open.offered in {"", *case.facts.away}:
        case.give()
    names = case.called("owner") or case.present()
    case.log("hours_began", BOT)
    case.tell(case.word("open_again"), calls=names)
    case.say(case.voice.say("back_now"))


def snooze(case: Case, agent: str, until: float) -> None:
    """Put a ticket aside: nobody is reminded of it, and its contact is not asked about it, until then."""
    case.change(snoozed_until=until, stale_asked=False)
    for kind in (LADDER, OPENING, STALE):
        case.timer(kind, None)
    case.timer(SNOOZE, until)
    case.log("snoozed", agent, repr(until))
    case.tell(case.word("snoozed", agent=agent, until=case.when(until, for_agents=True)))


def lost_answer(case: Case) -> None:
    """What an agent said never arrived: the contact waits for an answer, unless they do already."""
    if case.open.status != "closed" and case.open.since is None:
        case.timer(STALE, None)
        case.change(stale_asked=False)
        wait(case)


def woke(case: Case, *, calls: bool = True) -> None:
    """A snoozed ticket is there again."""
    ticket = case.open
    if ticket.snoozed_until is None:
        return
    case.change(snoozed_until=None)
    case.timer(SNOOZE, None)
    case.log("woke", BOT)
    case.tell(case.word("woke"), calls=case.called("owner") if calls else ())
    if ticket.since is None:
        case.timer(STALE, case.now + case.rules.stale_after)
        return
    if ticket.promised is not None and ticket.promised <= case.now:
        settle_promise(case, answered=False)
    wait(case, case.now)  # nobody is late for the time that it was put aside
