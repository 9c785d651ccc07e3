"""Delivers a bot's updates to its webhook: in order, one at a time, again and again until it says 2xx."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from .errors import bad

if TYPE_CHECKING:
    from .account import Account

RETRY = 0.1
MOST_RETRY = 1.0
"""Seconds between two tries: the first wait, and the longest."""


def check(url: str, secret: str) -> None:
    """Refuse what Telegram refuses. Plain http is taken, as a local Bot API server takes it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if not parts.hostname:
        raise bad("bad webhook: URL host is empty")
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters")


class Hook:
    """One webhook that is set."""

    def __init__(self, account: Account, url: str, secret: str) -> None:
        self.url = url
        self.secret = secret
        self.last_error = ""
        self.last_error_date = 0
        self._account = account
        self._task = asyncio.create_task(self._run(), name=f"webhook of {account.username}")

    def stop(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        headers = {"x-telegram-bot-api-secret-token": self.secret} if self.secret else {}
        wait = RETRY
        # Telegram's own servers don't look at the machine's proxy settings, nor may this
        async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False, verify=False) as client:
            while True:
                update = self._account.head()
                if update is None:
                    await self._account.arrived.wait()
                elif await self._deliver(client, update):
                    self._account.confirm(update["update_id"] + 1)
                    wait = RETRY
                else:
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, MOST_RETRY)

    async def _deliver(self, client: httpx.AsyncClient, update: dict[str, object]) -> bool:
        try:
            response = await client.post(self.url, json=update)
        except httpx.HTTPError as error:
            return self._failed(f"Connection failed: {type(error).__name__}")
        if response.is_success:
            return True
        return self._failed(f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}")

    def _failed(self, why: str) -> bool:
        self.last_error, self.last_error_date = why, int(time.time())
        self._account.world.moved()
        return False
