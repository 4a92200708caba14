"""Incoming messages as the network sent them, kept for some days"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0140"
down_revision = "0130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "raw_payloads",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("channel_id", key, nullable=False),
        sa.Column("message_id", key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", big, nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name="fk_raw_payloads_channel_id_channels", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_raw_payloads_message_id_messages", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_raw_payloads"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_raw_payloads_message_id", "raw_payloads", ["message_id"], unique=False)


def downgrade() -> None:
    op.drop_table("raw_payloads")
