"""The command line: `frontdesk run | chat | ask | check | evaluate | gaps | suggest | diff | agents | doctor`.

Exit codes: 0 fine, 1 a finding (a check failed, nothing found), 2 wrong use or bad configuration.
"""

from __future__ import annotations

import io
import sys

import typer

from bot.cli.agents import agents
from bot.cli.ask import ask
from bot.cli.chat import chat
from bot.cli.check import check
from bot.cli.diff import diff
from bot.cli.doctor import doctor
from bot.cli.evaluate import evaluate
from bot.cli.gaps import gaps
from bot.cli.run import run
from bot.cli.suggest import suggest
from bot.errors import FrontdeskError

app = typer.Typer(
    help="Frontdesk: a support bot that answers from a YAML FAQ and hands what it can't answer to people.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (run, chat, ask, check, evaluate, gaps, suggest, diff, doctor):
    app.command()(command)
app.add_typer(agents, name="agents")


def main() -> None:
    """Run a command; what we foresaw going wrong is one readable message."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that can't show a character shows "?"
    try:
        app(prog_name="frontdesk")
    except FrontdeskError as error:
        print(f"frontdesk: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
