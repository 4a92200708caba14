"""A person's own second factor: codes of an authenticator app when they log in."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from pydantic import Field

from jackfield.core import Principal

from ..._access import LOGIN
from ..._kit import Str, Wire
from .. import answers
from ..context import Context, example
from ..envelope import Ok, iso, ok


class ConfirmPasswordBody(Wire):
    """The present password."""

    model_config = example({"password": "correct horse battery"})

    password: Annotated[Str, Field(max_length=1024)]


class CodeBody(Wire):
    """A code that the authenticator app shows now."""

    model_config = example({"code": "123456"})

    code: Annotated[Str, Field(min_length=1, max_length=100)]


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    accounts = context.core.accounts
    tags: list[Any] = ["Authentication"]
    extra = {LOGIN: True}

    Person = Annotated[Principal, Depends(context.person())]

    @app.get("/auth/second-factor", tags=tags, summary="Get your second factor", openapi_extra=extra)
    async def get_second_factor(caller: Person) -> Ok[answers.SecondFactor]:
        """Whether you log in with a code too, and how many recovery codes are left. `required`: the workspace's setting
        `requireSecondFactor` lets members without one do nothing but set one up."""
        state = await accounts.second_factor(caller)
        return ok(
            {
                "enabled": state.enabled,
                "required": state.required,
                "confirmedAt": iso(state.confirmed_at),
                "recoveryCodesLeft": state.recovery_codes_left,
            }
        )

    @app.post("/auth/second-factor", tags=tags, summary="Set up a second factor", openapi_extra=extra)
    async def enrol_second_factor(
        body: ConfirmPasswordBody, caller: Person, request: Request
    ) -> Ok[answers.SecondFactorSecret]:
        """A secret for an authenticator app (TOTP), shown this once; `url` is for a QR code. It counts once confirmed."""
        made = await accounts.enrol_second_factor(caller, body.password, ip=context.ip(request))
        return ok({"secret": made.secret, "url": made.url})

    @app.post("/auth/second-factor/confirm", tags=tags, summary="Switch your second factor on", openapi_extra=extra)
    async def confirm_second_factor(body: CodeBody, caller: Person, request: Request) -> Ok[answers.RecoveryCodes]:
        """By a code of the app. The answer has the recovery codes, shown this once; your other sessions end."""
        codes = await accounts.confirm_second_factor(caller, body.code, ip=context.ip(request))
        return ok({"recoveryCodes": codes})

    @app.post("/auth/second-factor/recovery-codes", tags=tags, summary="Renew recovery codes", openapi_extra=extra)
    async def renew_recovery_codes(
        body: ConfirmPasswordBody, caller: Person, request: Request
    ) -> Ok[answers.RecoveryCodes]:
        """New recovery codes, shown this once; the old ones stop."""
        codes = await accounts.renew_recovery_codes(caller, body.password, ip=context.ip(request))
        return ok({"recoveryCodes": codes})

    @app.post("/auth/second-factor/disable", tags=tags, summary="Switch your second factor off", openapi_extra=extra)
    async def disable_second_factor(
        body: ConfirmPasswordBody, caller: Person, request: Request
    ) -> Ok[answers.SecondFactor]:
        """From now on the password alone logs you in."""
        await accounts.disable_second_factor(caller, body.password, ip=context.ip(request))
        return await get_second_factor(caller)
