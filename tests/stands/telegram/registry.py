"""Every method of the API by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .account import Account
from .wire import Params

Handler = Callable[[Account, Params], Any]
METHODS: dict[str, Handler] = {}


def method(handler: Handler) -> Handler:
    """send_message answers sendMessage; Telegram does not care about case."""
    METHODS[handler.__name__.replace("_", "")] = handler
    return handler
