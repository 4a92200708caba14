"""Log in, and who am I."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from pydantic import Field

from jackfield.core import Principal

from ..._kit import Str, Wire, principal
from ..context import Context, example
from ..envelope import ok


class LoginBody(Wire):
    """E-mail and password of a member."""

    model_config = example({"email": "owner@example.com", "password": "correct horse battery"})

    email: Annotated[Str, Field(max_length=320)]
    password: Annotated[Str, Field(max_length=1024)]


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core

    @app.post("/auth/login", tags=["Authentication"], summary="Log in for a token", openapi_extra={"x-public": True})
    async def login(body: LoginBody, request: Request) -> Response:
        """A member's e-mail and password for a bearer token, valid for 24 hours."""
        member, token = await core.accounts.login(body.email, body.password, ip=context.ip(request))
        return ok(
            {
                "token": token,
                "accessToken": token,
                "tokenType": "Bearer",
                "expiresIn": core.accounts.token_seconds,
                "user": {
                    "id": str(member.id),
                    "email": member.email,
                    "firstName": member.first_name,
                    "lastName": member.last_name,
                    "role": member.role,
                },
            }
        )

    async def anybody(request: Request) -> Principal:
        return await principal(core, request)

    @app.get("/auth/me", tags=["Authentication"], summary="Who am I")
    async def me(caller: Annotated[Principal, Depends(anybody)]) -> Response:
        """The caller: its workspace, role and scopes."""
        workspace = await core.accounts.workspace(caller.workspace_id)
        return ok(
            {
                "workspace": {"id": str(workspace.id), "name": workspace.name, "timezone": workspace.timezone},
                "memberId": str(caller.member_id) if caller.member_id else None,
                "keyId": str(caller.key_id) if caller.key_id else None,
                "name": caller.name,
                "role": caller.role,
                "scopes": sorted(caller.scopes),
                "profileId": str(caller.channel_id) if caller.channel_id else None,
            }
        )
