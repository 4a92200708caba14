"""Targets for replies and resolutions, and their clocks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0293"
down_revision = "0292"
branch_labels = None
depends_on = None
step = "pre"


def upgrade() -> None:
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "reply_targets",
        sa.Column("id", key, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("channel_id", key, nullable=True),
        sa.Column("department_id", key, nullable=True),
        sa.Column("first_reply", big, nullable=True),
        sa.Column("next_reply", big, nullable=True),
        sa.Column("resolution", big, nullable=True),
        sa.Column("working_hours", sa.Boolean(), nullable=False),
        sa.Column("warn_percent", big, nullable=False),
        sa.Column("created_at", big, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{noun}_id"],
                [f"{noun}s.id"],
                name=op.f(f"fk_reply_targets_{noun}_id_{noun}s"),
                ondelete="CASCADE",
            )
            for noun in ("workspace", "channel", "department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_targets")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reply_targets_workspace_id", "reply_targets", ["workspace_id"], unique=False)
    op.create_table(
        "chat_targets",
        sa.Column("id", key, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("chat_id", key, nullable=False),
        sa.Column("channel_id", big, nullable=False),
        sa.Column("member_id", big, nullable=True),
        sa.Column("department_id", big, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("minutes", big, nullable=True),
        sa.Column("started_at", big, nullable=False),
        sa.Column("warn_at", big, nullable=True),
        sa.Column("due_at", big, nullable=True),
        sa.Column("wake_at", big, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", big, nullable=True),
        sa.Column("worked", big, nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [f"{noun}_id"],
                [f"{noun}s.id"],
                name=op.f(f"fk_chat_targets_{noun}_id_{noun}s"),
                ondelete="CASCADE",
            )
            for noun in ("workspace", "chat")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_targets")),
        sqlite_autoincrement=True,
    )
    running, wakes, shown = (sa.text(one) for one in ("ended_at IS NULL", "wake_at IS NOT NULL", "target_due_at > 0"))
    op.create_index(
        "uq_chat_targets_running",
        "chat_targets",
        ["chat_id", "kind"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )
    op.create_index(
        "ix_chat_targets_wake_at",
        "chat_targets",
        ["wake_at", "id"],
        unique=False,
        sqlite_where=wakes,
        postgresql_where=wakes,
    )
    op.create_index("ix_chat_targets_workspace_id", "chat_targets", ["workspace_id", "started_at"], unique=False)
    op.add_column("chats", sa.Column("target_kind", sa.Text(), nullable=True))
    for name in ("target_warn_at", "target_due_at"):
        op.add_column("chats", sa.Column(name, big, server_default="0", nullable=False))
    op.create_index(
        "ix_chats_target",
        "chats",
        ["workspace_id", "target_warn_at"],
        unique=False,
        sqlite_where=shown,
        postgresql_where=shown,
    )


def downgrade() -> None:
    op.drop_index("ix_chats_target", table_name="chats")
    for name in ("target_due_at", "target_warn_at", "target_kind"):
        op.drop_column("chats", name)
    for table in ("chat_targets", "reply_targets"):
        op.drop_table(table)
