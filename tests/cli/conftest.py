"""Folders for the commands: a configuration and a small knowledge of its own, so that every start is quick."""

from __future__ import annotations

from pathlib import Path

import pytest

KNOWLEDGE = """\
topic: fees
title: {en: Fees, zh: 费用}
entries:
  - id: trading-fees
    question:
      en: [What are the trading fees?, how much is the commission for a trade]
      zh: [交易手续费是多少, 买卖一次收多少钱]
    answer: {en: Trading costs **0.1 %**., zh: 交易手续费是 **0.1%**。}
  - id: password-reset
    question:
      en: [I forgot my password, how can I reset my password]
      zh: [忘记密码了怎么办, 怎么重置密码]
    answer: {en: Use *Forgot password*., zh: 请点“忘记密码”。}
"""
CHECKS = """\
- {say: forgot the password, lang: en, expect: password-reset}
- {say: who won the football match yesterday, lang: en, expect: handover}
"""
CONFIG = """\
knowledge: {path: faq}
storage: {url: sqlite:///frontdesk.db}
http: {port: 0}
dialogue: {merge_window_seconds: 0}
"""


def furnish(folder: Path) -> Path:
    """Write the configuration and the knowledge."""
    (folder / "faq" / "checks").mkdir(parents=True)
    (folder / "faq" / "fees.yaml").write_text(KNOWLEDGE, encoding="utf-8")
    (folder / "faq" / "checks" / "fees.yaml").write_text(CHECKS, encoding="utf-8")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as an operator has it."""
    return furnish(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, for commands that change nothing in it."""
    return furnish(tmp_path_factory.mktemp("shared"))
