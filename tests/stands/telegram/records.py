"""What a test looks at: calls that came, messages that were sent, answers to button presses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .people import Json


@dataclass
class Call:
    """One request. `status` is what the caller was told: 0 for nothing, as yet or for ever."""

    method: str
    params: dict[str, Any]
    status: int
    at: float
    description: str = ""


@dataclass(frozen=True)
class Answer:
    """What a person saw after a button press."""

    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass
class Sent:
    """A message of the bot that exists on the platform, in its newest form."""

    message_id: int
    chat: int
    thread: int | None
    text: str
    html: str
    parse_mode: str
    kind: str
    reply_to: int | None
    at: float
    message: Json
    """The whole message as Telegram keeps it."""
    edits: list[str] = field(default_factory=list)
    """The visible text after each edit."""
    deleted: bool = False
    content: bytes = b""
    """The file, if it was uploaded."""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def buttons(self) -> list[list[Json]]:
        """The rows of the inline keyboard."""
        rows: list[list[Json]] = self.message.get("reply_markup", {}).get("inline_keyboard", [])
        return rows

    @property
    def labels(self) -> list[str]:
        """The texts on all buttons."""
        return [button["text"] for row in self.buttons for button in row]

    @property
    def entities(self) -> list[Json]:
        """What is bold, a link and so on in the text or caption."""
        found: list[Json] = self.message.get("entities") or self.message.get("caption_entities") or []
        return found
