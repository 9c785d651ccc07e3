"""People write on a stand-in of Discord, in channels, threads and private; `python -m bot run` is killed 20 times.

The test suite has the same with fewer kills and shorter lives (tests/crash/test_discord_kill_9.py).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.crash.test_discord_kill_9 import kill_again_and_again

KILLS = 20
LONGEST_LIFE = 3.0
"""Seconds from a connection: one to know the channels, the others to read what was missed, and to answer."""


def main(arguments: list[str]) -> None:
    if arguments:
        sys.exit(f"discord_kill_9 takes no arguments, not: {' '.join(arguments)}")
    with tempfile.TemporaryDirectory() as name:
        found, at_work = asyncio.run(kill_again_and_again(Path(name), KILLS, LONGEST_LIFE, "bot"))
    print(f"kill -9 x {KILLS}, {at_work} of them with something unanswered: {found}")


if __name__ == "__main__":
    main(sys.argv[1:])
