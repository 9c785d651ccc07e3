"""The web channel's settings."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from adapters.web.files import BY_DEFAULT, TYPES


class Options(BaseModel):
    """`channels.web` in the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origins: list[str] = Field(default=["*"], description="sites that may embed the widget")
    session_days: float = Field(default=30, gt=0, description="how long a visitor's key is good for")
    longest_text: int = Field(default=4000, ge=1, le=20_000, description="characters of one message")
    max_file_mb: float = Field(default=10, gt=0, le=50, description="size of a file that a visitor may send")
    file_types: list[str] = Field(default=list(BY_DEFAULT), description="endings of files that visitors may send")
    most_streams: int = Field(default=2000, ge=1, description="event streams open at once")
    most_streams_per_chat: int = Field(default=32, ge=1, description="event streams of one chat open at once")

    @field_validator("file_types")
    @classmethod
    def _known(cls, endings: list[str]) -> list[str]:
        """Only types of which we can tell whether a file is one, and which no browser runs."""
        unknown = [ending for ending in endings if ending not in TYPES]
        if unknown:
            raise ValueError(f"{', '.join(unknown)} can't be taken; choose from {', '.join(TYPES)}")
        return endings

    @property
    def largest_file(self) -> int:
        """`max_file_mb` in bytes."""
        return int(self.max_file_mb * 2**20)
