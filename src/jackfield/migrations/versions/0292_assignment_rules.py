"""Rules that assign chats, and what they did"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0292"
down_revision = "0290"
branch_labels = None
depends_on = None
step = "pre"


def upgrade() -> None:
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "assignment_rules",
        sa.Column("id", key, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("place", big, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("member_ids", sa.Text(), nullable=False),
        sa.Column("department_id", big, nullable=True),
        sa.Column("online_only", sa.Boolean(), nullable=False),
        sa.Column("max_open", big, nullable=True),
        sa.Column("last_member_id", big, nullable=True),
        sa.Column("created_at", big, nullable=False),
        sa.Column("updated_at", big, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_assignment_rules_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_rules")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_assignment_rules_workspace_id", "assignment_rules", ["workspace_id", "place"], unique=False)
    op.create_table(
        "chat_assignments",
        sa.Column("id", key, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("chat_id", key, nullable=False),
        sa.Column("member_id", key, nullable=True),
        sa.Column("rule_id", big, nullable=False),
        sa.Column("rule_name", sa.Text(), nullable=False),
        sa.Column("created_at", big, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_chat_assignments_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_chat_assignments_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_chat_assignments_member_id_members"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_assignments")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chat_assignments_chat_id", "chat_assignments", ["chat_id", "id"], unique=False)
    given = sa.text("assignee_id IS NOT NULL")
    op.create_index(
        "ix_chats_assignee_id",
        "chats",
        ["assignee_id", "status"],
        unique=False,
        sqlite_where=given,
        postgresql_where=given,
    )


def downgrade() -> None:
    op.drop_index("ix_chats_assignee_id", table_name="chats")
    for table in ("chat_assignments", "assignment_rules"):
        op.drop_table(table)
