"""Messages are found by their words"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0170"
down_revision = "0160"
branch_labels = None
depends_on = None

# `words` holds what is compared already, with blanks between: no tokenizer of a database has to know scripts.
SQLITE = (
    "CREATE VIRTUAL TABLE search_messages USING fts5(words, content='message_texts', content_rowid='message_id',"
    " tokenize='ascii', detail='none', prefix='3')",
    "CREATE TRIGGER search_messages_delete AFTER DELETE ON message_texts BEGIN"
    " INSERT INTO search_messages(search_messages, rowid, words) VALUES ('delete', old.message_id, old.words); END",
    "CREATE TRIGGER search_messages_changed AFTER UPDATE OF content ON messages BEGIN"
    " DELETE FROM message_texts WHERE message_id = old.id; END",
)
POSTGRESQL = (
    "CREATE INDEX search_messages ON message_texts USING gin (array_to_tsvector(string_to_array(words, ' ')))",
    "CREATE FUNCTION search_messages_changed() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN DELETE FROM message_texts WHERE message_id = old.id; RETURN NULL; END $$",
    "CREATE TRIGGER search_messages_changed AFTER UPDATE OF content ON messages"
    " FOR EACH ROW EXECUTE FUNCTION search_messages_changed()",
)


def upgrade() -> None:
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "message_texts",
        sa.Column("message_id", key, autoincrement=False, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("channel_id", big, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_texts_message_id_messages"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_message_texts_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_texts")),
    )
    op.create_index("ix_message_texts_workspace_id", "message_texts", ["workspace_id", "message_id"], unique=False)
    op.create_table(
        "search_positions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("message_id", big, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_search_positions")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(sa.text("DROP TRIGGER search_messages_changed"))
        op.execute(sa.text("DROP TABLE search_messages"))
    else:
        op.execute(sa.text("DROP TRIGGER search_messages_changed ON messages"))
        op.execute(sa.text("DROP FUNCTION search_messages_changed()"))
    for table in ("search_positions", "message_texts"):
        op.drop_table(table)
