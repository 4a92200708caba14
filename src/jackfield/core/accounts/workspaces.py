"""Workspaces, and the first one of an empty database."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from ..ground import fields
from ..ground.audited import changes_of
from ..ground.errors import NotFound
from ..ground.listing import page_by_id
from ..ground.marketing_cap import SETTING, check_cap
from ..ground.paging import Page
from ..ground.unit import Unit
from ..ground.views import view_of
from ..models import ApiKey, Member, Workspace
from .base import Part, check_channel, find_workspace
from .keys import check_given_secret, make_secret, new_key
from .members import email_taken
from .passwords import check_password
from .principal import Principal, check_operator
from .views import WorkspaceView

# Two servers that start on one empty PostgreSQL take turns; any constant will do.
_BOOTSTRAP_LOCK = 0x6A61636B


class Bootstrap(msgspec.Struct, kw_only=True):
    """The first workspace with its credentials: the only time that these are given out in clear.

    `made_up` names those that nobody chose, which must be shown to a person once: "email", "password", "api_key".
    Without an owner `member_id` is None, and `email` and `password` are empty.
    """

    workspace_id: int
    member_id: int | None
    key_id: int
    email: str
    password: str
    api_key: str
    made_up: frozenset[str]

    def __repr__(self) -> str:
        return f"Bootstrap(workspace_id={self.workspace_id}, email={self.email!r})"


class Workspaces(Part):
    """Create, read and change workspaces."""

    async def bootstrap(
        self, name: str = "", email: str = "", password: str = "", api_key: str = "", *, owner: bool = True
    ) -> Bootstrap | None:
        """Make the first workspace, its owner and its API key; what is not given is made up.

        With `owner` False there is none yet: somebody becomes it in the browser (`set_up`).

        Does nothing and gives None when there is a workspace already, whoever made it.
        Raises Invalid for an e-mail address, a password or a key that will not do.
        """
        made_up = {
            word for word, given in (("email", email), ("password", password), ("api_key", api_key)) if not given
        }
        if owner:
            email = fields.email(email or "owner@localhost")
            password = check_password(password or secrets.token_urlsafe(12))
        else:
            made_up -= {"email", "password"}
        api_key = check_given_secret(api_key) if api_key else make_secret()
        if not await self.is_empty():
            return None
        hashed = await self.passwords.hash(password) if owner else ""
        async with self._store.unit() as unit:
            session = unit.session
            if not self._store.db.is_sqlite:
                await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _BOOTSTRAP_LOCK})
            if await session.scalar(select(Workspace.id).limit(1)) is not None:
                return None
            workspace = Workspace(name=fields.text("name", name or "Jackfield", maximum=200), settings={})
            first = None
            if owner:
                first = Member(email=email, first_name="Owner", password_hash=hashed, role="owner", settings={})
            key = await self._insert_workspace(unit, workspace, first, api_key)
            return Bootstrap(
                workspace_id=workspace.id,
                member_id=None if first is None else first.id,
                key_id=key.id,
                email=email if owner else "",
                password=password if owner else "",
                api_key=api_key,
                made_up=frozenset(made_up),
            )

    async def is_empty(self) -> bool:
        """Whether there is no workspace yet."""
        async with self._store.db.read() as session:
            return await session.scalar(select(Workspace.id).limit(1)) is None

    async def create_tenant(
        self,
        name: str,
        *,
        email: str | None = None,
        password: str | None = None,
        timezone: str = "UTC",
        default_country: str | None = None,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> tuple[WorkspaceView, str]:
        """A new tenant with its owner (if it is to have one now) and its first API key, whose secret is given out this
        once: all of it, or nothing. Raises Forbidden (`by` is not the operator), Invalid, Conflict (the e-mail address is
        in use)."""
        if by is not None:
            check_operator(by)
        if (email is None) != (password is None):
            raise fields.refuse("password" if password is None else "email", "An owner has both.")
        workspace = Workspace(
            name=fields.text("name", name, maximum=200),
            timezone=fields.timezone(timezone),
            default_country=None if default_country is None else fields.country(default_country),
            settings={},
        )
        owner: Member | None = None
        if email is not None and password is not None:
            owner = Member(
                email=fields.email(email),
                password_hash=await self.passwords.hash(check_password(password)),
                role="owner",
                settings={},
            )
        secret = make_secret()
        try:
            async with self._store.unit() as unit:
                await self._insert_workspace(unit, workspace, owner, secret, by=by, ip=ip)
        except IntegrityError:
            raise email_taken() from None
        return view_of(WorkspaceView, workspace), secret

    async def _insert_workspace(
        self,
        unit: Unit,
        workspace: Workspace,
        owner: Member | None,
        secret: str,
        *,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> ApiKey:
        """Put a new workspace, its owner and its first key into the database; gives the key."""
        workspace.created_at = unit.now
        unit.session.add(workspace)
        await unit.session.flush()
        if owner is not None:
            owner.workspace_id, owner.created_at = workspace.id, unit.now
            unit.session.add(owner)
            await unit.session.flush()
        member_id = owner.id if owner is not None else None
        key = new_key(workspace.id, "First key", secret, ["*"], created_at=unit.now, member_id=member_id)
        unit.session.add(key)
        await unit.session.flush()
        await self._note(unit, workspace.id, by, "workspace.created", f"workspace:{workspace.id}", ip)
        unit.notify("keys")
        return key

    async def workspace(self, workspace_id: int) -> WorkspaceView:
        """The workspace. Raises NotFound."""
        async with self._store.db.read() as session:
            return view_of(WorkspaceView, await find_workspace(session, workspace_id))

    async def first_workspace(self) -> WorkspaceView:
        """The oldest workspace: what the operator's commands work on when they name none. Raises NotFound."""
        async with self._store.db.read() as session:
            found = await session.scalar(select(Workspace).order_by(Workspace.id).limit(1))
        if found is None:
            raise NotFound("There is no workspace yet. Start `jackfield serve` once.")
        return view_of(WorkspaceView, found)

    async def workspaces(self, *, limit: int = 50, cursor: str | None = None) -> Page[WorkspaceView]:
        """All tenants, oldest first: for the operator only, since it knows no bounds."""
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                select(Workspace),
                Workspace.id,
                partial(view_of, WorkspaceView),
                limit=limit,
                cursor=cursor,
                newest_first=False,
            )

    async def timezone(self, workspace_id: int) -> str:
        """The name of a workspace's time zone. Raises NotFound."""
        return (await self.workspace(workspace_id)).timezone

    async def timezones(self) -> dict[int, str]:
        """The time zone of every workspace."""
        async with self._store.db.read() as session:
            return {row.id: row.timezone for row in await session.execute(select(Workspace.id, Workspace.timezone))}

    async def update_workspace(
        self,
        workspace_id: int,
        *,
        name: str | UnsetType = UNSET,
        timezone: str | UnsetType = UNSET,
        default_country: str | UnsetType | None = UNSET,
        default_channel_id: int | UnsetType | None = UNSET,
        settings: dict[str, Any] | UnsetType = UNSET,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> WorkspaceView:
        """Change what is given. `settings` are merged key by key, None takes a key away.

        Raises Invalid, and NotFound for the workspace or for a default channel that is not its own.
        """
        async with self._store.unit() as unit:
            workspace = await find_workspace(unit.session, workspace_id)
            changed: list[str] = []
            if not isinstance(name, UnsetType):
                workspace.name = fields.text("name", name, maximum=200)
                changed.append("name")
            if not isinstance(timezone, UnsetType):
                workspace.timezone = fields.timezone(timezone)
                changed.append("timezone")
            if not isinstance(default_country, UnsetType):
                workspace.default_country = fields.country(default_country) if default_country else None
                changed.append("default_country")
            if not isinstance(default_channel_id, UnsetType):
                if default_channel_id is not None:
                    await check_channel(unit.session, workspace_id, default_channel_id)
                workspace.default_channel_id = default_channel_id
                changed.append("default_channel_id")
                unit.notify("channels")
            if not isinstance(settings, UnsetType):
                if isinstance(settings, dict):
                    check_cap(settings.get(SETTING))
                workspace.settings = fields.settings(workspace.settings, settings)
                changed.append("settings")
            if changed:
                await self._note(
                    unit,
                    workspace_id,
                    by,
                    "workspace.updated",
                    f"workspace:{workspace_id}",
                    ip,
                    fields=changed,
                    changes=changes_of(workspace),
                )
                unit.notify("workspaces")
            return view_of(WorkspaceView, workspace)

    async def set_default_channel(
        self, workspace_id: int, channel_id: int | None, *, by: Principal | None = None, ip: str | None = None
    ) -> WorkspaceView:
        """Which channel is meant when a request names none; None goes back to the first one made."""
        return await self.update_workspace(workspace_id, default_channel_id=channel_id, by=by, ip=ip)
