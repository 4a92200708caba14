"""Links of campaigns, and the short links that stand for them in each recipient's message."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Ms


class CampaignLink(Base):
    """A link as a campaign's content has it, placeholders included; `number` is its place among them, from 0."""

    __tablename__ = "campaign_links"
    __table_args__ = (Index("uq_campaign_links", "campaign_id", "number", unique=True),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    number: Mapped[int]
    url: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Ms]


class ShortLink(Base):
    """What one recipient got instead of a link: `code` leads to `target`. `slot` is the recipient's in the campaign (see
    Message). `clicks` are people's, the first at `first_at`; `machines` are visits of previews and robots."""

    __tablename__ = "short_links"
    __table_args__ = (
        Index("uq_short_links_slot", "campaign_id", "slot", "link_id", unique=True),
        Index("ix_short_links_contact", "contact_id"),
        Index("ix_short_links_link", "link_id", "first_at"),
        Index("uq_short_links_code", "code", unique=True),
    )

    id: Mapped[Id]
    code: Mapped[str]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    link_id: Mapped[int] = mapped_column(ForeignKey("campaign_links.id", ondelete="CASCADE"))
    slot: Mapped[str]
    contact_id: Mapped[int | None]
    target: Mapped[str] = mapped_column(Text)
    clicks: Mapped[int] = mapped_column(default=0)
    machines: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[Ms | None]
    last_at: Mapped[Ms | None]
    created_at: Mapped[Ms]
