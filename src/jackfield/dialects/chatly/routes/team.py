"""The team: staff accounts of the workspace."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from msgspec import UNSET

from jackfield.core import Conflict

from ..._kit import parse_id
from ..._openapi import Answer
from .. import answers, shapes
from ..context import Caller, Context
from ..fields import PAGING, example
from ..form import Form
from ..wire import ok
from .contacts import paging

FIELDS = ("first_name", "last_name", "email", "password", "password_confirmation")


def register(router: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Caller, Depends(context.allow("team:read"))]
    Writer = Annotated[Caller, Depends(context.allow("team:write"))]
    Listed = Annotated[Form, Depends(context.fields(*PAGING))]
    StoreFields = Annotated[Form, Depends(context.fields(*FIELDS))]

    def password_of(form: Form, *, required: bool) -> str:
        """The new password, given twice. Blanks at its ends are part of it."""
        given = form.need("password", required=required)
        again = form.need("password_confirmation", required=required or given is not None)
        if given is None:
            if again is not None and not required:
                form.fail("password", "The password field is required when password confirmation is present.")
            return ""
        if not isinstance(given, str) or "\x00" in given or len(given) > 1024:
            form.fail("password", "The password must be a string.")
            return ""
        if again not in (None, given):
            # Laravel blames the password; who changed the other field looks for its name.
            for name in ("password", "password_confirmation"):
                form.fail(name, "The password confirmation does not match.")
        return given

    async def taken(form: Form, action: Any) -> Any:
        try:
            return await action
        except Conflict as error:
            form.fail("email", "The email has already been taken." if error.code == "EMAIL_EXISTS" else error.message)
            form.check()
            raise

    @router.get("/team", tags=["Team"], summary="The team")
    async def list_team(caller: Reader, form: Listed) -> Answer[answers.Team]:
        """Everybody who logs in here."""
        number, size = paging(form)
        page = await core.accounts.members(caller.workspace_id, limit=size, page=number, total=True)
        rows = [shapes.member(row, caller.zone) for row in page.items]
        return ok({"team": rows, **shapes.pages(page, number, size)})

    @router.post("/team-store", tags=["Team"], summary="Add staff", openapi_extra=example(*FIELDS, required=5))
    async def create_staff(request: Request, caller: Writer, form: StoreFields) -> Answer[answers.Member]:
        """A staff account with a password, given twice."""
        first, last = form.text("first_name", maximum=100), form.text("last_name", maximum=100)
        email = form.text("email", maximum=254)
        password = password_of(form, required=True)
        form.check()
        row = await taken(
            form,
            core.accounts.create_member(
                caller.workspace_id,
                email,
                password,
                role="agent",
                first_name=first,
                last_name=last,
                by=caller.member,
                ip=context.ip(request),
            ),
        )
        return ok(shapes.member(row, caller.zone), "staff_created_successfully")

    @router.post("/team-update/{id}", tags=["Team"], summary="Change staff", openapi_extra=example(*FIELDS, required=3))
    async def update_staff(id: str, request: Request, caller: Writer, form: StoreFields) -> Answer[answers.Member]:
        """Names and e-mail address; a new password too, where it is given (twice)."""
        member_id = parse_id(id, "staff account", "STAFF_NOT_FOUND")
        first, last = form.text("first_name", maximum=100), form.text("last_name", maximum=100)
        email = form.text("email", maximum=254)
        password = password_of(form, required=False)
        form.check()
        row = await taken(
            form,
            core.accounts.update_member(
                caller.workspace_id,
                member_id,
                first_name=first,
                last_name=last,
                email=email,
                password=password or UNSET,
                by=caller.member,
                ip=context.ip(request),
            ),
        )
        return ok(shapes.member(row, caller.zone), "staff_updated_successfully")
