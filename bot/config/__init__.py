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
from bot.config.desk import AgentBlock, DeskBlock
from bot.config.reading import DEFAULT_FILE, Config, load

__all__ = [
    "DEFAULT_FILE",
    "AgentBlock",
    "Brand",
    "Config",
    "DeskBlock",
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
