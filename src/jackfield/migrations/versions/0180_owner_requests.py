"""Requests for the process that holds a channel's session"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0180"
down_revision = "0170"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "owner_requests",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("channel_id", key, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("arguments", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", big, nullable=False),
        sa.Column("expires_at", big, nullable=False),
        sa.Column("taken_at", big, nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name="fk_owner_requests_channel_id_channels", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_owner_requests"),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("taken_at IS NULL")
    op.create_index(
        "ix_owner_requests_waiting",
        "owner_requests",
        ["channel_id"],
        unique=False,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_owner_requests_expires_at", "owner_requests", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("owner_requests")
