"""Plots of an evaluation: confidence against what became of it, in the terminal and as a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.errors import FrontdeskError
from bot.matching.calibration import Thresholds
from bot.matching.metrics import Answered, bins

STEPS = 20
LOOKS = {
    "right": ("right entry first", "█", "green", "#2f9e68"),
    "wrong": ("wrong entry first", "▓", "red", "#d1495b"),
    "unknown": ("no entry: must be handed over", "░", "yellow", "#c9a227"),
}
"""For each kind its name, and how it is drawn in a terminal and on paper."""
BAR = 60
"""Characters of the longest bar."""


class PlotError(FrontdeskError):
    """The plot can't be drawn."""


def draw(answered: Sequence[Answered], thresholds: Thresholds, console: Console) -> None:
    """A histogram of confidence, with the thresholds at their places."""
    steps = bins(answered, STEPS)
    most = max((sum(step.values()) for step in steps), default=0)
    width = min(BAR, console.width - 24)
    console.print(Text("confidence of the best entry", "bold"))
    marks = {min(STEPS - 1, int(thresholds.answer * STEPS)): "answer"}
    clarify = min(STEPS - 1, int(thresholds.clarify * STEPS))
    marks[clarify] = "answer, clarify" if clarify in marks else "clarify"
    for number in reversed(range(STEPS)):
        line = Text(f"{number / STEPS:4.2f} ")
        bar, ends, so_far = "", 0, 0
        for kind, (_, sign, colour, _) in LOOKS.items():
            so_far += steps[number][kind]
            length = round(so_far * width / most) - ends if most else 0
            ends += length
            line.append(sign * length, colour)
            bar += sign * length
        total = sum(steps[number].values())
        line.append(f" {total}" if total else "")
        if number in marks:
            line.append(f"  < {marks[number]}", "bold")
        console.print(line)
    console.print(Text.assemble("     ", *((f"{sign} {name}   ", colour) for name, sign, colour, _ in LOOKS.values())))


def check_plotting(path: Path) -> None:
    """Raises PlotError if no PNG can be drawn there, before anything takes time."""
    if path.suffix.lower() != ".png":
        raise PlotError(f"--plot {path}: the plot is a PNG; give it a name that ends in .png")
    if not path.absolute().parent.is_dir():
        raise PlotError(f"--plot {path}: there is no folder {path.parent}")
    try:
        import matplotlib  # noqa: F401 - only to see whether it is there
    except ImportError:
        raise PlotError(
            "--plot needs matplotlib, which is not installed; install it with: pip install matplotlib"
        ) from None


def save(answered: Sequence[Answered], thresholds: Thresholds, path: Path) -> None:
    """The histogram, and beside it what every answer threshold would lead to, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 5.2), dpi=120, layout="constrained")
    left, right = figure.subplots(1, 2)
    steps = bins(answered, STEPS)
    places = [(number + 0.5) / STEPS for number in range(STEPS)]
    floor = [0] * STEPS
    for kind, (name, _, _, colour) in LOOKS.items():
        heights = [step[kind] for step in steps]
        left.bar(places, heights, width=0.9 / STEPS, bottom=floor, color=colour, label=name)
        floor = [low + height for low, height in zip(floor, heights, strict=True)]
    left.set(title="Confidence of the best entry", xlabel="confidence", ylabel="questions")
    grid = [number / 200 for number in range(201)]
    total = max(1, len(answered))
    good = [sum(one.rank == 1 and one.confidence >= at for one in answered) / total for at in grid]
    bad = [sum(one.rank != 1 and one.confidence >= at for one in answered) / total for at in grid]
    right.stackplot(
        grid,
        good,
        bad,
        [1 - some - more for some, more in zip(good, bad, strict=True)],
        labels=["answered right", "answered wrong", "not answered"],
        colors=[LOOKS["right"][3], LOOKS["wrong"][3], "#d9dee2"],
    )
    right.set(title="If answered from this confidence on", xlabel="confidence", ylabel="share of questions")
    right.set(xlim=(0, 1), ylim=(0, 1))
    for axes in (left, right):
        axes.axvline(thresholds.answer, color="#222222", linewidth=1.2, label="answer")
        axes.axvline(thresholds.clarify, color="#222222", linewidth=1.2, linestyle=":", label="clarify")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3, fontsize=8, frameon=False)
    try:
        figure.savefig(path, format="png")
    except OSError as error:
        raise PlotError(f"--plot {path}: can't be written: {error.strerror}") from error
