"""Contacts of a page by a part of their name, number, address or user name: from the index of names.

Few that match are asked for by their ids. Where many match, the first contacts of the list are looked at in its own order,
because the next match is near; where they are not enough for a page, and for a total, all that match come from the index.
While more names wait for the index than are compared one by one (a large import has just ended), contacts themselves are
looked at, all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, exists, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ...models import Contact, Identity, NameText
from ...names.find import NameFinder, said
from ...names.grams import CONTACT
from . import filters

FEW: Final = 2000
"""Up to so many are asked for by id."""
WALKED: Final = 2000
"""So many contacts of a list are looked at before all that match are taken from the index."""


class Narrowed(msgspec.Struct, frozen=True):
    """A condition on `Contact` that the index answers. `near`: the same of a contact with this id, for the first contacts of a
    list; None where few match."""

    condition: ColumnElement[bool]
    near: Callable[[ColumnElement[int]], ColumnElement[bool]] | None = None


async def searched(session: AsyncSession, workspace_id: int, text: str, kinds: Collection[str]) -> Narrowed:
    """A search text: in the name, the e-mail address, the phone number or the user name, or a whole identity of another
    kind (a business-scoped user id, a Telegram id, ...) of these `kinds`."""
    named = _identified(workspace_id, text, kinds)
    names = _finder(session, workspace_id, text)
    few = None if names.is_frequent else await names.few(CONTACT)
    if await names.is_behind():
        waiting = Contact.id.in_(await names.waiting(CONTACT))
        return Narrowed(or_(_told(names, Contact.id), waiting, Contact.id.in_(named), *_columns(text)))
    others = {*await session.scalars(named.limit(FEW + 1))}
    if few is not None:
        if len(others) <= FEW:
            return Narrowed(Contact.id.in_(others.union(few)))
        return Narrowed(Contact.id.in_(few) | Contact.id.in_(named))
    also = others.union(await names.waiting(CONTACT))
    found = Contact.id.in_(names.all_of(CONTACT))
    if len(others) > FEW:
        return Narrowed(found | Contact.id.in_(also) | Contact.id.in_(named))
    return Narrowed(found | Contact.id.in_(also), lambda id_: or_(_told(names, id_), id_.in_(also)))


async def narrowed(
    session: AsyncSession, workspace_id: int, filter_: Mapping[str, Any]
) -> tuple[Mapping[str, Any], list[Narrowed]]:
    """For "contains" of a filter, conditions that the index answers, and the filter without them. Raises Invalid."""
    found = []
    left = dict(filter_)
    for key in ("name", "email", "phone"):
        value = filter_.get(key)
        if value is None:
            continue
        text = filters.digits_of(value) if key == "phone" else filters.plain(key, value)
        if not text.strip():
            continue
        names = _finder(session, workspace_id, text)
        few = None if names.is_frequent else await names.few(CONTACT)
        if await names.is_behind():
            continue
        del left[key]
        has = filters.within(Contact, key, text)
        if few is not None:
            found.append(Narrowed(has & Contact.id.in_(few)))
        else:
            found.append(_many(names, key, text, await names.waiting(CONTACT)))
    return left, found


def _many(names: NameFinder, key: str, text: str, waiting: Collection[int]) -> Narrowed:
    def near(id_: ColumnElement[int]) -> ColumnElement[bool]:
        one = aliased(Contact)
        return exists().where(one.id == id_, filters.within(one, key, text))

    found = Contact.id.in_(names.all_of(CONTACT)) | Contact.id.in_(waiting)
    return Narrowed(filters.within(Contact, key, text) & found, near)


def _finder(session: AsyncSession, workspace_id: int, text: str) -> NameFinder:
    return NameFinder(session, workspace_id, text, is_sqlite=session.get_bind().dialect.name == "sqlite", most=FEW)


def _told(names: NameFinder, id_: Any) -> ColumnElement[bool]:
    return exists().where(NameText.key == id_ * 2, said(names.needles))


def _columns(text: str) -> list[ColumnElement[bool]]:
    """The same from the contacts themselves."""
    found = [filters.within(Contact, key, text) for key in ("name", "email")]
    digits = "".join(char for char in text if char.isdigit())
    if len(digits) >= 3 and not any(char.isalpha() for char in text):
        found.append(filters.within(Contact, "phone", digits))
    return found


def _identified(workspace_id: int, text: str, kinds: Collection[str]) -> Any:
    """Contacts whose user name contains it, or who have it as an id."""
    name = text.removeprefix("@").casefold()
    whole = sorted(set(kinds) - {"username", "phone", "email"})
    ids = {text, text.upper(), text.removesuffix("@lid"), text[:2].upper() + text[2:]}
    # Two statements: of an OR in one, SQLite reads all identities.
    either = union_all(
        *(
            select(Identity.contact_id.label("id")).where(Identity.workspace_id == workspace_id, one)
            for one in (
                and_(Identity.kind == "username", Identity.value.like(filters.like(name), escape="\\")),
                and_(Identity.kind.in_(whole), Identity.value.in_(ids)),
            )
        )
    ).subquery()
    return select(either.c.id)
