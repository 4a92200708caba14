"""Tickets: requests to be dealt with, by department, with answers from both sides."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Final

from msgspec import UNSET, UnsetType
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..accounts.audit import Audit
from ..accounts.principal import Principal
from ..ground import fields
from ..ground.errors import Conflict, NotFound
from ..ground.events import TicketCreated
from ..ground.listing import page_by_id
from ..ground.ownership import chat_of, contact_of, department_of, member_of
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..ground.views import view_of
from ..ledger.chats import tell_chats
from ..models import Chat, Department, Member, Ticket, TicketReply
from .views import DepartmentView, TicketReplyView, TicketView

PRIORITIES: Final = ("low", "medium", "high", "urgent")
STATUSES: Final = ("open", "pending", "answered", "closed")
GENERAL: Final = "General"
"""The department of a workspace that has made none."""
CHATS_AT_ONCE: Final = 500
"""Chats that lose their department in one transaction."""
MAX_BODY: Final = 20_000


class Tickets:
    """Departments and tickets. Every id given must be the workspace's own, else NotFound."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._audit = Audit(store)

    # Departments.

    async def departments(self, workspace_id: int) -> list[DepartmentView]:
        """All departments by name; a workspace without any gets its General one."""
        query = select(Department).where(Department.workspace_id == workspace_id).order_by(Department.folded)
        async with self._store.db.read() as session:
            found = [view_of(DepartmentView, row) for row in await session.scalars(query)]
        if found:
            return found
        async with self._store.unit() as unit:
            await self._default_department(unit, workspace_id)
            return [view_of(DepartmentView, row) for row in await unit.session.scalars(query)]

    async def department(self, workspace_id: int, department_id: int) -> DepartmentView:
        """One department. Raises NotFound."""
        async with self._store.db.read() as session:
            return view_of(DepartmentView, await department_of(session, workspace_id, department_id))

    async def create_department(
        self, workspace_id: int, name: str, *, by: Principal | None = None, ip: str | None = None
    ) -> DepartmentView:
        """A new department. Raises Invalid, Conflict when there is one of that name."""
        name = fields.text("name", name, maximum=100)
        try:
            async with self._store.unit() as unit:
                department = Department(
                    workspace_id=workspace_id, name=name, folded=fields.folded(name), created_at=unit.now
                )
                unit.session.add(department)
                await unit.session.flush()
                await self._note(unit, workspace_id, by, "department.created", department.id, ip, name)
        except IntegrityError:
            raise _taken() from None
        return view_of(DepartmentView, department)

    async def rename_department(
        self, workspace_id: int, department_id: int, name: str, *, by: Principal | None = None, ip: str | None = None
    ) -> DepartmentView:
        """Another name. Raises Invalid, NotFound, Conflict."""
        name = fields.text("name", name, maximum=100)
        try:
            async with self._store.unit() as unit:
                department = await department_of(unit.session, workspace_id, department_id)
                department.name, department.folded = name, fields.folded(name)
                await unit.session.flush()
                await self._note(unit, workspace_id, by, "department.renamed", department_id, ip, name)
        except IntegrityError:
            raise _taken() from None
        return view_of(DepartmentView, department)

    async def delete_department(
        self, workspace_id: int, department_id: int, *, by: Principal | None = None, ip: str | None = None
    ) -> None:
        """Take a department away; its tickets, chats and members stay, without one. Raises NotFound."""
        async with self._store.db.read() as session:
            await department_of(session, workspace_id, department_id)
        # It may have more chats than one transaction should tell of.
        while await self._free_chats(workspace_id, department_id):
            pass
        async with self._store.unit() as unit:
            department = await department_of(unit.session, workspace_id, department_id)
            await unit.conn.execute(update(Chat).where(Chat.department_id == department_id).values(department_id=None))
            await unit.session.execute(
                update(Member)
                .where(Member.workspace_id == workspace_id, Member.department_id == department.id)
                .values(department_id=None)
            )
            await unit.session.delete(department)
            await self._note(unit, workspace_id, by, "department.deleted", department_id, ip, department.name)

    async def _free_chats(self, workspace_id: int, department_id: int) -> bool:
        """Take the department from some of its chats, and tell it; gives whether there may be more."""
        async with self._store.unit() as unit:
            query = select(Chat.id, Chat.channel_id, Chat.peer).where(
                Chat.workspace_id == workspace_id, Chat.department_id == department_id
            )
            rows = (await unit.conn.execute(query.order_by(Chat.id).limit(CHATS_AT_ONCE))).all()
            if rows:
                ids = [row.id for row in rows]
                await unit.conn.execute(update(Chat).where(Chat.id.in_(ids)).values(department_id=None))
                keys = [(row.channel_id, row.peer) for row in rows]
                await tell_chats(unit, keys, {key: ["team"] for key in keys})
        return len(rows) == CHATS_AT_ONCE

    # Tickets.

    async def create(
        self,
        workspace_id: int,
        subject: str,
        *,
        body: str | None = None,
        priority: str = "medium",
        department_id: int | None = None,
        contact_id: int | None = None,
        chat_id: int | None = None,
        assignee_id: int | None = None,
        source: str = "api",
    ) -> TicketView:
        """Open a ticket; without a department it goes to the first one. A chat brings its contact along.

        Emits TicketCreated (on the chat's channel, where there is a chat). Raises Invalid, NotFound.
        """
        ticket = Ticket(
            workspace_id=workspace_id,
            subject=fields.text("subject", subject, maximum=300),
            body=_body(body),
            priority=fields.choice("priority", priority, PRIORITIES),
            status="open",
            assignee_id=assignee_id,
        )
        channel_id: int | None = None
        async with self._store.unit() as unit:
            session = unit.session
            if chat_id is not None:
                chat = await chat_of(session, workspace_id, chat_id)
                channel_id = chat.channel_id
                contact_id = chat.contact_id if contact_id is None else contact_id
            if contact_id is not None:
                await contact_of(session, workspace_id, contact_id)
            if assignee_id is not None:
                await member_of(session, workspace_id, assignee_id)
            if department_id is None:
                department_id = await self._default_department(unit, workspace_id)
            else:
                await department_of(session, workspace_id, department_id)
            ticket.chat_id, ticket.contact_id, ticket.department_id = chat_id, contact_id, department_id
            ticket.created_at = ticket.updated_at = unit.now
            session.add(ticket)
            await session.flush()
            unit.emit(
                workspace_id,
                TicketCreated(
                    id=ticket.id,
                    subject=ticket.subject,
                    priority=ticket.priority,
                    department_id=department_id,
                    contact_id=contact_id,
                    source=source,
                ),
                channel_id,
            )
        return view_of(TicketView, ticket)

    async def list(
        self,
        workspace_id: int,
        *,
        status: str | Collection[str] | None = None,
        priority: str | Collection[str] | None = None,
        department_id: int | None = None,
        assignee_id: int | UnsetType | None = UNSET,
        contact_id: int | None = None,
        chat_id: int | None = None,
        channel_id: int | None = None,
        search: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[TicketView]:
        """Tickets, newest first. `assignee_id` None: those that nobody has; `search` looks into the subject.

        Raises Invalid for an unknown status or priority.
        """
        query = select(Ticket).where(Ticket.workspace_id == workspace_id)
        if status is not None:
            query = query.where(Ticket.status.in_(_words("status", status, STATUSES)))
        if priority is not None:
            query = query.where(Ticket.priority.in_(_words("priority", priority, PRIORITIES)))
        if department_id is not None:
            query = query.where(Ticket.department_id == fields.row_id(department_id))
        if not isinstance(assignee_id, UnsetType):
            nobody = assignee_id is None
            query = query.where(
                Ticket.assignee_id.is_(None) if nobody else Ticket.assignee_id == fields.row_id(assignee_id)
            )
        if contact_id is not None:
            query = query.where(Ticket.contact_id == fields.row_id(contact_id))
        if chat_id is not None:
            query = query.where(Ticket.chat_id == fields.row_id(chat_id))
        if channel_id is not None:
            query = query.where(Ticket.chat_id.in_(select(Chat.id).where(Chat.channel_id == fields.row_id(channel_id))))
        if search:
            query = query.where(Ticket.subject.icontains(search, autoescape=True))
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query,
                Ticket.id,
                partial(view_of, TicketView),
                limit=limit,
                cursor=cursor,
                page=page,
                total=total,
            )

    async def get(self, workspace_id: int, ticket_id: int) -> TicketView:
        """One ticket. Raises NotFound."""
        async with self._store.db.read() as session:
            return view_of(TicketView, await _find(session, workspace_id, ticket_id))

    async def replies(
        self,
        workspace_id: int,
        ticket_id: int,
        *,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[TicketReplyView]:
        """The answers on a ticket, oldest first. Raises NotFound."""
        query = select(TicketReply).where(TicketReply.workspace_id == workspace_id, TicketReply.ticket_id == ticket_id)
        async with self._store.db.read() as session:
            await _find(session, workspace_id, ticket_id)
            return await page_by_id(
                session,
                query,
                TicketReply.id,
                partial(view_of, TicketReplyView),
                limit=limit,
                cursor=cursor,
                page=page,
                newest_first=False,
                total=total,
            )

    async def update(
        self,
        workspace_id: int,
        ticket_id: int,
        *,
        subject: str | UnsetType = UNSET,
        body: str | UnsetType | None = UNSET,
        status: str | UnsetType = UNSET,
        priority: str | UnsetType = UNSET,
        department_id: int | UnsetType | None = UNSET,
        assignee_id: int | UnsetType | None = UNSET,
        contact_id: int | UnsetType | None = UNSET,
    ) -> TicketView:
        """Change what is given; None takes an assignee, department or contact away. Raises Invalid, NotFound."""
        async with self._store.unit() as unit:
            session = unit.session
            ticket = await _find(session, workspace_id, ticket_id, lock=True)
            if not isinstance(subject, UnsetType):
                ticket.subject = fields.text("subject", subject, maximum=300)
            if not isinstance(body, UnsetType):
                ticket.body = _body(body)
            if not isinstance(priority, UnsetType):
                ticket.priority = fields.choice("priority", priority, PRIORITIES)
            if not isinstance(department_id, UnsetType):
                if department_id is not None:
                    await department_of(session, workspace_id, department_id)
                ticket.department_id = department_id
            if not isinstance(assignee_id, UnsetType):
                if assignee_id is not None:
                    await member_of(session, workspace_id, assignee_id)
                ticket.assignee_id = assignee_id
            if not isinstance(contact_id, UnsetType):
                if contact_id is not None:
                    await contact_of(session, workspace_id, contact_id)
                ticket.contact_id = contact_id
            if not isinstance(status, UnsetType):
                _move(ticket, fields.choice("status", status, STATUSES), unit.now)
            ticket.updated_at = unit.now
        return view_of(TicketView, ticket)

    async def reply(
        self, workspace_id: int, ticket_id: int, text: str, *, member_id: int | None = None, status: str | None = None
    ) -> TicketReplyView:
        """Answer a ticket, as a member or (None) as the contact.

        A member's answer makes an open ticket `answered`, and leaves a closed one closed; the contact's opens it
        again. `status` says otherwise. Raises Invalid, NotFound.
        """
        reply = TicketReply(
            workspace_id=workspace_id,
            ticket_id=ticket_id,
            member_id=member_id,
            text=fields.text("reply", text, maximum=MAX_BODY),
        )
        if status is not None:
            fields.choice("status", status, STATUSES)
        async with self._store.unit() as unit:
            ticket = await _find(unit.session, workspace_id, ticket_id, lock=True)
            if member_id is not None:
                await member_of(unit.session, workspace_id, member_id)
            if status is None:
                status = "open" if member_id is None else "closed" if ticket.status == "closed" else "answered"
            _move(ticket, status, unit.now)
            ticket.updated_at = reply.created_at = unit.now
            unit.session.add(reply)
            await unit.session.flush()
        return view_of(TicketReplyView, reply)

    async def delete(
        self, workspace_id: int, ticket_id: int, *, by: Principal | None = None, ip: str | None = None
    ) -> None:
        """Take a ticket away with its answers. Raises NotFound."""
        async with self._store.unit() as unit:
            ticket = await _find(unit.session, workspace_id, ticket_id, lock=True)
            await unit.session.delete(ticket)
            actor = "system" if by is None else by.actor
            await self._audit.record(unit, workspace_id, actor, "ticket.deleted", f"ticket:{ticket_id}", ip)

    async def _default_department(self, unit: Unit, workspace_id: int) -> int:
        """The first department made; made now when there is none."""
        query = select(Department.id).where(Department.workspace_id == workspace_id).order_by(Department.id).limit(1)
        found = await unit.session.scalar(query)
        if found is not None:
            return found
        try:
            # A savepoint, since two first tickets may arrive at once where the database lets them run side by side.
            async with unit.session.begin_nested():
                general = Department(
                    workspace_id=workspace_id, name=GENERAL, folded=fields.folded(GENERAL), created_at=unit.now
                )
                unit.session.add(general)
                await unit.session.flush()
        except IntegrityError:
            found = await unit.session.scalar(query)
            if found is None:
                raise NotFound("No such workspace.") from None
            return found
        return general.id

    async def _note(
        self,
        unit: Unit,
        workspace_id: int,
        by: Principal | None,
        action: str,
        department_id: int,
        ip: str | None,
        name: str,
    ) -> None:
        actor = "system" if by is None else by.actor
        await self._audit.record(unit, workspace_id, actor, action, f"department:{department_id}", ip, {"name": name})


async def _find(session: AsyncSession, workspace_id: int, ticket_id: int, *, lock: bool = False) -> Ticket:
    query = select(Ticket).where(Ticket.workspace_id == workspace_id, Ticket.id == fields.row_id(ticket_id))
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound("No such ticket.")
    return found


def _move(ticket: Ticket, status: str, now: int) -> None:
    if status == "closed" and ticket.status != "closed":
        ticket.closed_at = now
    elif status != "closed":
        ticket.closed_at = None
    ticket.status = status


def _body(body: str | None) -> str | None:
    return None if body is None else fields.text("body", body, maximum=MAX_BODY, required=False) or None


def _words(field: str, given: str | Collection[str], allowed: Collection[str]) -> set[str]:
    return {fields.choice(field, one, allowed) for one in ([given] if isinstance(given, str) else given)}


def _taken() -> Conflict:
    return Conflict(
        "There is a department of this name already.", code="DEPARTMENT_EXISTS", details={"name": ["Exists already."]}
    )
