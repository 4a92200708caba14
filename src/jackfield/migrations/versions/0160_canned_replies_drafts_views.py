"""Canned replies, drafts, and saved views of the inbox"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0160"
down_revision = "0140"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")

    def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(
            [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete="CASCADE"
        )

    op.create_table(
        "canned_replies",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("shortcut", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("created_at", big, nullable=False),
        sa.Column("updated_at", big, nullable=False),
        refers("canned_replies", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
        sa.UniqueConstraint("workspace_id", "folded", name=op.f("uq_canned_replies_workspace_id_folded")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "chat_drafts",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("chat_id", key, nullable=False),
        sa.Column("member_id", key, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reply_to", big, nullable=True),
        sa.Column("updated_at", big, nullable=False),
        refers("chat_drafts", "workspace_id", "workspaces"),
        refers("chat_drafts", "chat_id", "chats"),
        refers("chat_drafts", "member_id", "members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_drafts")),
        sa.UniqueConstraint("chat_id", "member_id", name=op.f("uq_chat_drafts_chat_id_member_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chat_drafts_member_id", "chat_drafts", ["member_id", "id"], unique=False)
    op.create_table(
        "saved_views",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("member_id", key, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("created_at", big, nullable=False),
        refers("saved_views", "workspace_id", "workspaces"),
        refers("saved_views", "member_id", "members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_saved_views_workspace_id", "saved_views", ["workspace_id", "id"], unique=False)


def downgrade() -> None:
    for table in ("saved_views", "chat_drafts", "canned_replies"):
        op.drop_table(table)
