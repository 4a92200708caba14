"""Filters over contacts: one language for lists, segments, audiences and the dialects' search parameters.

A filter is plain data, so that a segment can be stored. All conditions hold together:

- `all`: true says "everyone" aloud (an empty filter means the same)
- `ids`: contact ids
- `name`, `email`: contains, without regard to case; `phone`: contains these digits
- `tags`: has all of these labels (names); `any_tags`: has one of them; `not_tags`: has none
- `lists`: is in one of these lists (names or ids); `unassigned`: true is in no list
- `lists_or_unassigned`: as `lists`, or in no list at all
- `optin`: true or false (who was not asked counts as false only here); `blocked`: true or false
- `source`: how the contact came
- `attributes`: {name: value} all equal; a value of null means "has none"
- `seen_since`, `seen_before`, `created_since`, `created_before`: Unix ms
- `campaign`: {"id": campaign, "state": [states]}: was reached by it so
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from ..errors import Invalid
from ..models import (
    Attribute,
    Contact,
    ContactAttribute,
    ContactList,
    ContactListMember,
    ContactTag,
    Message,
    Tag,
)

KEYS = frozenset(
    {
        "all",
        "ids",
        "name",
        "email",
        "phone",
        "tags",
        "any_tags",
        "not_tags",
        "lists",
        "unassigned",
        "lists_or_unassigned",
        "optin",
        "blocked",
        "source",
        "attributes",
        "seen_since",
        "seen_before",
        "created_since",
        "created_before",
        "campaign",
    }
)


def _texts(name: str, value: Any) -> list[str]:
    items = [value] if isinstance(value, str | int) else value
    if not isinstance(items, list) or not all(isinstance(one, str | int) for one in items):
        raise Invalid(f"filter.{name}: a list of names", details={f"filter.{name}": ["Must be a list of names."]})
    return [str(one) for one in items]


def _moment(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(f"filter.{name}: a time in Unix ms", details={f"filter.{name}": ["Must be Unix ms."]})
    return value


def like(text: str) -> str:
    """A LIKE pattern for "contains", with its wildcards escaped by a backslash."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _tagged(workspace_id: int, names: list[str]) -> ColumnElement[bool]:
    return exists(
        select(1)
        .select_from(ContactTag)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(
            ContactTag.contact_id == Contact.id,
            Tag.workspace_id == workspace_id,
            Tag.folded.in_([name.casefold() for name in names]),
        )
    )


def _listed(workspace_id: int, names: list[str]) -> ColumnElement[bool]:
    ids = [int(name) for name in names if name.isdigit()]
    return exists(
        select(1)
        .select_from(ContactListMember)
        .join(ContactList, ContactList.id == ContactListMember.list_id)
        .where(
            ContactListMember.contact_id == Contact.id,
            ContactList.workspace_id == workspace_id,
            or_(ContactList.folded.in_([name.casefold() for name in names]), ContactList.id.in_(ids)),
        )
    )


def _attribute(workspace_id: int, name: str, value: Any) -> ColumnElement[bool]:
    attribute = (
        select(Attribute.id)
        .where(Attribute.workspace_id == workspace_id, Attribute.folded == name.casefold())
        .scalar_subquery()
    )
    has = select(1).where(ContactAttribute.contact_id == Contact.id, ContactAttribute.attribute_id == attribute)
    if value is None or value == "":
        return ~exists(has)
    if isinstance(value, bool):
        value = "true" if value else "false"
    return exists(has.where(ContactAttribute.value == str(value)))


def conditions(workspace_id: int, filter_: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """The filter as SQL conditions on `Contact`. Raises Invalid that names the key."""
    unknown = sorted(set(filter_) - KEYS)
    if unknown:
        raise Invalid(
            f"filter: unknown key {', '.join(unknown)}", details={f"filter.{key}": ["Unknown key."] for key in unknown}
        )
    found: list[ColumnElement[bool]] = [Contact.workspace_id == workspace_id]
    for key, value in filter_.items():
        if value is None and key != "optin":
            continue
        if key == "ids":
            found.append(Contact.id.in_([int(one) for one in _texts(key, value) if str(one).isdigit()]))
        elif key in ("name", "email"):
            column = Contact.name if key == "name" else Contact.email
            found.append(column.ilike(like(str(value)), escape="\\"))
        elif key == "phone":
            digits = "".join(char for char in str(value) if char.isdigit())
            found.append(Contact.phone.like(like(digits), escape="\\"))
        elif key == "tags":
            found.extend(_tagged(workspace_id, [one]) for one in _texts(key, value))
        elif key == "any_tags":
            found.append(_tagged(workspace_id, _texts(key, value)))
        elif key == "not_tags":
            found.append(~_tagged(workspace_id, _texts(key, value)))
        elif key in ("lists", "lists_or_unassigned"):
            listed = _listed(workspace_id, _texts(key, value))
            nowhere = ~exists(select(1).where(ContactListMember.contact_id == Contact.id))
            found.append(listed if key == "lists" else or_(listed, nowhere))
        elif key == "unassigned":
            nowhere = ~exists(select(1).where(ContactListMember.contact_id == Contact.id))
            found.append(nowhere if value else ~nowhere)
        elif key == "optin":
            found.append(func.coalesce(Contact.optin, False).is_(bool(value)))
        elif key == "blocked":
            found.append(Contact.blocked.is_(bool(value)))
        elif key == "source":
            found.append(Contact.source == str(value))
        elif key == "attributes":
            if not isinstance(value, Mapping):
                raise Invalid("filter.attributes: an object of name and value")
            found.extend(_attribute(workspace_id, str(name), one) for name, one in value.items())
        elif key == "seen_since":
            found.append(Contact.last_seen_at >= _moment(key, value))
        elif key == "seen_before":
            found.append(or_(Contact.last_seen_at.is_(None), Contact.last_seen_at < _moment(key, value)))
        elif key == "created_since":
            found.append(Contact.created_at >= _moment(key, value))
        elif key == "created_before":
            found.append(Contact.created_at < _moment(key, value))
        elif key == "campaign":
            found.append(_reached(workspace_id, value))
    return found


def _reached(workspace_id: int, value: Any) -> ColumnElement[bool]:
    if not isinstance(value, Mapping) or not str(value.get("id", "")).isdigit():
        raise Invalid("filter.campaign: an object with the campaign's id and optional states")
    condition = and_(
        Message.contact_id == Contact.id,
        Message.workspace_id == workspace_id,
        Message.campaign_id == int(value["id"]),
    )
    if value.get("state"):
        condition = and_(condition, Message.state.in_(_texts("campaign.state", value["state"])))
    return exists(select(1).where(condition))
