"""The desk and its agents in the configuration: what rules come of it, and that every mistake is told with its cure."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.config import Config, load
from bot.config.desk_rules import desk_rules
from bot.desk.hours import ALWAYS, Span, is_open
from bot.desk.ladder import DEFAULT, Step
from bot.desk.rules import DeskRules, OtherWay
from bot.errors import ConfigError
from bot.messages import CONSOLE
from bot.parts import options_of

TOKENS = {"TELEGRAM_TOKEN": "123456:a-token-of-a-bot", "DISCORD_TOKEN": "a-token.of-a.discord-bot"}
PLATFORMS = "desk: {telegram: {chat: -1001234567890}, discord: {channel: 123456789012345678}}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str, **environment: str) -> Config:
    Path("config.yaml").write_text(text, encoding="utf-8")
    return load(Path("config.yaml"), options_of, environment, ["telegram", "discord", "web"])


def rules(text: str, **environment: str) -> DeskRules:
    return desk_rules(read(text, **environment))


def mistakes(text: str, **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as refusal:
        read(text, **environment)
    return str(refusal.value).splitlines()[1:]


# The rules


def test_without_a_configuration_the_rules_are_the_defaults_and_the_console_is_the_desk() -> None:
    found = rules("")
    assert found.places == {CONSOLE: CONSOLE}
    assert [agent.name for agent in found.agents] == ["Agent"]
    assert found.agents[0].accounts[CONSOLE] == "Agent"
    assert is_open(found.hours, 0.0) and dict(found.hours.weekly) == dict(ALWAYS.weekly)
    assert found.ladder == DEFAULT
    assert (found.lang, str(found.zone)) == ("en", "UTC")
    assert (found.stale_after, found.close_after, found.ask_rating) == (86_400.0, 86_400.0, True)
    assert found.contacts == () and found.topic_hours == {}


def test_a_desk_on_a_platform_is_there_while_its_channel_is_on() -> None:
    assert rules(PLATFORMS, **TOKENS).places == {
        "telegram": "-1001234567890",
        "discord": "123456789012345678",
        CONSOLE: CONSOLE,
    }
    assert set(rules(PLATFORMS, DISCORD_TOKEN=TOKENS["DISCORD_TOKEN"]).places) == {"discord", CONSOLE}
    assert set(rules(PLATFORMS).places) == {CONSOLE}


def test_the_console_can_be_off() -> None:
    text = "desk: {console: null, telegram: {chat: -1}}\nagents: [{name: Ann, telegram: 11}]\n"
    assert rules(text, **TOKENS).places == {"telegram": "-1"}


def test_the_desk_is_in_the_bot_of_that_very_name_or_else_in_the_first_of_its_kind() -> None:
    shop = "channels: {web: {}, telegram/shop: {token: '123456:a-token-of-a-bot'}%s}\ndesk: {telegram: {chat: -1}}\n"
    assert set(rules(shop % "").places) == {"telegram/shop", CONSOLE}
    both = shop % ", telegram: {token: '123457:a-token-of-a-bot'}"
    assert set(rules(both).places) == {"telegram", CONSOLE}


def test_agents_are_taken_as_they_are_written() -> None:
    text = """\
agents:
  - {name: Ann, role: lead, telegram: 11, discord: 22, languages: [en, zh], topics: [withdrawals]}
  - {name: Bo, alias: Bo from support}
"""
    ann, bo = rules(text).agents
    assert (ann.name, ann.alias, ann.role, ann.languages, ann.topics) == (
        "Ann", "Ann", "lead", ("en", "zh"), ("withdrawals",),
    )  # fmt: skip
    assert ann.accounts == {"telegram": "11", "discord": "22", CONSOLE: "Ann"}
    assert (bo.alias, bo.role, bo.languages, bo.topics) == ("Bo from support", "agent", (), ())
    assert bo.accounts == {CONSOLE: "Bo"}


def test_hours_are_read_by_weekday_with_holidays_in_the_zone_of_the_desk() -> None:
    text = """\
brand: {timezone: Europe/Berlin}
desk:
  hours: {mon-thu: "09:00-12:30, 14:00-18:00", FRI: 22:00-06:00, sat-sun: closed}
  holidays: {2026-12-25: closed, 2026-12-24: "09:00-12:00"}
