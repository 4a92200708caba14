"""The team: members, roles, invitations; and the keys of programs."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from msgspec import UNSET
from pydantic import Field

from jackfield.core import ROLES, SCOPES, ApiKeyView, InvitationView, MemberView, Principal

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..context import Context, Cursor, Pages, example, numbers
from ..envelope import Ok, Paged, deleted, iso, ok, paged
from ..times import planned

Email = Annotated[Str, Field(min_length=3, max_length=254)]
Password = Annotated[Str, Field(min_length=8, max_length=1024)]
Part = Annotated[Str, Field(max_length=100)]
Role = Annotated[str, Field(pattern="^(owner|admin|agent)$")]


class MemberBody(Wire):
    """A new member with a password; an invitation lets the person choose it."""

    model_config = example(
        {"email": "agent@example.com", "password": "correct horse battery", "role": "agent", "firstName": "Ayu"}
    )

    email: Email
    password: Password
    role: Role = "agent"
    first_name: Annotated[Part, Field(alias="firstName")] = ""
    last_name: Annotated[Part, Field(alias="lastName")] = ""


class MemberChange(Wire):
    """What to change; fields that are left out stay."""

    model_config = example(firstName="Ayu", role="agent")

    email: Email | None = None
    role: Role | None = None
    first_name: Annotated[Part | None, Field(alias="firstName")] = None
    last_name: Annotated[Part | None, Field(alias="lastName")] = None
    disabled: bool | None = None
    away: Annotated[bool | None, Field(description="While somebody is away, no assignment rule gives them chats.")] = (
        None
    )
    department_id: Annotated[
        Str | int | None, Field(alias="departmentId", description="The team that they answer in; null: none.")
    ] = None


class PasswordBody(Wire):
    """A new password; `currentPassword` is needed to change one's own."""

    model_config = example({"password": "another horse battery"})

    password: Password
    current_password: Annotated[Str | None, Field(alias="currentPassword", max_length=1024)] = None


class InvitationBody(Wire):
    """Whom, and as what."""

    model_config = example(email="new@example.com", role="agent")

    email: Email
    role: Role = "agent"


class AcceptBody(Wire):
    """The token of an invitation, and the password that its person chooses."""

    model_config = example({"token": "TOKEN", "password": "correct horse battery", "firstName": "Ayu"})

    token: Annotated[Str, Field(min_length=1, max_length=200)]
    password: Password
    first_name: Annotated[Part, Field(alias="firstName")] = ""
    last_name: Annotated[Part, Field(alias="lastName")] = ""


class KeyBody(Wire):
    """A new key: what it may do (`*` is everything), for which profile, until when."""

    model_config = example(name="Shop", scopes=["messages:write", "messages:read"], expiresAt="2027-01-01T00:00:00Z")

    name: Annotated[Str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Str], Field(min_length=1, max_length=100)] = Field(default_factory=lambda: ["*"])
    profile_id: Annotated[Str | int | None, Field(alias="profileId")] = None
    expires_at: Annotated[Str | int | None, Field(alias="expiresAt")] = None


class KeyChange(Wire):
    """What to change; `expiresAt` null: never."""

    model_config = example(name="Web shop")

    name: Annotated[Str, Field(min_length=1, max_length=100)] | None = None
    scopes: Annotated[list[Str], Field(min_length=1, max_length=100)] | None = None
    expires_at: Annotated[Str | int | None, Field(alias="expiresAt")] = None


def member(row: MemberView) -> answers.Member:
    """A member of the team."""
    return {
        "id": str(row.id),
        "email": row.email,
        "firstName": row.first_name,
        "lastName": row.last_name,
        "role": row.role,
        "departmentId": str(row.department_id) if row.department_id else None,
        "disabled": row.disabled,
        "away": bool(row.settings.get("away")),
        "createdAt": iso(row.created_at),
        "lastLoginAt": iso(row.last_login_at),
    }


def invitation(row: InvitationView) -> answers.Invitation:
    """An invitation, without its token."""
    return {
        "id": str(row.id),
        "email": row.email,
        "role": row.role,
        "createdAt": iso(row.created_at),
        "expiresAt": iso(row.expires_at),
    }


