"""`make bench`: run all benchmarks, or those named: `python -m tests.benchmarks way_of_a_message`."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import tests.benchmarks as folder


def main() -> None:
    known = [module.name for module in pkgutil.iter_modules(folder.__path__) if not module.name.startswith("_")]
    wanted = sys.argv[1:] or known
    for name in wanted:
        if name not in known:
            sys.exit(f"no benchmark {name}; there are: {', '.join(known)}")
        print(f"== {name}", flush=True)
        importlib.import_module(f"tests.benchmarks.{name}").main()


if __name__ == "__main__":
    main()
