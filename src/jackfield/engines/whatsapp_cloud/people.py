"""Who somebody is in Meta's JSON: phone numbers, business-scoped user ids and user names, in usual and unusual places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NOT_DIGITS = re.compile(r"\D+")

USER_ID = re.compile(r"[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}\Z")
"""A business-scoped user id: a country, and letters and digits; a parent's has ENT between."""


def phone_of(value: Any) -> str:
    """The digits of a phone number; "" for anything with letters in it, which is an id and no number."""
    text = str(value or "").strip()
    text = text.removesuffix("@s.whatsapp.net").removesuffix("@c.us")
    if any(character.isalpha() for character in text):
        return ""
    return _NOT_DIGITS.sub("", text)


def user_id_of(*values: Any) -> str:
    """The first of these values that is a business-scoped user id; "" for none."""
    texts = (str(value).strip() for value in values if isinstance(value, str))
    return next((text for text in texts if USER_ID.match(text)), "")


def identities_of(
    phone: Any, contact: Mapping[str, Any], source: Mapping[str, Any], prefix: str = ""
) -> dict[str, str]:
    """All names of a person, kind to value: phone, bsuid, parent_bsuid and username.

    The phone may be absent since usernames came, and an id may stand where a phone is expected. `prefix` is that of the
    source's fields (from_, to_, recipient_).
    """
    profile = contact.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    username = profile.get("username") or contact.get("username") or source.get(f"{prefix}username")
    found = {
        "phone": phone_of(phone) or phone_of(contact.get("wa_id")),
        "bsuid": source.get(f"{prefix}user_id") or contact.get("user_id") or user_id_of(phone, contact.get("wa_id")),
        "parent_bsuid": source.get(f"{prefix}parent_user_id") or contact.get("parent_user_id"),
        "username": username,
    }
    return {kind: str(value) for kind, value in found.items() if value and isinstance(value, str | int)}


def address_of(identities: Mapping[str, str]) -> str:
    """The address to answer to: the phone where it is known, else the user id."""
    return identities.get("phone") or identities.get("bsuid") or identities.get("parent_bsuid") or ""


def recipient_of(answer: Any) -> dict[str, str]:
    """By what Meta knows whom a message went to, from its answer to the send."""
    contacts = answer.get("contacts") if isinstance(answer, dict) else None
    first = contacts[0] if isinstance(contacts, list) and len(contacts) == 1 else None
    return identities_of(None, first, {}) if isinstance(first, dict) else {}


def cards_of(message: Mapping[str, Any], user_id: str) -> list[str]:
    """Phone numbers of contact cards by which somebody tells their own: the answer to a request for it, and cards that
    carry the sender's user id. Any other card is of somebody else."""
    cards = message.get("contacts")
    rows = [card for card in cards if isinstance(card, dict)] if isinstance(cards, list) else []
    found: list[str] = []
    for card in rows:
        phones = card.get("phones")
        asked = card.get("origin") == "contact_request"
        for phone in phones if isinstance(phones, list) else []:
            if not isinstance(phone, dict):
                continue
            owner = phone.get("user_id") or card.get("user_id")
            if (user_id and owner == user_id) or (asked and owner in (None, user_id)):
                found.append(phone_of(phone.get("wa_id") or phone.get("phone")))
    return [one for one in found if one]
