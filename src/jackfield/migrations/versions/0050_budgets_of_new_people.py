"""Who was written to first, for budgets of unique people in 24 hours"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budget_uses",
        sa.Column("workspace_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_budget_uses_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "key", "peer", name=op.f("pk_budget_uses")),
    )
    op.create_index("ix_budget_uses_used_at", "budget_uses", ["workspace_id", "key", "used_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_budget_uses_used_at", "budget_uses")
    op.drop_table("budget_uses")
