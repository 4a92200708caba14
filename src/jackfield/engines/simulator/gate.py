"""Whether the network takes a message: the faults that are set, and what the account may do."""

from __future__ import annotations

from random import Random
from typing import Literal

import msgspec

from .faults import Faults, Refused, fault
from .groups import GroupProblem, Groups
from .outbox import Parcel
from .pairing import Pairing


class Taken(msgspec.Struct, frozen=True, gc=False, tag=True):
    """The network has the message. `lost` when its answer never reaches the sender."""

    provider_id: str
    lost: bool = False


class Refusal(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The network did not take the message: why, and when to come again (`retry_after`, seconds)."""

    code: str
    message: str
    refused: Refused = "rejected"
    retry_after: float = 1.0
    scope: Literal["channel", "recipient"] = "channel"
    http: int = 400


def refusal_for(code: str, retry_after: float | None = None) -> Refusal:
    """The network's answer with this code. Raises ValueError for a code that it does not know."""
    row = fault(code)
    return Refusal(
        code=row.code,
        message=row.message,
        refused=row.refused,
        retry_after=1.0 if retry_after is None else retry_after,
        scope="recipient" if row.code == "131056" else "channel",
        http=row.http,
    )


def inspect(parcel: Parcel, faults: Faults, pairing: Pairing, groups: Groups, random: Random) -> Refusal | str | None:
    """Why the network does not take this one; or the code with which it fails later; or None."""
    if faults.offline:
        return Refusal(code="offline", message="The network cannot be reached", refused="unavailable", http=503)
    if faults.refuse and random.random() < faults.refuse:
        return Refusal(code="refused", message="Connection refused", refused="unavailable", http=503)
    if not pairing.paired:
        reason = pairing.logged_out or "The account is not connected; scan the QR code first."
        return Refusal(code="logged_out", message=reason, refused="login", http=401)
    if parcel.template is not None and parcel.template in faults.paused_templates:
        return refusal_for("132015")
    if parcel.to.endswith(("@g.us", "@newsletter")):
        try:
            groups.writable(parcel.to)
        except GroupProblem as problem:
            return Refusal(code=problem.code, message=problem.message)
    for rule in faults.rules:
        if rule.count == 0 or (rule.to is not None and not parcel.to.startswith(rule.to)):
            continue
        if rule.rate < 1 and random.random() >= rule.rate:
            continue
        if rule.count is not None:
            rule.count -= 1
        if (rule.kind or fault(rule.code).manner) == "async":
            return rule.code
        return refusal_for(rule.code, rule.retry_after)
    return None
