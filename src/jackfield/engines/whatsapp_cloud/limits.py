"""The platform's limits, checked before anything is sent, with words that name the field.

Figures from Meta's message and template references (developers.facebook.com, WhatsApp Business Platform) as pywa
records them too. A refusal here has the code that Meta itself would answer, so that the error book explains both.
"""

from __future__ import annotations

from collections.abc import Sized

from jackfield.core.ground.errors import Rejected

from .._whatsapp.files import MEDIA_BYTES, file_problem

TEXT = 4096
CAPTION = 1024
BODY = 1024
HEADER = 60
FOOTER = 60
BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_ID = 256
LIST_ROWS = 10
LIST_SECTIONS = 10
ROW_ID = 200
ROW_TITLE = 24
ROW_DESCRIPTION = 72
PRODUCTS = 30
PRODUCT_SECTIONS = 10
CONTACTS = 257
CARDS = 10
COUPON = 15
URL = 2000
CALLBACK_DATA = 512
TEMPLATE_NAME = 512

MISSING = "131008"
INVALID = "131009"


def missing(field: str) -> Rejected:
    """A required field is empty (131008)."""
    return Rejected(MISSING, f"{field} is missing")


def invalid(field: str, why: str) -> Rejected:
    """A field has a value that the platform does not take (131009)."""
    return Rejected(INVALID, f"{field}: {why}")


def text(value: str | None, maximum: int, field: str, *, required: bool = True) -> str:
    """The value, if it is there and no longer than allowed. Raises Rejected that names the field."""
    if not value or not value.strip():
        if required:
            raise missing(field)
        return ""
    if len(value) > maximum:
        raise invalid(field, f"{len(value)} characters, at most {maximum} are allowed")
    return value


def count(items: Sized, minimum: int, maximum: int, field: str) -> None:
    """Raises Rejected that names the field unless it has from `least` to `most` items."""
    if len(items) < minimum:
        raise missing(field) if not items else invalid(field, f"{len(items)} given, at least {minimum} are needed")
    if len(items) > maximum:
        raise invalid(field, f"{len(items)} given, at most {maximum} are allowed")


def unique(values: list[str], field: str) -> None:
    """Raises Rejected when two of the values are the same."""
    if len(set(values)) != len(values):
        twice = next(value for value in values if values.count(value) > 1)
        raise invalid(field, f"{twice!r} is there twice")


def link(value: str | None, field: str, maximum: int = URL) -> str:
    """The value, if it is a web address. Raises Rejected that names the field."""
    address = text(value, maximum, field)
    if not address.startswith(("https://", "http://")):
        raise invalid(field, "must begin with https:// or http://")
    return address


def media_file(kind: str, size: int, mime: str) -> None:
    """Raises Rejected when Meta would not take a file of this size (bytes) and MIME type as this kind."""
    why = file_problem(kind, size, mime)
    if why is not None:
        large = size > MEDIA_BYTES.get(kind, MEDIA_BYTES["document"])
        raise Rejected("MEDIA_TOO_LARGE" if large else "MEDIA_TYPE", why)
