"""stub"""

from __future__ import annotations

from bot.config.reading import Config
from bot.desk.rules import DeskRules


def desk_rules(config: Config) -> DeskRules:
    return DeskRules()
