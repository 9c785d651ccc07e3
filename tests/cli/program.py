"""The program as people run it: a process of its own, in an empty folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import httpx

ROOT = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, "-m", "bot")
PATIENCE = 20.0
"""Seconds after which a process that should have done something is taken to hang."""


def environment() -> dict[str, str]:
    """Ours, without what would colour or redirect the program."""
    plain = {name: value for name, value in os.environ.items() if not name.endswith(("_TOKEN", "_proxy", "_PROXY"))}
    return {**plain, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"}


@dataclass(frozen=True)
class Ran:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    def refused(self) -> str:
        """What it says of a wrong use: one message, no traceback, exit code 2."""
        assert self.code == 2, (self.code, self.out, self.err)
        assert "Traceback" not in self.err + self.out
        assert self.out == ""
        return self.err.strip()


def frontdesk(folder: Path, *arguments: str, typed: str = "") -> Ran:
    """Run a command to its end in `folder`."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(),
        input=typed,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def until(what: str, there: Callable[[], bool]) -> None:
    """Look again and again until something is there."""
    deadline = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE:.0f} s"
        time.sleep(0.02)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A command that goes on in the background; leaving the block ends it in any case."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._output = folder / "output"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [*COMMAND, *arguments],
                cwd=folder,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                encoding="utf-8",
            )

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def output(self) -> str:
        """All that it has printed."""
        return self._output.read_text(encoding="utf-8")

    def shows(self, text: str) -> None:
        """Wait until it has printed this."""
        until(f"{text!r} in the output", lambda: text in self.output or self._process.poll() is not None)
        assert text in self.output, self.output

    def type(self, line: str) -> None:
        """Type a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def ready(self, url: str) -> None:
        """Wait until the service at `url` is ready."""
        until(f"{url}/readyz", lambda: self._process.poll() is not None or _answers(url))
        assert self._process.poll() is None, self.output

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Ask it to stop: its exit code, and the seconds it took."""
        asked = time.monotonic()
        self._process.send_signal(how)
        return self._process.wait(PATIENCE), time.monotonic() - asked

    def end(self) -> int:
        """Wait for it to end by itself: its exit code."""
        return self._process.wait(PATIENCE)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
