"""Chats have a team"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0297"
down_revision = "0296"
branch_labels = None
depends_on = None
step = "pre"


def upgrade() -> None:
    op.add_column("chats", sa.Column("department_id", sa.BigInteger(), nullable=True))
    given = sa.text("department_id IS NOT NULL")
    op.create_index(
        "ix_chats_department_id",
        "chats",
        ["department_id", "status"],
        unique=False,
        sqlite_where=given,
        postgresql_where=given,
    )


def downgrade() -> None:
    op.drop_index("ix_chats_department_id", table_name="chats")
    op.drop_column("chats", "department_id")
