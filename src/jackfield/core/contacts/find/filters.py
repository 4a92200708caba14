"""Filters over contacts: one language for lists, segments, audiences and the dialects' search parameters.

A filter is plain data, so that a segment can be stored. All conditions hold together:

- `all`: true says "everyone" aloud (an empty filter means the same)
- `ids`: contact ids
- `name`, `email`: contains, without regard to case; `phone`: contains these digits (a list of contacts prefers the
  one that has exactly this number, when there is one)
- `equals`: {column: value} for the columns of `columns.COMPARED`: without regard to case
- `tags`: has all of these labels (names); `any_tags`: has one of them; `not_tags`: has none
- `lists`: is in one of these lists (names or ids); `unassigned`: true is in no list
- `lists_or_unassigned`: as `lists`, or in no list at all
- `optin`: true or false (who was not asked counts as false only here); `blocked`: true or false
- `has_phone`: true or false
- `source`: how the contact came
- `attributes`: {name: value} all equal; a value of null or "" means "has none"
- `same_attributes`: {name: value} all equal, without regard to case
- `seen_since`, `seen_before`, `created_since`, `created_before`: Unix ms
- `campaign`: {"id": campaign, "state": [states], "replied": true or false}: was reached by it so, and has written
  since, or has not

A key whose value is null is left out. `conditions` is the filter as SQL that suits walking through all contacts in
the order of their ids, as a campaign's expansion does; `matching` finds a page or a count faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from ...ground import fields
from ...ground.errors import Invalid
from ...models import (
    LEDGER,
    AnyMessage,
    ArchivedMessage,
    Attribute,
    Contact,
    ContactAttribute,
    ContactList,
    ContactListMember,
    ContactTag,
    Message,
    Tag,
    of_campaign,
)
from ..columns import COLUMNS, COMPARED

KEYS = frozenset(
    {
        "all",
        "ids",
        "equals",
        "has_phone",
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
        "same_attributes",
        "seen_since",
        "seen_before",
        "created_since",
        "created_before",
        "campaign",
    }
)


MAX_NAMES = 1000
MAX_IDS = 20_000
"""SQLite takes 32,766 values in one statement."""
MAX_TEXT = 2000


def wrong(name: str, why: str) -> Invalid:
    """The error for one key of a filter."""
    return Invalid(f"filter.{name}: {why}", details={f"filter.{name}": [why]})


def names(name: str, value: Any, limit: int = MAX_NAMES) -> list[str]:
    """A list of names, or one name, as texts."""
    items = [value] if isinstance(value, str | int) else value
    if not isinstance(items, list | tuple) or not all(
        isinstance(one, str | int) and not isinstance(one, bool) for one in items
    ):
        raise wrong(name, "Must be a list of names.")
    if len(items) > limit:
        raise wrong(name, f"At most {limit}.")
    return [plain(name, str(one)) for one in items]


def plain(name: str, value: Any) -> str:
    """A text that both databases can compare with."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    try:
        return str(fields.text(f"filter.{name}", value, maximum=MAX_TEXT, required=False))
    except Invalid as error:
        raise wrong(name, next(iter(error.details.values()))[0]) from None


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong(name, "Must be true or false.")
    return value


