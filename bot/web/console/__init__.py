"""The agents' console in the browser: a desk like the others, which needs nothing but a link to sign in."""

from __future__ import annotations

from bot.web.console.console import Console
from bot.web.console.entrance import make_link

__all__ = ["Console", "make_link"]
