"""Log lines of what happened: channels, campaigns, imports, failed messages. Ids, codes and numbers; no text of anybody."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import structlog

from jackfield.core import Bus, Stored

log = structlog.get_logger(__name__)

EVERY_S: Final = 10.0
"""How often the same is said again of failures, which come by the thousand."""
MOST_KEPT: Final = 1000
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}\Z")


class Line(msgspec.Struct, frozen=True):
    """How an event is logged: the line's level and text, and fields of it by their names in the event. With `seldom`, one
    line in ten seconds for each channel and code, with the number of those that were left out."""

    level: str
    text: str
    fields: Mapping[str, str] = {}
    seldom: bool = False


_CAMPAIGN: Final = {"campaign": "id"}
_MESSAGE: Final = {"message": "id", "campaign": "campaign_id", "code": "code"}
LINES: Final[dict[str, Line]] = {
    "session.connected": Line("info", "channel connected"),
    "session.disconnected": Line("warning", "channel is down", {"permanent": "permanent", "code": "reason"}),
    "campaign.started": Line("info", "campaign started", _CAMPAIGN),
    "campaign.paused": Line("warning", "campaign paused", {**_CAMPAIGN, "code": "reason"}),
    "campaign.resumed": Line("info", "campaign resumed", _CAMPAIGN),
    "campaign.held": Line("info", "campaign waits", {**_CAMPAIGN, "code": "code", "until": "until"}),
    "campaign.cancelled": Line("info", "campaign cancelled", _CAMPAIGN),
    "campaign.finished": Line("info", "campaign finished", {**_CAMPAIGN, "counts": "counts"}),
    "import.progress": Line(
        "info",
        "contacts imported",
        {name: name for name in ("rows", "created", "merged", "skipped", "refused")},
    ),
    "message.failed": Line("warning", "message failed", _MESSAGE, seldom=True),
    "message.uncertain": Line("warning", "message uncertain", _MESSAGE, seldom=True),
    "automation.rested": Line("warning", "automation rests after failures", {"automation": "id"}),
    "inbound.problem": Line(
        "warning",
        "a report is kept that could not be applied",
        {"problem": "id", "code": "reason", "message": "message_id"},
    ),
    "account.notice": Line("info", "the provider says something of an account", {"code": "kind"}),
}
"""What is logged of an event. Of reasons only a code: the rest may be a provider's words about somebody."""


class EventLines:
    """Listens to the events that this process appends, and logs those of `LINES`."""

    def __init__(self, bus: Bus) -> None:
        self._said: dict[tuple[str, int | None, str], tuple[float, int]] = {}
        """When a failure was logged last, and how many of it were not since."""
        bus.subscribe("events", self._hear)

    def _hear(self, events: Sequence[Stored]) -> None:
        for event in events:
            line = LINES.get(event.type)
            if line is not None:
                self._log(line, event)

    def _log(self, line: Line, event: Stored) -> None:
        data = msgspec.json.decode(event.data)
        if event.type == "import.progress" and not data.get("done"):
            return
        fields: dict[str, Any] = {"workspace": event.workspace_id}
        if event.channel_id is not None:
            fields["channel"] = event.channel_id
        for name, of in line.fields.items():
            value = data.get(of)
            if name == "code":
                value = code_in(value)
            if value is not None:
                fields[name] = value
        if line.seldom:
            left_out = self._left_out((event.type, event.channel_id, fields.get("code", "")))
            if left_out is None:
                return
            if left_out:
                fields["not_logged"] = left_out
        getattr(log, line.level)(line.text, **fields)

    def _left_out(self, key: tuple[str, int | None, str]) -> int | None:
        """How many such lines were left out since the last one; None: leave this one out too."""
        now = time.monotonic()
        at, left_out = self._said.get(key, (-EVERY_S, 0))
        if now - at < EVERY_S:
            self._said[key] = (at, left_out + 1)
            return None
        if len(self._said) >= MOST_KEPT:
            self._said.clear()
        self._said[key] = (now, 0)
        return left_out


def code_in(reason: object) -> str | None:
    """The code that a reason begins with: `131026: Message undeliverable` is 131026. None where there is none."""
    first = str(reason or "").partition(":")[0].strip()
    return first if _CODE.match(first) else None
