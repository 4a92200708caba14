"""Events are copied to a stream, from a cursor"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0181"
down_revision = "0180"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger()
    op.create_table(
        "relays",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("token", big, nullable=False),
        sa.Column("until", big, nullable=False),
        sa.Column("start", big, nullable=False),
        sa.Column("cursor", big, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_relays"),
    )


def downgrade() -> None:
    op.drop_table("relays")
