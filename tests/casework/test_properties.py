"""Whatever contacts, agents and time do, in any order: the promises of a desk hold."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.office import CONSOLE, NORTH, SOUTH, Office

SECRET = "zq-staff-only"
CONTACTS = ("ann", "zoe")
contact = st.tuples(
    st.just("contact"),
    st.sampled_from(CONTACTS),
    st.sampled_from(
        [
            "/human",
            "转人工",
            "my withdrawal has not arrived",
            "hello",
            "/end",
            "/status",
            "uid 12345678",
            "thanks",
            "/transcript",
        ]
    ),
)
press = st.tuples(
    st.just("press"),
    st.sampled_from(CONTACTS),
    st.sampled_from(
        ["human", "skip:all", "rate:1:1", "rate:2:5", "reopen:1", "reopen:2", "solved", "still", "nevermind"]
    ),
)
agent = st.tuples(
    st.just("agent"),
    st.sampled_from(["Ann", "Ben", "Lea", "intruder"]),
    st.sampled_from([NORTH, SOUTH, CONSOLE]),
    st.integers(0, 3),
    st.sampled_from(
        [
            "hello from the desk", f"/note {SECRET}", f"// {SECRET}", "/claim", "/release", "/transfer Ben", "/close",
            "/transfer withdrawals", "/reopen", "/snooze 1h", "/away", "/back", "/priority urgent", "/suggest",
            "/canned",
        ]
    ),
)  # fmt: skip
time_ = st.tuples(st.just("time"), st.sampled_from([1.0, 11.0, 61.0, 60 * 25.0]))
burst = st.tuples(st.just("burst"), st.lists(st.one_of(contact, agent), min_size=2, max_size=5))
steps = st.lists(st.one_of(contact, contact, press, agent, agent, agent, time_, burst), min_size=3, max_size=14)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_any_sequence_of_acts_keeps_the_rules_of_a_desk(what: list[tuple[object, ...]]) -> None:
    asyncio.run(_play(what))


async def _play(what: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Office(Path(folder)) as office:
            for step in what:
                await _do(office, step, handle=True)
                await _check(office)


async def _do(office: Office, step: tuple[object, ...], *, handle: bool) -> None:
    match step:
        case ("contact", str(who), str(text)):
            await office.send(text, who=who)
        case ("press", str(who), str(value)):
            await office.send(who=who, choice=value)
        case ("agent", str(name), str(at), int(ticket), str(text)):
            known = {row[0] for row in await office.rows("select number from ticket")}
            account = "666" if name == "intruder" else office.agent(name).agent.accounts[at]
            await office.act(account, at, ticket if ticket in known else 0, text=text, handle=False)
        case ("time", float(minutes)):
            office.clock.move(minutes * 60)
        case ("burst", list(some)):
            for one in some:
                await _do(office, one, handle=False)
    if handle:
        await office.settle()


async def _check(office: Office) -> None:
    assert not await office.rows("select 1 from inbox where status = 'new'"), "everything was handled"
    assert not await office.rows("select 1 from history where kind = 'broke'"), "nothing broke"
    assert not await office.rows(
        "select conversation from ticket where status <> 'closed' group by 1 having count(*) > 1"
    )
    for status, owner in await office.rows("select status, owner from ticket"):
        assert status == "closed" or (status == "claimed") == (owner != ""), "one owner, or nobody"
    for state, status in await office.rows(
        "select state, coalesce((select status from ticket where conversation = conversation.id"
        " and status <> 'closed'), '') from conversation"
    ):
        assert (state == "waiting", state == "with agent") == (status == "waiting", status == "claimed"), "both know"
    # who waits is never forgotten: a step of the ladder, the opening, or the end of a snooze is set for them
    assert not await office.rows(
        "select 1 from ticket where status <> 'closed' and since is not null and not exists (select 1 from timer"
        " where timer.conversation = ticket.conversation and kind in ('ladder', 'opening', 'snooze'))"
    )
    # a promise is in force, or it was kept, broken or void: each once
    for promised, settled, in_force in await office.rows(
        "select sum(kind = 'promised'), sum(kind in ('kept', 'broken', 'void')), promised is not null"
        " from ticket join history on history.ticket = number group by number"
    ):
        assert promised == settled + in_force, "every promise has one outcome"
    leaks = f"select 1 from outbox where desk = 0 and text like '%{SECRET}%'"
    assert not await office.rows(leaks), "no note in a contact's outbox"
    assert not await office.rows(f"select 1 from message where text like '%{SECRET}%'")
    assert not await office.rows("select 1 from outbox where status = 'open' and due <= 0")
