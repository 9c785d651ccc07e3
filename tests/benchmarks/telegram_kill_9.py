"""1,000 updates wait at a stand-in of Telegram, each to be answered by itself; the service is killed 20 times.

The test suite has the same with fewer answers (tests/crash/test_telegram_kill_9.py): at 30 answers a second, as
Telegram allows, these alone take half a minute.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.crash.test_telegram_kill_9 import alone, kill_again_and_again


def main(arguments: list[str]) -> None:
    if arguments:
        sys.exit(f"telegram_kill_9 takes no arguments, not: {' '.join(arguments)}")
    with tempfile.TemporaryDirectory() as name:
        print(asyncio.run(kill_again_and_again(Path(name), alone, window=0.0)))
