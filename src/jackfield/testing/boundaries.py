"""A check that imports cannot make: the core and the dialects know no engine by name.

    python -m jackfield.testing.boundaries

prints each line that names an engine, and fails when there is one. Examples of requests (`example(...)`) and a dialect's
table of other products' names (a module `engine_names.py`) may name them.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from jackfield.engines import ENGINES

ROOT = Path(__file__).parents[1]
ROOMS = ("core", "dialects", "worker", "ingress.py")
COMPARING = ("cli",)
"""Rooms that call commands and options of their own as an engine, but compare nothing with its name."""


def compared(source: str, engines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Number and text of each line of Python source in which something is compared with an engine's name, be it written
    there or in a constant of the module (a name, or a collection of names)."""
    names = set(engines)
    lines = source.splitlines()
    tree = ast.parse(source)

    def says(node: ast.AST, constants: Collection[str] = ()) -> bool:
        return any(
            (isinstance(part, ast.Constant) and part.value in names)
            or (isinstance(part, ast.Name) and part.id in constants)
            for part in ast.walk(node)
        )

    constants = set[str]()
    for stmt in tree.body:
        if isinstance(stmt, ast.Assign | ast.AnnAssign) and stmt.value is not None and says(stmt.value, constants):
            targets = stmt.targets if isinstance(stmt, ast.Assign) else [stmt.target]
            constants |= {target.id for target in targets if isinstance(target, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.MatchValue) and says(node, constants):
            yield node.lineno, lines[node.lineno - 1].strip()


def named(source: str, engines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Number and text of each line of Python source in which a string or an identifier is an engine's name."""
    names = set(engines)
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        text = lines[token.start[0] - 1] if token.start[0] <= len(lines) else ""
        if token.type == tokenize.STRING:
            found = token.string.lstrip("rbfRBF").strip("\"'") in names
        elif token.type == tokenize.NAME:
            found = token.string in names
        else:
            found = False
        if found and not re.search(r"\bexample\(", text):
            yield token.start[0], text.strip()


def problems(root: Path = ROOT) -> list[str]:
    """Each place in the core's and the dialects' source that names an engine, as "file:line: text"."""
    found = []
    for room in (*ROOMS, *COMPARING):
        place = root / room
        for path in sorted(place.rglob("*.py") if place.is_dir() else [place]):
            if path.name == "engine_names.py":
                continue
            lines = (compared if room in COMPARING else named)(path.read_text(), ENGINES)
            found += [f"{path.relative_to(root)}:{line}: {text}" for line, text in lines]
    return found


def main() -> int:
    """Print what is wrong; gives the exit code."""
    found = problems()
    for one in found:
        sys.stdout.write(f"{one}\n    An engine is known by its network or its capabilities here, not by its name.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
