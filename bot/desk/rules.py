"""How the operator wants the desk to be led: agents, places, hours, ladder and the other ways to reach people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from bot.desk.hours import ALWAYS, Hours
from bot.desk.ladder import DEFAULT, Ladder
from bot.desk.routing import Agent
from bot.messages import CONSOLE, Priority

PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")
"""All priorities, the least pressing first."""


@dataclass(frozen=True, slots=True)
class OtherWay:
    """Another official way to reach people: what it is by language ("E-mail"), its address, by language when somebody
    is there, and for tickets of which priorities it is named."""

    name: Mapping[str, str]
    value: str
    hours: Mapping[str, str] = field(default_factory=dict)
    priorities: tuple[Priority, ...] = PRIORITIES


@dataclass(frozen=True, slots=True)
class DeskRules:
    """The operator's settings that the desk obeys. Times are in seconds.

    `places` are the desks: by channel the chat in which every ticket has its thread. Agents read `lang`. A ticket of a
    topic in `topic_hours` has those hours, any other `hours`. A ticket in which the contact says nothing for
    `stale_after` is asked about, and closed `close_after` later.
    """

    places: Mapping[str, str] = field(default_factory=lambda: {CONSOLE: CONSOLE})
    agents: tuple[Agent, ...] = (Agent("Agent", role="lead", accounts={CONSOLE: "Agent"}),)
    lang: str = "en"
    zone: tzinfo = UTC
    hours: Hours = ALWAYS
    topic_hours: Mapping[str, Hours] = field(default_factory=dict)
    ladder: Ladder = field(default_factory=lambda: DEFAULT)
    contacts: tuple[OtherWay, ...] = ()
    stale_after: float = 24 * 3600.0
    close_after: float = 24 * 3600.0
    ask_rating: bool = True

    def hours_of(self, topic: str) -> Hours:
        """When people are there for a topic."""
        return self.topic_hours.get(topic, self.hours)
