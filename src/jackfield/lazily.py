"""Names of a package that are imported when somebody asks for them.

A package's face names everything that its rooms offer; whoever needs one name of it, or one room beneath it, should not
pay for all of them. Measured: a process for WhatsApp Web numbers needs the port alone, and importing the whole core
beside it cost it 1 s of CPU and 60 MB. Python 3.15 has `lazy import` (PEP 810) for this.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def face(package: str, file: str) -> Callable[[str], Any]:
    """The `__getattr__` (PEP 562) of a package whose imports stand beneath `if TYPE_CHECKING:`.

    They are read from the package's own source (1 to 2 ms), so that type checkers, the checks of who may import whom and
    the running program go by the same lines.
    """
    homes = _homes(Path(file).read_text(encoding="utf-8"), package)
    found = vars(sys.modules[package])

    def of(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, attribute = home
        room = import_module(module)
        if not hasattr(room, attribute):
            # A module of that room.
            import_module(f"{module}.{attribute}")
        found[name] = getattr(room, attribute)
        return found[name]

    return of


class Later:
    """A module that is imported at the first use of one of its names. Safe to use from any thread."""

    def __init__(self, module: str) -> None:
        self.__module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(import_module(self.__module), name)
        # Found without this call the next time.
        setattr(self, name, value)
        return value


def _homes(source: str, package: str) -> dict[str, tuple[str, str]]:
    """For each name the module that has it, and its name there."""
    found: dict[str, tuple[str, str]] = {}
    for statement in ast.parse(source).body:
        if not (isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING"):
            continue
        for line in statement.body:
            if not isinstance(line, ast.ImportFrom):
                continue
            above = package.split(".")[: 1 - line.level or None] if line.level else []
            module = ".".join([*above, *([line.module] if line.module else [])])
            for one in line.names:
                found[one.asname or one.name] = (module, one.name)
    return found
