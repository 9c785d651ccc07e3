"""Tickets from the question to the rating; `python -m bot run` is killed at every step, several times each.

The test suite has the same with fewer tickets and kills (tests/crash/test_desk_kill_9.py).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.crash.test_desk_kill_9 import kill_at_every_step

TICKETS, ROUNDS = 8, 4


def main(arguments: list[str]) -> None:
    if arguments:
        sys.exit(f"desk_kill_9 takes no arguments, not: {' '.join(arguments)}")
    with tempfile.TemporaryDirectory() as name:
        found = asyncio.run(kill_at_every_step(Path(name), TICKETS, ROUNDS))
    print(found)
    print(*found.lost, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
