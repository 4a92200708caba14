"""From which revision on code works with the schema as it is"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0290"
down_revision = "0281"
branch_labels = None
depends_on = None
step = "pre"


def upgrade() -> None:
    made = op.create_table(
        "schema_facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_schema_facts"),
    )
    op.bulk_insert(made, [{"name": "works_from", "revision": down_revision}])


def downgrade() -> None:
    op.drop_table("schema_facts")
