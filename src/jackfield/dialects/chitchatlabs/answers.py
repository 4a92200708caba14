"""The types of what ChitChatLabs' calls answer, for the OpenAPI document. The data itself is made in `shapes`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from .._openapi import name_of

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""ISO 8601 in UTC."""


class Error(TypedDict):
    """What is wrong. `code` is stable, `message` is for people; `details` maps fields to what is wrong with them, or
    explains what the network refused."""

    code: str
    message: str
    details: NotRequired[Any]


class Failure(TypedDict):
    """A request that was refused or went wrong."""

    success: Literal[False]
    error: Error


class Explanation(TypedDict):
    """Why a message failed, or why a contact was left out."""

    code: str
    type: str
    message: str | None
    remedy: NotRequired[str | None]
    link: NotRequired[str | None]


class Message(TypedDict):
    """A message, as the vendor's Messages tab shows it."""

    id: str
    to: str | None
    status: str
    fb_template: str | None
    tag: str | None
    campaignId: str | None
    providerMessageId: str | None
    error: Explanation | None
    createdAt: Time | None
    sentAt: Time | None
    deliveredAt: Time | None
    readAt: Time | None
    failedAt: Time | None


class Messages(TypedDict):
    """A page of messages; `cursor` leads on, null on the last page."""

    success: Literal[True]
    data: list[Message]
    cursor: str | None


class Recipient(TypedDict):
    """Whom a message went to."""

    mobile: str
    name: str | None


class SingleCounts(TypedDict):
    """One message that was accepted."""

    accepted: int
    skipped: int


class Skipped(TypedDict):
    """A contact that a blast left out."""

    mobile: str | None
    contactId: int | None
    code: str
    reason: str


class Single(TypedDict):
    """A message that was accepted, and what the network said of it."""

    id: str
    status: str
    to: Recipient
    providerMessageId: str | None
    tag: str | None
    counts: SingleCounts
    skipped: list[Skipped]


class BlastCounts(TypedDict):
    """A blast's figures; `sent` contains `delivered`, which contains `read`."""

    total: int
    queued: int
    sent: int
    delivered: int
    read: int
    failed: int
    skipped: int
    uncertain: int


class Blast(TypedDict):
    """A blast. `audience` is how many contacts matched when it was asked for; `counts` grow while it is `expanding`."""

    id: str
    status: str
    expanding: bool
    fb_template: str | None
    tag: str | None
    audience: int
    counts: BlastCounts
    skipped: list[Skipped]
    createdAt: Time | None


def envelope(data: Any) -> Any:
    """The type of a whole answer whose `data` is of this type; a page is whole already."""
    if data is Messages:
        return data
    make: Any = TypedDict
    return make(name_of(data) + "Answer", {"success": Literal[True], "data": data})
