"""Contacts as they are shown: with tags, lists, attributes and identities, read for a whole page at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from sqlalchemy import select

from ...ground.views import view_of
from ...models import Attribute, Contact, ContactAttribute, ContactList, ContactListMember, ContactTag, Identity, Tag
from ..columns import Further
from .consents import RefusalView, listed_refusals, refusal_of


class Reads(Protocol):
    """A session or a connection."""

    async def execute(self, statement: Any, /) -> Any: ...


class IdentityView(msgspec.Struct, frozen=True):
    """One address of a contact."""

    kind: str
    value: str


class ContactView(Further, kw_only=True, frozen=True):
    """A contact with the table's columns and all that hangs on it. Times in Unix ms.

    `tags` and `lists` are names, in the order of the alphabet and of creation; `tag_ids` and `list_ids` are theirs
    in the same order. `phone` is E.164 digits, `country` ISO 3166 alpha-2. `optin` None: not asked. `refusal`: this
    person gets no marketing, since when and by what.
    """

    id: int
    name: str
    phone: str | None
    source: str
    blocked: bool
    tags: list[str]
    lists: list[str]
    attributes: dict[str, str]
    identities: list[IdentityView]
    created_at: int
    updated_at: int
    last_seen_at: int | None
    tag_ids: list[int] = msgspec.field(default_factory=list)
    list_ids: list[int] = msgspec.field(default_factory=list)
    refusal: RefusalView | None = None


async def load_views(reads: Reads, workspace_id: int, ids: Sequence[int]) -> list[ContactView]:
    """The contacts of these ids, in their order, in six queries however many they are; unknown ones are left out."""
    if not ids:
        return []
    listed = await listed_refusals(reads, workspace_id, list(ids))
    views: dict[int, ContactView] = {
        row.id: view_of(
            ContactView,
            row,
            tags=[],
            lists=[],
            attributes={},
            identities=[],
            tag_ids=[],
            list_ids=[],
            refusal=refusal_of(row, listed.get(row.id)),
        )
        for row in await reads.execute(
            select(*Contact.__table__.columns).where(Contact.workspace_id == workspace_id, Contact.id.in_(ids))
        )
    }
    found = list(views)
    for row in await reads.execute(
        select(ContactTag.contact_id, Tag.id, Tag.name)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(ContactTag.contact_id.in_(found))
        .order_by(Tag.folded)
    ):
        view = views[row.contact_id]
        view.tags.append(row.name)
        view.tag_ids.append(row.id)
    for row in await reads.execute(
        select(ContactListMember.contact_id, ContactList.id, ContactList.name)
        .join(ContactList, ContactList.id == ContactListMember.list_id)
        .where(ContactListMember.contact_id.in_(found))
        .order_by(ContactList.id)
    ):
        view = views[row.contact_id]
        view.lists.append(row.name)
        view.list_ids.append(row.id)
    for row in await reads.execute(
        select(ContactAttribute.contact_id, Attribute.name, ContactAttribute.value)
        .join(Attribute, Attribute.id == ContactAttribute.attribute_id)
        .where(ContactAttribute.contact_id.in_(found))
        .order_by(Attribute.id)
    ):
        views[row.contact_id].attributes[row.name] = row.value
    for row in await reads.execute(
        select(Identity.contact_id, Identity.kind, Identity.value)
        .where(Identity.contact_id.in_(found))
        .order_by(Identity.id)
    ):
        views[row.contact_id].identities.append(IdentityView(row.kind, row.value))
    return [views[id_] for id_ in ids if id_ in views]
