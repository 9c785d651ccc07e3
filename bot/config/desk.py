"""The settings of the desk and of the people who work at it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot.config.base import Block, Language, Text, Zone
from bot.desk.hours import parse_spans
from bot.desk.ladder import DEFAULT, Who
from bot.desk.routing import Role
from bot.desk.rules import PRIORITIES, DeskRules
from bot.messages import Priority
from bot.yamlfile import LANGUAGE_CODE

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ANY_LANGUAGE = "*"
"""Stands for every language in a text that was written only once."""

_DAYS = re.compile(rf"({'|'.join(WEEKDAYS)})(?:-({'|'.join(WEEKDAYS)}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RESERVED = frozenset({"contact", "bot"})
"""Who else does something in a ticket's history."""


def weekdays(text: str) -> tuple[int, ...]:
    """The weekdays (0 = Monday) of "sat", "mon-fri" or "sat-mon". ValueError, in words, for anything else."""
    found = _DAYS.fullmatch(text.strip().casefold())
    if found is None:
        raise ValueError(f"is no weekday; write one of {', '.join(WEEKDAYS)}, or several such as mon-fri")
    first, last = WEEKDAYS.index(found[1]), WEEKDAYS.index(found[2] or found[1])
    return tuple((first + day) % 7 for day in range((last - first) % 7 + 1))


def _days(text: str) -> str:
    weekdays(text)
    return text


def _day(text: str) -> str:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("is no date; write one such as 2026-12-25") from None
    return text


def _spans(text: str) -> str:
    try:
        parse_spans(text)
    except ValueError as error:
        raise ValueError(f"is wrong: {error}") from None
    return text


def _opens(hours: dict[str, str]) -> dict[str, str]:
    if not any(parse_spans(spans) for spans in hours.values()):
        raise ValueError("never opens; write hours, or null for round the clock")
    return hours


def _language(text: str) -> str:
    if text != ANY_LANGUAGE and not re.fullmatch(LANGUAGE_CODE, text):
        raise ValueError("must be a language code such as en or zh")
    return text


def _in_any_language(value: Any) -> Any:
    return {ANY_LANGUAGE: value} if isinstance(value, str) else value


Spans = Annotated[str, AfterValidator(_spans)]
Weekly = Annotated[dict[Annotated[str, AfterValidator(_days)], Spans], AfterValidator(_opens)]
Holidays = dict[Annotated[str, AfterValidator(_day)], Spans]
ByLanguage = Annotated[
    dict[Annotated[str, AfterValidator(_language)], Text], BeforeValidator(_in_any_language), Field(min_length=1)
]
Minutes = Annotated[float, Field(gt=0, allow_inf_nan=False)]
ClockHours = Annotated[float, Field(gt=0, le=24 * 365)]


class TelegramDesk(Block):
    """A forum group of the agents."""

    chat: int

    @model_validator(mode="after")
    def _is_group(self) -> TelegramDesk:
        if self.chat >= 0:
            raise ValueError(f"needs the number of a group, which begins with -100; {self.chat} is a person's")
        return self


class DiscordDesk(Block):
    """A channel of the agents, for text or a forum."""

    channel: int = Field(gt=0)


class ConsoleDesk(Block):
    """The desk in the browser."""


class TopicHours(Block):
    """When people are there for one topic; what is not said is as for the whole desk."""

    hours: Weekly | None = None
    holidays: Holidays | None = None
    timezone: Zone | None = None


class Rungs(Block):
    """After how many minutes of opening hours without an answer who is reminded; who is left out never is."""

    owner: Minutes | None = None
    all: Minutes | None = None
    lead: Minutes | None = None

    @model_validator(mode="after")
    def _rise(self) -> Rungs:
        steps = self.steps
        if not steps:
            raise ValueError("reminds nobody; give it at least one of owner, all and lead")
        for (who, minutes), (other, later) in pairwise(steps.items()):
            if later <= minutes:
                raise ValueError(f"must rise: {other} ({later:g} min) has to come after {who} ({minutes:g} min)")
        return self

    @property
    def steps(self) -> Mapping[Who, float]:
        """Minutes by who is reminded, in order."""
        said: tuple[tuple[Who, float | None], ...] = (
            ("owner", self.owner),
            ("all", self.all),
            ("lead", self.lead),
        )
        return {who: minutes for who, minutes in said if minutes is not None}


def _usual(priority: Priority) -> Rungs:
    return Rungs(**{step.who: step.after / 60 for step in DEFAULT[priority]})


class LadderBlock(Block):
    """The steps of silence by priority."""

    urgent: Rungs = _usual("urgent")
    high: Rungs = _usual("high")
    normal: Rungs = _usual("normal")
    low: Rungs = _usual("low")


class OtherWayBlock(Block):
    """Another official way to reach people."""

    name: ByLanguage
    value: Text
    hours: ByLanguage | None = None
    priorities: list[Priority] = Field(list(PRIORITIES), min_length=1)


class DeskBlock(Block):
    """Where and when people answer."""

    language: Language | None = None
    telegram: TelegramDesk | None = None
    discord: DiscordDesk | None = None
    console: ConsoleDesk | None = ConsoleDesk()
    hours: Weekly | None = None
    holidays: Holidays = Field(default={})
    timezone: Zone | None = None
    topics: dict[str, TopicHours] = Field(default={})
    contacts: list[OtherWayBlock] = Field(default=[])
    ladder: LadderBlock = LadderBlock()
    stale_hours: ClockHours = DeskRules().stale_after / 3600
    close_hours: ClockHours = DeskRules().close_after / 3600
    rating: bool = True

    @property
    def platforms(self) -> Mapping[str, str]:
        """The desks on platforms, by kind of channel: the chat there."""
        chats: dict[str, str] = {}
        if self.telegram is not None:
            chats["telegram"] = str(self.telegram.chat)
        if self.discord is not None:
            chats["discord"] = str(self.discord.channel)
        return chats


class AgentBlock(Block):
    """Somebody who answers."""

    name: Text
    alias: Text | None = None
    role: Role = "agent"
    telegram: int | None = Field(None, gt=0)
    discord: int | None = Field(None, gt=0)
    languages: list[Language] = Field(default=[])
    topics: list[str] = Field(default=[])

    @model_validator(mode="after")
    def _is_nobody_else(self) -> AgentBlock:
        if self.name.casefold() in _RESERVED:
            raise ValueError(f"can't be called \"{self.name}\": that is who else acts in a ticket's history")
        return self

    @property
    def shown(self) -> str:
        """What contacts read."""
        return self.alias or self.name

    @property
    def accounts(self) -> Mapping[str, str]:
        """Their ids, by kind of channel."""
        ids: dict[str, str] = {}
        if self.telegram is not None:
            ids["telegram"] = str(self.telegram)
        if self.discord is not None:
            ids["discord"] = str(self.discord)
        return ids


class Staff(Block):
    """The desk and its agents: what can only be judged together."""

    desk: DeskBlock = DeskBlock()
    agents: list[AgentBlock] = Field(default=[])
