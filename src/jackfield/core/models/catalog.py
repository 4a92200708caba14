"""Catalogs and their products, as last read from the provider."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, JsonDict, Ms


class Catalog(Base):
    """A catalog linked to a channel's account; `selected` is the one that the number shows."""

    __tablename__ = "catalogs"
    __table_args__ = (UniqueConstraint("channel_id", "provider_id"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    provider_id: Mapped[str]
    name: Mapped[str]
    vertical: Mapped[str] = mapped_column(default="commerce")
    product_count: Mapped[int] = mapped_column(default=0)
    selected: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[Ms]


class Product(Base):
    """One product variant; `data` is port.ProductInfo."""

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("catalog_id", "provider_id"),
        Index("ix_products_catalog_id_retailer_id", "catalog_id", "retailer_id"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    catalog_id: Mapped[int] = mapped_column(ForeignKey("catalogs.id", ondelete="CASCADE"))
    provider_id: Mapped[str]
    retailer_id: Mapped[str]
    name: Mapped[str]
    data: Mapped[JsonDict]
