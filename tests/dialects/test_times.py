"""Times that callers plan for: without a zone they are the workspace's; Chattu's reference says UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from jackfield.core import Core, Invalid
from jackfield.dialects.chatly.form import Form
from jackfield.dialects.chattu.wire import time_ahead
from jackfield.dialects.native.files import filter_from, filter_of, with_times
from jackfield.dialects.native.times import planned
from jackfield.dialects.pabbly import params

ZONE = "Europe/Berlin"
TIMES = [
    ("2031-01-01T10:00:00", "2031-01-01T09:00"),
    ("2031-07-01 10:00:00", "2031-07-01T08:00"),
    # 02:30 is left out on that night: 03:30 is meant.
    ("2031-03-30T02:30:00", "2031-03-30T01:30"),
    # 02:30 comes twice: the first is meant.
    ("2031-10-26T02:30:00", "2031-10-26T00:30"),
    ("2031-01-01T10:00:00Z", "2031-01-01T10:00"),
    ("2031-01-01T10:00:00+07:00", "2031-01-01T03:00"),
]


async def read(core: Core, workspace: int, api: str, text: str) -> int | None:
    """A time as one API reads it."""
    zone = ZoneInfo(await core.accounts.timezone(workspace))
    if api == "native":
        return await planned(core, workspace, "scheduledAt", text)
    if api == "pabbly":
        return params.timestamp({"scheduleAt": text}, "scheduleAt", zone)
    if api == "chattu":
        return time_ahead("scheduleTime", text)
    form = Form({"schedule_time": text})
    found = form.future_time("schedule_time", zone, required=True)
    form.check()
    return found


@pytest.mark.parametrize("api", ["native", "pabbly", "chatly"])
async def test_a_time_without_a_zone_is_the_workspaces(lite: Core, api: str) -> None:
    made = await lite.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    await lite.accounts.update_workspace(made.workspace_id, timezone=ZONE)
    for text, wanted in TIMES:
        found = await read(lite, made.workspace_id, api, text)
        assert found is not None
        assert datetime.fromtimestamp(found / 1000, UTC).strftime("%Y-%m-%dT%H:%M") == wanted, text
    with pytest.raises(Invalid):
        await read(lite, made.workspace_id, api, "tomorrow")


@pytest.mark.parametrize("api", ["chattu", "chatly"])
async def test_a_time_in_the_past_is_refused_where_it_is_read(lite: Core, api: str) -> None:
    """The other APIs read times of reports too; for these the core refuses it when the message is submitted."""
    made = await lite.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    with pytest.raises(Invalid):
        await read(lite, made.workspace_id, api, "2020-01-01T10:00:00")


def test_chattu_expects_utc() -> None:
    # "Server time expects ISO-8601 UTC format."
    for text in ("2031-07-01T10:00:00", "2031-07-01T10:00:00Z", "2031-07-01T12:00:00+02:00"):
        assert time_ahead("scheduleTime", text) == datetime(2031, 7, 1, 10, tzinfo=UTC).timestamp() * 1000


async def test_times_of_a_filter_without_a_zone_are_the_workspaces(lite: Core) -> None:
    made = await lite.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    workspace = made.workspace_id
    await lite.accounts.update_workspace(workspace, timezone=ZONE)
    in_berlin = int(datetime(2026, 2, 5, 9, tzinfo=UTC).timestamp() * 1000)
    body = await filter_from(
        lite, workspace, {"seenSince": "2026-02-05T10:00:00", "createdBefore": "2026-02-05T09:00Z"}
    )
    assert body == {"seen_since": in_berlin, "created_before": in_berlin}
    query = await with_times(
        lite,
        workspace,
        await filter_of(seen_before="2026-02-05T10:00", filter_='{"created_since": "2026-02-05T10:00"}'),
    )
    assert query == {"seen_before": in_berlin, "created_since": in_berlin}
    assert await filter_from(
        lite, workspace, {"seenSince": in_berlin // 1000, "createdSince": None, "tags": ["vip"]}
    ) == {
        "seen_since": in_berlin,
        "created_since": None,
        "tags": ["vip"],
    }
    with pytest.raises(Invalid) as caught:
        await filter_from(lite, workspace, {"seenSince": "tomorrow"}, "audience")
    assert list(caught.value.details) == ["audience.seenSince"]
    with pytest.raises(Invalid) as caught:
        await with_times(lite, workspace, await filter_of(seen_since="tomorrow"))
    assert list(caught.value.details) == ["seenSince"]
