"""An index of contacts by when they were last seen"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_contacts_last_seen",
        "contacts",
        ["workspace_id", sa.text("coalesce(last_seen_at, 0)"), "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_contacts_last_seen", "contacts")
