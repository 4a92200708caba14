"""WhatsApp's addresses.

The ledger keeps E.164 digits for a person, "...@g.us" for a group, "...@newsletter" for a newsletter, "...@lid" for a
person known only by WhatsApp's linked id, and "CC.xxxx" for a business-scoped user id.
"""

from __future__ import annotations

import re
from typing import ClassVar

from jackfield.core.port import Addressing, bad_recipient

_PERSON_SUFFIXES = ("@c.us", "@s.whatsapp.net")
_DIGITS = re.compile(r"[0-9]{5,20}\Z")
_GROUP = re.compile(r"[0-9]{5,30}(-[0-9]{5,20})?@g\.us\Z")
_NEWSLETTER = re.compile(r"[0-9]{5,40}@newsletter\Z")
_LID = re.compile(r"[0-9]{5,30}@lid\Z")
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,130}\Z")
_LENGTHENED = frozenset({"229", "225"})
"""Benin and Côte d'Ivoire put two digits before every number of eight digits."""
_IVORIAN = {digit: "07" if digit in "789" else "05" if digit in "456" else "01" for digit in "0123456789"}
"""Which two, by the second digit of an old mobile number: Orange, MTN, Moov."""
_NOISE = re.compile(r"[\s().\-\u00a0\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


class WhatsAppAddressing(Addressing):
    """Phone numbers, JIDs and user ids. `identity_kinds` are those that the engine can write to."""

    identity_kinds: ClassVar[tuple[str, ...]] = ("phone",)

    def read(self, text: str) -> tuple[str, str]:
        """Takes `628...`, `+62 8...`, `00 62...`, `628...@c.us`, `...@g.us`, `...@newsletter`, `...@lid`, a BSUID."""
        if text.isascii() and text.isdigit() and 7 <= len(text) <= 15 and text[0] != "0":
            return text, "private"
        if "@" in text:
            return self._jid(text)
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
            raise bad_recipient(text, "Give the number with its country code, digits only.")
        if not 7 <= len(digits) <= 15 or digits.startswith("0"):
            raise bad_recipient(text, "A phone number with country code has 7 to 15 digits and does not begin with 0.")
        return digits, "private"

    def _jid(self, text: str) -> tuple[str, str]:
        lowered = text.lower()
        for suffix in _PERSON_SUFFIXES:
            if lowered.endswith(suffix):
                # A device part ("628...:12@c.us") names a phone of the same person.
                return self.parse(text[: -len(suffix)].split(":")[0])
        if _GROUP.match(lowered):
            return lowered, "group"
        if _NEWSLETTER.match(lowered):
            return lowered, "newsletter"
        if _LID.match(lowered):
            return lowered, "private"
        raise bad_recipient(text, "Unknown kind of chat id; use ...@c.us, ...@g.us or ...@newsletter.")

    def show(self, address: str) -> str:
        """A phone number with its plus; everything else as it is."""
        return f"+{address}" if address.isascii() and address.isdigit() else address

    def identity(self, address: str) -> tuple[str, str] | None:
        """By phone, LID or business-scoped user id."""
        if address.isascii() and address.isdigit():
            return "phone", address
        if address.endswith("@lid"):
            return "lid", address.removesuffix("@lid")
        return ("bsuid", address) if address and "@" not in address else None

    def address(self, kind: str, value: str) -> str:
        """A LID needs its server; numbers and user ids stand for themselves."""
        return f"{value}@lid" if kind == "lid" else value

    def spellings(self, address: str) -> tuple[str, ...]:
        """Numbers of some countries are known in two ways: WhatsApp often has the one, the address book the other.

        Brazil, Mexico and Argentina have them with and without the digit that marks a mobile phone; Benin (2024) and
        Côte d'Ivoire (2021) have lengthened theirs, and accounts made before keep the short form.
        """
        if not (address.isascii() and address.isdigit()):
            return (address,)
        if address[:3] in _LENGTHENED:
            return _lengthened(address)
        for long, short in (("521", "52"), ("549", "54")):
            if address.startswith(long) and len(address) == 13:
                return address, short + address[3:]
            if address.startswith(short) and not address.startswith(long) and len(address) == 12:
                return address, long + address[2:]
        if address.startswith("55"):
            if len(address) == 13 and address[4] == "9":
                return address, address[:4] + address[5:]
            if len(address) == 12 and address[4] in "6789":
                return address, f"{address[:4]}9{address[4:]}"
        return (address,)


def _lengthened(address: str) -> tuple[str, ...]:
    """A number of `_LENGTHENED` in its old and its new length, the given one first."""
    code, number = address[:3], address[3:]
    if len(number) == 8:
        return address, code + _digits_before(code, number) + number
    if len(number) == 10 and number.startswith(_digits_before(code, number[2:])):
        return address, code + number[2:]
    return (address,)


def _digits_before(code: str, old: str) -> str:
    """What came before an old number: "01" in Benin; by the operator in Côte d'Ivoire."""
    return "01" if code == "229" else _IVORIAN[old[1]]
