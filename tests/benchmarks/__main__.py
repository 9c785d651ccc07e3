"""`make bench` runs all benchmarks; `python -m tests.benchmarks [NAME [ARGUMENT ...]]` one, with its arguments."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import tests.benchmarks as folder


def run(name: str, arguments: list[str]) -> None:
    print(f"== {name}", flush=True)
    importlib.import_module(f"tests.benchmarks.{name}").main(arguments)


def main() -> None:
    known = [module.name for module in pkgutil.iter_modules(folder.__path__) if not module.name.startswith("_")]
    if not sys.argv[1:]:
        for name in known:
            run(name, [])
        return
    name, *arguments = sys.argv[1:]
    if name not in known:
        sys.exit(f"no benchmark {name}; there are: {', '.join(known)}")
    run(name, arguments)


if __name__ == "__main__":
    main()
