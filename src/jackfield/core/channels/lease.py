"""One owner per channel, by a lease with a fencing token in the database (design, decision 4).

Each change of owner raises the token. An owner renews in time; one that could not stops sending by its own clock
before the lease runs out, and whatever it still does is fenced by its old token.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import TypeDecorator, or_, select, type_coerce, update

from ...db.base import now_ms
from ..ground.events import SessionDisconnected
from ..ground.store import Store
from ..ground.unit import Unit
from ..ground.views import view_of
from ..ledger.claim import take_over
from ..models import Channel
from .pending import PENDING, Pending, pending_of

CHUNK = 5000
"""Leases renewed by one statement."""
ALONE = 20
"""So many times longer lasts a lease of a process that alone may work on the database."""


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
    # Locked in the order of ids: whoever takes one of them over comes before this, or waits for its end.
    rows = await unit.conn.execute(
        select(Channel.id, Channel.lease_token)
        .where(Channel.lease_owner == owner)
        .order_by(Channel.id)
        .with_for_update(key_share=True)
    )
    ours = [id_ for id_, token in rows if tokens.get(id_) == token]
    for start in range(0, len(ours), CHUNK):
        some = ours[start : start + CHUNK]
        await unit.conn.execute(update(Channel).where(Channel.id.in_(some)).values(lease_until=until))
    return dict.fromkeys(ours, until)


async def release(unit: Unit, channel_id: int, token: int) -> None:
    """Give the lease back, so that another may have it at once."""
    await unit.conn.execute(
        update(Channel)
        .where(Channel.id == channel_id, Channel.lease_token == token)
        .values(lease_owner=None, lease_until=0)
    )


class ChannelSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of a channel needs to run it. Two are equal while nothing changed that concerns the owner.

    `config` is the engine's configuration as stored, opened, with its secrets; `connected_at` is in Unix ms.
    """

    id: int
    workspace_id: int
    name: str
    engine: str
    address: str | None
    config: str
    settings: dict[str, Any]
    pacing: dict[str, Any]
    account: dict[str, Any] | None
    connected_at: int | None

    def __repr__(self) -> str:
        """Without the configuration, which holds secrets."""
        return f"ChannelSetup(id={self.id}, engine={self.engine!r})"

    @property
    def pair_phone(self) -> str | None:
        """The phone (digits) that is paired by a code; None for a QR."""
        phone: str | None = self.settings.get("pair_phone")
        return phone

    @property
    def throughput(self) -> int | None:
        """Messages per second that the provider allows the number, where it told."""
        told = (self.account or {}).get("throughput")
        return told if isinstance(told, int) and told > 0 else None


class ChannelStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as a worker finds it: whether people want it up, who owns it and until when (Unix ms), what waits."""

    setup: ChannelSetup
    wanted: str
    status: str
    lease_owner: str | None
    lease_until: int
    pending: Pending


_SETUP = tuple(getattr(Channel, name) for name in ChannelSetup.__struct_fields__)


def _as_stored(column: Any) -> Any:
    """A column's value as the database has it: neither opened nor decoded."""
    kind = column.type
    return type_coerce(column, kind.impl_instance).label(column.key) if isinstance(kind, TypeDecorator) else column


_STANDINGS = select(
    *map(_as_stored, _SETUP), Channel.wanted, Channel.status, Channel.lease_owner, Channel.lease_until, *PENDING
)


class Leases:
    """The service: leases of this node, and what the owner of a channel reads and writes of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._setups: dict[int, tuple[tuple[Any, ...], ChannelSetup]] = {}
        """Setups by channel, each with the stored values that it was made of."""

    @property
    def seconds(self) -> float:
        """How long a lease of this node lasts. A process that alone may work on the database has nobody to give way to,
        and a thousand channels renewed every other second would write 100 GB a day to its disk."""
        options = self._store.options
        return options.lease_seconds * (ALONE if options.exclusive else 1)

    async def acquire(self, channel_id: int) -> Lease | None:
        """Take a channel's lease for this node; None when somebody else holds it. A process that alone may work on
        the database takes it in any case."""
        options = self._store.options
        async with self._store.unit() as unit:
            return await acquire(unit, channel_id, options.node, self.seconds, force=options.exclusive)

    async def renew(self, tokens: dict[int, int]) -> frozenset[int]:
        """Renew leases (channel to token); gives the channels that are still this node's."""
        async with self._store.unit() as unit:
            return frozenset(await renew(unit, self._store.options.node, tokens, self.seconds))

    async def release(self, channel_id: int, token: int) -> None:
        """Give a lease back. A channel that people want down is then shown as disconnected, and told so if it was up."""
        async with self._store.unit() as unit:
            await release(unit, channel_id, token)
            # Other processes look at once for what is free now.
            unit.notify("channels")
            down = (
                update(Channel)
                .where(Channel.id == channel_id, Channel.wanted != "up")
                .values(status="disconnected", login=None)
            )
            query = down.where(Channel.status == "connected").returning(Channel.workspace_id)
            workspace_id = (await unit.conn.execute(query)).scalar()
            if workspace_id is not None:
                unit.emit(workspace_id, SessionDisconnected(reason="Disconnected on request."), channel_id)
            await unit.conn.execute(down.where(Channel.status.in_(("connecting", "pairing"))))

    async def channels(self) -> list[ChannelStanding]:
        """All channels. Asked for again and again, so only what changed meanwhile is opened and decoded."""
        # By place, not by name: that takes a third of the time.
        width = len(_SETUP)
        async with self._store.db.read() as session:
            rows = [(row[0], row[:width], row[width:]) for row in await session.execute(_STANDINGS)]
            known = self._setups
            changed = [id_ for id_, stored, _ in rows if id_ not in known or known[id_][0] != stored]
            fresh: dict[int, ChannelSetup] = {}
            for start in range(0, len(changed), CHUNK):
                query = select(*_SETUP).where(Channel.id.in_(changed[start : start + CHUNK]))
                fresh |= {row.id: view_of(ChannelSetup, row) for row in await session.execute(query)}
        self._setups = {
            id_: (stored, fresh[id_]) if id_ in fresh else known[id_]
            for id_, stored, _ in rows
            # One that was deleted between the two statements is in neither.
            if id_ in fresh or id_ in known
        }
        return [
            ChannelStanding(
                setup=self._setups[id_][1],
                wanted=wanted,
                status=status,
                lease_owner=owner,
                lease_until=until,
                pending=pending_of(waits),
            )
            for id_, _, (wanted, status, owner, until, *waits) in rows
            if id_ in self._setups
        ]

    async def setup(self, channel_id: int) -> ChannelSetup | None:
        """One channel as it is now; None when it was deleted."""
        async with self._store.db.read() as session:
            row = (await session.execute(select(*_SETUP).where(Channel.id == channel_id))).one_or_none()
        return None if row is None else view_of(ChannelSetup, row)

    async def session_state(self, channel_id: int) -> bytes:
        """What the channel's session asked to keep; empty at first."""
        async with self._store.db.read() as session:
            state = await session.scalar(select(Channel.session_state).where(Channel.id == channel_id))
        return state or b""

    async def keep_session_state(self, channel_id: int, state: bytes) -> None:
        """Keep a session's state (device keys, update offset)."""
        async with self._store.unit() as unit:
            await unit.conn.execute(update(Channel).where(Channel.id == channel_id).values(session_state=state))
