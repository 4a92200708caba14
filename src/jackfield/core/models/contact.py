"""Contacts with their identities, and all by which they are grouped."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, case, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Id, JsonDict, JsonList, Ms


class Contact(Base):
    """A person. `optin`: None not asked, else yes or no to marketing, with where that came from and when. `blocked` keeps
    what they write out.

    `phone` repeats the first phone identity (E.164 digits) for lists; identities are the truth.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_workspace_id_id", "workspace_id", "id"),
        Index("ix_contacts_workspace_id_name", "workspace_id", "name"),
        Index("ix_contacts_workspace_id_phone", "workspace_id", "phone"),
        Index("ix_contacts_last_seen", "workspace_id", text("coalesce(last_seen_at, 0)"), "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(default="")
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    country: Mapped[str | None]
    source: Mapped[str] = mapped_column(default="api")
    optin: Mapped[bool | None]
    optin_source: Mapped[str | None]
    optin_at: Mapped[Ms | None]
    blocked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Ms]
    updated_at: Mapped[Ms]
    last_seen_at: Mapped[Ms | None]


class Identity(Base):
    """One address of a contact: kind phone (digits), lid, bsuid, telegram, username, email."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("workspace_id", "kind", "value"),
        Index("ix_identities_contact_id", "contact_id"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    kind: Mapped[str]
    value: Mapped[str]
    created_at: Mapped[Ms]


def ledger_address(kind: Any, value: Any) -> ColumnElement[str]:
    """An identity, by its columns, as the ledger and the suppression list write it: linked ids have their host."""
    return case((kind == "lid", value + "@lid"), else_=value)


class ContactMerge(Base):
    """History: `loser` (its fields in `data`) became part of `winner_id`, and why."""

    __tablename__ = "contact_merges"

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    winner_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    loser_id: Mapped[int]
    data: Mapped[JsonDict]
    reason: Mapped[str]
    created_at: Mapped[Ms]


class Tag(Base):
    """A label. Names are compared without regard to case. Who writes one of `keywords`, or for the first time where
    `first_message` says so, gets it; `ruled_at` is since when (older messages do not count), None without either."""

    __tablename__ = "tags"
    __table_args__ = (
        UniqueConstraint("workspace_id", "folded"),
        Index(
            "ix_tags_ruled_at",
            "ruled_at",
            sqlite_where=text("ruled_at IS NOT NULL"),
            postgresql_where=text("ruled_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str]
    folded: Mapped[str]
    color: Mapped[str | None]
    first_message: Mapped[bool] = mapped_column(default=False)
    keywords: Mapped[JsonList]
    ruled_at: Mapped[Ms | None]
    created_at: Mapped[Ms]


class ContactTag(Base):
    """A label on a contact."""

    __tablename__ = "contact_tags"
    __table_args__ = (Index("ix_contact_tags_tag_id_contact_id", "tag_id", "contact_id"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)


class ContactList(Base):
    """A static group of contacts."""

    __tablename__ = "contact_lists"
    __table_args__ = (UniqueConstraint("workspace_id", "folded"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str]
    folded: Mapped[str]
    created_at: Mapped[Ms]


class ContactListMember(Base):
    """A contact in a list."""

    __tablename__ = "contact_list_members"
    __table_args__ = (Index("ix_contact_list_members_contact_id", "contact_id"),)

    list_id: Mapped[int] = mapped_column(ForeignKey("contact_lists.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True)


class Attribute(Base):
    """A custom field that contacts may have. `kind`: text, number, date or boolean (a hint for forms)."""

    __tablename__ = "attributes"
    __table_args__ = (UniqueConstraint("workspace_id", "folded"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str]
    folded: Mapped[str]
    kind: Mapped[str] = mapped_column(default="text")
    created_at: Mapped[Ms]


class ContactAttribute(Base):
    """A contact's value of a custom field."""

    __tablename__ = "contact_attributes"
    __table_args__ = (Index("ix_contact_attributes_lookup", "attribute_id", "value", "contact_id"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True)
    attribute_id: Mapped[int] = mapped_column(ForeignKey("attributes.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[str]


class Segment(Base):
    """A saved filter over contacts."""

    __tablename__ = "segments"
    __table_args__ = (UniqueConstraint("workspace_id", "folded"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str]
    folded: Mapped[str]
    filter: Mapped[JsonDict]
    created_at: Mapped[Ms]


class Suppression(Base):
    """An address that campaigns must skip, and why (keyword, platform preference, import, by hand)."""

    __tablename__ = "suppressions"
    __table_args__ = (UniqueConstraint("workspace_id", "address"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    address: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]
    created_at: Mapped[Ms]


class ContactNote(Base):
    """What staff wrote down about a contact."""

    __tablename__ = "contact_notes"

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    title: Mapped[str | None]
    text: Mapped[str]
    created_at: Mapped[Ms]
