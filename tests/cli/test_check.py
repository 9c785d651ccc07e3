"""`frontdesk check`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import ROOT, frontdesk


def test_sound_files_are_a_success_with_the_numbers(shared: Path) -> None:
    ran = frontdesk(shared, "check")
    assert (ran.code, ran.err) == (0, "")
    off = "telegram is off: TELEGRAM_TOKEN is not set; discord is off: DISCORD_TOKEN is not set"
    assert ran.out.splitlines() == [f"config.yaml: 0 mistakes; {off}", "faq: 2 entries, 2 checks, 0 mistakes, 0 hints"]


def test_all_mistakes_and_hints_are_told_with_their_lines(folder: Path) -> None:
    (folder / "config.yaml").write_text("knowledge: {path: faq}\nchannels: {web: {origins: ['${SITE}']}}\n")
    (folder / "faq" / "more.yaml").write_text("topic: more\ntitle: {en: More}\nentries:\n  - id: x\n    answr: {}\n")
    (folder / "faq" / "hint.yaml").write_text(
        "topic: hint\ntitle: {en: Hint, zh: 提示}\nentries:\n"
        "  - id: y\n    question: {en: I forgot my password}\n    answer: {en: y, zh: y}\n"
    )
    (folder / "faq" / "checks" / "fees.yaml").write_text("- {say: x}\n")
    ran = frontdesk(folder, "check")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.splitlines() == [
        "faq/checks/fees.yaml:1: item 1 of the list: expect is missing",
        "faq/more.yaml:4: x: question is missing",
        "faq/more.yaml:4: x: answer is missing",
        'faq/more.yaml:5: x: unknown key "answr"; did you mean "answer"?',
        "faq/hint.yaml:5: hint: y: question lacks zh",
        'faq/hint.yaml:5: hint: y: "I forgot my password" is a phrasing of password-reset already, '
        "at faq/fees.yaml:11; keep one of them",
        "config.yaml: 0 mistakes; web is off: SITE is not set",
        "faq: 0 checks, 4 mistakes, 2 hints",
    ]


def test_a_check_that_fails_is_a_finding(folder: Path) -> None:
    (folder / "faq" / "checks" / "fees.yaml").write_text("- {say: I forgot my password, expect: trading-fees}\n")
    ran = frontdesk(folder, "check")
    assert ran.code == 1
    assert ran.out.splitlines()[0].startswith(
        'faq/checks/fees.yaml:1: "I forgot my password" expects trading-fees, but gets answer: password-reset ('
    )


def test_another_folder_can_be_checked(folder: Path) -> None:
    (folder / "draft").mkdir()
    (folder / "draft" / "x.yaml").write_text("topic: 'x")
    ran = frontdesk(folder, "check", "draft")
    assert ran.code == 1
    assert ran.out.splitlines()[0] == "draft/x.yaml:1: a quote is opened here and never closed"


def test_a_topic_of_the_desk_that_the_knowledge_does_not_have_is_a_mistake_of_the_configuration(folder: Path) -> None:
    with (folder / "config.yaml").open("a") as config:
        config.write("agents:\n  - {name: Ann, topics: [fees, feez]}\n")
    ran = frontdesk(folder, "check")
    assert ran.code == 1
    first, second, third = ran.out.splitlines()
    assert first == 'config.yaml:6: the knowledge has no topic "feez"; did you mean "fees"?'
    assert second.startswith("config.yaml: 1 mistake; telegram is off")
    assert third == "faq: 2 entries, 2 checks, 0 mistakes, 0 hints"


def test_a_wrong_configuration_is_wrong_use_with_all_its_lines(folder: Path) -> None:
    (folder / "config.yaml").write_text("brnd: {}\nhttp: {port: x}\n")
    assert frontdesk(folder, "check").refused().splitlines() == [
        "frontdesk: the configuration can't be used:",
        'config.yaml:1: unknown key "brnd"; did you mean "brand"?',
        "config.yaml:2: http.port must be a whole number",
    ]


def test_the_example_configuration_and_the_bundled_knowledge_pass(tmp_path: Path) -> None:
    ran = frontdesk(tmp_path, "check", "--config", str(ROOT / "config.example.yaml"))
    assert ran.code == 0, ran.out
