"""Many rows in one statement, in each database's fastest way.

Measured for the rows of 1,000 contacts: SQLAlchemy's insert with RETURNING takes three to four times as long as
these, and the loop is held meanwhile; these spend their time in the driver.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import chain
from typing import Any

from sqlalchemy import text

from ....db.onehop import in_one_hop
from ...ground.unit import Unit
from ..columns import COLUMNS

_SIZES = (500, 50, 1)
"""Rows of one statement on SQLite, the most that fit first: one statement per row takes half as long again (54 us of a
contact's rows instead of 36). 500 rows of a contact's 15 columns are a quarter of the values that SQLite takes (32,766)."""
_POSTGRES_TYPES = {int: "bigint", str: "text", bool: "boolean"}

Rows = list[tuple[Any, ...]]
"""Values by row, in the order of a table's columns."""


class Table:
    """A table with the columns that are written, as (name, Python type)."""

    def __init__(self, name: str, columns: Sequence[tuple[str, type]], *, ignore: bool = False) -> None:
        names = ", ".join(column for column, _ in columns)
        marks = f"({', '.join('?' * len(columns))})"
        arrays = ", ".join(f"${i}::{_POSTGRES_TYPES[kind]}[]" for i, (_, kind) in enumerate(columns, 1))
        tail = " ON CONFLICT DO NOTHING" if ignore else ""
        self.width = len(columns)
        self._sqlite = {
            size: f"INSERT INTO {name} ({names}) VALUES {', '.join([marks] * size)}{tail}"  # noqa: S608 - names of ours
            for size in _SIZES
        }
        self.postgres = f"INSERT INTO {name} ({names}) SELECT * FROM unnest({arrays}){tail}"  # noqa: S608

    def write(self, cursor: sqlite3.Cursor, rows: Rows) -> None:
        """Write all rows into SQLite, in the thread of its connection."""
        done = 0
        for size in _SIZES[:-1]:
            statement = self._sqlite[size]
            while len(rows) - done >= size:
                cursor.execute(statement, tuple(chain.from_iterable(rows[done : done + size])))
                done += size
        if done < len(rows):
            cursor.executemany(self._sqlite[1], rows[done:])


async def insert(unit: Unit, *batches: tuple[Table, Rows]) -> None:
    """Write all rows, table by table; with `ignore`, without those that are there already.

    On SQLite this is one trip to its thread. Each trip ends with taking the interpreter's lock back: beside a thread that
    parses, that waits up to 5 ms (sys.getswitchinterval).
    """
    if unit.conn.dialect.name == "sqlite":

        def work(connection: sqlite3.Connection) -> None:
            with closing(connection.cursor()) as cursor:
                for table, rows in batches:
                    table.write(cursor, rows)

        await in_one_hop(unit.conn, work)
        return
    for table, rows in batches:
        if rows:
            columns = tuple(list(column) for column in zip(*rows, strict=True))
            await unit.conn.exec_driver_sql(table.postgres, columns)


_OWNERS_SQLITE = text(
    "SELECT value, contact_id FROM identities WHERE workspace_id = :workspace AND kind = 'phone' "
    "AND value IN (SELECT value FROM json_each(:phones))"
)
_OWNERS_POSTGRES = text(
    "SELECT value, contact_id FROM identities WHERE workspace_id = :workspace AND kind = 'phone' "
    "AND value = ANY(CAST(:phones AS text[]))"
)


async def owners_of_phones(unit: Unit, workspace_id: int, phones: list[str]) -> dict[str, int]:
    """The contacts that have these numbers, by number. The numbers go along as one value: a thousand in a list cost
    SQLAlchemy five times as long."""
    sqlite = unit.conn.dialect.name == "sqlite"
    given = {"workspace": workspace_id, "phones": json.dumps(phones) if sqlite else phones}
    found = await unit.conn.execute(_OWNERS_SQLITE if sqlite else _OWNERS_POSTGRES, given)
    return {row[0]: row[1] for row in found}


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
