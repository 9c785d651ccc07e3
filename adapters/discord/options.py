"""The Discord channel's settings."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

_TOKEN = re.compile(r"[\w.-]+", re.ASCII)


class Options(BaseModel):
    """`channels.discord` in the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    token: SecretStr = Field(description="of the bot, from the developer portal")
    api_url: str = Field("https://discord.com/api/v10", description="Discord's REST API")
    proxy: SecretStr | None = Field(None, description="an HTTP proxy; its address may hold a password")
    answer_in: list[int] = Field([], description="channels and forums in which questions are answered unasked")
    ask_shown_to: Literal["everyone", "asker"] = Field("everyone", description="who sees the answer to /ask")
    answered_tag: str = Field("answered", description="a forum's tag for posts that were answered")
    human_tag: str = Field("needs human", description="a forum's tag for posts that wait for a person")
    catch_up_minutes: float = Field(10, gt=0, description="how often it is looked for messages that were missed")

    @field_validator("token")
    @classmethod
    def _looks_like_a_token(cls, value: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("is no bot token; take it from the developer portal, page Bot, without the word Bot")
        return value

    @field_validator("api_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if not re.match(r"https?://[^/]", value):
            raise ValueError(f'is "{value}", and must begin with http:// or https://')
        return value.rstrip("/")

    @field_validator("proxy")
    @classmethod
    def _is_a_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(r"https?://[^/]", value.get_secret_value()):
            raise ValueError("must begin with http:// or https://")
        return value
