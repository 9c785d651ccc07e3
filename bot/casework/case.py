"""One decision about a conversation and its ticket in the making."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.desk.facts import Facts
from bot.desk.routing import Agent, leads, route
from bot.desk.rules import DeskRules
from bot.desk.times import duration, moment
from bot.dialogue.events import TICKET_MARK, CancelTimer, Conversation, Effect, Log, Say, SetTicket, SetTimer, Tell
from bot.dialogue.knowledge import Knowledge
from bot.dialogue.replies import Voice, fill
from bot.dialogue.states import Signal, after
from bot.dialogue.turn import Manners
from bot.messages import Act, Address, Button, File, Match, OutboundKind, Ticket

LADDER, OPENING, SNOOZE, STALE = "ladder", "opening", "snooze", "stale"
"""The timers of a ticket: the next step of silence, people are back, snoozed for so long, nothing said for long."""
TIMERS = (LADDER, OPENING, SNOOZE, STALE)
DESK_PREFIX = "desk_"
"""How the names of most phrases for agents begin."""
BOT = "bot"
CONTACT = "contact"
"""Who does something in a ticket's history, beside agents."""


@dataclass(frozen=True, slots=True)
class Office:
    """What every decision about tickets is made with. `suggest` ranks the entries that may answer a text."""

    knowledge: Knowledge
    manners: Manners
    rules: DeskRules
    suggest: Callable[[str, str], Sequence[Match]]


