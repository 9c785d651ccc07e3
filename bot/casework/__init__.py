"""Where conversation and desk meet: what contacts and agents do to a ticket, and what follows for both. Pure."""

from __future__ import annotations

from bot.casework.casework import Casework

__all__ = ["Casework"]
