"""Log in and out by cookie, the profile, and a new account key."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request

from jackfield.core import Forbidden, Invalid, MemberView, NotFound, Principal, Unauthenticated

from ..._access import PUBLIC
from ..._browser import clear_session_cookie, set_session_cookie
from ..._kit import credential, while_there
from ..._openapi import Answer
from ..._openapi import body_of as documented
from .. import answers
from ..context import Context
from ..wire import body_of, ok, text

ROLES = {"owner": "admin", "admin": "admin", "agent": "user"}
"""Our roles as Chattu names them."""


def example(body: dict[str, Any], required: int | None = None) -> dict[str, Any]:
    """A request body for the OpenAPI document, the first `required` of whose fields must be there (None: all)."""
    properties = {name: {"type": "boolean" if isinstance(value, bool) else "string"} for name, value in body.items()}
    return documented(properties, body, required=[*body][:required])


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    ByKey = Annotated[Principal, Depends(context.by_key(None))]
    Remover = Annotated[Principal, Depends(context.by_login("channels:write", limit="delete-client"))]

    async def owner_of(caller: Principal) -> MemberView | None:
        """The person behind a key: who made it, else the workspace's first owner."""
        member_id = caller.member_id
        if member_id is None and caller.key_id is not None:
            member_id = (await core.accounts.key(caller.workspace_id, caller.key_id)).member_id
        if member_id is not None:
            try:
                return await core.accounts.member(caller.workspace_id, member_id)
            except NotFound:
                pass
        owners = await core.accounts.members(caller.workspace_id, role="owner", limit=1)
        return owners.items[0] if owners.items else None

    @app.post(
        "/login",
        tags=["Session"],
        summary="Log in",
        openapi_extra={PUBLIC: True, **example({"username": "you@example.com", "password": "your-password"})},
    )
    async def log_in(request: Request) -> Answer[answers.LoggedIn]:
        """A member's e-mail address (as `username` or `email`) and password for a session cookie; `code` where they have a
        second factor."""
        data = await body_of(request, context.options.max_body, "username", "email", "password", "code")
        name = text(data, "email" if data.get("email") else "username", maximum=320)
        member, token = await while_there(
            request,
            core.accounts.login(
                name,
                text(data, "password", maximum=1024),
                code=text(data, "code", maximum=100) if data.get("code") else None,
                ip=context.ip(request),
                user_agent=request.headers.get("user-agent"),
            ),
        )
        answer = ok(
            {
                "success": True,
                "status": "success",
                "message": "Logged in.",
                "username": member.email,
                "role": ROLES.get(member.role, member.role),
            }
        )
        set_session_cookie(answer, request, context.options, token, core.accounts.token_seconds)
        return answer

    @app.post("/logout", tags=["Session"], summary="Log out", openapi_extra={PUBLIC: True})
    async def log_out(request: Request) -> Answer[answers.Done]:
        """End the session, and have the browser forget its cookie."""
        try:
            await core.accounts.logout(await context.session(request), ip=context.ip(request))
        except Unauthenticated:
            pass  # There is no session to end, or it has ended; the cookie goes all the same.
        answer = ok({"success": True, "status": "success", "message": "Logged out."})
        clear_session_cookie(answer, request, context.options)
        return answer

    @app.get("/api/profile", tags=["Account"], summary="Your profile")
    async def get_profile(request: Request, caller: ByKey) -> Answer[answers.Profile]:
        """Username (the e-mail address), role, the key in use, and how many clients it reaches."""
        member = await owner_of(caller)
        return ok(
            {
                "username": member.email if member is not None else caller.name,
                "role": ROLES.get(member.role, member.role) if member is not None else "user",
                "apiKey": credential(request, ("x-api-key", "bearer")),
                "clientCount": len(await context.clients(caller)),
            }
        )

    @app.post(
        "/api/reset-api-key",
        tags=["Account"],
        summary="Reset the API key",
        openapi_extra={PUBLIC: True, **example({"username": "your-username", "currentApiKey": "account-api-key"})},
    )
    async def reset_api_key(request: Request) -> Answer[answers.NewKey]:
        """A new account key for the present one and its owner's username; the present one stops at once."""
        await context.limit(request, "reset-api-key")
        data = await body_of(request, context.options.max_body, "username", "currentApiKey")
        username = text(data, "username", maximum=320)
        try:
            caller = await core.accounts.authenticate_key(text(data, "currentApiKey", maximum=512))
        except Unauthenticated:
            raise Unauthenticated("Username or API key is wrong.") from None
        member = await owner_of(caller)
        if member is None or username.strip().lower() not in (member.email, member.email.partition("@")[0]):
            await context.audit(request, caller.workspace_id, caller.actor, "key.reset_refused", f"key:{caller.key_id}")
            raise Unauthenticated("Username or API key is wrong.")
        if caller.channel_id is not None or caller.key_id is None:
            raise Forbidden("This is a client's key; reset the account's.", code="ACCESS_DENIED")
        made = await core.accounts.rotate_key(caller.workspace_id, caller.key_id, by=caller, ip=context.ip(request))
        return ok({"message": "API key reset successfully.", "newApiKey": made.secret})

    @app.delete(
        "/clients/{clientId}",
        tags=["Clients"],
        summary="Delete a client",
        openapi_extra=example({"password": "your-password"}),
    )
    async def delete_client(
        clientId: str,
        request: Request,
        caller: Remover,
    ) -> Answer[answers.Told]:
        """Unlink and remove a client with its messages, for good. Takes a login and the password once more."""
        data = await _maybe_body(request, context)
        given = data.get("password")
        if not isinstance(given, str) or not given:
            raise Invalid("Password is required", code="PASSWORD_REQUIRED", details={"password": ["Is required."]})
        channel = await context.client(caller, clientId)
        assert caller.member_id is not None
        if not await core.accounts.confirm_password(caller.workspace_id, caller.member_id, given):
            target = f"channel:{channel.id}"
            await context.audit(request, caller.workspace_id, caller.actor, "channel.delete_refused", target)
            raise Forbidden("Invalid password", code="ACCESS_DENIED")
        await core.channels.unlink(caller.workspace_id, channel.id)
        async with core.transaction():
            keys = await core.accounts.keys(caller.workspace_id, channel_id=channel.id, limit=200)
            for one in keys.items:
                await core.accounts.revoke_key(caller.workspace_id, one.id, by=caller, ip=context.ip(request))
            await core.channels.delete(caller.workspace_id, channel.id, unlink=False)
            await context.audit(request, caller.workspace_id, caller.actor, "channel.deleted", f"channel:{channel.id}")
        return ok({"message": "Client deleted successfully."})


async def _maybe_body(request: Request, context: Context) -> dict[str, Any]:
    """The body, or nothing where there is none at all."""
    if request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
        return {}
    return await body_of(request, context.options.max_body, "password")