@dataclass(slots=True)
class Case:
    """A conversation, a ticket of it if there is one, and what follows; lives no longer than the call."""

    office: Office
    conversation: Conversation
    facts: Facts
    now: float
    ticket: Ticket | None = None
    effects: list[Effect] = field(default_factory=list)
    _stored: Ticket | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._stored = self.ticket

    def take(self, ticket: Ticket) -> None:
        """Go on with this ticket, which is in the store like that, or will be by what was decided already."""
        self.ticket = self._stored = ticket

    def about(self, ticket: Ticket) -> Case:
        """The same moment as seen from another ticket of the conversation."""
        return Case(self.office, self.conversation, self.facts, self.now, ticket)

    @property
    def rules(self) -> DeskRules:
        """How the desk is to be led."""
        return self.office.rules

    @property
    def open(self) -> Ticket:
        """The ticket, where there is one for certain."""
        assert self.ticket is not None, "asked only where there is a ticket"
        return self.ticket

    @property
    def voice(self) -> Voice:
        """Speaks to the contact."""
        manners = self.office.manners
        lang = manners.spoken(self.conversation.lang)
        return Voice(self.office.knowledge, manners.brand, manners.languages, lang, self.conversation)

    def word(self, key: str, **values: str) -> str:
        """A phrase for agents, in their language."""
        knowledge = self.office.knowledge
        texts = knowledge.phrases.texts
        text = knowledge.pick(texts.get(DESK_PREFIX + key) or texts[key], self.rules.lang)[1]
        return fill(text, values)

    def button(self, key: str, value: str) -> Button:
        """A button for agents."""
        return Button(self.word(f"button_{key}"), value)

    def when(self, at: float, *, for_agents: bool = False) -> str:
        """A time as people read it."""
        return moment(at, self.now, self.rules.zone, self.rules.lang if for_agents else self.voice.lang)

    def minutes(self, seconds: float) -> str:
        """A duration as agents read it."""
        return duration(seconds, self.rules.lang)

    def change(self, **changes: Any) -> None:
        """The ticket is otherwise now."""
        self.ticket = replace(self.open, **changes)

    def move(self, signal: Signal) -> None:
        """The conversation goes on to another state."""
        self.conversation = replace(self.conversation, state=after(self.conversation.state, signal))

    def log(self, kind: str, actor: str, detail: str = "") -> None:
        """Add to the ticket's history."""
        self.effects.append(Log(self.open.number, kind, actor, detail))

    def timer(self, kind: str, due: float | None) -> None:
        """Set a timer of the ticket, or forget it."""
        self.effects.append(CancelTimer(kind) if due is None else SetTimer(kind, due))

    def say(self, what: Say) -> None:
        """Say something to the contact; its buttons are what they can choose from now on."""
        self.effects.append(what)
        if what.buttons:
            self.conversation = replace(self.conversation, choices=what.buttons)

    def tell(
        self,
        text: str,
        *buttons: Button,
        but: Address | None = None,
        files: tuple[File, ...] = (),
        shows: int = 0,
        quotes: int = 0,
        calls: Sequence[str] = (),
        kind: OutboundKind = "",
    ) -> None:
        """Show something at every desk that the ticket is on, `but` at this one. `calls` are agents, by name."""
        for place in self.open.places:
            if but is None or place.channel != but.channel:
                mentions = self.accounts(calls, place)
                self.effects.append(
                    Tell(place, text, self.open.number, buttons, files, shows, quotes, self.title, mentions, kind)
                )

    def reply(self, act: Act, text: str, *buttons: Button, files: tuple[File, ...] = ()) -> None:
        """Answer what was done at a desk, there."""
        title = self.title if self.ticket else ""
        number = self.ticket.number if self.ticket else 0
        self.effects.append(Tell(act.place, text, number, buttons, files, title=title, kind="reply"))

    def accounts(self, agents: Sequence[str], place: Address) -> tuple[str, ...]:
        """Who these agents are at a desk."""
        kind = place.channel.partition("/")[0]
        known = {agent.name: agent.accounts.get(kind, "") for agent in self.rules.agents}
        return tuple(account for name in agents if (account := known.get(name, "")))

    @property
    def title(self) -> str:
        """What the ticket's threads are called; begins with its number, by which a thread is found again."""
        question = " ".join(self.open.question.split()) or self.conversation.name
        if self.open.number:
            return self.word("title", ticket=str(self.open.number), question=question[:80])
        return self.word("title", ticket=TICKET_MARK, question=unmarked(question[:80]))

    def agent(self, name: str) -> Agent | None:
        """The agent of this name or alias, whatever its case."""
        wanted = name.strip().lstrip("@").casefold()
        agents = self.rules.agents
        by_name = next((agent for agent in agents if agent.name.casefold() == wanted), None)
        return by_name or next((agent for agent in agents if agent.alias and agent.alias.casefold() == wanted), None)

    def alias(self, name: str) -> str:
        """What contacts call an agent."""
        found = next((agent for agent in self.rules.agents if agent.name == name), None)
        return (found.alias or found.name) if found else name

    def present(self, but: str = "") -> list[str]:
        """The names of the agents who are there."""
        return [one.name for one in self.rules.agents if one.name not in self.facts.away and one.name != but]

    def give(self, but: str = "") -> str:
        """Offer the ticket to the agent whose turn it is: their name, "" if nobody is there."""
        ticket = self.open
        facts, rules = self.facts, self.rules
        lang = self.office.manners.spoken(ticket.lang or self.conversation.lang)
        offered = route(rules.agents, self.present(but), facts.loads, facts.given, lang, ticket.topic) or ""
        self.change(offered=offered)
        if offered:
            self.log("offered", BOT, offered)
        return offered

    def called(self, who: str) -> list[str]:
        """The agents that a step of the ladder reminds, by name."""
        if who == "owner":
            return [name for name in (self.open.owner or self.open.offered,) if name]
        if who == "lead":
            return [agent.name for agent in leads(self.rules.agents)] or self.present()
        return self.present() or [agent.name for agent in self.rules.agents]

    def finish(self) -> None:
        """Store the ticket if it was changed."""
        if self.ticket is not None and self.ticket != self._stored:
            self.effects.append(SetTicket(self.ticket))
            self._stored = self.ticket


def unmarked(text: str) -> str:
    """What somebody wrote, looking the same, but with nothing in it that the store takes for its mark."""
    return text.replace(TICKET_MARK, TICKET_MARK.replace("{", "{\u2060"))
