"""The web chat: an HTTP API with an event stream, and a widget for any page."""

from __future__ import annotations

from adapters.web.adapter import Adapter
from adapters.web.options import Options

__all__ = ["Adapter", "Options"]
