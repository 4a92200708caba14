"""Short links of campaigns, and who followed them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0281"
down_revision = "0280"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger()
    key = big.with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "campaign_links",
        sa.Column("id", key, nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("campaign_id", key, nullable=False),
        sa.Column("number", big, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("created_at", big, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_campaign_links_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_links_campaign_id_campaigns"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_links")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_campaign_links", "campaign_links", ["campaign_id", "number"], unique=True)
    op.create_table(
        "short_links",
        sa.Column("id", key, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("workspace_id", key, nullable=False),
        sa.Column("campaign_id", key, nullable=False),
        sa.Column("link_id", key, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("contact_id", big, nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("clicks", big, nullable=False),
        sa.Column("machines", big, nullable=False),
        sa.Column("first_at", big, nullable=True),
        sa.Column("last_at", big, nullable=True),
        sa.Column("created_at", big, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_short_links_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_short_links_campaign_id_campaigns"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["campaign_links.id"], name=op.f("fk_short_links_link_id_campaign_links"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_short_links")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_short_links_slot", "short_links", ["campaign_id", "slot", "link_id"], unique=True)
    op.create_index("ix_short_links_contact", "short_links", ["contact_id"], unique=False)
    op.create_index("ix_short_links_link", "short_links", ["link_id", "first_at"], unique=False)
    op.create_index("uq_short_links_code", "short_links", ["code"], unique=True)


def downgrade() -> None:
    for table in ("short_links", "campaign_links"):
        op.drop_table(table)
