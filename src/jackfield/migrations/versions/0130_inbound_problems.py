"""What came in and could not be applied, kept so that it can be replayed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0120"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "inbound_problems",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("channel_id", key, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("message_id", big, nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("size", big, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", big, nullable=False),
        sa.Column("tried_at", big, nullable=True),
        sa.Column("resolved_at", big, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_inbound_problems_workspace_id_workspaces", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name="fk_inbound_problems_channel_id_channels", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_inbound_problems"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbound_problems_workspace_id_id", "inbound_problems", ["workspace_id", "id"], unique=False)
    op.create_index(
        "uq_inbound_problems_workspace_id_digest", "inbound_problems", ["workspace_id", "digest"], unique=True
    )
    op.create_index(
        "ix_inbound_problems_waiting",
        "inbound_problems",
        ["channel_id", "subject"],
        unique=False,
        sqlite_where=sa.text("subject IS NOT NULL"),
        postgresql_where=sa.text("subject IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("inbound_problems")
