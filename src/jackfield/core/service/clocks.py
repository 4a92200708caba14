"""Clocks of chats: they start with what people write, end with an answer or with the chat, and tell when a target is due soon or
missed. Each is a row whose next time has an index; nothing is looked at while no time has come.

A conversation lasts from the first message in until the chat is done. Its clock `resolution` runs all the time, also where there
is no target, and tells thereby that it is open; `first_reply` runs until the first answer by a person, `next_reply` from each
message after an answer until the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import delete, func, select, update

from ..desk.hours import Calendar
from ..desk.working_hours import calendar_of
from ..ground.service_events import TargetMissed, TargetWarning
from ..ground.unit import Unit
from ..ledger.chats import tell_chats
from ..models import Chat, ChatTarget, Member, ReplyTarget

FIRST, NEXT, RESOLUTION = "first_reply", "next_reply", "resolution"
RUNNING, LATE, MET, MISSED, DROPPED = "running", "late", "met", "missed", "dropped"
BATCH: Final = 50
"""Clocks of one transaction."""
_NEXT: Final = select(func.min(ChatTarget.wake_at)).where(ChatTarget.wake_at.is_not(None))


class Place(msgspec.Struct, frozen=True):
    """A chat with whoever has it, and its department: its own, else that of whoever has it."""

    id: int
    workspace_id: int
    channel_id: int
    peer: str
    contact_id: int | None
    member_id: int | None
    department_id: int | None


async def place_of(reads: Any, chat_id: int) -> Place | None:
    """A private chat; None for one that is gone, or is none."""
    columns = (Chat.id, Chat.workspace_id, Chat.channel_id, Chat.peer, Chat.contact_id, Chat.assignee_id)
    department = func.coalesce(Chat.department_id, Member.department_id)
    query = select(*columns, department).outerjoin(Member, Member.id == Chat.assignee_id)
    row = (await reads.execute(query.where(Chat.id == chat_id, Chat.kind == "private"))).first()
    return None if row is None else Place(*row)


class Clocks:
    """The clocks of one chat, changed in a unit of the caller's."""

    def __init__(self, unit: Unit, place: Place) -> None:
        self._unit = unit
        self._place = place
        self._calendars: dict[int | None, Calendar] = {}

    async def heard(self, at: int) -> None:
        """A person wrote at a time (Unix ms)."""
        running = {row.kind for row in await self._running()}
        target = await self._target()
        if RESOLUTION not in running:
            if target is None:
                return
            await self._start(RESOLUTION, at, target)
            await self._start(FIRST, at, target)
        elif not running & {FIRST, NEXT} and target is not None and target.next_reply is not None:
            await self._start(NEXT, at, target)
        await self._show()

    async def answered(self, at: int) -> None:
        """Somebody of us answered."""
        rows = [row for row in await self._running() if row.kind in (FIRST, NEXT) and row.started_at <= at]
        await self._end(rows, at)

    async def closed(self, at: int) -> None:
        """The chat was set done. What had no answer needed none."""
        rows = await self._running()
        await self._end([row for row in rows if row.kind == RESOLUTION], at)
        await self._end([row for row in rows if row.kind != RESOLUTION], at, dropped=True)

    async def assigned(self) -> None:
        """Somebody else, or another team, has it: their targets hold, from when the clocks began."""
        target = await self._target()
        if target is None:
            return
        for row in await self._running():
            minutes = _minutes(target, row.kind)
            if minutes == row.minutes and self._place.department_id == row.department_id:
                continue
            warn_at, due_at = await self._times(row.started_at, minutes, target)
            late = due_at is not None and due_at <= self._unit.now
            values = {
                "minutes": minutes,
                "department_id": self._place.department_id,
                "member_id": self._place.member_id,
                "warn_at": warn_at,
                "due_at": due_at,
                "state": LATE if late else RUNNING,
                "wake_at": None if late or due_at is None else max(warn_at or 0, self._unit.now),
            }
            await self._unit.conn.execute(update(ChatTarget).where(ChatTarget.id == row.id).values(**values))
        await self._show()

    async def _running(self) -> Sequence[Any]:
        query = select(ChatTarget.__table__).where(ChatTarget.chat_id == self._place.id, ChatTarget.ended_at.is_(None))
        return (await self._unit.conn.execute(query.order_by(ChatTarget.id))).all()

    async def _target(self) -> ReplyTarget | None:
        """The targets that hold: of the chat's department, else of the channel, else of the workspace."""
        place = self._place
        rows = await self._unit.session.scalars(
            select(ReplyTarget).where(ReplyTarget.workspace_id == place.workspace_id).order_by(ReplyTarget.id)
        )
        found = {(row.department_id, row.channel_id): row for row in rows}
        by_department = None if place.department_id is None else found.get((place.department_id, None))
        return by_department or found.get((None, place.channel_id)) or found.get((None, None))

    async def _calendar(self, working_hours: bool) -> Calendar | None:
        if not working_hours:
            return None
        department = self._place.department_id
        if department not in self._calendars:
            self._calendars[department] = await calendar_of(self._unit.conn, self._place.workspace_id, department)
        return self._calendars[department]

    async def _times(self, at: int, minutes: int | None, target: ReplyTarget) -> tuple[int | None, int | None]:
        """When a target is due soon, and due; None for never, as with no working hours at all."""
        if minutes is None:
            return None, None
        calendar = await self._calendar(target.working_hours)
        span = minutes * 60_000
        soon = span * target.warn_percent // 100
        if calendar is None:
            return at + soon, at + span
        return calendar.add(at, soon), calendar.add(at, span)

    async def _start(self, kind: str, at: int, target: ReplyTarget) -> None:
        place = self._place
        minutes = _minutes(target, kind)
        warn_at, due_at = await self._times(at, minutes, target)
        row = {
            "workspace_id": place.workspace_id,
            "chat_id": place.id,
            "channel_id": place.channel_id,
            "member_id": place.member_id,
            "department_id": place.department_id,
            "kind": kind,
            "minutes": minutes,
            "started_at": at,
            "warn_at": warn_at,
            "due_at": due_at,
            "wake_at": warn_at if due_at is not None else None,
            "state": RUNNING,
        }
        await self._unit.conn.execute(self._unit.upsert(ChatTarget).values(**row).on_conflict_do_nothing())

    async def _end(self, rows: Sequence[Any], at: int, *, dropped: bool = False) -> None:
        if not rows:
            return
        target = await self._target()
        calendar = await self._calendar(target is not None and target.working_hours)
        for row in rows:
            until = max(at, row.started_at)
            state = DROPPED if dropped else MET if row.due_at is None or until <= row.due_at else MISSED
            values = {
                "state": state,
                "ended_at": until,
                "wake_at": None,
                "worked": until - row.started_at if calendar is None else calendar.between(row.started_at, until),
                "member_id": self._place.member_id,
                "department_id": self._place.department_id,
            }
            await self._unit.conn.execute(update(ChatTarget).where(ChatTarget.id == row.id).values(**values))
        await self._show()

    async def _show(self) -> None:
        """The chat shows what is due next, and tells it where that is something else than before."""
        due = [row for row in await self._running() if row.due_at is not None]
        first = min(due, key=lambda row: row.due_at, default=None)
        shown: dict[str, Any] = {"target_kind": None, "target_warn_at": 0, "target_due_at": 0}
        if first is not None:
            shown = {"target_kind": first.kind, "target_warn_at": first.warn_at, "target_due_at": first.due_at}
        changed = update(Chat).where(
            Chat.id == self._place.id,
            (Chat.target_due_at != shown["target_due_at"])
            | (Chat.target_warn_at != shown["target_warn_at"])
            | Chat.target_kind.is_distinct_from(shown["target_kind"]),
        )
        if (await self._unit.conn.execute(changed.values(**shown))).rowcount:
            await tell_chats(self._unit, [(self._place.channel_id, self._place.peer)])


