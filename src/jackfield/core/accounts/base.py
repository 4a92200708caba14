"""What all parts of `Accounts` stand on."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground import fields
from ..ground.errors import NotFound
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import Channel, Member, Workspace
from ..quotas.rate_limit import Limits
from .audit import Audit
from .passwords import Passwords
from .principal import Principal


class Part:
    """One verb's worth of Accounts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._audit = Audit(store)
        self.limits = Limits(store)
        self.passwords = Passwords()

    async def _note(
        self,
        unit: Unit,
        workspace_id: int,
        by: Principal | None,
        action: str,
        target: str,
        ip: str | None = None,
        **data: object,
    ) -> None:
        """Append to the audit log; without a principal the operator did it (command line, start-up)."""
        actor = "system" if by is None else by.actor
        await self._audit.record(unit, workspace_id, actor, action, target, ip, data)


async def find_workspace(session: AsyncSession, workspace_id: int) -> Workspace:
    """The workspace. Raises NotFound."""
    found = await session.get(Workspace, fields.row_id(workspace_id))
    if found is None:
        raise NotFound("No such workspace.")
    return found


async def find_member(session: AsyncSession, workspace_id: int, member_id: int, *, lock: bool = False) -> Member:
    """The member of this workspace. Raises NotFound. `lock` keeps others from changing it meanwhile."""
    query = select(Member).where(Member.workspace_id == workspace_id, Member.id == fields.row_id(member_id))
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound("No such member.")
    return found


async def find_login(session: AsyncSession, email: str) -> Member:
    """Whoever logs in with this address, of whichever workspace, kept from changes meanwhile. Raises Invalid (no address),
    NotFound."""
    found = await session.scalar(select(Member).where(Member.email == fields.email(email)).with_for_update())
    if found is None:
        raise NotFound("Nobody logs in with this e-mail address.")
    return found


async def check_channel(session: AsyncSession, workspace_id: int, channel_id: int) -> None:
    """Raises NotFound unless the channel is this workspace's."""
    query = select(Channel.id).where(Channel.workspace_id == workspace_id, Channel.id == fields.row_id(channel_id))
    if await session.scalar(query) is None:
        raise NotFound("No such channel.")


def retrieve_exception(done: asyncio.Future[Any]) -> None:
    """Take note of a failure that perhaps nobody waits for, so that asyncio does not complain of it."""
    if not done.cancelled():
        done.exception()
