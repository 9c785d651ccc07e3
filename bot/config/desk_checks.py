"""Mistakes in the settings of the desk that show only when its parts, or the knowledge, are seen together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from bot.config.desk import WEEKDAYS, AgentBlock, DeskBlock, Staff, weekdays
from bot.ports import Problem
from bot.yamlfile import Source, Where, did_you_mean


def staff_problems(source: Source, staff: Staff, channels: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the desk and its agents; `channels` are those that are configured, on or off."""
    desk, agents = staff.desk, staff.agents
    yield from _place_problems(source, desk, channels)
    yield from _days_twice(source, ("desk", "hours"), desk.hours or {})
    for topic, topical in desk.topics.items():
        yield from _days_twice(source, ("desk", "topics", topic, "hours"), topical.hours or {})
    yield from _same(source, "name", [agent.name for agent in agents])
    yield from _same_alias(source, agents)
    for kind in ("telegram", "discord"):
        yield from _same(source, kind, [agent.accounts.get(kind, "") for agent in agents])
    yield from _without_account(source, desk, agents)


def topic_problems(source: Source, staff: Staff, topics: Collection[str]) -> Iterator[Problem]:
    """Topics that the settings name and the knowledge doesn't have."""
    named: list[tuple[Where, str]] = [(("desk", "topics", topic), topic) for topic in staff.desk.topics]
    for number, agent in enumerate(staff.agents):
        named += [(("agents", number, "topics", place), topic) for place, topic in enumerate(agent.topics)]
    for where, topic in named:
        if topic not in topics:
            meant = did_you_mean(topic, topics) or f"; there are {', '.join(sorted(topics))}"
            yield source.problem(where, f'the knowledge has no topic "{topic}"{meant}')


def _place_problems(source: Source, desk: DeskBlock, channels: Iterable[str]) -> Iterator[Problem]:
    kinds = {channel.partition("/")[0] for channel in channels}
    for kind in desk.platforms:
        if kind not in kinds:
            text = f"desk.{kind} needs the channel {kind}; add it under channels, with its token"
            yield source.problem(("desk", kind), text)
    if desk.console is None and not desk.platforms:
        text = "desk has no place where people could answer; set console: {}, telegram or discord"
        yield source.problem(("desk", "console"), text)


def _days_twice(source: Source, where: Where, weekly: Mapping[str, str]) -> Iterator[Problem]:
    seen: dict[int, str] = {}
    for days in weekly:
        for day in weekdays(days):
            if day in seen:
                text = f'{".".join(map(str, where))}: {WEEKDAYS[day]} is in "{seen[day]}" and in "{days}"; keep one'
                yield source.problem((*where, days), text)
                break
        seen |= dict.fromkeys(weekdays(days), days)


def _same(source: Source, key: str, values: Sequence[str]) -> Iterator[Problem]:
    """Agents who share what only one of them may have; an empty value is none."""
    first: dict[str, int] = {}
    for number, value in enumerate(values):
        other = first.setdefault(value.casefold(), number) if value else number
        if other != number:
            text = f'item {number + 1} of agents: {key} "{value}" is that of item {other + 1} already'
            yield source.problem(("agents", number, key), text)


def _same_alias(source: Source, agents: Sequence[AgentBlock]) -> Iterator[Problem]:
    """Who is shown to contacts by the same name; agents of one name are told of already."""
    names = [agent.name.casefold() for agent in agents]
    distinct = ["" if names.index(name) != number else agents[number].shown for number, name in enumerate(names)]
    yield from _same(source, "alias", distinct)


def _without_account(source: Source, desk: DeskBlock, agents: Sequence[AgentBlock]) -> Iterator[Problem]:
    """Who could act nowhere; in the console everybody can."""
    if desk.console is not None or not desk.platforms:
        return
    wanted = " or ".join(desk.platforms)
    if not agents:
        text = (
            f"nobody could answer: list the agents, such as agents: [{{name: Ann, {next(iter(desk.platforms))}: 11}}]"
        )
        yield source.problem(("desk", "console"), text)
    for number, agent in enumerate(agents):
        if not agent.accounts.keys() & desk.platforms.keys():
            text = f"item {number + 1} of agents: {agent.name} has no account for any desk; add their {wanted} number"
            yield source.problem(("agents", number), text)