def key(info: ApiKeyView) -> answers.Key:
    """A key without its secret."""
    return {
        "id": str(info.id),
        "name": info.name,
        "prefix": info.prefix,
        "scopes": info.scopes,
        "profileId": str(info.channel_id) if info.channel_id else None,
        "memberId": str(info.member_id) if info.member_id else None,
        "createdAt": iso(info.created_at),
        "expiresAt": iso(info.expires_at),
        "lastUsedAt": iso(info.last_used_at),
        "revokedAt": iso(info.revoked_at),
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    _invitations(app, context)
    _members(app, context)
    _keys(app, context)


def _members(app: FastAPI, context: Context) -> None:
    accounts = context.core.accounts
    Reader = Annotated[Principal, Depends(context.allow("team:read"))]
    Writer = Annotated[Principal, Depends(context.allow("team:write"))]
    tags: list[Any] = ["Team"]

    def id_of(given: str) -> int:
        return parse_id(given, "member", "MEMBER_NOT_FOUND")

    @app.get("/team", tags=tags, summary="List members")
    async def list_members(
        caller: Reader,
        paging: Pages,
        role: Annotated[str | None, Query(pattern="^(owner|admin|agent)$")] = None,
        disabled: bool | None = None,
        search: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Paged[answers.Member]:
        """Oldest first."""
        page = await accounts.members(
            caller.workspace_id, role=role, disabled=disabled, search=search, **numbers(paging)
        )
        return paged(page, [member(row) for row in page.items])

    @app.post("/team", tags=tags, summary="Create a member", status_code=201)
    async def create_member(body: MemberBody, caller: Writer, request: Request) -> Ok[answers.Member]:
        """A member with a password that you choose."""
        row = await accounts.create_member(
            caller.workspace_id,
            body.email,
            body.password,
            role=body.role,
            first_name=body.first_name,
            last_name=body.last_name,
            by=caller,
            ip=context.ip(request),
        )
        return ok(member(row), 201)

    @app.get("/team/roles", tags=tags, summary="Roles and what they may do")
    async def list_roles(caller: Reader) -> Ok[list[answers.Role]]:
        """Scopes by role."""
        return ok([{"role": name, "scopes": sorted(scopes)} for name, scopes in ROLES.items()])

    @app.get("/team/{id}", tags=tags, summary="Get a member")
    async def get_member(id: str, caller: Reader) -> Ok[answers.Member]:
        """One member."""
        return ok(member(await accounts.member(caller.workspace_id, id_of(id))))

    @app.patch("/team/{id}", tags=tags, summary="Update a member")
    @app.put("/team/{id}", tags=tags, summary="Update a member", include_in_schema=False)
    async def update_member(id: str, body: MemberChange, caller: Writer, request: Request) -> Ok[answers.Member]:
        """Name, address, role, department, and whether they are away. A disabled member's tokens and API keys stop at once."""
        changes = {name: value for name, value in body.model_dump().items() if value is not None}
        if body.away is not None:
            changes["settings"] = {"away": changes.pop("away") or None}
        if "department_id" in body.model_fields_set:
            given = body.department_id
            named = None if given in (None, "") else parse_id(given, "department", "DEPARTMENT_NOT_FOUND")
            changes["department_id"] = named
        row = await accounts.update_member(caller.workspace_id, id_of(id), **changes, by=caller, ip=context.ip(request))
        return ok(member(row))

    @app.post("/team/{id}/password", tags=tags, summary="Set a member's password")
    async def set_password(id: str, body: PasswordBody, caller: Writer, request: Request) -> Ok[answers.Member]:
        """All sessions of the member end. Your own password takes `currentPassword` too."""
        row = await accounts.set_password(
            caller.workspace_id,
            id_of(id),
            body.password,
            current=body.current_password,
            by=caller,
            ip=context.ip(request),
        )
        return ok(member(row))

    @app.delete("/team/{id}/second-factor", tags=tags, summary="Remove a member's second factor")
    async def remove_second_factor(id: str, caller: Writer, request: Request) -> Ok[answers.Deleted]:
        """For somebody who has lost phone and recovery codes. Your own is switched off with your password."""
        await accounts.remove_second_factor(caller.workspace_id, id_of(id), by=caller, ip=context.ip(request))
        return deleted(id)

    @app.delete("/team/{id}", tags=tags, summary="Remove a member")
    async def delete_member(id: str, caller: Writer, request: Request) -> Ok[answers.Deleted]:
        """Their sessions end and their keys are revoked; what else they made stays."""
        await accounts.delete_member(caller.workspace_id, id_of(id), by=caller, ip=context.ip(request))
        return deleted(id)


def _invitations(app: FastAPI, context: Context) -> None:
    accounts = context.core.accounts
    Reader = Annotated[Principal, Depends(context.allow("team:read"))]
    Writer = Annotated[Principal, Depends(context.allow("team:write"))]
    tags: list[Any] = ["Team"]

    @app.get("/team/invitations", tags=tags, summary="List invitations")
    async def list_invitations(caller: Reader, paging: Cursor) -> Paged[answers.Invitation]:
        """Those that nobody has accepted yet, newest first."""
        page = await accounts.invitations(caller.workspace_id, limit=paging.limit, cursor=paging.cursor)
        return paged(page, [invitation(row) for row in page.items])

    @app.post("/team/invitations", tags=tags, summary="Invite somebody", status_code=201)
    async def invite_member(body: InvitationBody, caller: Writer, request: Request) -> Ok[answers.NewInvitation]:
        """Valid for seven days. The token is shown this once: hand it to the person."""
        made = await accounts.invite(caller.workspace_id, body.email, role=body.role, by=caller, ip=context.ip(request))
        return ok({**invitation(made.invitation), "token": made.token}, 201)

    @app.delete("/team/invitations/{id}", tags=tags, summary="Withdraw an invitation")
    async def withdraw_invitation(id: str, caller: Writer, request: Request) -> Ok[answers.Deleted]:
        """Its token is void."""
        number = parse_id(id, "invitation", "INVITATION_NOT_FOUND")
        await accounts.withdraw_invitation(caller.workspace_id, number, by=caller, ip=context.ip(request))
        return deleted(id)

    @app.post(
        "/auth/invitations/accept",
        tags=["Authentication"],
        summary="Accept an invitation",
        status_code=201,
        openapi_extra={"x-public": True},
    )
    async def accept_invitation(body: AcceptBody, request: Request) -> Ok[answers.Member]:
        """Become a member, with a password of one's own."""
        row = await accounts.accept_invitation(
            body.token, body.password, first_name=body.first_name, last_name=body.last_name, ip=context.ip(request)
        )
        return ok(member(row), 201)


def _keys(app: FastAPI, context: Context) -> None:
    accounts = context.core.accounts
    Reader = Annotated[Principal, Depends(context.allow("keys:read"))]
    Writer = Annotated[Principal, Depends(context.allow("keys:write"))]
    tags: list[Any] = ["Keys"]

    async def find(caller: Principal, given: str) -> ApiKeyView:
        info = await accounts.key(caller.workspace_id, parse_id(given, "key", "KEY_NOT_FOUND"))
        if caller.channel_id is not None:
            # A key that is narrowed to a profile sees keys of that profile only.
            caller.channel(info.channel_id or 0)
        return info

    @app.get("/keys", tags=tags, summary="List API keys")
    async def list_keys(
        caller: Reader,
        paging: Pages,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        revoked: Annotated[bool, Query(description="Revoked ones too.")] = False,
    ) -> Paged[answers.Key]:
        """Without their secrets, newest first."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        page = await accounts.keys(
            caller.workspace_id, channel_id=caller.only(channel_id), revoked=revoked, **numbers(paging)
        )
        return paged(page, [key(info) for info in page.items])

    @app.post("/keys", tags=tags, summary="Create an API key", status_code=201)
    async def create_key(body: KeyBody, caller: Writer, request: Request) -> Ok[answers.NewKey]:
        """The secret (`key`) is shown this once."""
        channel_id = None if body.profile_id in (None, "") else (await context.channel(caller, body.profile_id)).id
        made = await accounts.create_key(
            caller.workspace_id,
            body.name,
            scopes=body.scopes,
            channel_id=channel_id,
            expires_at=await planned(context.core, caller.workspace_id, "expiresAt", body.expires_at),
            by=caller,
            ip=context.ip(request),
        )
        return ok({**key(made.key), "key": made.secret}, 201)

    @app.get("/keys/scopes", tags=tags, summary="Scopes")
    async def list_scopes(caller: Reader) -> Ok[list[answers.Scope]]:
        """Everything that a key can be allowed."""
        return ok([{"scope": name, "description": text} for name, text in SCOPES.items()])

    @app.get("/keys/{id}", tags=tags, summary="Get an API key")
    async def get_key(id: str, caller: Reader) -> Ok[answers.Key]:
        """One key, without its secret."""
        return ok(key(await find(caller, id)))

    @app.patch("/keys/{id}", tags=tags, summary="Update an API key")
    async def update_key(id: str, body: KeyChange, caller: Writer, request: Request) -> Ok[answers.Key]:
        """Name, scopes, expiry."""
        info = await find(caller, id)
        expires = (
            await planned(context.core, caller.workspace_id, "expiresAt", body.expires_at)
            if "expires_at" in body.model_fields_set
            else UNSET
        )
        info = await accounts.update_key(
            caller.workspace_id,
            info.id,
            name=body.name if body.name is not None else UNSET,
            scopes=body.scopes if body.scopes is not None else UNSET,
            expires_at=expires,
            by=caller,
            ip=context.ip(request),
        )
        return ok(key(info))

    @app.post("/keys/{id}/rotate", tags=tags, summary="Rotate an API key")
    async def rotate_key(id: str, caller: Writer, request: Request) -> Ok[answers.NewKey]:
        """A new secret, shown this once; the old one stops at once."""
        info = await find(caller, id)
        made = await accounts.rotate_key(caller.workspace_id, info.id, by=caller, ip=context.ip(request))
        return ok({**key(made.key), "key": made.secret})

    @app.delete("/keys/{id}", tags=tags, summary="Revoke an API key")
    async def revoke_key(id: str, caller: Writer, request: Request) -> Ok[answers.RevokedKey]:
        """End it for good."""
        info = await find(caller, id)
        info = await accounts.revoke_key(caller.workspace_id, info.id, by=caller, ip=context.ip(request))
        return ok({**key(info), "deleted": True})
