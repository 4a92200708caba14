"""The cap on marketing, as a workspace's settings have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from . import fields
from .errors import Invalid

SETTING: Final = "marketing_cap"
"""Key of a workspace's settings."""
MOST_MESSAGES: Final = 1000
MOST_DAYS: Final = 30
"""What is younger is in the ledger, and not in its archive."""


class MarketingCap(msgspec.Struct, frozen=True, kw_only=True):
    """At most so many marketing messages to a person within so many days."""

    messages: int
    days: int


def check_cap(value: Any) -> None:
    """Whether a workspace may have this as its cap; None takes it away. Raises Invalid."""
    field = f"settings.{SETTING}"
    if value is None:
        return
    if not isinstance(value, Mapping) or set(value) != {"messages", "days"}:
        raise fields.refuse(field, "Must have messages and days, and nothing else.")
    for name, most in (("messages", MOST_MESSAGES), ("days", MOST_DAYS)):
        number = value[name]
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= most:
            raise fields.refuse(f"{field}.{name}", f"Must be a whole number from 1 to {most}.")


def cap_of(settings: Mapping[str, Any] | None) -> MarketingCap | None:
    """The cap of a workspace; None where it has none."""
    value = (settings or {}).get(SETTING)
    try:
        check_cap(value)
    except Invalid:
        # Written before it was checked.
        return None
    return None if value is None else MarketingCap(messages=value["messages"], days=value["days"])
