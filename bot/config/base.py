"""What the blocks of the configuration have in common."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from bot.yamlfile import LANGUAGE_CODE


class Block(BaseModel):
    """A part of the settings: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        raise ValueError(f'is "{value}", which is no time zone; write one such as Asia/Shanghai or UTC') from None
    return value


Language = Annotated[str, StringConstraints(pattern=LANGUAGE_CODE)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Zone = Annotated[str, AfterValidator(_known_zone)]
