"""The endpoints as data: what the markdown documentation is generated from, and what the tests hold the routes to.

Every request here runs as it is printed against the simulator's account.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Param(msgspec.Struct, frozen=True):
    """A field of a request. A dot or `[]` in the name says where it lies inside another."""

    name: str
    type: str
    required: bool
    about: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One documented use of an endpoint. `where` says where the parameters go: body, query or path."""

    tag: str
    slug: str
    title: str
    method: str
    path: str
    about: str
    params: tuple[Param, ...] = ()
    query: tuple[Param, ...] = ()
    in_path: tuple[Param, ...] = ()
    request: Any = None
    response: Any = None


def need(name: str, type_: str, about: str) -> Param:
    """A required field."""
    return Param(name, type_, True, about)


def may(name: str, type_: str, about: str) -> Param:
    """An optional field."""
    return Param(name, type_, False, about)


def success(message: str, data: Any) -> dict[str, Any]:
    """An example answer."""
    return {"status": "success", "success": True, "message": message, "data": data}


PAGINATION = {"totalPages": 1, "currentPage": 1, "limit": 10, "hasNextPage": False, "hasPrevPage": False}


def entries() -> tuple[Entry, ...]:
    """All of them, in the documentation's order."""
    from .reference_campaigns import CAMPAIGNS
    from .reference_contacts import CONTACTS
    from .reference_messages import MESSAGES

    return (*MESSAGES, *CAMPAIGNS, *CONTACTS)


TAGS = {
    "messages": ("Messages", "A message to one recipient, and what became of it."),
    "templates": ("Templates", "Message templates of the connected number, as the provider has them."),
    "broadcasts": ("Broadcasts", "Messages to lists of contacts, and API campaigns that are sent one by one."),
    "contacts": ("Contacts", "People, their tags, custom fields and lists."),
    "settings": ("Settings", "Tags of the workspace."),
    "media": ("Media", "Files that came in or were uploaded."),
    "catalogs": ("Catalogs", "Catalogs linked to the business account, and their products."),
}
"""Slug to title and a sentence."""
