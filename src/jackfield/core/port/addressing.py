"""Recipients as people write them, and peers as the ledger keeps them.

A peer is: E.164 digits for a person, "...@g.us" for a group, "...@newsletter" for a newsletter, "...@lid" for a
person known only by WhatsApp's linked id, "CC.xxxx" for a business-scoped user id, and on Telegram the numeric chat
id or "@name".
"""

from __future__ import annotations

import re

from ..ground.errors import Invalid

_PERSON_SUFFIXES = ("@c.us", "@s.whatsapp.net")
_DIGITS = re.compile(r"[0-9]{5,20}\Z")
_GROUP = re.compile(r"[0-9]{5,30}(-[0-9]{5,20})?@g\.us\Z")
_NEWSLETTER = re.compile(r"[0-9]{5,40}@newsletter\Z")
_LID = re.compile(r"[0-9]{5,30}@lid\Z")
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,130}\Z")
_TELEGRAM = re.compile(r"(-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31})\Z")
_NOISE = re.compile(r"[\s().\-\u00a0\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def bad(given: object, why: str) -> Invalid:
    """The error for a recipient that cannot be one."""
    shown = str(given)[:40]
    return Invalid(f"{shown!r} is not a recipient: {why}", code="INVALID_RECIPIENT", details={"to": [why]})


def parse_peer(given: object, engine: str = "") -> tuple[str, str]:
    """A recipient as the ledger keeps it, with its kind: private, group or newsletter.

    Accepts `628...`, `+62 8...`, `00 62...`, `628...@c.us`, `...@g.us`, `...@newsletter`, `...@lid`, a BSUID, an
    integer; and for the Telegram engine a chat id or "@name". Raises Invalid with code INVALID_RECIPIENT.
    """
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise bad(given, "Give a phone number or chat id as text.")
    text = str(given).strip()
    if not text or len(text) > 160:
        raise bad(text, "A recipient is required." if not text else "It is too long.")
    if engine == "telegram_bot":
        # "1001@c.us" is how the dialects show a person's chat id; it must come back as what it was.
        text = text.removeprefix("tg:").removesuffix("@c.us")
        if not _TELEGRAM.match(text):
            raise bad(text, "Give a Telegram chat id (a number), or the @name of a public group or channel.")
        kind = "group" if text.startswith("-") else "newsletter" if text.startswith("@") else "private"
        return text, kind
    if text.isascii() and text.isdigit() and 7 <= len(text) <= 15 and text[0] != "0":
        return text, "private"
    if "@" in text:
        lowered = text.lower()
        for suffix in _PERSON_SUFFIXES:
            if lowered.endswith(suffix):
                # A device part ("628...:12@c.us") names a phone of the same person.
                return parse_peer(text[: -len(suffix)].split(":")[0])
        if _GROUP.match(lowered):
            return lowered, "group"
        if _NEWSLETTER.match(lowered):
            return lowered, "newsletter"
        if _LID.match(lowered):
            return lowered, "private"
        raise bad(text, "Unknown kind of chat id; use ...@c.us, ...@g.us or ...@newsletter.")
    if _BSUID.match(text):
        return text, "private"
    digits = _NOISE.sub("", text).removeprefix("tel:")
    if digits.startswith("+"):
        digits = digits[1:]
    elif digits.startswith("00"):
        digits = digits[2:]
    try:
        digits = "".join(str(int(char)) for char in digits) if not digits.isascii() else digits
    except ValueError:
        digits = ""
    if not _DIGITS.match(digits):
        raise bad(text, "Give the number with its country code, digits only.")
    if not 7 <= len(digits) <= 15 or digits.startswith("0"):
        raise bad(text, "A phone number with country code has 7 to 15 digits and does not begin with 0.")
    return digits, "private"


def to_jid(peer: str) -> str:
    """A peer as WhatsApp libraries write it: digits become `...@c.us`, all else stays."""
    return f"{peer}@c.us" if peer.isascii() and peer.isdigit() else peer
