"""Discord: channels, threads, forums, direct messages and slash commands."""

from __future__ import annotations

from adapters.discord.adapter import Adapter
from adapters.discord.options import Options

__all__ = ["Adapter", "Options"]
