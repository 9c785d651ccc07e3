"""The Telegram channel's settings."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

_TOKEN = re.compile(r"\d+:[\w-]+")
_SECRET = re.compile(r"[\w-]{16,256}", re.ASCII)


class Options(BaseModel):
    """`channels.telegram` in the configuration; a further bot is `channels.telegram/name`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    token: SecretStr = Field(description="of the bot, from @BotFather")
    api_url: str = Field("https://api.telegram.org", description="the Bot API server")
    proxy: SecretStr | None = Field(None, description="an HTTP or SOCKS5 proxy; its address may hold a password")
    webhook_secret: SecretStr | None = Field(None, description="updates come by webhook; without it, by long polling")
    answer_in: list[int] = Field([], description="groups in which questions to nobody in particular are answered")

    @field_validator("token")
    @classmethod
    def _looks_like_a_token(cls, value: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("is no bot token, which looks like 123456:ABC-DEF...; take it from @BotFather")
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
        if value is not None and not re.match(r"(https?|socks5h?)://[^/]", value.get_secret_value()):
            raise ValueError("must begin with http://, https:// or socks5://")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_a_good_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("must have 16 to 256 characters out of A-Z, a-z, 0-9, _ and -; Telegram takes no others")
        return value
