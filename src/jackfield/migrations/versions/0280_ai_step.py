"""An AI step: the endpoint, knowledge with its index, and what was asked"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0280"
down_revision = "0260"
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE VIRTUAL TABLE search_knowledge USING fts5(words, content='knowledge_passages', content_rowid='id',"
    " tokenize='ascii', detail='none')",
    "CREATE TRIGGER search_knowledge_insert AFTER INSERT ON knowledge_passages BEGIN"
    " INSERT INTO search_knowledge(rowid, words) VALUES (new.id, new.words); END",
    # A person's address that stands in a page is erased with them.
    "CREATE TRIGGER search_knowledge_update AFTER UPDATE OF words ON knowledge_passages BEGIN"
    " INSERT INTO search_knowledge(search_knowledge, rowid, words) VALUES ('delete', old.id, old.words);"
    " INSERT INTO search_knowledge(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER search_knowledge_delete AFTER DELETE ON knowledge_passages BEGIN"
    " INSERT INTO search_knowledge(search_knowledge, rowid, words) VALUES ('delete', old.id, old.words); END",
)
POSTGRESQL = (
    "CREATE INDEX search_knowledge ON knowledge_passages USING gin (array_to_tsvector(string_to_array(words, ' ')))",
)


def upgrade() -> None:
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "ai_settings",
        sa.Column("workspace_id", key, autoincrement=False, nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("api_key", sa.LargeBinary(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("timeout_seconds", big, nullable=False),
        sa.Column("max_tokens", big, nullable=False),
        sa.Column("json_mode", sa.Boolean(), nullable=False),
        sa.Column("price_in", big, nullable=False),
        sa.Column("price_out", big, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("per_chat_day", big, nullable=False),
        sa.Column("per_day", big, nullable=False),
        sa.Column("updated_at", big, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_ai_settings_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_ai_settings")),
    )
    op.create_table(
        "knowledge_sources",
        sa.Column("id", key, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("characters", big, nullable=False),
        sa.Column("passages", big, nullable=False),
        sa.Column("created_at", big, nullable=False),
        sa.Column("updated_at", big, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_knowledge_sources_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_sources")),
        sa.UniqueConstraint("workspace_id", "folded", name=op.f("uq_knowledge_sources_workspace_id_folded")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "knowledge_passages",
        sa.Column("id", key, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("source_id", key, nullable=False),
        sa.Column("place", big, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["knowledge_sources.id"],
            name=op.f("fk_knowledge_passages_source_id_knowledge_sources"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_knowledge_passages_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_passages")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_knowledge_passages_source_id", "knowledge_passages", ["source_id", "place"], unique=False)
    op.create_index("ix_knowledge_passages_workspace_id", "knowledge_passages", ["workspace_id", "id"], unique=False)
    op.create_table(
        "ai_uses",
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("day", big, nullable=False),
        sa.Column("automation_id", big, nullable=False),
        *(
            sa.Column(name, big, nullable=False)
            for name in ("calls", "answers", "suggestions", "hand_overs", "tokens_in", "tokens_out", "cost")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_ai_uses_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "day", "automation_id", name=op.f("pk_ai_uses")),
    )
    op.create_table(
        "ai_chat_uses",
        sa.Column("chat_id", key, autoincrement=False, nullable=False),
        sa.Column("day", big, nullable=False),
        sa.Column("calls", big, nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_ai_chat_uses_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_ai_chat_uses")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(sa.text("DROP TABLE search_knowledge"))
    for table in ("ai_chat_uses", "ai_uses", "knowledge_passages", "knowledge_sources", "ai_settings"):
        op.drop_table(table)
