"""What every endpoint of every dialect asks of its caller, as one table: for docs/security.md and for the test that walks
it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from jackfield.core import Core, Options
from jackfield.dialects import DIALECTS, DialectOptions
from jackfield.dialects._access import Requirement, requirements
from jackfield.engines import load_engines


def access_table() -> dict[str, list[Requirement]]:
    """The requirements by dialect, with the paths as they are served. Raises LookupError for a route that has none."""
    with TemporaryDirectory() as folder:
        core = Core.at(
            "", "no secrets are written here", engines=load_engines(), options=Options(data_dir=Path(folder))
        )
        return {
            dialect.name: requirements(dialect.build(core, DialectOptions()).routes, dialect.prefixes[-1])
            for dialect in DIALECTS
        }


def access_section() -> str:
    """The table in Markdown, one per dialect."""
    parts = []
    for name, rows in access_table().items():
        lines = [f"### {name}\n", "| endpoint | scope | caller |", "|---|---|---|"]
        for row in rows:
            scope = f"`{row.scope}`" if row.scope is not None else "none"
            lines.append(f"| `{row.method} {row.path}` | {scope} | {row.who} |")
        parts.append("\n".join(lines) + "\n")
    return "\n" + "\n".join(parts) + "\n"