"""
    found = rules(text)
    assert found.zone == found.hours.zone == ZoneInfo("Europe/Berlin")
    assert found.hours.on(date(2026, 11, 23)) == (Span(540, 750), Span(840, 1080))
    assert found.hours.on(date(2026, 11, 27)) == (Span(1320, 360),)
    assert found.hours.on(date(2026, 11, 28)) == ()
    assert found.hours.on(date(2026, 12, 25)) == ()
    assert found.hours.on(date(2026, 12, 24)) == (Span(540, 720),)
    assert rules(text + "  timezone: Asia/Shanghai\n").hours.zone == ZoneInfo("Asia/Shanghai")


def test_a_range_of_weekdays_may_go_over_the_weekend() -> None:
    weekly = rules("desk: {hours: {sat-mon: 24h}}").hours.weekly
    assert set(weekly) == {5, 6, 0}


def test_round_the_clock_may_have_holidays() -> None:
    hours = rules("desk: {holidays: {2026-12-25: closed}}").hours
    assert hours.on(date(2026, 12, 24)) == (Span(0, 1440),)
    assert hours.on(date(2026, 12, 25)) == ()


def test_a_topic_has_its_own_hours_and_for_the_rest_those_of_the_desk() -> None:
    text = """\
desk:
  hours: {mon: 09:00-10:00}
  holidays: {2026-12-25: closed}
  topics:
    withdrawals: {hours: {tue: 11:00-12:00}, timezone: Asia/Tokyo}
    fees: {holidays: {}}
"""
    found = rules(text)
    withdrawals, fees = found.hours_of("withdrawals"), found.hours_of("fees")
    assert (withdrawals.weekly, withdrawals.zone) == ({1: (Span(660, 720),)}, ZoneInfo("Asia/Tokyo"))
    assert withdrawals.holidays == found.hours.holidays == {date(2026, 12, 25): ()}
    assert (fees.weekly, fees.zone, fees.holidays) == (found.hours.weekly, found.hours.zone, {})
    assert found.hours_of("kyc") == found.hours


def test_a_ladder_is_in_minutes_and_priorities_without_one_keep_the_usual() -> None:
    ladder = rules("desk: {ladder: {urgent: {owner: 1, lead: 2.5}, low: {all: 60}}}").ladder
    assert ladder == {**DEFAULT, "urgent": (Step(60, "owner"), Step(150, "lead")), "low": (Step(3600, "all"),)}


def test_other_ways_are_for_all_languages_or_for_each_in_its_own_words() -> None:
    text = """\
desk:
  contacts:
    - {name: E-mail, value: support@example.com}
    - {name: {en: Phone, zh: 电话}, value: "+49 30 1234567", hours: {zh: 工作日}, priorities: [urgent, high]}
