"""Routing: which agent a ticket is given to, and who somebody on a platform is.

Agents are known by their ids on the platforms, never by a name that is shown there.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["agent", "lead"]

Load = Mapping[str, int]
"""Open tickets by agent's name; who isn't in it has none."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A human who answers. `name` is unique in the config, `alias` is what contacts see.

    `languages` that they write in and `topics` that they know: () is all. `accounts`: their id by kind of channel
    ("telegram", "discord", "web"). A lead is an agent whom the ladder of silence calls last; leads get tickets too.
    """

    name: str
    alias: str = ""
    role: Role = "agent"
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)

    def speaks(self, lang: str) -> bool:
        """Whether they write in this language; anybody does in one that isn't known ("")."""
        return not lang or not self.languages or lang in self.languages

    def knows(self, topic: str) -> bool:
        """Whether they know this topic; anybody knows none ("")."""
        return not topic or not self.topics or topic in self.topics


def eligible(agents: Sequence[Agent], present: Collection[str], lang: str, topic: str) -> tuple[Agent, ...]:
    """Those present who speak the language and know the topic, in the order of the config."""
    return tuple(agent for agent in agents if agent.name in present and agent.speaks(lang) and agent.knows(topic))


def route(
    agents: Sequence[Agent],
    present: Collection[str],
    loads: Load,
    last_given: Mapping[str, float],
    lang: str,
    topic: str,
) -> str | None:
    """The name of the agent who gets a ticket of this language and topic; None if nobody is present.

    Of the eligible: fewest open tickets, then who was given a ticket longest ago or never (`last_given`: seconds since
    the epoch by name), then the order of the config. Where nobody is eligible the topic is let go first, as who shares
    a language with the contact can at least ask a colleague; then the language; then both.
    """
    for wanted in ((lang, topic), (lang, ""), ("", topic), ("", "")):
        able = eligible(agents, present, *wanted)
        if able:
            return min(able, key=lambda one: (loads.get(one.name, 0), last_given.get(one.name, -math.inf))).name
    return None


def agent_of(agents: Sequence[Agent], kind: str, account: str) -> Agent | None:
    """The agent with this id on this kind of channel, or None: no agent. An empty id is nobody's."""
    return next((agent for agent in agents if account and agent.accounts.get(kind) == account), None)


def leads(agents: Sequence[Agent]) -> tuple[Agent, ...]:
    """Those who are reminded when nobody else answers, in the order of the config; nobody if none is a lead."""
    return tuple(agent for agent in agents if agent.role == "lead")
