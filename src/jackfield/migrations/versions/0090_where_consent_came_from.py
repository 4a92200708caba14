"""Contacts: where the answer to marketing came from, and when"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("optin_source", sa.Text(), nullable=True))
    op.add_column("contacts", sa.Column("optin_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("contacts", "optin_at")
    op.drop_column("contacts", "optin_source")
