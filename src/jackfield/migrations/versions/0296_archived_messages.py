"""Settled messages of long ago, beside the ledger"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0296"
down_revision = "0295"
branch_labels = None
depends_on = None
step = "pre"

TEXTS = (
    "slot", "sender", "content", "variables", "tag", "template", "source", "reply_to", "provider_id", "error_code", "error",
    "extra",
)  # fmt: skip
TIMES = ("sent_at", "delivered_at", "read_at", "failed_at", "uncertain_at")


def upgrade() -> None:
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "archived_messages",
        sa.Column("id", key, autoincrement=False, nullable=False),
        *(sa.Column(name, key, nullable=False) for name in ("workspace_id", "channel_id")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("direction", "state", "peer", "kind", "category")),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in ("lane", "attempts")),
        *(sa.Column(name, big, nullable=False) for name in ("campaign_id", "due_at", "created_at", "archived_at")),
        *(sa.Column(name, big, nullable=True) for name in ("contact_id", "member_id", "claim", *TIMES)),
        *(sa.Column(name, sa.Text(), nullable=True) for name in TEXTS),
        *(
            sa.ForeignKeyConstraint(
                [f"{noun}_id"],
                [f"{noun}s.id"],
                name=op.f(f"fk_archived_messages_{noun}_id_{noun}s"),
                ondelete="CASCADE",
            )
            for noun in ("workspace", "channel")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archived_messages")),
    )
    for name, columns in (
        ("workspace_id_id", ["workspace_id", "id"]),
        ("chat", ["channel_id", "peer", "id"]),
        ("contact", ["contact_id", "id"]),
    ):
        op.create_index(f"ix_archived_messages_{name}", "archived_messages", columns, unique=False)
    known = sa.text("provider_id IS NOT NULL")
    op.create_index(
        "uq_archived_messages_provider",
        "archived_messages",
        ["channel_id", "provider_id"],
        unique=True,
        sqlite_where=known,
        postgresql_where=known,
    )
    ours = sa.text("campaign_id > 0")
    for name, column in (("campaign", "id"), ("campaign_state", "state"), ("slot", "slot")):
        op.create_index(
            f"ix_archived_messages_{name}",
            "archived_messages",
            ["campaign_id", column],
            unique=False,
            sqlite_where=ours,
            postgresql_where=ours,
        )


def downgrade() -> None:
    names = ", ".join(
        (
            *("id", "workspace_id", "channel_id", "direction", "state", "peer", "kind", "category", "lane", "attempts"),
            *("campaign_id", "due_at", "created_at", "contact_id", "member_id", "claim", *TIMES, *TEXTS),
        )
    )
    # What was archived goes back to where the older version looks for it.
    op.execute(f"INSERT INTO messages ({names}) SELECT {names} FROM archived_messages")  # noqa: S608 - names of ours
    op.drop_table("archived_messages")
