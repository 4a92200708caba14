"""Times as requests give them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from jackfield.core import Core, now_ms, unix_ms

from .checks import invalid

UTC = ZoneInfo("UTC")


async def planned(core: Core, workspace_id: int, field: str, value: str | int | None) -> int | None:
    """As `parse_time`, with times that name no zone read in the workspace's. Raises Invalid."""
    if not isinstance(value, str) or not value:
        return parse_time(field, value)
    return parse_time(field, value, ZoneInfo(await core.accounts.timezone(workspace_id)))


def parse_time(field: str, value: str | int | None, zone: ZoneInfo = UTC) -> int | None:
    """A time from ISO 8601 (with a zone, or in `zone`) or Unix seconds or ms. Raises Invalid."""
    if value is None or value == "":
        return None
    if isinstance(value, int):
        ms = value * 1000 if value < 100_000_000_000 else value
    else:
        try:
            ms = unix_ms(value, zone)
        except (ValueError, OverflowError):
            raise invalid(field, "Give a time as ISO 8601, such as 2026-02-05T10:00:00Z.") from None
    if not 0 < ms < now_ms() + 10 * 366 * 86_400_000:
        raise invalid(field, "Must be within the next ten years.")
    return ms
