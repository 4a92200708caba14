"""Invitations: a way into the team for somebody who chooses the password themselves."""

from __future__ import annotations

import hashlib
import secrets
from functools import partial
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ..ground import fields
from ..ground.addresses import one_client
from ..ground.errors import NotFound
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.views import view_of
from ..models import Invitation, Member
from .base import Part, find_workspace
from .members import email_taken
from .passwords import check_password
from .principal import Principal, check_role
from .views import InvitationView, MemberView

VALID_MS: Final = 7 * 24 * 3600 * 1000


class NewInvitation(msgspec.Struct):
    """An invitation just made, with the token to hand to the person; it is not kept in clear."""

    invitation: InvitationView
    token: str

    def __repr__(self) -> str:
        return f"NewInvitation(id={self.invitation.id})"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class Invitations(Part):
    """Invite, list, withdraw, accept."""

    async def invite(
        self,
        workspace_id: int,
        email: str,
        *,
        role: str = "agent",
        by: Principal | None = None,
        ip: str | None = None,
    ) -> NewInvitation:
        """Invite somebody; valid for seven days. An earlier invitation of the same address is withdrawn.

        Raises Invalid, Forbidden (an owner, invited by somebody who is none), Conflict (a member already).
        """
        check_role(by, role)
        email = fields.email(email)
        token = secrets.token_urlsafe(24)
        async with self._store.unit() as unit:
            await find_workspace(unit.session, workspace_id)
            if await unit.session.scalar(select(Member.id).where(Member.email == email)) is not None:
                raise email_taken()
            earlier = await unit.session.scalars(
                select(Invitation).where(
                    Invitation.workspace_id == workspace_id,
                    Invitation.email == email,
                    Invitation.accepted_at.is_(None),
                )
            )
            for one in earlier:
                await unit.session.delete(one)
            invitation = Invitation(
                workspace_id=workspace_id,
                email=email,
                role=role,
                token_hash=_hash(token),
                created_at=unit.now,
                expires_at=unit.now + VALID_MS,
            )
            unit.session.add(invitation)
            await unit.session.flush()
            await self._note(
                unit, workspace_id, by, "member.invited", f"invitation:{invitation.id}", ip, email=email, role=role
            )
        return NewInvitation(view_of(InvitationView, invitation), token)

    async def invitations(
        self, workspace_id: int, *, limit: int = 50, cursor: str | None = None, total: bool = False
    ) -> Page[InvitationView]:
        """Invitations that nobody has accepted yet, newest first; expired ones too, until they are pruned."""
        query = select(Invitation).where(Invitation.workspace_id == workspace_id, Invitation.accepted_at.is_(None))
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query,
                Invitation.id,
                partial(view_of, InvitationView),
                limit=limit,
                cursor=cursor,
                total=total,
            )

    async def withdraw_invitation(
        self, workspace_id: int, invitation_id: int, *, by: Principal | None = None, ip: str | None = None
    ) -> None:
        """Take an invitation back. Raises NotFound (also when it was accepted already), Forbidden."""
        async with self._store.unit() as unit:
            found = await unit.session.scalar(
                select(Invitation).where(
                    Invitation.workspace_id == workspace_id,
                    Invitation.id == fields.row_id(invitation_id),
                    Invitation.accepted_at.is_(None),
                )
            )
            if found is None:
                raise NotFound("No such invitation.")
            check_role(by, found.role)
            await unit.session.delete(found)
            await self._note(
                unit, workspace_id, by, "invitation.withdrawn", f"invitation:{invitation_id}", ip, email=found.email
            )

    async def accept_invitation(
        self, token: str, password: str, *, first_name: str = "", last_name: str = "", ip: str | None = None
    ) -> MemberView:
        """Become a member by the token of an invitation, which serves once.

        Raises Invalid, NotFound (unknown, expired, used or withdrawn), Conflict (a member by now),
        LimitReached (too many attempts from one address).
        """
        if ip is not None:
            await self.limits.hit("invitation", one_client(ip), 20, 300)
        first_name = fields.text("first_name", first_name, maximum=100, required=False)
        last_name = fields.text("last_name", last_name, maximum=100, required=False)
        hashed = await self.passwords.hash(check_password(password))
        try:
            async with self._store.unit() as unit:
                found = await unit.session.scalar(
                    select(Invitation).where(Invitation.token_hash == _hash(token)).with_for_update()
                )
                if found is None or found.accepted_at is not None or found.expires_at <= unit.now:
                    raise NotFound("This invitation is not valid (any more).", code="INVITATION_NOT_FOUND")
                found.accepted_at = unit.now
                member = Member(
                    workspace_id=found.workspace_id,
                    email=found.email,
                    role=found.role,
                    first_name=first_name,
                    last_name=last_name,
                    password_hash=hashed,
                    settings={},
                    created_at=unit.now,
                )
                unit.session.add(member)
                await unit.session.flush()
                await self._audit.record(
                    unit,
                    found.workspace_id,
                    f"member:{member.id} {member.email}",
                    "invitation.accepted",
                    f"member:{member.id}",
                    ip,
                    {"role": member.role},
                )
        except IntegrityError:
            raise email_taken() from None
        return view_of(MemberView, member)