"""
    assert rules(text).contacts == (
        OtherWay({"en": "E-mail", "zh": "E-mail"}, "support@example.com"),
        OtherWay({"en": "Phone", "zh": "电话"}, "+49 30 1234567", {"zh": "工作日"}, ("urgent", "high")),
    )


def test_the_rest_of_the_desk_is_taken_in_its_units() -> None:
    found = rules("desk: {language: zh, stale_hours: 2, close_hours: 0.5, rating: no}")
    assert (found.lang, found.stale_after, found.close_after, found.ask_rating) == ("zh", 7200, 1800, False)


def test_how_conversations_lead_to_people_is_taken() -> None:
    dialogue = read("dialogue: {misses: 3, intake_minutes: 1.5}").settings.dialogue
    assert (dialogue.misses, dialogue.intake_minutes) == (3, 1.5)
    dialogue = read("").settings.dialogue
    assert (dialogue.misses, dialogue.intake_minutes) == (2, 5)


# What is refused


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("desk:\n  telgram: {chat: -1}", '2: unknown key "desk.telgram"; did you mean "telegram"?'),
        ("desk:\n  telegram: {group: -1, chat: -2}", '2: unknown key "desk.telegram.group"'),
        ("desk:\n  telegram: {}", "2: desk.telegram.chat is missing"),
        ("desk:\n  telegram: {chat: here}", "2: desk.telegram.chat must be a whole number"),
        (
            "desk:\n  telegram: {chat: 11}",
            "2: desk.telegram needs the number of a group, which begins with -100; 11 is a person's",
        ),
        ("desk:\n  discord: {channel: -5}", "2: desk.discord.channel must be more than 0"),
        ("desk: {console: {port: 1}}", '1: unknown key "desk.console.port"; it belongs under "http"'),
        (
            "desk:\n  console: null",
            "2: desk has no place where people could answer; set console: {}, telegram or discord",
        ),
        (
            "channels: {web: {}}\ndesk:\n  language: en\n  telegram: {chat: -1}",
            "4: desk.telegram needs the channel telegram; add it under channels, with its token",
        ),
        (
            "desk:\n  telegram: {chat: -1}\n  console: null",
            "3: nobody could answer: list the agents, such as agents: [{name: Ann, telegram: 11}]",
        ),
        (
            "desk:\n  telegram: {chat: -1}\n  console: null\nagents:\n  - {name: Ann, telegram: 1}\n  - {name: Bo}",
            "6: item 2 of agents: Bo has no account for any desk; add their telegram number",
        ),
        ("desk: {language: english}", "1: desk.language must be a language code such as en or zh"),
        (
            "desk:\n  timezone: Mars",
            '2: desk.timezone is "Mars", which is no time zone; write one such as Asia/Shanghai or UTC',
        ),
        (
            "desk:\n  hours:\n    mon: 24h\n    friday: 24h",
            "4: desk.hours.friday is no weekday; write one of mon, tue, wed, thu, fri, sat, sun, or several such as "
            "mon-fri",
        ),
        (
            "desk:\n  hours:\n    mon-fri: 9-17",
            '3: desk.hours.mon-fri is wrong: \'9-17\' are no hours: write "09:00-12:30, 14:00-18:00", "24h" or '
            '"closed"',
        ),
        (
            "desk:\n  hours:\n    mon: 09:00-12:00, 11:00-13:00",
            "3: desk.hours.mon is wrong: 09:00-12:00 and 11:00-13:00 overlap: let one end before the other starts, "
            "or write one span",
        ),
        (
            "desk:\n  hours:\n    mon-fri: 24h\n    sat: 24h\n    wed-sun: 24h",
            '5: desk.hours: wed is in "mon-fri" and in "wed-sun"; keep one',
        ),
        (
            "desk:\n  hours: {sat-sun: closed}",
            "2: desk.hours never opens; write hours, or null for round the clock",
        ),
        ("desk:\n  hours:\n    mon:", "3: desk.hours.mon has no value"),
        ("desk: {hours: 24h}", "1: desk.hours must be a mapping (key: value)"),
        (
            "desk:\n  holidays:\n    2026-12-24: 24h\n    2026-02-30: closed",
            "4: desk.holidays.2026-02-30 is no date; write one such as 2026-12-25",
        ),
        ("desk:\n  holidays: {25.12.: closed}", "2: desk.holidays.25.12. is no date; write one such as 2026-12-25"),
        (
            "desk:\n  topics:\n    fees:\n      hours: {mon: 24h, mon-tue: 24h}",
            '4: desk.topics.fees.hours: mon is in "mon" and in "mon-tue"; keep one',
        ),
        ("desk:\n  topics: {fees: {open: 24h}}", '2: unknown key "desk.topics.fees.open"'),
        (
            "desk:\n  ladder:\n    urgent: {owner: 5, all: 5}",
            "3: desk.ladder.urgent must rise: all (5 min) has to come after owner (5 min)",
        ),
        (
            "desk:\n  ladder:\n    low: {all: 30, lead: 20}",
            "3: desk.ladder.low must rise: lead (20 min) has to come after all (30 min)",
        ),
        (
            "desk:\n  ladder:\n    low: {}",
            "3: desk.ladder.low reminds nobody; give it at least one of owner, all and lead",
        ),
        ("desk:\n  ladder: {urgent: {owner: 0}}", "2: desk.ladder.urgent.owner must be more than 0"),
        ("desk:\n  ladder: {asap: {owner: 1}}", '2: unknown key "desk.ladder.asap"'),
        ("desk:\n  contacts:\n    - name: Mail", "3: item 1 of desk.contacts: value is missing"),
        (
            "desk:\n  contacts:\n    - {name: {english: Mail}, value: x}",
            "3: item 1 of desk.contacts: name.english must be a language code such as en or zh",
        ),
        (
            "desk:\n  contacts:\n    - {name: Mail, value: x, priorities: [all]}",
            "3: item 1 of desk.contacts: item 1 of priorities must be one of 'low', 'normal', 'high' or 'urgent'",
        ),
        ("desk: {stale_hours: 0}", "1: desk.stale_hours must be more than 0"),
        ("desk: {rating: 7}", "1: desk.rating must be true or false"),
        ("dialogue: {misses: 0}", "1: dialogue.misses must be 1 or more"),
        ("dialogue: {intake_minutes: 0}", "1: dialogue.intake_minutes must be more than 0"),
        ("agents: {name: Ann}", "1: agents must be a list, such as [one, two]"),
        ("agents:\n  - {role: lead}", "2: item 1 of agents: name is missing"),
        ("agents:\n  - {name: Ann, role: boss}", "2: item 1 of agents: role must be one of 'agent' or 'lead'"),
        ("agents:\n  - {name: Ann, rol: lead}", '2: item 1 of agents: unknown key "rol"; did you mean "role"?'),
        ("agents:\n  - {name: Ann, telegram: '@ann'}", "2: item 1 of agents: telegram must be a whole number"),
        (
            "agents:\n  - {name: Bot}",
            "2: item 1 of agents can't be called \"Bot\": that is who else acts in a ticket's history",
        ),
        (
            "agents:\n  - name: Ann\n  - name: ann",
            '3: item 2 of agents: name "ann" is that of item 1 already',
        ),
        (
            "agents:\n  - {name: Ann, alias: Kim}\n  - {name: Bo, alias: Kim}\n  - {name: Kim}",
            '3: item 2 of agents: alias "Kim" is that of item 1 already\n'
            'config.yaml:4: item 3 of agents: alias "Kim" is that of item 1 already',
        ),
        (
            "agents:\n  - {name: Ann, telegram: 7, discord: 8}\n  - {name: Bo}\n  - {name: Cy, discord: 8}",
            '4: item 3 of agents: discord "8" is that of item 1 already',
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_line_and_the_cure(text: str, expected: str) -> None:
    assert "\n".join(mistakes(text)) == f"config.yaml:{expected}"


def test_mistakes_elsewhere_do_not_hide_those_that_show_only_together() -> None:
    text = "http: {port: x}\nchannels: {web: {}}\ndesk: {discord: {channel: 5}}\nagents: [{name: Ann}, {name: Ann}]\n"
    assert mistakes(text) == [
        "config.yaml:1: http.port must be a whole number",
        "config.yaml:3: desk.discord needs the channel discord; add it under channels, with its token",
        'config.yaml:4: item 2 of agents: name "Ann" is that of item 1 already',
    ]


def test_a_channel_that_is_only_off_is_no_mistake_of_the_desk() -> None:
    text = "channels: {web: {}, telegram: {token: '${TELEGRAM_TOKEN}'}}\ndesk: {telegram: {chat: -1}}\n"
    assert set(rules(text).places) == {CONSOLE}


def test_a_number_may_come_from_the_environment() -> None:
    assert rules("desk: {telegram: {chat: '${GROUP}'}}\n", **TOKENS, GROUP="-100").places["telegram"] == "-100"


# Topics


def test_topics_that_the_knowledge_does_not_have_are_told_where_they_stand() -> None:
    text = """\
desk:
  topics:
    fees: {hours: {mon: 24h}}
    kyc: {hours: {mon: 24h}}
agents:
  - name: Ann
    topics: [fees, withdrawal]
"""
    told = read(text).unknown_topics(["fees", "withdrawals"])
    assert [str(problem) for problem in told] == [
        'config.yaml:4: the knowledge has no topic "kyc"; there are fees, withdrawals',
        'config.yaml:7: the knowledge has no topic "withdrawal"; did you mean "withdrawals"?',
    ]
    assert read("").unknown_topics([]) == []
    assert load(None, options_of, {}).unknown_topics([]) == []
