"""The decision on all that is new in a conversation: step by step, by whomever each step concerns. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from bot.casework.casework import Casework, Outcome
from bot.desk.facts import Facts
from bot.dialogue.bursts import Step, steps
from bot.dialogue.conversation import Dialogue
from bot.dialogue.events import (
    Broke,
    Conversation,
    Decision,
    Effect,
    Event,
    Heard,
    Log,
    OpenTicket,
    Rated,
    Say,
    SetTimer,
    TimerDue,
    WantsTranscript,
)
from bot.dialogue.states import HUMAN_STATES
from bot.messages import Desk, Item, Matches, Ticket

NOTHING = Matches("handover")
"""What there is to know of what nobody looked up."""
NEEDS_FACTS = frozenset({"collecting", "rating"})
"""States of a conversation about which a decision can't be taken without facts."""
WANT_FACTS = (OpenTicket, Rated, WantsTranscript)
"""What can't be decided without them."""
AFTER_BROKEN_TIMER = 300.0
"""Seconds until a timer is tried again whose handling failed."""

Decide = Callable[[Conversation, Step, Desk, float, Facts | None], Outcome]
"""Makes the decision on one step."""


class Deciding:
    """Decides with one dialogue and its casework; `matches` tells what the knowledge makes of an event."""

    def __init__(
        self,
        dialogue: Dialogue,
        casework: Casework,
        matches: Callable[[Conversation, Event, float], Matches],
        merge_window: float,
    ) -> None:
        self._dialogue, self._casework, self._matches = dialogue, casework, matches
        self._merge_window = merge_window

    def consider(
        self, conversation: Conversation, items: Sequence[Item], desk: Desk, now: float, facts: Facts | None
    ) -> Decision:
        """The decision on these rows; raises where one of our bugs keeps it from being made."""
        return self._step_by_step(self._decide, conversation, items, desk, now, facts)

    def rescue(
        self, conversation: Conversation, items: Sequence[Item], desk: Desk, now: float, facts: Facts | None
    ) -> Decision:
        """What of it can be decided; of what can't, a human gets the message."""
        return self._step_by_step(self._rescued, conversation, items, desk, now, facts)

    def _step_by_step(
        self,
        decide: Decide,
        conversation: Conversation,
        items: Sequence[Item],
        desk: Desk,
        now: float,
        facts: Facts | None,
    ) -> Decision:
        """The decisions on all steps as one, up to the step that opens a ticket: its number is not known yet."""
        effects: list[Effect] = []
        stands_alone = partial(self._dialogue.reading.stands_alone, conversation)
        for step in steps(items, self._merge_window, stands_alone):
            known = facts and facts.until(max(item.seq for item in step.items))
            decision, ticket = decide(conversation, step, desk, now, known)
            conversation = decision.conversation
            effects += [_about(effect, step.ref) for effect in decision.effects]
            desk, facts = carried(desk, facts, ticket)
            if any(isinstance(effect, OpenTicket) for effect in decision.effects):
                left = len(items) - 1 - items.index(step.items[-1])
                return Decision(conversation, tuple(effects), left)
        return Decision(conversation, tuple(effects))

    def _decide(self, conversation: Conversation, step: Step, desk: Desk, now: float, facts: Facts | None) -> Outcome:
        """The decision on one step, and the ticket that it was about as it is then."""
        (first, *_), casework, known = step.items, self._casework, facts or Facts()
        if first.act is not None:
            return casework.act(conversation, first.act, desk, known, now, hidden=first.hidden)
        if first.fate is not None:
            return casework.fate(conversation, first.fate, desk, known, now)
        if isinstance(step.event, TimerDue) and casework.has_timer(step.event.kind):
            return casework.due(conversation, step.event.kind, desk, known, now)
        decision = Decision(conversation)
        if step.event is not None:
            matches = self._matches(conversation, step.event, now)
            decision = self._dialogue.decide(conversation, step.event, matches, desk, now)
        return casework.follow(conversation, decision, step, desk, known, now)

    def _rescued(self, conversation: Conversation, step: Step, desk: Desk, now: float, facts: Facts | None) -> Outcome:
        """The decision on one step; the last resort where it can't be made."""
        try:
            return self._decide(conversation, step, desk, now, facts)
        except Exception:  # our bug, whatever it is; who asked for a rescue has logged it
            return self._last_resort(conversation, step, desk, now, facts)

    def _last_resort(
        self, conversation: Conversation, step: Step, desk: Desk, now: float, facts: Facts | None
    ) -> Outcome:
        """What follows from a step that can't be decided on."""
        first, number = step.items[0], desk.ticket.number if desk.ticket else 0
        if first.act is not None or first.fate is not None:
            number = first.act.ticket if first.act else number
            return Decision(conversation, (Log(number, "broke", "bot"),) if number else ()), None
        if isinstance(step.event, TimerDue):  # what it was to bring about must still come about
            broke = (Log(number, "broke", "bot"),) if number else ()
            return Decision(conversation, (*broke, SetTimer(step.event.kind, now + AFTER_BROKEN_TIMER))), None
        if conversation.state in HUMAN_STATES:  # they have it already: it is shown to them, and nothing else
            return self._casework.follow(conversation, Decision(conversation), step, desk, facts or Facts(), now)
        event = Broke("\n".join(item.value for item in step.items if item.kind == "text"))
        decision = self._dialogue.decide(conversation, event, NOTHING, desk, now)
        return self._casework.follow(conversation, decision, replace(step, event=event), desk, facts or Facts(), now)


def wants_facts(decision: Decision) -> bool:
    """Whether a decision taken without facts must be taken again with them."""
    state = decision.conversation.state
    return state in NEEDS_FACTS or any(isinstance(effect, WANT_FACTS) for effect in decision.effects)


def carried(desk: Desk, facts: Facts | None, ticket: Ticket | None) -> tuple[Desk, Facts | None]:
    """What is known after a step that was about `ticket`, for the next one."""
    if ticket is None:
        return desk, facts
    if ticket.status != "closed":
        desk = replace(desk, ticket=ticket)
    elif desk.ticket is None or desk.ticket.number == ticket.number:
        desk = replace(desk, ticket=None, last=ticket)
    if facts is not None:
        facts = replace(facts, tickets={**facts.tickets, ticket.number: ticket})
    return desk, facts


def _about(effect: Effect, ref: str) -> Effect:
    """What is said answers what it is about, though several things are decided on at once."""
    match effect:
        case Say():
            effect = replace(effect, reply_to=ref)
        case Heard():
            effect = replace(effect, ref=ref)
    return effect
