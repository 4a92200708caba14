"""`/control/graph/{phone_number_id}`: how a number is set up at this Meta, and what breaks.

What people do, faults of the network and the outbox are under `/world/{phone_number_id}/...`, as for every account.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jackfield.core.port import AccountNotice

from .errors import GraphProblem
from .numbers import Number, Registry

Verify = Callable[[str, str], Awaitable[None]]


def _text(value: Any, name: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{name} must be text")
    return str(value)


def _flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false")
    return value


def _integer(value: Any, name: str) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} must be a whole number")
    return value


def _numbers(value: Any, name: str) -> frozenset[str]:
    if not isinstance(value, list):
        raise ValueError(f"{name} must be a list of phone numbers")
    return frozenset(str(item).lstrip("+") for item in value)


def _one_of(*allowed: str) -> Callable[[Any, str], str]:
    def check(value: Any, name: str) -> str:
        if value not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(allowed)}")
        return str(value)

    return check


_PLAIN: dict[str, tuple[str, Callable[[Any, str], Any]]] = {
    "appSecret": ("app_secret", _text),
    "accessToken": ("access_token", _text),
    "verifyToken": ("verify_token", _text),
    "tokenState": ("token_is", _one_of("valid", "expired", "revoked")),
    "status": ("status", _one_of("CONNECTED", "FLAGGED", "RESTRICTED", "BANNED", "UNVERIFIED", "PENDING")),
    "registered": ("registered", _flag),
    "quality": ("quality", _one_of("GREEN", "YELLOW", "RED", "UNKNOWN")),
    "pairRate": ("pair_rate", _flag),
    "catalogVisible": ("catalog_visible", _flag),
}
_SPECIAL = {
    "callbackUrl",
    "verify",
    "wabaId",
    "phone",
    "name",
    "throughput",
    "messagingLimit",
    "coexistence",
    "templateLimit",
    "templatesPerHour",
    "templateEdits",
    "enforceWindow",
    "allowedRecipients",
    "optedOut",
    "batch",
}


async def configure(registry: Registry, phone_number_id: str, body: Mapping[str, Any], verify: Verify) -> Number:
    """Change what `body` names. Raises ValueError, or GraphProblem when the callback does not verify.

    A callback is verified with `verifyToken` as Meta does it, unless `verify` is false.
    """
    unknown = set(body) - set(_PLAIN) - _SPECIAL
    if unknown:
        known = ", ".join(sorted({*_PLAIN, *_SPECIAL}))
        raise ValueError(f"unknown setting {', '.join(sorted(unknown))}; known are {known}")
    if not phone_number_id.isdigit():
        raise ValueError("a phone number id has digits only")
    number = registry.number(phone_number_id)
    told = number.callback_url is not None  # else it is being set up, which Meta tells nobody
    before = (number.messaging_limit, number.level, number.quality, number.status)
    for name, (attribute, convert) in _PLAIN.items():
        if name in body:
            setattr(number, attribute, convert(body[name], name))
    if "wabaId" in body:
        registry.move(number, str(_text(body["wabaId"], "wabaId")))
    if "phone" in body:
        number.account.phone = str(_text(body["phone"], "phone")).lstrip("+")
    if "name" in body:
        number.account.name = str(_text(body["name"], "name"))
    if "messagingLimit" in body:
        number.set_messaging_limit(str(_text(body["messagingLimit"], "messagingLimit")))
    if "coexistence" in body:
        number.set_coexistence(_flag(body["coexistence"], "coexistence"))
    if "throughput" in body:
        number.set_throughput(_integer(body["throughput"], "throughput"))
    quota = registry.quota(number)
    if "templateLimit" in body:
        quota.kept = _integer(body["templateLimit"], "templateLimit")
    if "templatesPerHour" in body:
        quota.per_hour = _integer(body["templatesPerHour"], "templatesPerHour")
    if "templateEdits" in body:
        quota.edits_per_day = _integer(body["templateEdits"], "templateEdits")
    if "enforceWindow" in body:
        number.account.enforce_window = _flag(body["enforceWindow"], "enforceWindow")
    if "allowedRecipients" in body:
        value = body["allowedRecipients"]
        number.allowed = None if value is None else _numbers(value, "allowedRecipients")
    if "optedOut" in body:
        number.opted_out = set(_numbers(body["optedOut"], "optedOut"))
    if "callbackUrl" in body:
        url = _text(body["callbackUrl"], "callbackUrl")
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("callbackUrl must begin with http:// or https://")
        if url and body.get("verify", True):
            await verify(url, number.verify_token or "")
        number.callback_url = url or None
    if told:
        _announce(number, *before)
    return number


def _announce(number: Number, limit: str, level: str, quality: str, status: str) -> None:
    """Tell by webhook what Meta tells when it changes these."""
    shown = number.node()["display_phone_number"]
    people = -1 if number.most_people is None else number.most_people

    def tell(field: str, value: dict[str, Any]) -> None:
        number.account.tell(AccountNotice(kind=field, message="", raw=value))

    def tell_quality(event: str) -> None:
        value = {"display_phone_number": shown, "event": event, "current_limit": number.messaging_limit}
        tell("phone_number_quality_update", value | {"max_daily_conversations_per_business": number.messaging_limit})

    if number.messaging_limit != limit:
        value = {"max_daily_conversations_per_business": people, "max_phone_numbers_per_business": 25}
        tell("business_capability_update", value)
    if number.level != level:
        tell_quality("THROUGHPUT_UPGRADE" if number.level == "HIGH" else "THROUGHPUT_DOWNGRADE")
    if number.quality != quality and "RED" in (number.quality, quality):
        tell_quality("FLAGGED" if number.quality == "RED" else "UNFLAGGED")
    if number.status != status and number.status == "BANNED":
        ban = {"waba_ban_state": "DISABLE", "waba_ban_date": "2026-11-21"}
        tell("account_update", {"event": "DISABLED_UPDATE", "ban_info": ban})


async def override(number: Number, url: str, token: str, verify: Verify) -> None:
    """Meta's own way to set a callback (`webhook_configuration`, `override_callback_uri`). Raises GraphProblem."""
    if not url:
        number.callback_url = None
        return
    if not url.startswith(("http://", "https://")):
        raise GraphProblem(100, "Param override_callback_uri must be a valid URI.")
    await verify(url, token)
    number.callback_url = url
