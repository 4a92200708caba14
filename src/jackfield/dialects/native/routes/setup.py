"""The first owner of a server that has none yet."""

from typing import Annotated, Any

from fastapi import FastAPI, Request
from pydantic import Field

from ..._access import PUBLIC
from ..._browser import check_same_origin
from ..._kit import Str, Wire, while_there
from .. import answers
from ..context import Context, example
from ..envelope import Ok, ok
from .auth import logged_in
from .team import Email, Part, Password


class SetupBody(Wire):
    """Who becomes the owner, and the workspace's name, country and time zone. `code` is what the server prints when it
    starts without an owner. `cookie`: keep the token in a cookie of the browser instead of the answer."""

    model_config = example(
        {
            "code": "aaaa-bbbb-cccc-dddd",
            "email": "owner@example.com",
            "password": "correct horse battery",
            "firstName": "Ayu",
            "workspaceName": "Shop",
            "timezone": "Asia/Jakarta",
            "defaultCountry": "ID",
        }
    )

    code: Annotated[Str, Field(min_length=1, max_length=100)]
    email: Email
    password: Password
    first_name: Annotated[Part, Field(alias="firstName")] = ""
    last_name: Annotated[Part, Field(alias="lastName")] = ""
    workspace_name: Annotated[Str, Field(alias="workspaceName", max_length=200)] = ""
    timezone: Annotated[Str, Field(max_length=64)] = "UTC"
    default_country: Annotated[Str | None, Field(alias="defaultCountry", max_length=2)] = None
    cookie: bool = False


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    accounts = context.core.accounts
    tags: list[Any] = ["Authentication"]

    @app.get("/setup", tags=tags, summary="Whether an owner is needed", openapi_extra={PUBLIC: True})
    async def get_setup() -> Ok[answers.Setup]:
        """`needed`: the server has no owner yet, and somebody with its setup code may become it."""
        return ok({"needed": await accounts.needs_setup()})

    @app.post("/setup", tags=tags, summary="Become the owner", status_code=201, openapi_extra={PUBLIC: True})
    async def set_up(body: SetupBody, request: Request) -> Ok[answers.Login]:
        """Makes the first owner, once, and logs them in; 409 `SETUP_DONE` ever after."""
        if body.cookie:
            check_same_origin(request, context.options, programs=True)
        ip = context.ip(request)
        await while_there(
            request,
            accounts.set_up(
                body.code,
                email=body.email,
                password=body.password,
                first_name=body.first_name,
                last_name=body.last_name,
                workspace_name=body.workspace_name,
                timezone=body.timezone,
                default_country=body.default_country or None,
                ip=ip,
            ),
        )
        member, token = await accounts.login(
            body.email, body.password, ip=ip, user_agent=request.headers.get("user-agent")
        )
        return logged_in(context, request, member, token, cookie=body.cookie, status=201)
