"""From the settings of the desk to the rules that it obeys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from bot.config.desk import ANY_LANGUAGE, AgentBlock, DeskBlock, LadderBlock, OtherWayBlock, Rungs, TopicHours, weekdays
from bot.config.reading import Config
from bot.desk.hours import ALWAYS, Hours, Span, parse_spans
from bot.desk.ladder import Ladder, Step, ladder_of
from bot.desk.routing import Agent
from bot.desk.rules import DeskRules, OtherWay
from bot.messages import CONSOLE, Priority


def desk_rules(config: Config) -> DeskRules:
    """The rules of the desk. A desk on a platform is there only while its channel is on."""
    desk, brand = config.settings.desk, config.settings.brand
    zone = desk.timezone or brand.timezone
    return DeskRules(
        places=_places(desk, config.channels),
        agents=tuple(map(_agent, config.settings.agents)) or DeskRules().agents,
        lang=desk.language or brand.default_language,
        zone=ZoneInfo(zone),
        hours=_hours(desk.hours, desk.holidays, zone),
        topic_hours={topic: _topic_hours(desk, topical, zone) for topic, topical in desk.topics.items()},
        ladder=_ladder(desk.ladder),
        contacts=tuple(_other_way(way, brand.languages) for way in desk.contacts),
        stale_after=desk.stale_hours * 3600,
        close_after=desk.close_hours * 3600,
        ask_rating=desk.rating,
    )


def channel_of(kind: str, channels: Mapping[str, object]) -> str | None:
    """The channel in which the desk of a kind is: the one that is just called so, else the first one of the kind."""
    return kind if kind in channels else next((name for name in channels if name.startswith(f"{kind}/")), None)


def _places(desk: DeskBlock, channels: Mapping[str, object]) -> dict[str, str]:
    there = {channel_of(kind, channels): chat for kind, chat in desk.platforms.items()}
    places = {channel: chat for channel, chat in there.items() if channel is not None}
    return places if desk.console is None else {**places, CONSOLE: CONSOLE}


def _agent(block: AgentBlock) -> Agent:
    return Agent(
        name=block.name,
        alias=block.shown,
        role=block.role,
        languages=tuple(block.languages),
        topics=tuple(block.topics),
        accounts={**block.accounts, CONSOLE: block.name},
    )


def _topic_hours(desk: DeskBlock, topical: TopicHours, zone: str) -> Hours:
    """What a topic says, and for the rest what the desk does."""
    holidays = desk.holidays if topical.holidays is None else topical.holidays
    return _hours(topical.hours or desk.hours, holidays, topical.timezone or zone)


def _hours(weekly: Mapping[str, str] | None, holidays: Mapping[str, str], zone: str) -> Hours:
    closed = {date.fromisoformat(day): parse_spans(spans) for day, spans in holidays.items()}
    return Hours(ZoneInfo(zone), ALWAYS.weekly if weekly is None else _weekly(weekly), closed)


def _weekly(weekly: Mapping[str, str]) -> dict[int, tuple[Span, ...]]:
    return {day: parse_spans(spans) for days, spans in weekly.items() for day in weekdays(days)}


def _ladder(block: LadderBlock) -> Ladder:
    rungs: Mapping[Priority, Rungs] = {
        "urgent": block.urgent,
        "high": block.high,
        "normal": block.normal,
        "low": block.low,
    }
    return ladder_of({priority: _steps(some) for priority, some in rungs.items()})


def _steps(rungs: Rungs) -> tuple[Step, ...]:
    return tuple(Step(minutes * 60, who) for who, minutes in rungs.steps.items())


def _other_way(block: OtherWayBlock, languages: Sequence[str]) -> OtherWay:
    return OtherWay(
        _by_language(block.name, languages),
        block.value,
        _by_language(block.hours or {}, languages),
        tuple(block.priorities),
    )


def _by_language(texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    """A text that was written once stands for all languages that have none of their own."""
    said = {lang: text for lang, text in texts.items() if lang != ANY_LANGUAGE}
    everywhere = texts.get(ANY_LANGUAGE)
    return said if everywhere is None else {**dict.fromkeys(languages, everywhere), **said}
