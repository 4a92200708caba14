"""People and chats are found by any part of their names"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0260"
down_revision = "0250"
branch_labels = None
depends_on = None

# A key is twice the id, and one more for a chat.
KINDS = {"contacts": (0, ("name", "email", "phone")), "chats": (1, ("name", "peer"))}
SQLITE = (
    "CREATE VIRTUAL TABLE search_names USING fts5(words, content='name_texts', content_rowid='key',"
    " tokenize='ascii', detail='none')",
    "CREATE TRIGGER search_names_delete AFTER DELETE ON name_texts BEGIN"
    " INSERT INTO search_names(search_names, rowid, words) VALUES ('delete', old.key, old.words); END",
)
POSTGRESQL = (
    "CREATE INDEX search_names ON name_texts USING gin (array_to_tsvector(string_to_array(words, ' ')))",
    # What goes is noted too: it may just be read for the index.
    "CREATE FUNCTION search_names_changed() RETURNS trigger LANGUAGE plpgsql AS $$"
    " DECLARE changed bigint;"
    " BEGIN"
    " IF TG_OP = 'DELETE' THEN changed := old.id * 2 + TG_ARGV[0]::int; ELSE changed := new.id * 2 + TG_ARGV[0]::int; END IF;"
    " IF TG_OP <> 'INSERT' THEN DELETE FROM name_texts WHERE key = changed; END IF;"
    " INSERT INTO name_changes (key) VALUES (changed);"
    " RETURN NULL; END $$",
)


def _sqlite_triggers(table: str, kind: int, columns: tuple[str, ...]) -> list[str]:
    differs = " OR ".join(f"old.{column} IS NOT new.{column}" for column in columns)
    note = f"INSERT INTO name_changes (key) VALUES (new.id * 2 + {kind});"  # noqa: S608 - names of ours
    forget = f"DELETE FROM name_texts WHERE key = old.id * 2 + {kind};"  # noqa: S608 - names of ours
    return [
        f"CREATE TRIGGER search_names_new_{table} AFTER INSERT ON {table} BEGIN {note} END",
        f"CREATE TRIGGER search_names_changed_{table} AFTER UPDATE OF {', '.join(columns)} ON {table}"
        f" WHEN {differs} BEGIN {forget} {note} END",
        f"CREATE TRIGGER search_names_gone_{table} AFTER DELETE ON {table} BEGIN {forget} END",
    ]


def _postgresql_triggers(table: str, kind: int, columns: tuple[str, ...]) -> list[str]:
    differs = " OR ".join(f"old.{column} IS DISTINCT FROM new.{column}" for column in columns)
    call = f"FOR EACH ROW %sEXECUTE FUNCTION search_names_changed({kind})"
    return [
        f"CREATE TRIGGER search_names_new AFTER INSERT OR DELETE ON {table} {call % ''}",
        f"CREATE TRIGGER search_names_changed AFTER UPDATE OF {', '.join(columns)} ON {table}"
        f" {call % f'WHEN ({differs}) '}",
    ]


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "name_texts",
        sa.Column("key", key, autoincrement=False, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_name_texts")),
    )
    op.create_index("ix_name_texts_workspace_id", "name_texts", ["workspace_id", "key"], unique=False)
    op.create_table(
        "name_changes",
        sa.Column("id", key, nullable=False),
        sa.Column("key", big, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_changes")),
        sqlite_autoincrement=True,
    )
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(sa.text(statement.replace(":=", r"\:=").replace("::int", r"\:\:int")))
    for table, (kind, columns) in KINDS.items():
        for trigger in (_sqlite_triggers if is_sqlite else _postgresql_triggers)(table, kind, columns):
            op.execute(sa.text(trigger))
        # What is there already is kept by the server, as what comes.
        noted = f"INSERT INTO name_changes (key) SELECT id * 2 + {kind} FROM {table} ORDER BY id"  # noqa: S608 - ours
        op.execute(sa.text(noted))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in KINDS:
            for when in ("new", "changed", "gone"):
                op.execute(sa.text(f"DROP TRIGGER search_names_{when}_{table}"))
        op.execute(sa.text("DROP TABLE search_names"))
    else:
        for table in KINDS:
            for when in ("new", "changed"):
                op.execute(sa.text(f"DROP TRIGGER search_names_{when} ON {table}"))
        op.execute(sa.text("DROP FUNCTION search_names_changed()"))
    for table in ("name_changes", "name_texts"):
        op.drop_table(table)
