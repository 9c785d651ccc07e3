"""Telegram: private chats and groups, through the Bot API."""

from __future__ import annotations

from adapters.telegram.adapter import Adapter
from adapters.telegram.options import Options

__all__ = ["Adapter", "Options"]
