"""`make bench`: print every figure. `python -m bench accept send` prints some."""

from __future__ import annotations

import importlib
import logging
import sys
from pathlib import Path

import structlog

from ._kit import HEADER


def main(chosen: list[str]) -> int:
    """Run the figures; the status is 1 when a bound does not hold."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    names = chosen or sorted(one.stem for one in Path(__file__).parent.glob("*.py") if not one.stem.startswith("_"))
    print(HEADER)
    failed = False
    for name in names:
        measure = getattr(importlib.import_module(f"bench.{name}"), "measure", None)
        if measure is None:
            if chosen:
                print(f"{name}: no figure of this name")
                return 2
            continue
        for figure in measure():
            print(figure.row(), flush=True)
            failed = failed or figure.holds is False
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
