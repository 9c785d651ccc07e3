"""The configuration: YAML to checked settings."""

from __future__ import annotations

from bot.config.blocks import (
    Brand,
    DialogueBlock,
    HttpBlock,
    KnowledgeBlock,
    LimitsBlock,
    LogBlock,
    MatchingBlock,
    Settings,
    StorageBlock,
    VectorsBlock,
)
from bot.config.reading import DEFAULT_FILE, Config, load

__all__ = [
    "DEFAULT_FILE",
    "Brand",
    "Config",
    "DialogueBlock",
    "HttpBlock",
    "KnowledgeBlock",
    "LimitsBlock",
    "LogBlock",
    "MatchingBlock",
    "Settings",
    "StorageBlock",
    "VectorsBlock",
    "load",
]
