"""Secrets of the installation; answers under an Idempotency-Key are sealed from now on"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instance_secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_instance_secrets"),
    )
    # Answers that showed a secret (of a webhook, of an engine) stood here in clear. Who repeats such a request now makes
    # a second one; the others stay good for their 24 hours.
    op.execute(
        "DELETE FROM idempotency_keys WHERE response LIKE '%\"secret\"%' OR response LIKE '%\"token\"%'"
        " OR response LIKE '%\"key\":\"%' OR response LIKE '%Secret\"%' OR response LIKE '%Token\"%'"
    )


def downgrade() -> None:
    op.execute("DELETE FROM idempotency_keys")
    op.drop_table("instance_secrets")
