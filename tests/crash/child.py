"""The real service, which kills itself at a chosen write: `python -m tests.crash.child CONFIG "before settle"`.

It is armed by the first message that comes in, so that what an earlier run left is finished first.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.app import App, World
from bot.config import load
from bot.parts import options_of
from bot.ports import Clock
from bot.storage.query import Database
from tests.harness import CrashingStore


async def serve(config: Path, point: str) -> None:
    armed = False

    def at(reached: str) -> None:
        nonlocal armed
        armed = armed or reached == "before receive"
        if armed and reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def make_store(database: Database, clock: Clock) -> CrashingStore:
        return CrashingStore(database, clock, at)

    app = await App.build(load(config, options_of), ["web"], World(make_store=make_store))
    app.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2]))
