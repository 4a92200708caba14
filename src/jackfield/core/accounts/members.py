"""Members: the people who log in, their roles and their passwords."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from msgspec import UNSET, UnsetType
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground import fields
from ..ground.audited import changes_of
from ..ground.errors import Conflict, Forbidden
from ..ground.listing import page_by_id
from ..ground.ownership import department_of
from ..ground.paging import Page
from ..ground.unit import Unit
from ..ground.views import view_of
from ..models import ApiKey, Member, Workspace
from .base import Part, find_login, find_member, find_workspace
from .logins import drop_sessions
from .passwords import check_password
from .principal import Principal, check_role
from .views import MemberView

TAKEN: Final = "EMAIL_EXISTS"
CONFIRMATIONS: Final = (10, 300)
"""Wrong passwords of a member who is logged in: so many in so many seconds."""


LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
"""A language tag (BCP 47), by its form alone: which languages there are is the dashboard's to say."""


def email_taken() -> Conflict:
    """The error for an address that belongs to a member already, of whichever workspace."""
    return Conflict("This e-mail address is in use already.", code=TAKEN, details={"email": ["Is in use already."]})


async def hold_team(session: AsyncSession, workspace_id: int) -> None:
    """Have changes of a workspace's members wait for each other until the commit: two owners who remove each other at
    once do not both succeed. Held before any member's row is, else the two would hold one row each and wait for the
    other's. Inserts that refer to the workspace go on."""
    await session.execute(select(Workspace.id).where(Workspace.id == workspace_id).with_for_update(key_share=True))


async def keep_an_owner(session: AsyncSession, workspace_id: int, without: int) -> None:
    """Raises Conflict when no owner who can log in would be left but member `without`. Hold the team first."""
    owners = await session.scalars(
        select(Member.id).where(Member.workspace_id == workspace_id, Member.role == "owner", Member.disabled.is_(False))
    )
    if set(owners.all()) <= {without}:
        raise Conflict("A workspace needs an owner; make somebody else owner first.", code="LAST_OWNER")


