"""The house stands: imports only go down, neighbours never import each other, and the pure floors are pure."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FLOORS: dict[str, int] = {
    "bot": 0,  # the package itself: its version
    "bot.messages": 0,
    "bot.errors": 0,
    "bot.dialogue": 1,
    "bot.matching": 1,
    "bot.desk": 1,
    "bot.safety": 1,
    "bot.ports": 2,
    "bot.casework": 2,
    "bot.mind": 2,
    "bot.yamlfile": 2,
    "bot.config": 3,
    "bot.knowledge": 3,
    "bot.delivery": 3,
    "bot.storage": 3,
    "bot.vectors": 3,
    "bot.web": 3,
    "bot.ops": 3,
    "adapters": 3,
    "bot.parts": 4,
    "bot.generated": 4,
    "bot.app": 4,
    "bot.cli": 5,
    "bot.__main__": 6,
}
IN_ORDER = ("bot.ports", "bot.yamlfile", "bot.casework", "bot.mind", "bot.parts", "bot.generated", "bot.app")
"""On the second and the fourth floor, and only there, a room may use the ones named before it."""
ADAPTERS_MAY_USE = {"bot.messages", "bot.ports", "bot.errors"}
PURE = (
    "bot/dialogue",
    "bot/matching",
    "bot/desk",
    "bot/safety",
    "bot/casework",
    "bot/mind.py",
    "bot/messages.py",
    "bot/errors.py",
)
WORLDLY = {"asyncio", "socket", "sqlite3", "random", "logging", "structlog", "threading", "subprocess", "time", "os"}
WORLDLY_CALLS = {"open", "print", "input", "now", "today", "utcnow", "read_text", "write_text", "read_bytes"}

FILES = sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("adapters/**/*.py")])


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str | None:
    """The room of the house that a module is in: the longest known name around it."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    room = next((name for name in names if name in FLOORS), None)
    return None if room == "bot" and module != "bot" else room


def only_for_types(tree: ast.Module) -> set[ast.AST]:
    """What stands under `if TYPE_CHECKING`, and is never run."""
    guards = (node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    return {node for guard in guards for node in ast.walk(guard)}


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    skipped = only_for_types(tree)
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return {name for name in found if name.split(".")[0] in {"bot", "adapters"}}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_has_a_floor_and_imports_only_downwards(path: Path) -> None:
    room = room_of(module_of(path))
    assert room is not None, f"{path} is in no room: give it one in DESIGN and here, or move it"
    for name in imports_of(path):
        other = room_of(name)
        if other in {None, "bot", room}:
            continue
        assert other is not None
        below = FLOORS[other] < FLOORS[room]
        earlier = {room, other} <= set(IN_ORDER) and IN_ORDER.index(other) < IN_ORDER.index(room)
        assert below or earlier, f"{path} ({room}, floor {FLOORS[room]}) imports {name} (floor {FLOORS[other]})"
        if room == "adapters":
            assert other in ADAPTERS_MAY_USE, f"{path}: an adapter may use only {sorted(ADAPTERS_MAY_USE)}, not {name}"


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if str(path.relative_to(ROOT)).startswith(PURE)],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_the_pure_floors_touch_nothing(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"{path}:{getattr(node, 'lineno', 0)}"
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith), f"{where}: async"
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & WORLDLY, f"{where}: imports the world"
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.module.split(".")[0] not in WORLDLY, f"{where}: imports the world"
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in WORLDLY_CALLS, f"{where}: calls {called}()"


def test_the_rules_catch_an_upward_import(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("from bot.storage.sqlite import SqliteDatabase\n")
    assert imports_of(bad) == {"bot.storage.sqlite", "bot.storage.sqlite.SqliteDatabase"}
    assert room_of("bot.storage.sqlite") == "bot.storage"
    assert room_of("bot.nowhere.at_all") is None
