"""An index of the chats that hold something unread"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0030"
branch_labels = None
depends_on = None

UNREAD = sa.text("unread > 0")


def upgrade() -> None:
    with op.batch_alter_table("chats", schema=None) as batch_op:
        batch_op.create_index(
            "ix_chats_unread",
            ["workspace_id", "last_at", "id"],
            unique=False,
            sqlite_where=UNREAD,
            postgresql_where=UNREAD,
        )


def downgrade() -> None:
    with op.batch_alter_table("chats", schema=None) as batch_op:
        batch_op.drop_index("ix_chats_unread", sqlite_where=UNREAD, postgresql_where=UNREAD)
