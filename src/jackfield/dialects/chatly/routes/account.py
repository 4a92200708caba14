"""Log in, who am I, countries."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from jackfield.core import Forbidden, Principal, Unauthenticated

from ..._kit import while_there
from ..._openapi import Answer
from .. import answers, countries, shapes
from ..context import Caller, Context
from ..fields import example
from ..form import Form
from ..wire import ok, zone_of


def register(router: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Anybody = Annotated[Caller, Depends(context.allow())]
    ByKey = Annotated[Principal, Depends(context.allow_key())]
    LoginFields = Annotated[Form, Depends(context.fields("email", "password", "code"))]

    @router.post(
        "/login", tags=["Account"], summary="Log in", openapi_extra=example("email", "password", "code", required=2)
    )
    async def log_in(request: Request, key: ByKey, form: LoginFields) -> Answer[answers.Login]:
        """E-mail address and password for a JWT; needs the apikey header. `code` where the member has a second factor."""
        email, password = form.text("email"), form.text("password", maximum=1024)
        code = form.text("code", maximum=100, required=False)
        form.check()
        try:
            member, token = await while_there(
                request,
                core.accounts.login(
                    email,
                    password,
                    code=code or None,
                    ip=context.ip(request),
                    user_agent=request.headers.get("user-agent"),
                ),
            )
        except Unauthenticated as error:
            raise Unauthenticated(error.message, code="INVALID_CREDENTIALS") from None
        if member.workspace_id != key.workspace_id:
            raise Forbidden("This API key belongs to another account.", code="INVALID_API_KEY")
        workspace = await core.accounts.workspace(member.workspace_id)
        return ok(
            {
                "token": token,
                "token_type": "Bearer",
                "expires_in": core.accounts.token_seconds,
                **shapes.member(member, zone_of(workspace.timezone)),
                "client": shapes.client(workspace),
            },
            "login_successfully",
        )

    @router.get("/profile", tags=["Account"], summary="Who am I")
    async def get_profile(caller: Anybody) -> Answer[answers.Profile]:
        """The member who is logged in, and the account."""
        assert caller.member.member_id is not None
        member = await core.accounts.member(caller.workspace_id, caller.member.member_id)
        return ok({**shapes.member(member, caller.zone), "client": shapes.client(caller.workspace)})

    @router.get("/country/list", tags=["Account"], summary="Countries")
    async def list_countries(caller: Anybody) -> Answer[answers.Countries]:
        """Countries with Chatly's ids, named in the language of the path; India is 101."""
        return ok({"countries": countries.listed(caller.language[:16])})
