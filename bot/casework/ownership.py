"""Whose a ticket is: exactly one agent's, or nobody's."""

from __future__ import annotations

from bot.casework.brief import first_buttons, owner_buttons
from bot.casework.case import BOT, Case
from bot.casework.promises import promise, wait, woke
from bot.desk.routing import Agent
from bot.dialogue.states import Signal


def claim(case: Case, agent: Agent) -> None:
    """An agent takes a ticket that nobody has."""
    case.change(owner=agent.name, status="claimed")
    case.move(Signal.CLAIMED)
    case.log("claimed", agent.name)
    case.tell(case.word("claimed", agent=agent.name), *owner_buttons(case))
    case.say(case.voice.say("agent_joined", **{"agent.name": agent.alias or agent.name}))


def give_back(case: Case, agent: str, *, by: str = BOT) -> None:
    """An agent no longer has the ticket, or was only offered it: it goes to the next one."""
    had = bool(agent) and case.open.owner == agent
    woke(case, calls=False)  # whoever gets it now has not put it aside
    if had:
        case.change(owner="", status="waiting")
        case.move(Signal.RELEASED)
        case.log("released", by, agent)
    offered = case.give(but=agent)
    if had:
        case.tell(case.word("released", agent=agent), *first_buttons(case), calls=case.called("owner"))
        wait(case)
        due = promise(case)
        if due is not None:
            case.say(case.voice.say("released", when=case.when(due)))
        return
    if offered:
        case.tell(case.word("offered", agent=offered), calls=[offered])
    if case.open.since is not None:
        wait(case)


def transfer(case: Case, agent: Agent, to: Agent) -> None:
    """The ticket is another agent's now."""
    waiting = not case.open.owner
    case.change(owner=to.name, status="claimed", offered="")
    if waiting:
        case.move(Signal.CLAIMED)
    case.log("transferred", agent.name, to.name)
    case.tell(case.word("transferred", agent=agent.name, to=to.name), *owner_buttons(case), calls=[to.name])
    case.say(case.voice.say("agent_joined", **{"agent.name": to.alias or to.name}))


def transfer_to_topic(case: Case, agent: Agent, topic: str) -> None:
    """The ticket is about something else, and belongs to those who know that."""
    case.change(topic=topic)
    case.log("topic", agent.name, topic)
    title = case.office.knowledge.pick(case.office.knowledge.topics[topic].titles, case.rules.lang)[1]
    case.tell(case.word("transferred", agent=agent.name, to=title))
    give_back(case, case.open.owner or case.open.offered, by=agent.name)
