"""`/control/graph/{phone_number_id}`: how a number is set up at this Meta, and what breaks.

What people do, faults of the network and the outbox are under `/world/{phone_number_id}/...`, as for every account.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

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


def _whole(value: Any, name: str) -> int:
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
    "messagingLimit": ("messaging_limit", _text),
    "pairRate": ("pair_rate", _flag),
    "coexistence": ("coexistence", _flag),
    "catalogVisible": ("catalog_visible", _flag),
}
_SPECIAL = {
    "callbackUrl",
    "verify",
    "wabaId",
    "phone",
    "name",
    "throughput",
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
    for name, (attribute, convert) in _PLAIN.items():
        if name in body:
            setattr(number, attribute, convert(body[name], name))
    if "wabaId" in body:
        registry.move(number, str(_text(body["wabaId"], "wabaId")))
    if "phone" in body:
        number.account.phone = str(_text(body["phone"], "phone")).lstrip("+")
    if "name" in body:
        number.account.name = str(_text(body["name"], "name"))
    if "throughput" in body:
        number.set_throughput(_whole(body["throughput"], "throughput"))
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
    return number


async def override(number: Number, url: str, token: str, verify: Verify) -> None:
    """Meta's own way to set a callback (`webhook_configuration`, `override_callback_uri`). Raises GraphProblem."""
    if not url:
        number.callback_url = None
        return
    if not url.startswith(("http://", "https://")):
        raise GraphProblem(100, "Param override_callback_uri must be a valid URI.")
    await verify(url, token)
    number.callback_url = url
