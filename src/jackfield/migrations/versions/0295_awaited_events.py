"""Runs of automations that wait for an event are found by their contact"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0295"
down_revision = "0294"
branch_labels = None
depends_on = None
step = "pre"


def upgrade() -> None:
    waits = sa.text("waits_for = 'event'")
    op.create_index(
        "ix_automation_runs_event",
        "automation_runs",
        ["contact_id"],
        unique=False,
        sqlite_where=waits,
        postgresql_where=waits,
    )


def downgrade() -> None:
    op.drop_index("ix_automation_runs_event", table_name="automation_runs")
