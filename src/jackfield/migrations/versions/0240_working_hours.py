"""Working hours of workspaces and departments"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0240"
down_revision = "0200"
branch_labels = None
depends_on = None

TABLES = ("workspaces", "departments")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("working_hours", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "working_hours")