def _minutes(target: ReplyTarget, kind: str) -> int | None:
    minutes: int | None = getattr(target, kind)
    return minutes


async def ring(unit: Unit, now: int) -> None:
    """Tell of the clocks whose time has come, a few of them. One that is due by now is told as missed alone."""
    query = select(ChatTarget.__table__).where(ChatTarget.wake_at <= now)
    query = query.order_by(ChatTarget.wake_at, ChatTarget.id).limit(BATCH)
    if unit.conn.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    for row in (await unit.conn.execute(query)).all():
        late = row.due_at <= now
        values = {"state": LATE, "wake_at": None} if late else {"wake_at": row.due_at}
        await unit.conn.execute(update(ChatTarget).where(ChatTarget.id == row.id).values(**values))
        place = await place_of(unit.conn, row.chat_id)
        if place is None:
            continue
        told = (TargetMissed if late else TargetWarning)(
            chat_id=place.id,
            peer=place.peer,
            contact_id=place.contact_id,
            member_id=place.member_id,
            department_id=place.department_id,
            kind=row.kind,
            minutes=row.minutes,
            due_at=row.due_at,
        )
        unit.emit(place.workspace_id, told, place.channel_id)


async def next_ring(reads: Any) -> int | None:
    """When the next clock has something to tell (Unix ms); None for never."""
    due: int | None = await reads.scalar(_NEXT)
    return due


async def drop_clocks(unit: Unit, workspace_id: int) -> None:
    """There are no targets any more: what runs is forgotten, and chats show nothing."""
    await unit.conn.execute(
        delete(ChatTarget).where(ChatTarget.workspace_id == workspace_id, ChatTarget.ended_at.is_(None))
    )
    await unit.conn.execute(
        update(Chat)
        .where(Chat.workspace_id == workspace_id, Chat.target_due_at > 0)
        .values(target_kind=None, target_warn_at=0, target_due_at=0)
    )
