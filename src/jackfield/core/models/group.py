"""Groups and newsletters of a channel."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, Ms


class Group(Base):
    """A group or newsletter (`kind`) as the network describes it."""

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("channel_id", "address"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    address: Mapped[str]
    kind: Mapped[str] = mapped_column(default="group")
    name: Mapped[str]
    description: Mapped[str | None]
    owner: Mapped[str | None]
    picture_url: Mapped[str | None]
    read_only: Mapped[bool] = mapped_column(default=False)
    participants: Mapped[int] = mapped_column(default=0)
    left: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Ms | None]
    updated_at: Mapped[Ms]


class GroupMember(Base):
    """A participant of a group."""

    __tablename__ = "group_members"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_super_admin: Mapped[bool] = mapped_column(default=False)
