"""Who wrote a message, and the department of a member"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0250"
down_revision = "0240"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("member_id", sa.BigInteger(), nullable=True))
    op.add_column("members", sa.Column("department_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("members", "department_id")
    op.drop_column("messages", "member_id")
