"""Routing: who speaks the language and knows the topic, the least busy first, then in turn; and only ids are known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.desk.routing import Agent, agent_of, eligible, leads, route

ANN = Agent("ann", "Annie", languages=("en",), topics=("fees",), accounts={"telegram": "7", "discord": "8"})
BO = Agent("bo", "Bo", languages=("en", "zh"), topics=("cards",), accounts={"telegram": "9"})
CY = Agent("cy", "Cy", "lead", languages=("zh",), accounts={"web": ""})
DEE = Agent("dee", "Dee")
TEAM = (ANN, BO, CY, DEE)
ALL = {agent.name for agent in TEAM}


def test_those_are_eligible_who_are_present_speak_the_language_and_know_the_topic() -> None:
    assert eligible(TEAM, ALL, "en", "fees") == (ANN, DEE)
    assert eligible(TEAM, ALL, "zh", "cards") == (BO, CY, DEE)
    assert eligible(TEAM, ALL - {"dee"}, "zh", "fees") == (CY,)


def test_an_agent_without_languages_or_topics_has_all_of_them() -> None:
    assert eligible((DEE,), ALL, "fi", "anything") == (DEE,)


def test_anybody_will_do_while_language_and_topic_are_unknown() -> None:
    assert eligible(TEAM, ALL, "", "") == TEAM


def test_fewest_open_tickets_come_first() -> None:
    assert route(TEAM, ALL, {"ann": 2, "dee": 1}, {"dee": 50.0}, "en", "fees") == "dee"
    assert route(TEAM, ALL, {"dee": 1}, {"ann": 50.0}, "en", "fees") == "ann"


def test_among_the_equally_busy_it_is_who_was_given_a_ticket_longest_ago_or_never() -> None:
    assert route(TEAM, ALL, {"ann": 1, "dee": 1}, {"ann": 50.0, "dee": 40.0}, "en", "fees") == "dee"
    assert route(TEAM, ALL, {}, {"ann": -1e9}, "en", "fees") == "dee"


def test_then_the_order_of_the_config_decides() -> None:
    assert route(TEAM, ALL, {}, {}, "en", "fees") == "ann"
    assert route(TEAM[::-1], ALL, {}, {}, "en", "fees") == "dee"


def test_the_topic_is_let_go_before_the_language() -> None:
    assert route((ANN, BO), ALL, {"bo": 9}, {}, "zh", "fees") == "bo"


def test_where_nobody_speaks_the_language_who_knows_the_topic_gets_it() -> None:
    assert route((ANN, BO), ALL, {"bo": 9}, {}, "fi", "cards") == "bo"


def test_where_nobody_fits_at_all_somebody_gets_it_nevertheless() -> None:
    assert route((ANN, BO), ALL, {"ann": 1}, {}, "fi", "swaps") == "bo"


def test_those_who_are_away_get_nothing() -> None:
    assert route(TEAM, {"bo"}, {"bo": 99}, {}, "fi", "fees") == "bo"
    assert route(TEAM, set(), {}, {}, "en", "fees") is None
    assert route(TEAM, {"somebody who left"}, {}, {}, "en", "fees") is None


def test_agents_are_known_by_their_id_on_that_platform_and_by_nothing_else() -> None:
    assert agent_of(TEAM, "telegram", "9") == BO
    for kind, account in (("discord", "9"), ("telegram", "bo"), ("telegram", "Bo"), ("telegram", ""), ("web", "")):
        assert agent_of(TEAM, kind, account) is None


def test_leads_are_those_with_that_role() -> None:
    assert leads(TEAM) == (CY,)
    assert leads((replace(ANN, role="lead"), CY)) == (replace(ANN, role="lead"), CY)


@given(st.integers(1, 5), st.integers(0, 30))
def test_tickets_that_stay_open_are_spread_evenly(people: int, tickets: int) -> None:
    team = [Agent(str(n)) for n in range(people)]
    given: Counter[str] = Counter()
    for number in range(tickets):
        name = route(team, {agent.name for agent in team}, given, {}, "en", "fees")
        assert name is not None, number
        given[name] += 1
    assert max(given.values(), default=0) - min(given[agent.name] for agent in team) <= 1


@given(st.integers(1, 5), st.integers(0, 30))
def test_tickets_that_are_closed_at_once_go_round(people: int, tickets: int) -> None:
    team = [Agent(str(n)) for n in range(people)]
    last: dict[str, float] = {}
    order = []
    for now in range(tickets):
        name = route(team, {agent.name for agent in team}, {}, last, "en", "fees")
        assert name is not None
        last[name] = float(now)
        order.append(name)
    assert order == [str(n % people) for n in range(tickets)]
