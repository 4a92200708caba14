"""Chattu's client keys may set their own client's webhook by their scopes, no longer by an exception"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None

BEFORE = '["messages:*","media:*","chats:*","groups:*","calls:*","channels:read"]'
AFTER = '["messages:*","media:*","chats:*","groups:*","calls:*","channels:read","webhooks:*"]'
STATEMENT = sa.text("UPDATE api_keys SET scopes = :to WHERE name = 'Chattu client' AND scopes = :was")


def upgrade() -> None:
    op.get_bind().execute(STATEMENT, {"was": BEFORE, "to": AFTER})


def downgrade() -> None:
    op.get_bind().execute(STATEMENT, {"was": AFTER, "to": BEFORE})
