"""Requests for the session of a channel that another process owns: rows that the owner takes, carries out and answers.

The database carries them, so that they work without NATS; the bus only says that there is one, and that it is answered. A
request waits for whoever owns the channel: when the owner dies meanwhile, the next one takes it.
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
import structlog
from sqlalchemy import delete, insert, select, update

from ...db.base import now_ms
from ..ground.bus import Wake
from ..ground.errors import OutcomeUnknown, Unavailable
from ..ground.store import Store
from ..models import OwnerRequest

log = structlog.get_logger(__name__)

ANSWER_S: Final = 20.0
"""How long an answer is waited for."""
LOOK_S: Final = 0.25
"""How often is looked for an answer that nobody told of."""
FETCH: Final = "fetch"
"""Not a method: the file of the message with this provider id is to be fetched."""
KEPT_S: Final = 3600.0
"""How long a request that nobody waits for may wait for an owner."""
AT_ONCE: Final = 50


class Taken(msgspec.Struct, frozen=True):
    """A request that this process took: see `OwnerRequest`. Its repr shows no arguments."""

    id: int
    method: str
    arguments: bytes

    def __repr__(self) -> str:
        return f"Taken(id={self.id}, method={self.method!r})"


class OwnerRequests:
    """The service, for both sides."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- who asks ------------------------------------------------------------------------------------

    async def ask(self, channel_id: int, method: str, arguments: bytes, *, seconds: float = ANSWER_S) -> bytes:
        """Have the owner carry this out; gives its answer.

        Raises Unavailable when nobody took it in time (then nobody will), OutcomeUnknown when who took it did not answer.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        wake = Wake()
        id_ = 0
        end = self._store.bus.subscribe("answers", lambda told: wake.set() if told in (id_, None) else None)
        try:
            id_ = await self._write(channel_id, method, arguments, seconds)
            while True:
                answer = await self._answer(id_)
                if answer is not None:
                    return answer
                left = deadline - loop.time()
                if left <= 0:
                    break
                await wake.wait(min(left, LOOK_S))
        finally:
            end()
        async with self._store.unit() as unit:
            withdrawn = await unit.conn.execute(
                delete(OwnerRequest).where(OwnerRequest.id == id_, OwnerRequest.taken_at.is_(None))
            )
        if withdrawn.rowcount:
            raise Unavailable("owner_silent", "No process of this cluster took the request; nothing was done.")
        answer = await self._answer(id_)
        if answer is not None:
            return answer
        raise OutcomeUnknown("owner_silent", "The process that holds the profile's session has not answered in time.")

    async def leave(self, channel_id: int, method: str, arguments: bytes) -> None:
        """Have the owner carry this out when it can; nobody waits. Durable when this returns."""
        await self._write(channel_id, method, arguments, KEPT_S)

    async def _write(self, channel_id: int, method: str, arguments: bytes, seconds: float) -> int:
        async with self._store.unit() as unit:
            values = {
                "channel_id": channel_id,
                "method": method,
                "arguments": arguments.decode(),
                "created_at": unit.now,
                "expires_at": unit.now + int(seconds * 1000),
            }
            id_ = await unit.conn.scalar(insert(OwnerRequest).values(**values).returning(OwnerRequest.id))
            unit.notify(f"requests:{channel_id}")
        assert id_ is not None
        return int(id_)

    async def _answer(self, id_: int) -> bytes | None:
        """The answer, which is then taken away."""
        async with self._store.db.read() as session:
            answer = await session.scalar(select(OwnerRequest.answer).where(OwnerRequest.id == id_))
        if answer is None:
            return None
        async with self._store.unit() as unit:
            await unit.conn.execute(delete(OwnerRequest).where(OwnerRequest.id == id_))
        return answer.encode()

    # -- the owner -----------------------------------------------------------------------------------

    async def take(self, channel_id: int) -> list[Taken]:
        """What waits for the channel's owner, oldest first; nobody else gets it then."""
        waiting = OwnerRequest.taken_at.is_(None)
        now = now_ms()
        async with self._store.unit() as unit:
            some = (
                select(OwnerRequest.id)
                .where(OwnerRequest.channel_id == channel_id, waiting, OwnerRequest.expires_at > now)
                .order_by(OwnerRequest.id)
                .limit(AT_ONCE)
            )
            rows = await unit.conn.execute(
                update(OwnerRequest)
                # Said twice: who waited for the lock of a row that another took looks at this once more.
                .where(OwnerRequest.id.in_(some), waiting)
                .values(taken_at=now)
                .returning(OwnerRequest.id, OwnerRequest.method, OwnerRequest.arguments)
            )
            taken = [Taken(row.id, row.method, row.arguments.encode()) for row in rows]
        return sorted(taken, key=lambda one: one.id)

    async def answer(self, id_: int, answer: bytes) -> None:
        """Give the answer to whoever waits."""
        async with self._store.unit() as unit:
            await unit.conn.execute(update(OwnerRequest).where(OwnerRequest.id == id_).values(answer=answer.decode()))
            unit.notify("answers", id_)

    async def done(self, id_: int) -> None:
        """Forget a request that nobody waits for."""
        async with self._store.unit() as unit:
            await unit.conn.execute(delete(OwnerRequest).where(OwnerRequest.id == id_))

    async def prune(self) -> None:
        """Delete what nobody waits for any more."""
        async with self._store.unit() as unit:
            await unit.conn.execute(delete(OwnerRequest).where(OwnerRequest.expires_at < now_ms() - int(KEPT_S * 1000)))
