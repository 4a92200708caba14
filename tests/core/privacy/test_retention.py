"""What has been kept long enough goes, in small batches; what is young, or still to be sent, stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from jackfield.core import Core
from jackfield.core.models import AuditEntry, Media, Message
from jackfield.core.privacy import retention
from jackfield.core.privacy.retention import DAY_MS

NOW = 2_000_000_000_000


@pytest.fixture
async def channel(core: Core, workspace: int) -> int:
    return (await core.channels.create(workspace, name="Line", engine="simulator")).id


async def put(core: Core, workspace: int, channel: int, days: int, state: str, direction: str = "out") -> None:
    async with core.unit() as unit:
        await unit.conn.execute(
            insert(Message).values(
                workspace_id=workspace,
                channel_id=channel,
                direction=direction,
                state=state,
                peer="4915112345678",
                content='{"type":"text","text":"x"}',
                created_at=NOW - days * DAY_MS,
            )
        )


async def states_of(core: Core) -> list[str]:
    async with core.db.read() as session:
        return list(await session.scalars(select(Message.state).order_by(Message.id)))


async def test_messages_are_kept_for_ever_unless_told_otherwise(core: Core, workspace: int, channel: int) -> None:
    await put(core, workspace, channel, 5000, "read")
    assert (await core.retention.prune(NOW)).messages == 0
    assert await states_of(core) == ["read"]


async def test_old_messages_go_and_what_waits_stays(
    core: Core, workspace: int, channel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    core.options.message_retention_days = 30
    for days, state in (
        (40, "read"),
        (40, "scheduled"),
        (40, "failed"),
        (31, "received"),
        (35, "uncertain"),
        (29, "read"),
    ):
        await put(core, workspace, channel, days, state, "in" if state == "received" else "out")
    assert (await core.retention.prune(NOW)).messages == 3
    assert await states_of(core) == ["scheduled", "uncertain", "read"]


async def test_files_that_came_in_go_with_their_messages_and_uploads_stay(
    core: Core, workspace: int, channel: int, tmp_path: Path
) -> None:
    async def keep(days: int, data: bytes, **more: Any) -> int:
        made = await core.media.store(workspace, data, **more)
        async with core.unit() as unit:
            await unit.conn.execute(update(Media).where(Media.id == made.id).values(created_at=NOW - days * DAY_MS))
        return made.id

    old = await keep(40, b"came in", channel_id=channel)
    young = await keep(20, b"came in later", channel_id=channel)
    upload = await keep(400, b"uploaded")
    refused = await keep(2, b"line,phone", mime="text/csv", filename="refused.csv")

    async def left() -> set[int]:
        async with core.db.read() as session:
            return set(await session.scalars(select(Media.id)))

    assert (await core.retention.prune(NOW)).files == 1
    assert await left() == {old, young, upload}
    assert refused not in await left()
    core.options.message_retention_days = 30
    assert (await core.retention.prune(NOW)).files == 1
    assert await left() == {young, upload}
    core.options.media_retention_days = 10
    assert (await core.retention.prune(NOW)).files == 1
    assert await left() == {upload}
    kept = [path.read_bytes() for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert kept == [b"uploaded"]


async def test_the_audit_log_has_its_own_time(core: Core, workspace: int) -> None:
    core.options.audit_retention_days = 730
    async with core.unit() as unit:
        for days in (731, 729):
            await unit.conn.execute(
                insert(AuditEntry).values(
                    workspace_id=workspace,
                    actor="system",
                    action=f"day.{days}",
                    data={},
                    created_at=NOW - days * DAY_MS,
                )
            )
    assert (await core.retention.prune(NOW)).audit_entries >= 1
    assert [one.action for one in (await core.audit.list(workspace, action="day.*")).items] == ["day.729"]
