"""Campaigns without the column of counts, which nothing wrote: their messages are counted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("campaigns", "counts")


def downgrade() -> None:
    op.add_column("campaigns", sa.Column("counts", sa.Text(), nullable=True))
