"""Reports, as this API shows them."""

from __future__ import annotations

from typing_extensions import TypedDict

from ._base import Time


class UsageSums(TypedDict):
    """Counts of messages; `sent` contains delivered and read."""

    total: int
    received: int
    sent: int
    delivered: int
    read: int
    failed: int
    skipped: int
    pending: int


class UsageRow(UsageSums):
    """Counts of one group: `key` is a day, an hour, an id or a name."""

    key: str
    name: str | None


_Span = TypedDict("_Span", {"from": Time | None})
"""`from` is a word of Python's."""


class UsageReport(_Span):
    """Messages by group."""

    by: str
    until: Time | None
    rows: list[UsageRow]
    sum: UsageSums


class ApiUse(TypedDict):
    """How often a call was made on a day."""

    day: str
    api: str
    call: str
    count: int


class ApiUses(_Span):
    """Requests by day, API and call."""

    until: Time | None
    rows: list[ApiUse]
    sum: int


class Waits(TypedDict):
    """How many waits there were, with their median and ninth decile in seconds; null when there was none."""

    count: int
    median: float | None
    p90: float | None


class ResponseSums(TypedDict):
    """Waits for an answer: `first` are those that began a conversation. `waiting` have no answer yet, `unanswered` never got
    one: the chat was set done, or another conversation began."""

    first: Waits
    all: Waits
    waiting: int
    unanswered: int


class ResponseRow(ResponseSums):
    """The waits of one group: `key` is a day, an id, or `none`, `phone` or `program`."""

    key: str
    name: str | None


class ResponseReport(_Span):
    """Response times by group."""

    by: str
    until: Time | None
    zone: str
    rows: list[ResponseRow]
    sum: ResponseSums
