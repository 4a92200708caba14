"""Webhooks as Meta documents them (developers.facebook.com, WhatsApp Business Platform, 2026), for tests."""

from __future__ import annotations

from typing import Any

from jackfield.core.port import (
    Report,
)
from jackfield.engines.whatsapp_cloud.incoming import parse

NUMBER = "106540352242922"
METADATA = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
CONTACT = {"profile": {"name": "Sheena Nelson"}, "wa_id": "16505551234", "user_id": "US.13491208655302741918"}


def webhook(field: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "time": 1739321024, "changes": [{"value": value, "field": field}]}],
    }


def messages(*rows: dict[str, Any], contacts: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "metadata": METADATA,
        "contacts": [CONTACT] if contacts is None else contacts,
        "messages": list(rows),
    }


def row(kind: str, part: Any, **fields: Any) -> dict[str, Any]:
    return {"from": "16505551234", "id": "wamid.A", "timestamp": "1749416383", "type": kind, kind: part, **fields}


def one(field: str, value: dict[str, Any]) -> Report:
    (report,) = parse(webhook(field, value), NUMBER)
    return report


def statuses(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "metadata": METADATA, "contacts": [CONTACT], "statuses": list(rows)}
