"""Chats that are done or snoozed, and pinned ones first"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("chats", sa.Column("status", sa.Text(), nullable=False, server_default="open"))
    op.add_column("chats", sa.Column("snoozed_until", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_chats_pinned", "chats", ["workspace_id", "pinned", "last_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_chats_pinned", "chats")
    op.drop_column("chats", "snoozed_until")
    op.drop_column("chats", "status")
