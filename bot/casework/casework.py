"""Casework: what contacts, agents, time and failures do to a ticket. Pure, and the only place that knows both sides."""

from __future__ import annotations

from dataclasses import replace

from bot.casework import acts, closing, contact, opening, promises
from bot.casework.case import BOT, CONTACT, TIMERS, Case, Office
from bot.casework.ownership import give_back
from bot.desk.facts import Facts
from bot.dialogue.bursts import Step
from bot.dialogue.commands import parse_command
from bot.dialogue.events import (
    CloseTicket,
    Conversation,
    Decision,
    Effect,
    Event,
    OpenTicket,
    Pressed,
    Rated,
    Said,
    Say,
    WantsTranscript,
)
from bot.dialogue.states import HUMAN_STATES
from bot.messages import AWAY, Act, Address, Desk, Failure, Ticket

Outcome = tuple[Decision, Ticket | None]
"""A decision, and the ticket that it was about as it is then; None if it was about none."""


class Casework:
    """Takes a conversation and its ticket from one moment to the next. Immutable after construction."""

    def __init__(self, office: Office) -> None:
        self._office = office

    @staticmethod
    def has_timer(kind: str) -> bool:
        """Whether a timer belongs to a ticket."""
        return kind in TIMERS or kind.startswith(AWAY)

    def follow(
        self, before: Conversation, decision: Decision, step: Step, desk: Desk, facts: Facts, now: float
    ) -> Outcome:
        """What the conversation's own decision on a step means for the desk: the decision on both."""
        case = Case(self._office, decision.conversation, facts, now, desk.ticket)
        if before.state in HUMAN_STATES and desk.ticket is not None:
            for item in step.items:
                contact.relay(case, item)
        for effect in decision.effects:
            self._take(case, effect, step.event, desk)
        return _done(case)

    def _take(self, case: Case, effect: Effect, event: Event | None, desk: Desk) -> None:
        match effect:
            case OpenTicket(reason="reopened") if desk.last is not None:
                self._reopen(case, desk.last)
            case OpenTicket():
                opening.open_ticket(case, effect)
                self._add_prospects(case)
            case CloseTicket(reason):
                closing.closed_by_contact(case, reason)
            case Say(kind="handed_over") if case.ticket is not None and not case.ticket.number:
                case.effects.append(opening.with_prospects(case, effect))
            case Say() if _asks_status(event) and case.ticket is not None:
                case.effects.append(replace(contact.status(case), reply_to=effect.reply_to))
            case Rated():
                self._rated(case, effect)
            case WantsTranscript():
                self._transcript(case, desk)
            case _:
                case.effects.append(effect)

    @staticmethod
    def _add_prospects(case: Case) -> None:
        """Where the hand-over was said before the ticket: what to expect is added to that."""
        for place, effect in enumerate(case.effects):
            if isinstance(effect, Say) and effect.kind == "handed_over":
                case.effects[place] = opening.with_prospects(case, effect)

    @staticmethod
    def _reopen(case: Case, last: Ticket) -> None:
        """The contact takes the way back: the same ticket goes on."""
        said = [effect for effect in case.effects if isinstance(effect, Say)]
        case.effects = [effect for effect in case.effects if effect not in said]
        case.take(last)
        closing.reopen(case, CONTACT)

    @staticmethod
    def _rated(case: Case, effect: Rated) -> None:
        ticket = case.facts.tickets.get(effect.ticket)
        if case.ticket is None and ticket is not None:
            case.take(ticket)
        if case.ticket is not None and case.ticket.number == effect.ticket:
            closing.rated(case, effect)
        elif ticket is not None:
            other = case.about(ticket)
            closing.rated(other, effect)
            other.finish()
            case.effects += other.effects

    @staticmethod
    def _transcript(case: Case, desk: Desk) -> None:
        ticket = case.ticket or desk.last
        if ticket is None:
            case.effects.append(case.voice.say("transcript_none"))
            return
        files = contact.transcript(case.about(ticket))
        said = case.voice.say("transcript_here", ticket=str(ticket.number))
        case.effects.append(replace(said, files=files))

    def act(
        self, conversation: Conversation, done: Act, desk: Desk, facts: Facts, now: float, *, hidden: bool
    ) -> Outcome:
        """What follows from what somebody did at a desk: the decision, and the ticket that is open then."""
        ticket = desk.ticket if desk.ticket and desk.ticket.number == done.ticket else facts.tickets.get(done.ticket)
        case = Case(self._office, conversation, facts, now, ticket)
        acts.act(case, done, hidden=hidden)
        return _done(case)

    def due(self, conversation: Conversation, timer: str, desk: Desk, facts: Facts, now: float) -> Outcome:
        """What follows from a timer of the ticket."""
        case = Case(self._office, conversation, facts, now, desk.ticket)
        if case.ticket is not None:
            match timer:
                case "ladder":
                    promises.step(case)
                case "opening":
                    promises.opened(case)
                case "snooze":
                    promises.woke(case)
                case "stale":
                    closing.stale(case)
                case _ if timer.startswith(AWAY):
                    self._went_away(case, timer.removeprefix(AWAY))
        return _done(case)

    @staticmethod
    def _went_away(case: Case, agent: str) -> None:
        ticket = case.open
        if agent in case.facts.away and (ticket.owner == agent or (not ticket.owner and ticket.offered == agent)):
            give_back(case, agent)

    def fate(self, conversation: Conversation, failure: Failure, desk: Desk, facts: Facts, now: float) -> Outcome:
        """What follows from a message that will not arrive: agents know, and can send it again."""
        ticket = desk.ticket or next(iter(sorted(facts.tickets.values(), key=lambda one: -one.number)), None)
        case = Case(self._office, conversation, facts, now, ticket)
        if case.ticket is not None:
            case.log("undelivered", BOT, f"{failure.channel}: {failure.error}")
            retry, calls = case.button("retry", f"retry:{failure.row}"), case.called("owner")
            if failure.desk:
                told = case.word("undelivered_desk", error=failure.error, channel=failure.channel)
                # Of a reply that fails nobody is told, or two broken desks would tell each other for ever.
                case.tell(told, retry, but=Address(failure.channel, ""), calls=calls, kind="reply")
            else:
                key = "undelivered" if failure.author == "agent" else "undelivered_bot"
                case.tell(case.word(key, error=failure.error), retry, calls=calls)
            if failure.author == "agent" and not failure.desk and failure.act == "send":
                promises.lost_answer(case)
        return _done(case)


def _done(case: Case) -> Outcome:
    case.finish()
    return Decision(case.conversation, tuple(case.effects)), case.ticket


def _asks_status(event: Event | None) -> bool:
    """Whether the contact asked how far it is, or for a person whom they wait for already."""
    if isinstance(event, Said):
        command = parse_command(event.text)
        return command is not None and command.name in {"status", "human", "start"}
    return event == Pressed("human")
