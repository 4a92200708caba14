"""Idempotency keys: the same request with the same key is carried out once within 24 hours.

Two ways: `recall` and `remember` inside a command's own unit, which makes answer and effect commit together; and
`once` around a command that opens its own unit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.base import now_ms
from ..ground import fields
from ..ground.errors import Conflict
from ..ground.store import Store
from ..ground.unit import Unit
from ..models import IdempotencyKey, Invitation, Session
from .base import Part, retrieve_exception

KEPT_MS: Final = 24 * 3600 * 1000
UNFINISHED: Final = 0
"""`status` of a key whose request has begun and has not answered."""


class Answer(msgspec.Struct, frozen=True):
    """A first answer: its JSON text and its status (as HTTP's). `repeated` when this caller is not the first."""

    response: str
    status: int
    repeated: bool = True


class Repeated(Conflict):
    """The same request with the same key got through first; its `answer` holds. The unit rolls back."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("This request was answered already.", code="IDEMPOTENCY_REPEATED")
        self.answer = answer


def _answer(row: IdempotencyKey, fingerprint: str) -> Answer:
    if row.fingerprint != fingerprint:
        raise Conflict(
            "This idempotency key was used for another request in the last 24 hours.", code="IDEMPOTENCY_KEY_REUSED"
        )
    if row.status == UNFINISHED:
        raise Conflict(
            "The first request with this idempotency key has not answered. It may still be running, or it was cut "
            "off: look whether it took effect before you repeat it with another key.",
            code="IDEMPOTENCY_IN_PROGRESS",
        )
    return Answer(row.response, row.status)


class Idempotency(Part):
    """Remember first answers."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._running: dict[tuple[int, str], tuple[str, asyncio.Task[Answer]]] = {}

    async def recall(self, workspace_id: int, key: str, fingerprint: str, *, unit: Unit | None = None) -> Answer | None:
        """The first answer to this request, or None when the key is new.

        Raises Conflict: IDEMPOTENCY_KEY_REUSED for another request, IDEMPOTENCY_IN_PROGRESS before the answer.
        """
        key = fields.text("Idempotency-Key", key)
        if unit is not None:
            return await self._recall(unit.session, workspace_id, key, fingerprint)
        async with self._store.db.read() as session:
            return await self._recall(session, workspace_id, key, fingerprint)

    async def remember(
        self, unit: Unit, workspace_id: int, key: str, fingerprint: str, response: str, status: int = 200
    ) -> None:
        """Keep the answer, in the unit that has the effect.

        Raises Repeated when an equal request committed first, so that this unit rolls back and takes no effect;
        Conflict as recall.
        """
        key = fields.text("Idempotency-Key", key)
        if not await self._claim(unit, workspace_id, key, fingerprint, response, status):
            first = await self._recall(unit.session, workspace_id, key, fingerprint)
            assert first is not None, "the row that made the insert give way is visible after it"
            raise Repeated(first)

    async def once(
        self,
        workspace_id: int,
        key: str,
        fingerprint: str,
        action: Callable[[], Awaitable[tuple[str, int]]],
    ) -> Answer:
        """Run `action`, which gives (response JSON, status), unless this request was answered before.

        An equal request that is running in this process is waited for. When `action` raises, the key is free again.
        When the process dies in between, nobody knows whether the action took effect: repeats get Conflict
        (IDEMPOTENCY_IN_PROGRESS) rather than a second effect. Raises Conflict as recall, and what `action` raises.
        """
        key = fields.text("Idempotency-Key", key)
        place = (workspace_id, key)
        while (running := self._running.get(place)) is not None:
            if running[0] != fingerprint:
                raise Conflict("This idempotency key is in use for another request.", code="IDEMPOTENCY_KEY_REUSED")
            try:
                first = await asyncio.shield(running[1])
            except Exception:  # noqa: S112 - the first one failed and told its own caller; it is our turn
                continue
            return Answer(first.response, first.status)
        # A task of its own: a caller who hangs up must not leave an effect without its answer.
        task = asyncio.create_task(self._first(workspace_id, key, fingerprint, action), name="idempotent-request")
        self._running[place] = (fingerprint, task)
        task.add_done_callback(lambda done: self._over(place, done))
        return await asyncio.shield(task)

    def _over(self, place: tuple[int, str], done: asyncio.Task[Answer]) -> None:
        del self._running[place]
        retrieve_exception(done)

    async def prune(self) -> None:
        """Delete what has expired: answers, invitations, sessions, rate windows. Housekeeping."""
        async with self._store.unit() as unit:
            await unit.conn.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at <= unit.now - KEPT_MS))
            await unit.conn.execute(
                delete(Invitation).where(Invitation.expires_at <= unit.now, Invitation.accepted_at.is_(None))
            )
            await unit.conn.execute(delete(Session).where(Session.expires_at <= unit.now))
        await self.limits.prune()

    async def _first(
        self,
        workspace_id: int,
        key: str,
        fingerprint: str,
        action: Callable[[], Awaitable[tuple[str, int]]],
    ) -> Answer:
        async with self._store.unit() as unit:
            if not await self._claim(unit, workspace_id, key, fingerprint, "", UNFINISHED):
                first = await self._recall(unit.session, workspace_id, key, fingerprint)
                assert first is not None, "the row that made the insert give way is visible after it"
                return first
        mine = (IdempotencyKey.workspace_id == workspace_id) & (IdempotencyKey.key == key)
        try:
            response, status = await action()
        except Exception:
            async with self._store.unit() as unit:
                await unit.conn.execute(delete(IdempotencyKey).where(mine, IdempotencyKey.status == UNFINISHED))
            raise
        async with self._store.unit() as unit:
            await unit.conn.execute(update(IdempotencyKey).where(mine).values(response=response, status=status))
        return Answer(response, status, repeated=False)

    async def _claim(
        self, unit: Unit, workspace_id: int, key: str, fingerprint: str, response: str, status: int
    ) -> bool:
        """Whether the key was new. An equal key in a transaction under way is waited for by the database."""
        mine = (IdempotencyKey.workspace_id == workspace_id) & (IdempotencyKey.key == key)
        await unit.conn.execute(delete(IdempotencyKey).where(mine, IdempotencyKey.created_at <= unit.now - KEPT_MS))
        statement = (
            unit.upsert(IdempotencyKey)
            .values(
                workspace_id=workspace_id,
                key=key,
                fingerprint=fingerprint,
                status=status,
                response=response,
                created_at=unit.now,
            )
            .on_conflict_do_nothing(index_elements=[IdempotencyKey.workspace_id, IdempotencyKey.key])
            .returning(IdempotencyKey.id)
        )
        return (await unit.conn.execute(statement)).first() is not None

    @staticmethod
    async def _recall(session: AsyncSession, workspace_id: int, key: str, fingerprint: str) -> Answer | None:
        row = await session.scalar(
            select(IdempotencyKey).where(
                IdempotencyKey.workspace_id == workspace_id,
                IdempotencyKey.key == key,
                IdempotencyKey.created_at > now_ms() - KEPT_MS,
            )
        )
        return None if row is None else _answer(row, fingerprint)
