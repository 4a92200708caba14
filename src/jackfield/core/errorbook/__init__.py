"""The error book: what a provider's code means, what to do about it, and whether trying again makes sense.

Users ask for this more than for anything else about failures: explain the error, do not show a number. Every
failed message carries its code; `lookup` turns it into an `Entry` with cause, remedy, retry class and the
provider's own page. The entries are data in `errorbook_meta` (WhatsApp Cloud API) and `errorbook_other`
(Telegram, WhatsApp Web, transport, and Jackfield's own); nothing here imports an engine or a vendor's library.

Retry classes follow the table of Meta's error codes page (developers.facebook.com, WhatsApp Business Platform,
"Error codes", 2026-05-15), and where Meta says nothing, what the platform does in practice.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import msgspec

from .meta import META, META_ERRORS
from .other import OTHER


class RetryClass(StrEnum):
    """What to do with a message that failed with a code of this class."""

    BACKOFF = "backoff"
    """Try again with growing pauses and slow the whole number down."""
    RECIPIENT_BACKOFF = "recipient_backoff"
    """Try again, but only this recipient waits: 4^X seconds, X counting the attempts."""
    NOT_BEFORE_24H = "not_before_24h"
    """Another try within 24 hours fails again and harms the number's quality."""
    PAUSE = "pause"
    """Stop sending until a person has put the account, number or payment right."""
    PAUSE_TEMPLATE = "pause_template"
    """Stop whatever uses this template or flow; other messages may go on."""
    FINAL_RECIPIENT = "final_recipient"
    """This recipient cannot have this message; others can."""
    FINAL_REQUEST = "final_request"
    """The request is wrong as it stands, for every recipient."""
    REUPLOAD = "reupload"
    """Fetch or upload the media afresh and try once more."""
    SETTLE = "settle"
    """It may have gone out. Never blindly resent: the provider's status callback decides, else policy."""


RETRYABLE = frozenset(
    {
        RetryClass.BACKOFF,
        RetryClass.RECIPIENT_BACKOFF,
        RetryClass.NOT_BEFORE_24H,
        RetryClass.REUPLOAD,
    }
)
"""Classes after which the same message may be tried again, each in its own time."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One code explained.

    `title` is the provider's short name for it, `cause` and `remedy` whole sentences for people, `link` the
    provider's page. `pauses` says what must stand still until a person has acted: the "account" (every send of
    the channel), the "campaign" that hit it, or nothing.
    """

    code: str
    title: str
    cause: str
    remedy: str
    retry_class: RetryClass
    link: str
    pauses: Literal["account", "campaign"] | None = None

    @property
    def retryable(self) -> bool:
        """Whether the same message may be tried again by itself."""
        return self.retry_class in RETRYABLE


_GENERIC = "The provider refused the message with a code that the error book does not know."


def lookup(code: str | int | None) -> Entry:
    """The entry of a code as text; never fails.

    A code with a detail after its last colon falls back to the general one ("telegram:403:blocked" to
    "telegram:403"), HTTP status codes are written "http:503", and anything unknown gets an entry that says so and
    is not retried.
    """
    text = "" if code is None else str(code)
    entry = _BOOK.get(text)
    if entry is not None:
        return entry
    if text.isdigit() and 200 <= int(text) <= 299:
        return msgspec.structs.replace(_BOOK["200"], code=text)
    head, _, tail = text.rpartition(":")
    if head in ("http", "telegram") and tail.isdigit() and len(tail) == 3:
        family = f"{head}:{tail[0]}xx"
        if family in _BOOK:
            return msgspec.structs.replace(_BOOK[family], code=text)
    if head:
        found = lookup(head)
        if found.cause is not _GENERIC:
            return msgspec.structs.replace(found, code=text)
    return Entry(
        code=text or "unknown",
        title="Unknown error",
        cause=_GENERIC,
        remedy="Read the provider's own words on the message. If it returns, report it so that it can be explained.",
        retry_class=RetryClass.FINAL_REQUEST,
        link=META_ERRORS if text.isdigit() else "",
    )


def known(code: str | int) -> bool:
    """Whether the book has an entry of its own (or of its family) for this code."""
    return lookup(code).cause is not _GENERIC


def classify(code: str | int | None, http_status: int | None = None) -> RetryClass:
    """The retry class of a code; where the book does not know it, of the HTTP status it came with.

    An unknown code under 429 or 5xx is worth another try, under 401 or 403 it takes a person, under any other 4xx
    the request itself is wrong.
    """
    entry = lookup(code)
    if entry.cause is not _GENERIC or http_status is None:
        return entry.retry_class
    if http_status == 429 or http_status >= 500:
        return RetryClass.BACKOFF
    if http_status in (401, 403):
        return RetryClass.PAUSE
    return RetryClass.FINAL_REQUEST


def entries() -> list[Entry]:
    """The whole book, in the order of its pages."""
    return list(_BOOK.values())


def as_markdown() -> str:
    """The book as a page of documentation (docs/error-book.md is this text; a test holds them together)."""
    lines = [
        "# Error book",
        "",
        "What each failure code means and what to do. The retry class decides what Jackfield does by itself:",
        "",
        "| class | what happens |",
        "|---|---|",
    ]
    lines += [f"| `{item.value}` | {_CLASS_WORDS[item]} |" for item in RetryClass]
    lines += [
        "",
        '"Pauses" says what stands still until a person has acted.',
        "",
        "| code | title | cause | remedy | retry class | pauses |",
        "|---|---|---|---|---|---|",
    ]
    for entry in entries():
        title = f"[{entry.title}]({entry.link})" if entry.link else entry.title
        lines.append(
            f"| `{entry.code}` | {title} | {entry.cause} | {entry.remedy} "
            f"| {entry.retry_class.value} | {entry.pauses or '-'} |"
        )
    return "\n".join([*lines, ""])


_CLASS_WORDS = {
    RetryClass.BACKOFF: "tried again with growing pauses; the number is slowed down",
    RetryClass.RECIPIENT_BACKOFF: "tried again; only this recipient waits (4, 16, 64 ... seconds)",
    RetryClass.NOT_BEFORE_24H: "not tried again within 24 hours",
    RetryClass.PAUSE: "not tried again; sending stops until a person has put it right",
    RetryClass.PAUSE_TEMPLATE: "not tried again; what uses the template or flow stops",
    RetryClass.FINAL_RECIPIENT: "final for this recipient",
    RetryClass.FINAL_REQUEST: "final: the request must be changed",
    RetryClass.REUPLOAD: "tried once more after the media was uploaded afresh",
    RetryClass.SETTLE: "may have gone out: waits for the provider's status, then the policy for uncertain messages",
}


def _entry(
    code: str,
    title: str,
    cause: str,
    remedy: str,
    retry_class: str,
    pauses: Literal["account", "campaign"] | None = None,
    link: str | None = None,
) -> Entry:
    return Entry(
        code=code,
        title=title,
        cause=cause,
        remedy=remedy,
        retry_class=RetryClass(retry_class),
        pauses=pauses,
        link=META_ERRORS if link is None else link,
    )


_BOOK: dict[str, Entry] = {entry.code: entry for entry in (_entry(*row) for row in (*META, *OTHER))}


def explain(code: str | None) -> dict[str, Any] | None:
    """What a provider's code means, for people: cause, remedy, retryable, link. None without a code."""
    if code is None:
        return None
    entry = lookup(code)
    return {
        "code": code,
        "title": entry.title,
        "cause": entry.cause,
        "remedy": entry.remedy,
        "retryable": entry.retryable,
        "link": entry.link,
    }
