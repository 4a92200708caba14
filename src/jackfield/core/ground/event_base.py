"""What all events have in common."""

from __future__ import annotations

from typing import ClassVar

import msgspec


class EventData(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Base of all events."""

    type: ClassVar[str]
