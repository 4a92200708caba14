"""One owner per channel, by a lease with a fencing token in the database (design, decision 4).

Each change of owner raises the token. An owner renews in time; one that could not stops sending by its own clock
before the lease runs out, and whatever it still does is fenced by its old token.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import or_, select, update

from ...db.base import now_ms
from ..ground.unit import Unit
from ..ledger.claim import take_over
from ..models import Channel


class Lease(msgspec.Struct, kw_only=True):
    """The right to act for a channel until `until` (Unix ms) under `token`."""

    channel_id: int
    token: int
    until: int
    taken_over: int = 0
    """How many messages earlier owners had in their hands: now uncertain."""


async def acquire(unit: Unit, channel_id: int, owner: str, seconds: float, *, force: bool = False) -> Lease | None:
    """Take the lease of a channel if nobody holds it; None when somebody does.

    `force` takes it all the same: for a process that alone may work on the database.
    """
    now = now_ms()
    until = now + int(seconds * 1000)
    condition = Channel.id == channel_id
    if not force:
        condition = condition & or_(Channel.lease_until <= now, Channel.lease_owner.is_(None))
    token = (
        await unit.conn.execute(
            update(Channel)
            .where(condition)
            .values(lease_owner=owner, lease_token=Channel.lease_token + 1, lease_until=until)
            .returning(Channel.lease_token)
        )
    ).scalar()
    if token is None:
        return None
    taken = await take_over(unit, channel_id, token)
    return Lease(channel_id=channel_id, token=token, until=until, taken_over=taken)


async def renew(unit: Unit, owner: str, tokens: dict[int, int], seconds: float) -> dict[int, int]:
    """Renew several leases in one go; gives channel to the new end for those that are still ours."""
    if not tokens:
        return {}
    until = now_ms() + int(seconds * 1000)
    rows = await unit.conn.execute(
        select(Channel.id, Channel.lease_token).where(Channel.id.in_(list(tokens)), Channel.lease_owner == owner)
    )
    ours = sorted(row.id for row in rows if tokens[row.id] == row.lease_token)
    if not ours:
        return {}
    kept = await unit.conn.execute(
        update(Channel)
        .where(
            or_(*((Channel.id == id_) & (Channel.lease_token == tokens[id_]) for id_ in ours)),
            Channel.lease_owner == owner,
        )
        .values(lease_until=until)
        .returning(Channel.id)
    )
    return {row.id: until for row in kept}


async def release(unit: Unit, channel_id: int, token: int) -> None:
    """Give the lease back, so that another may have it at once."""
    await unit.conn.execute(
        update(Channel)
        .where(Channel.id == channel_id, Channel.lease_token == token)
        .values(lease_owner=None, lease_until=0)
    )
