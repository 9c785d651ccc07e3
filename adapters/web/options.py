"""The web channel's settings."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Options(BaseModel):
    """`channels.web` in the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origins: list[str] = Field(default=["*"], description="sites that may embed the widget")
    session_days: float = Field(default=30, gt=0, description="how long a visitor's key is good for")
    longest_text: int = Field(default=4000, ge=1, le=20_000, description="characters of one message")
    most_streams: int = Field(default=2000, ge=1, description="event streams open at once")
    most_streams_per_chat: int = Field(default=32, ge=1, description="event streams of one chat open at once")
