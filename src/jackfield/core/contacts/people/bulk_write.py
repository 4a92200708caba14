"""Many rows in one statement, in each database's fastest way.

Measured for the rows of 1,000 contacts: SQLAlchemy's insert with RETURNING takes three to four times as long as
these, and the loop is held meanwhile; these spend their time in the driver.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from ...ground.unit import Unit
from ..columns import COLUMNS

_SIZES = (500, 50, 1)
"""Rows of one statement on SQLite, the most that fit first. Each statement ends with taking the interpreter's lock back:
beside a thread that parses, that waits up to 5 ms (sys.getswitchinterval), for every single row if they are written one by
one (40,000 rows on a busy machine: 29.8 s so, 11.3 s in hundreds). 500 rows of a contact's 15 columns are a quarter of the
values that SQLite takes (32,766)."""
_POSTGRES_TYPES = {int: "bigint", str: "text", bool: "boolean"}


class Table:
    """A table with the columns that are written, as (name, Python type)."""

    def __init__(self, name: str, columns: Sequence[tuple[str, type]], *, ignore: bool = False) -> None:
        names = ", ".join(column for column, _ in columns)
        marks = f"({', '.join('?' * len(columns))})"
        arrays = ", ".join(f"${i}::{_POSTGRES_TYPES[kind]}[]" for i, (_, kind) in enumerate(columns, 1))
        tail = " ON CONFLICT DO NOTHING" if ignore else ""
        self.width = len(columns)
        self.sqlite = {
            size: f"INSERT INTO {name} ({names}) VALUES {', '.join([marks] * size)}{tail}"  # noqa: S608 - names of ours
            for size in _SIZES
        }
        self.postgres = f"INSERT INTO {name} ({names}) SELECT * FROM unnest({arrays}){tail}"  # noqa: S608

    async def insert(self, unit: Unit, rows: list[tuple[Any, ...]]) -> None:
        """Write all rows; with `ignore`, without those that are there already."""
        if not rows:
            return
        if unit.conn.dialect.name == "sqlite":
            done = 0
            for size in _SIZES:
                statement = self.sqlite[size]
                while size > 1 and len(rows) - done >= size:
                    values = tuple(chain.from_iterable(rows[done : done + size]))
                    await unit.conn.exec_driver_sql(statement, values)
                    done += size
            if done < len(rows):
                await unit.conn.exec_driver_sql(self.sqlite[1], rows[done:])
        else:
            columns = tuple(list(column) for column in zip(*rows, strict=True))
            await unit.conn.exec_driver_sql(self.postgres, columns)


WRITTEN = tuple(name for name, column in COLUMNS.items() if column.kind != "time")
"""The columns of new contacts, in the order in which their values are given."""
CONTACTS = Table(
    "contacts",
    (
        ("id", int),
        ("workspace_id", int),
        *((name, bool if COLUMNS[name].kind == "flag" else str) for name in WRITTEN),
        ("optin_source", str),
        ("optin_at", int),
        ("created_at", int),
        ("updated_at", int),
    ),
)
IDENTITIES = Table(
    "identities", (("workspace_id", int), ("contact_id", int), ("kind", str), ("value", str), ("created_at", int))
)
TAGS = Table("contact_tags", (("contact_id", int), ("tag_id", int)), ignore=True)
MEMBERS = Table("contact_list_members", (("list_id", int), ("contact_id", int)), ignore=True)
VALUES = Table("contact_attributes", (("contact_id", int), ("attribute_id", int), ("value", str)), ignore=True)
