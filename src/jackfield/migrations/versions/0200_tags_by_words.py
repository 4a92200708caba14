"""Tags are given to who writes a word, or for the first time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0200"
down_revision = "0190"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tags", sa.Column("first_message", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tags", sa.Column("keywords", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("tags", sa.Column("ruled_at", sa.BigInteger(), nullable=True))
    condition = sa.text("ruled_at IS NOT NULL")
    op.create_index("ix_tags_ruled_at", "tags", ["ruled_at"], sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    op.drop_index("ix_tags_ruled_at", "tags")
    for column in ("ruled_at", "keywords", "first_message"):
        op.drop_column("tags", column)
