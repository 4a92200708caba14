"""A survey after a chat is done"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0294"
down_revision = "0293"
branch_labels = None
depends_on = None
step = "pre"


def upgrade() -> None:
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "surveys",
        sa.Column("workspace_id", key, autoincrement=False, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("scale", "text", "thanks", "comment_text")),
        *(sa.Column(name, big, nullable=False) for name in ("low_rating", "rest_days", "answer_hours", "updated_at")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_surveys_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_surveys")),
    )
    op.create_table(
        "chat_surveys",
        sa.Column("id", key, nullable=False),
        *(sa.Column(name, key, nullable=False) for name in ("workspace_id", "chat_id", "contact_id")),
        sa.Column("channel_id", big, nullable=False),
        *(sa.Column(name, big, nullable=True) for name in ("member_id", "department_id")),
        sa.Column("scale", sa.Text(), nullable=False),
        *(sa.Column(name, big, nullable=True) for name in ("send_at", "sent_at", "until", "rating", "answered_at")),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("comment_until", big, nullable=True),
        sa.Column("created_at", big, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{noun}_id"],
                [f"{noun}s.id"],
                name=op.f(f"fk_chat_surveys_{noun}_id_{noun}s"),
                ondelete="CASCADE",
            )
            for noun in ("workspace", "chat", "contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_surveys")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chat_surveys_chat_id", "chat_surveys", ["chat_id", "id"], unique=False)
    op.create_index("ix_chat_surveys_contact_id", "chat_surveys", ["contact_id"], unique=False)
    op.create_index("ix_chat_surveys_workspace_id", "chat_surveys", ["workspace_id", "id"], unique=False)
    due = sa.text("send_at IS NOT NULL")
    op.create_index(
        "ix_chat_surveys_send_at",
        "chat_surveys",
        ["send_at", "id"],
        unique=False,
        sqlite_where=due,
        postgresql_where=due,
    )


def downgrade() -> None:
    for table in ("chat_surveys", "surveys"):
        op.drop_table(table)