def _time(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        raise wrong(name, "Must be a time in Unix ms.")
    return value


def _numbers(values: list[str]) -> list[int]:
    """Those that are ids, as the database can have them."""
    return [int(one) for one in values if one.isascii() and one.isdigit() and len(one) < 19]


def like(text: str) -> str:
    """A LIKE pattern for "contains", with its wildcards escaped by a backslash."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def contains(column: Any, text: str) -> ColumnElement[bool]:
    """That a text occurs in a column, without regard to case.

    SQLite folds only ASCII, and so does PostgreSQL under the C locale: other scripts are looked for as written, in
    lower case, in capitals and with capital initials.
    """
    found = column.ilike(like(text), escape="\\")
    return found if text.isascii() else or_(found, *(column.like(like(one), escape="\\") for one in _cases(text)))


def same(column: Any, text: str) -> ColumnElement[bool]:
    """That a column is this text, without regard to case (see `contains`)."""
    found = func.lower(column) == text.lower()
    return found if text.isascii() else or_(found, column.in_(_cases(text)))


def _cases(text: str) -> list[str]:
    return sorted({text, text.lower(), text.upper(), text.title(), text.capitalize()})


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
    ids = _numbers(names)
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


def attribute_text(name: str, value: Any) -> str | None:
    """The value that an attribute must have; None when it must have none."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise wrong(f"attributes.{name}", "Must be text, a number, true or false.")
    return plain(f"attributes.{name}", value) or None


def _attribute(workspace_id: int, name: str, value: Any, *, fold: bool = False) -> ColumnElement[bool]:
    attribute = (
        select(Attribute.id)
        .where(Attribute.workspace_id == workspace_id, Attribute.folded == name.casefold())
        .scalar_subquery()
    )
    has = select(1).where(ContactAttribute.contact_id == Contact.id, ContactAttribute.attribute_id == attribute)
    wanted = attribute_text(name, value)
    if wanted is None:
        return ~exists(has)
    return exists(has.where(same(ContactAttribute.value, wanted) if fold else ContactAttribute.value == wanted))


def attribute_pairs(value: Any) -> list[tuple[str, Any]]:
    """The attributes of a filter: names, checked, and values."""
    if not isinstance(value, Mapping):
        raise wrong("attributes", "Must be an object of name and value.")
    if len(value) > MAX_NAMES:
        raise wrong("attributes", f"At most {MAX_NAMES}.")
    return [(plain("attributes", name), one) for name, one in value.items()]


def _equal(value: Any) -> list[ColumnElement[bool]]:
    if not isinstance(value, Mapping):
        raise wrong("equals", "Must be an object of field and value.")
    found: list[ColumnElement[bool]] = []
    for field, one in value.items():
        if field not in COMPARED:
            raise wrong("equals", f"Unknown field {str(field)[:40]!r}; there are {', '.join(COMPARED)}.")
        text = plain(f"equals.{field}", one)
        column = getattr(Contact, field)
        kind = COLUMNS[field].kind
        if kind == "phone":
            found.append(column == "".join(char for char in text if char.isdigit()))
        elif kind == "country":
            found.append(column == text.upper())
        else:
            found.append(same(column, text))
    return found


def check_keys(filter_: Any) -> None:
    """Raises Invalid for what is no filter, or has keys that there are not."""
    if not isinstance(filter_, Mapping) or not all(isinstance(key, str) for key in filter_):
        raise Invalid("filter: must be an object", details={"filter": ["Must be an object."]})
    unknown = sorted(set(filter_) - KEYS)
    if unknown:
        raise Invalid(
            f"filter: unknown key {', '.join(unknown)}", details={f"filter.{key}": ["Unknown key."] for key in unknown}
        )


def conditions(workspace_id: int, filter_: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """The filter as SQL conditions on `Contact`. Raises Invalid that names the key."""
    check_keys(filter_)
    found: list[ColumnElement[bool]] = [Contact.workspace_id == workspace_id]
    for key, value in filter_.items():
        if value is not None:
            found.extend(_condition(workspace_id, key, value))
    return found


def _condition(workspace_id: int, key: str, value: Any) -> list[ColumnElement[bool]]:
    match key:
        case "all":
            if not _flag(key, value):
                raise wrong(key, "Can only be true; leave it out otherwise.")
            return []
        case "ids":
            return [Contact.id.in_(_numbers(names(key, value, MAX_IDS)))]
        case "name" | "email":
            return [within(Contact, key, plain(key, value))]
        case "phone":
            return [within(Contact, key, digits_of(value))]
        case "equals":
            return _equal(value)
        case "tags":
            return [_tagged(workspace_id, [one]) for one in names(key, value)]
        case "any_tags":
            return [_tagged(workspace_id, names(key, value))]
        case "not_tags":
            return [~_tagged(workspace_id, names(key, value))]
        case "lists":
            return [_listed(workspace_id, names(key, value))]
        case "lists_or_unassigned":
            return [or_(_listed(workspace_id, names(key, value)), _nowhere())]
        case "unassigned":
            return [_nowhere() if _flag(key, value) else ~_nowhere()]
        case "optin":
            return [func.coalesce(Contact.optin, False).is_(_flag(key, value))]
        case "blocked":
            return [Contact.blocked.is_(_flag(key, value))]
        case "has_phone":
            return [Contact.phone.is_not(None) if _flag(key, value) else Contact.phone.is_(None)]
        case "source":
            return [Contact.source.in_(names(key, value))]
        case "attributes":
            return [_attribute(workspace_id, name, one) for name, one in attribute_pairs(value)]
        case "same_attributes":
            return [_attribute(workspace_id, name, one, fold=True) for name, one in attribute_pairs(value)]
        case "seen_since":
            return [Contact.last_seen_at >= _time(key, value)]
        case "seen_before":
            return [or_(Contact.last_seen_at.is_(None), Contact.last_seen_at < _time(key, value))]
        case "created_since":
            return [Contact.created_at >= _time(key, value)]
        case "created_before":
            return [Contact.created_at < _time(key, value)]
        case "campaign":
            return [_reached(workspace_id, value)]
    raise wrong(key, "Unknown key.")


def within(contact: Any, key: str, text: str) -> ColumnElement[bool]:
    """That the name, e-mail address or phone number (by its digits) of a contact contains a text; `contact` is the model or
    an alias of it."""
    if key == "phone":
        found: ColumnElement[bool] = contact.phone.like(like(text), escape="\\")
        return found
    return contains(getattr(contact, key), text)


def digits_of(value: Any) -> str:
    """The digits of a filter on phones. Raises Invalid when there are none, which would match everybody."""
    digits = "".join(char for char in plain("phone", value) if char.isdigit())
    if not digits:
        raise wrong("phone", "Must hold digits.")
    return digits


def _nowhere() -> ColumnElement[bool]:
    return ~exists(select(1).where(ContactListMember.contact_id == Contact.id))


def _reached(workspace_id: int, value: Any) -> ColumnElement[bool]:
    ids = _numbers([str(value["id"])]) if isinstance(value, Mapping) and "id" in value else []
    if not ids:
        raise wrong("campaign", "Must be an object with the campaign's id and optional states.")
    # Reached by the campaign's own index; the ledger has none by contact.
    return or_(*(Contact.id.in_(_reached_in(model, workspace_id, ids[0], value)) for model in LEDGER))


def _reached_in(model: AnyMessage, workspace_id: int, campaign_id: int, value: Mapping[str, Any]) -> Select[Any]:
    reached = select(model.contact_id).where(
        of_campaign(campaign_id, model), model.workspace_id == workspace_id, model.contact_id.is_not(None)
    )
    if value.get("state"):
        reached = reached.where(model.state.in_(names("campaign.state", value["state"])))
    if value.get("replied") is not None:
        answered = or_(
            *(
                exists(
                    select(1).where(
                        answer.channel_id == model.channel_id,
                        answer.peer == model.peer,
                        answer.id > model.id,
                        answer.direction == "in",
                    )
                )
                for answer in (aliased(Message), aliased(ArchivedMessage))
            )
        )
        reached = reached.where(answered if _flag("campaign.replied", value["replied"]) else ~answered)
    return reached
