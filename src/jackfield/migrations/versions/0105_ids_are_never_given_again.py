"""Ids that were told to callers are never given to another row, also on SQLite"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0105"
down_revision = "0100"
branch_labels = None
depends_on = None

TABLES = (
    "api_keys",
    "attributes",
    "audit_entries",
    "calls",
    "campaigns",
    "catalogs",
    "chat_notes",
    "chats",
    "contact_lists",
    "contact_merges",
    "contact_notes",
    "departments",
    "endpoints",
    "groups",
    "invitations",
    "media",
    "members",
    "products",
    "segments",
    "suppressions",
    "tags",
    "templates",
    "ticket_replies",
    "tickets",
    "workspaces",
)
PLAIN, REMEMBERED = "PRIMARY KEY (id)", "PRIMARY KEY (id AUTOINCREMENT)"


def upgrade() -> None:
    _rewrite(PLAIN, REMEMBERED)
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            highest = f"SELECT '{table}', coalesce(max(id), 0) FROM {table}"  # noqa: S608 - our own names
            op.execute(f"INSERT INTO sqlite_sequence (name, seq) {highest}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DELETE FROM sqlite_sequence WHERE name IN {TABLES}")  # noqa: S608 - our own names
    _rewrite(REMEMBERED, PLAIN)


def _rewrite(old: str, new: str) -> None:
    """Change the key's words in SQLite's own copy of the statements that made the tables.

    AUTOINCREMENT changes nothing in how rows lie on disk, so no row needs to be copied: tables of many gigabytes are
    migrated at once. https://www.sqlite.org/pragma.html#pragma_writable_schema tells how; the new version number makes
    every connection read the statements again.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    op.execute("PRAGMA writable_schema = ON")
    for table in TABLES:
        change = sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :old, :new)"
            " WHERE type = 'table' AND name = :name AND instr(sql, :old) > 0"
        )
        changed = connection.execute(change, {"old": old, "new": new, "name": table}).rowcount
        if changed != 1:
            raise RuntimeError(f"Table {table} is not as the migrations made it: its key is not `{old}`.")
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute(f"PRAGMA schema_version = {int(version) + 1}")
    op.execute("PRAGMA writable_schema = OFF")
