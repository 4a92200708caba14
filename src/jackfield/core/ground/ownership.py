"""Whether an id that came from outside is of an object of this workspace; another's is not told apart from none."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..models import Chat, Contact, Department, Member
from . import fields
from .errors import NotFound


async def contact_of(session: AsyncSession, workspace_id: int, contact_id: int) -> None:
    """Raises NotFound unless the contact is this workspace's."""
    query = select(Contact.id).where(Contact.workspace_id == workspace_id, Contact.id == fields.row_id(contact_id))
    if await session.scalar(query) is None:
        raise NotFound("No such contact.")


async def chat_of(session: AsyncSession, workspace_id: int, chat_id: int) -> Chat:
    """The chat. Raises NotFound unless it is this workspace's."""
    query = select(Chat).where(Chat.workspace_id == workspace_id, Chat.id == fields.row_id(chat_id))
    found = await session.scalar(query)
    if found is None:
        raise NotFound("No such chat.")
    return found


async def member_of(session: AsyncSession, workspace_id: int, member_id: int) -> None:
    """Raises NotFound unless the member is this workspace's."""
    query = select(Member.id).where(Member.workspace_id == workspace_id, Member.id == fields.row_id(member_id))
    if await session.scalar(query) is None:
        raise NotFound("No such member.")


async def department_of(session: AsyncSession, workspace_id: int, department_id: int) -> Department:
    """The department. Raises NotFound unless it is this workspace's."""
    query = select(Department).where(
        Department.workspace_id == workspace_id, Department.id == fields.row_id(department_id)
    )
    found = await session.scalar(query)
    if found is None:
        raise NotFound("No such department.")
    return found
