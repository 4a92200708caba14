"""Log in and out, who am I, and the sessions that a person has open."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from msgspec import UNSET
from pydantic import Field

from jackfield.core import MemberView, Principal, SessionView

from ..._access import LOGIN, PUBLIC
from ..._browser import check_same_origin, clear_session_cookie, set_session_cookie
from ..._kit import Str, Wire, parse_id, while_there
from .. import answers
from ..context import Context, Cursor, example
from ..envelope import Ok, Paged, deleted, iso, ok, paged


class LoginBody(Wire):
    """E-mail and password of a member, and `code` where they have a second factor: one of the authenticator app, or a
    recovery code. `cookie`: keep the token in a cookie of the browser instead of the answer."""

    model_config = example({"email": "owner@example.com", "password": "correct horse battery"})

    email: Annotated[Str, Field(max_length=320)]
    password: Annotated[Str, Field(max_length=1024)]
    code: Annotated[Str, Field(max_length=100)] | None = None
    cookie: bool = False


class OwnPasswordBody(Wire):
    """The present password, and the new one."""

    model_config = example({"currentPassword": "correct horse battery", "password": "another horse battery"})

    current_password: Annotated[Str, Field(alias="currentPassword", max_length=1024)]
    password: Annotated[Str, Field(min_length=8, max_length=1024)]


class OwnProfileBody(Wire):
    """Your own name, the language of your pages (BCP 47), and whether you are away; what is left out stays."""

    model_config = example(firstName="Ayu", lastName="Lestari", language="pt-BR")

    first_name: Annotated[Str | None, Field(alias="firstName", max_length=100)] = None
    last_name: Annotated[Str | None, Field(alias="lastName", max_length=100)] = None
    language: Annotated[Str | None, Field(max_length=35)] = None
    away: Annotated[bool | None, Field(description="While you are away, no assignment rule gives you chats.")] = None


def user(member: MemberView) -> answers.LoginUser:
    """The person who logged in."""
    return {
        "id": str(member.id),
        "email": member.email,
        "firstName": member.first_name,
        "lastName": member.last_name,
        "role": member.role,
        "language": member.settings.get("language"),
        "away": bool(member.settings.get("away")),
    }


def session(row: SessionView, current: int | None) -> answers.Session:
    """An open session; `current` when it is the caller's own."""
    return {
        "id": str(row.id),
        "ip": row.ip,
        "userAgent": row.user_agent,
        "createdAt": iso(row.created_at),
        "lastUsedAt": iso(row.last_used_at),
        "expiresAt": iso(row.expires_at),
        "current": row.id == current,
    }


