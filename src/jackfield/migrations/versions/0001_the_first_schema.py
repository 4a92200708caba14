"""The first schema"""

from __future__ import annotations

from jackfield.migrations.first_schema import conversations, records, workspaces

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    workspaces.create()
    conversations.create()
    records.create()


def downgrade() -> None:
    records.drop()
    conversations.drop()
    workspaces.drop()
