"""Logs: one line an event, with ids; never a contact's text and never a secret.

`auto` is coloured text in a terminal and JSON elsewhere. Other libraries' records go through the same formatter.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Any, Literal

import structlog
from structlog.typing import Processor

Format = Literal["auto", "text", "json"]


def configure(format_: Format = "auto", level: str = "info", secrets: Sequence[str] = ()) -> None:
    """Send everything to standard error. Call it once, at start. `secrets` are hidden wherever they would show."""
    as_json = format_ == "json" or (format_ == "auto" and not sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_empty,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
            )
        ]
    )
    handler = logging.StreamHandler()
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(_Discreet(processors=[remove, *last], foreign_pre_chain=shared, secrets=secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Libraries speak up only when something is wrong; httpx would even log URLs that hold a bot's token.
    for name in ("aiosqlite", "asyncio", "httpx", "httpcore", "uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # They log what people write, and answers that they can't read; what matters comes to us as an exception.
    for name in ("telegram", "discord"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


class _Discreet(structlog.stdlib.ProcessorFormatter):
    """Hides secrets in what is written, tracebacks and other libraries' lines included."""

    def __init__(self, *args: Any, secrets: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "(hidden)")
        return line


def _without_empty(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Leave out what has nothing to say."""
    return {key: value for key, value in event.items() if value is not None}
