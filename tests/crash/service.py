"""The real program in a process of its own, for tests that kill it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx

POLL = 0.02
"""Seconds between two looks at another process; there is nothing to wait on."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """Starts, ends and kills one service on a configuration of its own in `folder`.

    `command` is what is run; it is given a process group of its own, so that what it starts ends with it. `patience` is
    how many seconds it may take to be ready. `settings` are further lines of the configuration, or others for it.
    """

    def __init__(self, folder: Path, patience: float = 30, **settings: str) -> None:
        port, self._patience = free_port(), patience
        self.url = f"http://127.0.0.1:{port}"
        self.config = folder / "config.yaml"
        self.log = folder / "log"
        self.command: Sequence[str] = (sys.executable, "-m", "bot", "run", "--config", str(self.config))
        self._process: asyncio.subprocess.Process | None = None
        self.database = folder / "frontdesk.db"
        lines = {
            "storage": f"{{url: 'sqlite:///{self.database}'}}",
            "http": f"{{port: {port}}}",
            "dialogue": "{merge_window_seconds: 0}",
            "limits": "{burst: 100000, per_minute: 100000}",
            "log": "{level: warning}",
            **settings,
        }
        self.config.write_text("".join(f"{key}: {value}\n" for key, value in lines.items()))

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        await self.begin()
        try:
            async with httpx.AsyncClient(base_url=self.url) as client, asyncio.timeout(self._patience):
                while not await self._is_ready(client):
                    assert self._process is not None
                    assert self._process.returncode is None, self.log.read_text()
                    await asyncio.sleep(POLL)
        except BaseException:
            await self.kill()
            raise

    async def begin(self) -> None:
        """Start it, and don't wait."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command, stdout=log, stderr=log, start_new_session=True
            )

    @staticmethod
    async def _is_ready(client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get("/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    async def stop(self) -> None:
        """End it as an operator would, and wait for the end."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            os.killpg(self._process.pid, how)
        await self._process.wait()

    async def death(self) -> int:
        """Wait until it is dead: its exit code, negative for a signal."""
        assert self._process is not None
        async with asyncio.timeout(self._patience):
            return await self._process.wait()