def logged_in(
    context: Context, request: Request, member: MemberView, token: str, *, cookie: bool, status: int = 200
) -> Ok[answers.Login]:
    """The answer to a login: the token, or with `cookie` the session cookie that keeps it."""
    seconds = context.core.accounts.token_seconds
    if cookie:
        kept: Ok[answers.Login] = ok({"expiresIn": seconds, "user": user(member)}, status)
        set_session_cookie(kept, request, context.options, token, seconds)
        return kept
    return ok(
        {
            "token": token,
            "accessToken": token,
            "tokenType": "Bearer",
            "expiresIn": seconds,
            "user": user(member),
        },
        status,
    )


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    tags: list[Any] = ["Authentication"]

    Anybody = Annotated[Principal, Depends(context.allow())]
    Person = Annotated[Principal, Depends(context.person())]

    @app.post("/auth/login", tags=tags, summary="Log in", openapi_extra={PUBLIC: True})
    async def login(body: LoginBody, request: Request) -> Ok[answers.Login]:
        """A member's e-mail address and password for a bearer token, valid for 24 hours. With `cookie` the token is not
        in the answer: it becomes a session cookie that scripts cannot read, for pages of this server."""
        if body.cookie:
            check_same_origin(request, context.options, programs=True)
        member, token = await while_there(
            request,
            core.accounts.login(
                body.email,
                body.password,
                code=body.code,
                ip=context.ip(request),
                user_agent=request.headers.get("user-agent"),
            ),
        )
        return logged_in(context, request, member, token, cookie=body.cookie)

    @app.post("/auth/logout", tags=tags, summary="Log out", openapi_extra={LOGIN: True})
    async def logout(caller: Person, request: Request) -> Ok[answers.LoggedOut]:
        """The session's token stops at once, and the browser forgets its cookie."""
        await core.accounts.logout(caller, ip=context.ip(request))
        answer: Ok[answers.LoggedOut] = ok({"loggedOut": True})
        clear_session_cookie(answer, request, context.options)
        return answer

    @app.get("/auth/me", tags=tags, summary="Who am I")
    async def get_me(caller: Anybody) -> Ok[answers.Me]:
        """The caller: its workspace, role and scopes."""
        workspace = await core.accounts.workspace(caller.workspace_id)
        return ok(
            {
                "workspace": {"id": str(workspace.id), "name": workspace.name, "timezone": workspace.timezone},
                "memberId": str(caller.member_id) if caller.member_id else None,
                "keyId": str(caller.key_id) if caller.key_id else None,
                "sessionId": str(caller.session_id) if caller.session_id else None,
                "name": caller.name,
                "role": caller.role,
                "scopes": sorted(caller.scopes),
                "profileId": str(caller.channel_id) if caller.channel_id else None,
            }
        )

    @app.get("/auth/profile", tags=tags, summary="Get your own profile", openapi_extra={LOGIN: True})
    async def get_own_profile(caller: Person) -> Ok[answers.LoginUser]:
        """Name, address, role and language of the member who is logged in."""
        assert caller.member_id is not None
        return ok(user(await core.accounts.member(caller.workspace_id, caller.member_id)))

    @app.patch("/auth/profile", tags=tags, summary="Change your own profile", openapi_extra={LOGIN: True})
    async def update_own_profile(body: OwnProfileBody, caller: Person, request: Request) -> Ok[answers.LoginUser]:
        """Your own name, language and whether you are away, whatever your role. Address and role are changed by whoever
        manages the team."""
        member = await core.accounts.update_own_profile(
            caller,
            first_name=body.first_name if body.first_name is not None else UNSET,
            last_name=body.last_name if body.last_name is not None else UNSET,
            language=body.language if body.language is not None else UNSET,
            away=body.away if body.away is not None else UNSET,
            ip=context.ip(request),
        )
        return ok(user(member))

    @app.post("/auth/password", tags=tags, summary="Change your password", openapi_extra={LOGIN: True})
    async def change_own_password(body: OwnPasswordBody, caller: Person, request: Request) -> Ok[answers.LoginUser]:
        """Takes the present password. All your other sessions end; this one goes on."""
        assert caller.member_id is not None
        member = await core.accounts.change_own_password(
            caller, body.current_password, body.password, ip=context.ip(request)
        )
        return ok(user(member))

    @app.get("/auth/sessions", tags=tags, summary="List your sessions", openapi_extra={LOGIN: True})
    async def list_sessions(caller: Person, paging: Cursor) -> Paged[answers.Session]:
        """Where you are logged in, newest first."""
        assert caller.member_id is not None
        page = await core.accounts.sessions(
            caller.workspace_id, caller.member_id, limit=paging.limit, cursor=paging.cursor
        )
        return paged(page, [session(row, caller.session_id) for row in page.items])

    @app.delete("/auth/sessions", tags=tags, summary="End your sessions", openapi_extra={LOGIN: True})
    async def end_sessions(
        caller: Person,
        request: Request,
        current: Annotated[bool, Query(description="The one of this request too.")] = False,
    ) -> Ok[answers.SessionsEnded]:
        """All others stop at once; `current=true` ends this one too."""
        assert caller.member_id is not None
        ended = await core.accounts.end_sessions(
            caller.workspace_id,
            caller.member_id,
            but=None if current else caller.session_id,
            by=caller,
            ip=context.ip(request),
        )
        return ok({"ended": ended})

    @app.delete("/auth/sessions/{id}", tags=tags, summary="End one of your sessions", openapi_extra={LOGIN: True})
    async def end_session(id: str, caller: Person, request: Request) -> Ok[answers.Deleted]:
        """Its token stops at once."""
        assert caller.member_id is not None
        number = parse_id(id, "session", "SESSION_NOT_FOUND")
        await core.accounts.end_session(
            caller.workspace_id, caller.member_id, number, by=caller, ip=context.ip(request)
        )
        return deleted(id)