class Members(Part):
    """Create, list, change and delete members."""

    async def create_member(
        self,
        workspace_id: int,
        email: str,
        password: str,
        *,
        role: str = "agent",
        first_name: str = "",
        last_name: str = "",
        settings: dict[str, Any] | None = None,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> MemberView:
        """A new member with a password. Raises Invalid, Forbidden, NotFound (workspace), Conflict (e-mail in use)."""
        check_role(by, role)
        member = Member(
            workspace_id=workspace_id,
            email=fields.email(email),
            role=role,
            first_name=fields.text("first_name", first_name, maximum=100, required=False),
            last_name=fields.text("last_name", last_name, maximum=100, required=False),
            settings=fields.settings({}, settings or {}),
        )
        member.password_hash = await self.passwords.hash(check_password(password))
        try:
            async with self._store.unit() as unit:
                await find_workspace(unit.session, workspace_id)
                member.created_at = unit.now
                unit.session.add(member)
                await unit.session.flush()
                await self._note(
                    unit, workspace_id, by, "member.created", f"member:{member.id}", ip, email=member.email, role=role
                )
        except IntegrityError:
            raise email_taken() from None
        return view_of(MemberView, member)

    async def members(
        self,
        workspace_id: int,
        *,
        role: str | None = None,
        disabled: bool | None = None,
        search: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[MemberView]:
        """Members, oldest first; `search` looks into names and the e-mail address."""
        query = select(Member).where(Member.workspace_id == workspace_id)
        if role is not None:
            query = query.where(Member.role == role)
        if disabled is not None:
            query = query.where(Member.disabled.is_(disabled))
        if search:
            query = query.where(
                Member.email.icontains(search, autoescape=True)
                | Member.first_name.icontains(search, autoescape=True)
                | Member.last_name.icontains(search, autoescape=True)
            )
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query,
                Member.id,
                partial(view_of, MemberView),
                limit=limit,
                cursor=cursor,
                page=page,
                newest_first=False,
                total=total,
            )

    async def member(self, workspace_id: int, member_id: int) -> MemberView:
        """One member. Raises NotFound."""
        async with self._store.db.read() as session:
            return view_of(MemberView, await find_member(session, workspace_id, member_id))

    async def update_member(
        self,
        workspace_id: int,
        member_id: int,
        *,
        first_name: str | UnsetType = UNSET,
        last_name: str | UnsetType = UNSET,
        email: str | UnsetType = UNSET,
        role: str | UnsetType = UNSET,
        disabled: bool | UnsetType = UNSET,
        department_id: int | UnsetType | None = UNSET,
        settings: dict[str, Any] | UnsetType = UNSET,
        password: str | UnsetType = UNSET,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> MemberView:
        """Change what is given, all or nothing. A disabled member's tokens and keys stop at once, tokens with a new password
        as well; the keys work again when the member does.

        Raises Invalid (one's own password among them, which `set_password` changes), NotFound (the department too),
        Forbidden (an owner, changed by somebody who is none), Conflict (e-mail in use, or the last owner would go).
        """
        changes: dict[str, Any] = {}
        if not isinstance(first_name, UnsetType):
            changes["first_name"] = fields.text("first_name", first_name, maximum=100, required=False)
        if not isinstance(last_name, UnsetType):
            changes["last_name"] = fields.text("last_name", last_name, maximum=100, required=False)
        if not isinstance(email, UnsetType):
            changes["email"] = fields.email(email)
        if not isinstance(role, UnsetType):
            check_role(by, role)
            changes["role"] = role
        if not isinstance(disabled, UnsetType):
            if not isinstance(disabled, bool):
                raise fields.refuse("disabled", "Must be true or false.")
            changes["disabled"] = disabled
        if not isinstance(department_id, UnsetType):
            changes["department_id"] = department_id
        hashed = None
        if not isinstance(password, UnsetType):
            hashed = await self._new_hash(workspace_id, member_id, password, by=by)
        try:
            async with self._store.unit() as unit:
                await hold_team(unit.session, workspace_id)
                member = await find_member(unit.session, workspace_id, member_id, lock=True)
                check_role(by, member.role)
                if changes.get("department_id") is not None:
                    await department_of(unit.session, workspace_id, changes["department_id"])
                goes = changes.get("disabled", member.disabled) or changes.get("role", member.role) != "owner"
                if member.role == "owner" and not member.disabled and goes:
                    await keep_an_owner(unit.session, workspace_id, member_id)
                if changes.get("disabled") and not member.disabled:
                    await drop_sessions(unit, member_id)
                if not isinstance(settings, UnsetType):
                    changes["settings"] = fields.settings(member.settings, settings)
                for name, value in changes.items():
                    setattr(member, name, value)
                told: dict[str, Any] = {
                    name: changes[name] for name in ("email", "role", "disabled") if name in changes
                }
                told["changes"] = changes_of(member)
                await unit.session.flush()
                await self._note(
                    unit,
                    workspace_id,
                    by,
                    "member.updated",
                    f"member:{member_id}",
                    ip,
                    fields=sorted(changes),
                    **told,
                )
                if hashed is not None:
                    await self._take_hash(unit, workspace_id, member, hashed, by=by, ip=ip)
                unit.notify("members")
                # What a key may do depends on its maker's role, and whether it works on whether they are disabled.
                unit.notify("keys")
        except IntegrityError:
            raise email_taken() from None
        return view_of(MemberView, member)

    async def set_password(
        self,
        workspace_id: int,
        member_id: int,
        password: str,
        *,
        current: str | None = None,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> MemberView:
        """Set a member's password; all their sessions end. One's own takes the present one as `current`.

        Raises Invalid, NotFound, Forbidden (an owner's, by somebody who is none), LimitReached (guessing `current`).
        """
        hashed = await self._new_hash(workspace_id, member_id, password, current=current, by=by)
        async with self._store.unit() as unit:
            member = await find_member(unit.session, workspace_id, member_id, lock=True)
            check_role(by, member.role)
            await self._take_hash(unit, workspace_id, member, hashed, by=by, ip=ip)
            unit.notify("members")
        return view_of(MemberView, member)

    async def replace_lost_password(self, email: str, password: str) -> MemberView:
        """For the operator, at the server itself: set the password of whoever logs in with this address, an owner too, whom
        nobody else may help. All their sessions end. Raises Invalid (no address, or a weak password), NotFound."""
        check_password(password)
        hashed = await self.passwords.hash(password)
        async with self._store.unit() as unit:
            member = await find_login(unit.session, email)
            await self._take_hash(unit, member.workspace_id, member, hashed, by=None, ip=None, via="command line")
            unit.notify("members")
        return view_of(MemberView, member)

    async def _new_hash(
        self, workspace_id: int, member_id: int, password: str, *, current: str | None = None, by: Principal | None
    ) -> str:
        """The hash of a password that the caller may set."""
        check_password(password)
        async with self._store.db.read() as session:
            member = await find_member(session, workspace_id, member_id)
        check_role(by, member.role)
        own = by is not None and by.member_id == member_id
        if own and current is None:
            raise fields.refuse("current_password", "Give your current password too.")
        if current is not None and not await self.confirm_password(workspace_id, member_id, current):
            raise fields.refuse("current_password", "This is not your current password.")
        return await self.passwords.hash(password)

    async def _take_hash(
        self,
        unit: Unit,
        workspace_id: int,
        member: Member,
        hashed: str,
        *,
        by: Principal | None,
        ip: str | None,
        **told: Any,
    ) -> None:
        member.password_hash = hashed
        await drop_sessions(unit, member.id)
        await self._note(unit, workspace_id, by, "member.password_changed", f"member:{member.id}", ip, **told)

    async def change_own_password(
        self, caller: Principal, current: str, password: str, *, ip: str | None = None
    ) -> MemberView:
        """A member's new password, for the present one; whatever their role. Their other sessions end.

        Raises Invalid, Forbidden (a key), LimitReached (guessing `current`).
        """
        if caller.member_id is None:
            raise Forbidden("An API key has no password.")
        check_password(password)
        if not await self.confirm_password(caller.workspace_id, caller.member_id, current):
            raise fields.refuse("current_password", "This is not your current password.")
        hashed = await self.passwords.hash(password)
        async with self._store.unit() as unit:
            member = await find_member(unit.session, caller.workspace_id, caller.member_id, lock=True)
            member.password_hash = hashed
            await drop_sessions(unit, member.id, but=caller.session_id)
            target = f"member:{member.id}"
            await self._note(unit, caller.workspace_id, caller, "member.password_changed", target, ip)
        return view_of(MemberView, member)

    async def update_own_profile(
        self,
        caller: Principal,
        *,
        first_name: str | UnsetType = UNSET,
        last_name: str | UnsetType = UNSET,
        language: str | UnsetType | None = UNSET,
        away: bool | UnsetType = UNSET,
        ip: str | None = None,
    ) -> MemberView:
        """A member's own name and language (BCP 47, such as pt-BR; None takes it away), whatever their role, and whether
        they are `away`: no rule gives them chats then.

        Raises Invalid, Forbidden (a key).
        """
        if caller.member_id is None:
            raise Forbidden("An API key has no profile of its own.")
        changes: dict[str, Any] = {}
        if not isinstance(first_name, UnsetType):
            changes["first_name"] = fields.text("first_name", first_name, maximum=100, required=False)
        if not isinstance(last_name, UnsetType):
            changes["last_name"] = fields.text("last_name", last_name, maximum=100, required=False)
        if isinstance(language, str) and not LANGUAGE.fullmatch(language):
            raise fields.refuse("language", "Not a language tag such as en or pt-BR.")
        async with self._store.unit() as unit:
            member = await find_member(unit.session, caller.workspace_id, caller.member_id, lock=True)
            named = sorted(changes)
            own: dict[str, Any] = {}
            if not isinstance(language, UnsetType):
                own["language"] = language
            if not isinstance(away, UnsetType):
                own["away"] = away or None
            if own:
                changes["settings"] = fields.settings(member.settings, own)
                named = sorted([*named, *own])
            for name, value in changes.items():
                setattr(member, name, value)
            if changes:
                target = f"member:{member.id}"
                await self._note(unit, caller.workspace_id, caller, "member.updated", target, ip, fields=named)
                unit.notify("members")
        return view_of(MemberView, member)

    async def confirm_password(self, workspace_id: int, member_id: int, password: str) -> bool:
        """Whether this is the member's password, asked for once more before something that cannot be undone.

        Raises NotFound, LimitReached (too many wrong ones).
        """
        async with self._store.db.read() as session:
            member = await find_member(session, workspace_id, member_id)
        await self.limits.hit("password", str(member_id), *CONFIRMATIONS)
        if not await self.passwords.verify(member.password_hash, password):
            return False
        await self.limits.clear("password", str(member_id), *CONFIRMATIONS)
        return True

    async def delete_member(
        self, workspace_id: int, member_id: int, *, by: Principal | None = None, ip: str | None = None
    ) -> None:
        """Remove a member. Their sessions end and their keys are revoked; what else they made stays.

        Raises NotFound, Forbidden, Conflict (last owner).
        """
        async with self._store.unit() as unit:
            await hold_team(unit.session, workspace_id)
            member = await find_member(unit.session, workspace_id, member_id, lock=True)
            check_role(by, member.role)
            if member.role == "owner" and not member.disabled:
                await keep_an_owner(unit.session, workspace_id, member_id)
            keys = await unit.session.scalars(
                update(ApiKey)
                .where(ApiKey.workspace_id == workspace_id, ApiKey.member_id == member_id, ApiKey.revoked_at.is_(None))
                .values(revoked_at=unit.now)
                .returning(ApiKey.id)
            )
            revoked = sorted(keys.all())
            await unit.session.delete(member)
            await self._note(
                unit,
                workspace_id,
                by,
                "member.deleted",
                f"member:{member_id}",
                ip,
                email=member.email,
                revoked_keys=revoked,
            )
            unit.notify("members")
            unit.notify("keys")
