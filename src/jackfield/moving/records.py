"""What is moved, in words that belong to no vendor, and the report of a move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Person(msgspec.Struct, kw_only=True):
    """A contact. `phone` is as the source writes it; None stands for what the source does not say."""

    id: str
    phone: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    country: str | None = None
    optin: bool | None = None
    """Agreed to marketing (True), refused it (False), was not asked or it is not shown (None)."""
    blocked: bool | None = None
    source: str | None = None
    tags: list[str] = []
    lists: list[str] = []
    attributes: dict[str, str] = {}
    identities: dict[str, list[str]] = {}
    """Addresses beside phone and e-mail, by kind."""


class Labels(msgspec.Struct, kw_only=True):
    """Names of lists and tags, those that nobody has included."""

    lists: list[str] = []
    tags: list[str] = []


class Number(msgspec.Struct, kw_only=True):
    """A connected number at the source; `id` is its profile's or client's."""

    id: str
    phone: str | None = None
    name: str | None = None


class Template(msgspec.Struct, kw_only=True):
    """A message template; `components` are Meta's."""

    id: str
    name: str
    language: str
    category: str
    status: str
    components: list[dict[str, Any]]
    named: bool = False
    """Whether its values have names; else they have numbers."""


class Hook(msgspec.Struct, kw_only=True):
    """A webhook. Its secret is shown by no API."""

    id: str
    url: str
    events: list[str]
    format: str = "native"
    number: str | None = None
    """The profile that it hears of; None: all."""
    unknown: list[str] = []
    """Events that it has there and that have no equal here, in the source's words."""


class Colleague(msgspec.Struct, kw_only=True):
    """Somebody who logs in at the source."""

    id: str
    email: str
    name: str
    role: str = "agent"


class Reply(msgspec.Struct, kw_only=True):
    """A canned reply. `text` has our placeholders; `problem` says why it cannot be one here."""

    id: str
    shortcut: str
    text: str
    problem: str | None = None


class Triggered(msgspec.Struct, kw_only=True):
    """An API campaign: what programs trigger for one person at a time. `problem` says why it cannot be made here."""

    id: str
    name: str
    number: str
    live: bool
    type: str
    content: dict[str, Any]
    category: str | None = None
    tag: str | None = None
    problem: str | None = None


class Note(msgspec.Struct, kw_only=True):
    """What a colleague wrote about a contact, and who, when."""

    text: str
    title: str | None = None


class Noted(msgspec.Struct, kw_only=True):
    """A contact with its notes, the oldest first."""

    id: str
    phone: str | None
    email: str | None
    name: str
    notes: list[Note]


class Planned(msgspec.Struct, kw_only=True):
    """A message that waits for its time at the source."""

    id: str
    number: str
    to: str
    at: str
    """ISO 8601, with its zone."""
    type: str
    content: dict[str, Any]


class Batch(msgspec.Struct, Generic[T], kw_only=True):
    """Some records, and where the source goes on after them."""

    rows: Sequence[T]
    cursor: str
    total: int | None = None
    """How many there are in all, where the source tells."""


class Refusal(msgspec.Struct, kw_only=True):
    """Something that the source has and this Jackfield did not take."""

    kind: str
    id: str
    """As the source calls it."""
    value: str
    reason: str


class Count(msgspec.Struct):
    """What became of one kind of thing."""

    seen: int = 0
    created: int = 0
    known: int = 0
    """Was there already; what it lacked was filled in."""
    refused: int = 0


LISTED = 10_000
"""Refusals that a report lists; all are counted."""


class Report(msgspec.Struct, kw_only=True):
    """What came, what was there, what was refused, and what the source does not show."""

    counts: dict[str, Count] = {}
    refusals: list[Refusal] = []
    not_moved: list[str] = []

    def of(self, kind: str) -> Count:
        """The counts of one kind."""
        return self.counts.setdefault(kind, Count())

    def refuse(self, kind: str, id_: str, value: str, reason: str) -> None:
        """Count a refusal, and list it while there is room."""
        self.of(kind).refused += 1
        if len(self.refusals) < LISTED:
            self.refusals.append(Refusal(kind=kind, id=id_, value=value[:200], reason=reason))

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "counts": {kind: msgspec.to_builtins(one) for kind, one in self.counts.items()},
            "refused": [msgspec.to_builtins(one) for one in self.refusals],
            "notMoved": self.not_moved,
        }
