"""Groups and newsletters as the network describes them."""

from __future__ import annotations

from sqlalchemy import delete, select

from ...ground.events import GroupChanged as GroupChangedEvent
from ...ground.unit import Unit
from ...ledger.submit import insert_ignoring
from ...models import Group, GroupMember
from ...port import GroupChanged, GroupInfo
from ..source import Source


async def group_changed(unit: Unit, source: Source, report: GroupChanged) -> None:
    """A group is new, has changed, or was left."""
    await store_group(unit, source.workspace_id, source.channel_id, report.group)
    unit.emit(
        source.workspace_id,
        GroupChangedEvent(address=report.group.address, name=report.group.name, left=report.group.left),
        source.channel_id,
    )


async def store_group(unit: Unit, workspace_id: int, channel_id: int, info: GroupInfo) -> Group:
    """Keep a group as the network describes it; its participants too where they are known."""
    await insert_ignoring(
        unit,
        Group,
        [
            {
                "workspace_id": workspace_id,
                "channel_id": channel_id,
                "address": info.address,
                "kind": info.kind,
                "name": info.name,
                "updated_at": unit.now,
            }
        ],
    )
    row = (
        await unit.session.execute(select(Group).where(Group.channel_id == channel_id, Group.address == info.address))
    ).scalar_one()
    row.name, row.kind, row.left, row.updated_at = info.name, info.kind, info.left, unit.now
    row.read_only = row.read_only if info.read_only is None else info.read_only
    row.description = info.description if info.description is not None else row.description
    row.owner = info.owner or row.owner
    row.picture_url = info.picture_url or row.picture_url
    row.created_at = info.created_at or row.created_at
    if info.participants is not None:
        row.participants = len(info.participants)
        await unit.conn.execute(delete(GroupMember).where(GroupMember.group_id == row.id))
        if info.participants:
            await unit.conn.execute(
                GroupMember.__table__.insert(),  # type: ignore[attr-defined]
                [
                    {
                        "group_id": row.id,
                        "address": one.address,
                        "name": one.name,
                        "is_admin": one.is_admin,
                        "is_super_admin": one.is_super_admin,
                    }
                    for one in {one.address: one for one in info.participants}.values()
                ],
            )
    await unit.session.flush()
    return row
