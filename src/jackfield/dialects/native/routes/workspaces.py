"""The workspace with its settings; audit log, and the log of events."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import Depends, FastAPI, Query, Request, Response
from msgspec import UNSET
from pydantic import Field

from jackfield.core import AuditEntryView, NotFound, Principal, WorkspaceView, table

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..checks import invalid
from ..context import Context, Cursor, Pages, example, numbers
from ..envelope import Ok, Paged, iso, ok, paged
from ..files import TABLES, Format, streamed
from ..times import planned
from .team import Email, Password

AUDIT_COLUMNS = ("id", "createdAt", "actor", "action", "target", "ip", "data")


class WorkspaceBody(Wire):
    """A new tenant, with its owner; without one only its first key opens it."""

    model_config = example(
        {"name": "Branch", "ownerEmail": "branch@example.com", "ownerPassword": "correct horse battery"}
    )

    name: Annotated[Str, Field(min_length=1, max_length=200)]
    owner_email: Annotated[Email | None, Field(alias="ownerEmail")] = None
    owner_password: Annotated[Password | None, Field(alias="ownerPassword")] = None
    timezone: Annotated[Str, Field(max_length=64)] = "UTC"
    default_country: Annotated[Str | None, Field(alias="defaultCountry", max_length=2)] = None


class WorkspaceChange(Wire):
    """What to change; given settings are merged, null takes one out."""

    model_config = example(name="Main shop", timezone="Asia/Jakarta", defaultCountry="ID")

    name: Annotated[Str, Field(min_length=1, max_length=200)] | None = None
    timezone: Annotated[Str, Field(max_length=64)] | None = None
    default_country: Annotated[Str | None, Field(alias="defaultCountry", max_length=2)] = None
    default_profile_id: Annotated[Str | int | None, Field(alias="defaultProfileId")] = None
    settings: dict[Str, Any] | None = None


def workspace(row: WorkspaceView) -> answers.Workspace:
    """A workspace."""
    return {
        "id": str(row.id),
        "name": row.name,
        "timezone": row.timezone,
        "defaultCountry": row.default_country,
        "defaultProfileId": str(row.default_channel_id) if row.default_channel_id else None,
        "settings": row.settings,
        "createdAt": iso(row.created_at),
    }


def entry(row: AuditEntryView) -> answers.AuditEntry:
    """An entry of the audit log."""
    return {
        "id": str(row.id),
        "actor": row.actor,
        "action": row.action,
        "target": row.target,
        "ip": row.ip,
        "data": row.data,
        "createdAt": iso(row.created_at),
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    _workspaces(app, context)
    _logs(app, context)


def _workspaces(app: FastAPI, context: Context) -> None:
    accounts = context.core.accounts
    Reader = Annotated[Principal, Depends(context.allow("workspace:read"))]
    Writer = Annotated[Principal, Depends(context.allow("workspace:write"))]
    tags: list[Any] = ["Workspaces"]

    def own(caller: Principal, given: str) -> int:
        if parse_id(given, "workspace", "WORKSPACE_NOT_FOUND") != caller.workspace_id:
            raise NotFound(f"There is no workspace {given}.", code="WORKSPACE_NOT_FOUND")
        return caller.workspace_id

    @app.get("/workspaces", tags=tags, summary="List workspaces")
    async def list_workspaces(caller: Reader) -> Ok[list[answers.Workspace]]:
        """Your own."""
        return ok([workspace(await accounts.workspace(caller.workspace_id))])

    @app.post("/workspaces", tags=tags, summary="Create a workspace", status_code=201)
    async def create_workspace(body: WorkspaceBody, caller: Writer, request: Request) -> Ok[answers.NewWorkspace]:
        """A new tenant with its owner and a first API key, shown this once. For the operator: it takes an owner of the
        first workspace who is logged in, or a key with the scope `*` that such an owner made."""
        if (body.owner_email is None) != (body.owner_password is None):
            missing = "ownerPassword" if body.owner_password is None else "ownerEmail"
            raise invalid(missing, "Is required: an owner has both.")
        row, secret = await accounts.create_tenant(
            body.name,
            email=body.owner_email,
            password=body.owner_password,
            timezone=body.timezone,
            default_country=body.default_country or None,
            by=caller,
            ip=context.ip(request),
        )
        return ok({**workspace(row), "apiKey": secret}, 201)

    @app.get("/workspaces/{id}", tags=tags, summary="Get a workspace")
    async def get_workspace(id: str, caller: Reader) -> Ok[answers.Workspace]:
        """Your own."""
        return ok(workspace(await accounts.workspace(own(caller, id))))

    @app.patch("/workspaces/{id}", tags=tags, summary="Update a workspace")
    @app.put("/workspaces/{id}", tags=tags, summary="Update a workspace", include_in_schema=False)
    async def update_workspace(
        id: str, body: WorkspaceChange, caller: Writer, request: Request
    ) -> Ok[answers.Workspace]:
        """Name, time zone, default country and profile, settings."""
        number, given = own(caller, id), body.model_fields_set
        default: int | msgspec.UnsetType | None = UNSET
        if "default_profile_id" in given:
            named = body.default_profile_id
            default = None if named in (None, "") else (await context.channel(caller, named)).id
        row = await accounts.update_workspace(
            number,
            name=body.name if body.name is not None else UNSET,
            timezone=body.timezone if body.timezone is not None else UNSET,
            default_country=body.default_country if "default_country" in given else UNSET,
            default_channel_id=default,
            settings=body.settings if body.settings is not None else UNSET,
            by=caller,
            ip=context.ip(request),
        )
        return ok(workspace(row))


def _logs(app: FastAPI, context: Context) -> None:
    core = context.core
    AuditReader = Annotated[Principal, Depends(context.allow("audit:read"))]
    Listener = Annotated[Principal, Depends(context.allow("events:read"))]

    @app.get("/audit", tags=["Audit"], summary="Audit log")
    async def list_audit_entries(
        caller: AuditReader,
        paging: Pages,
        actor: Annotated[str | None, Query(max_length=300)] = None,
        action: Annotated[str | None, Query(max_length=100, description="As `key.created`, or `key.*`.")] = None,
        target: Annotated[str | None, Query(max_length=200)] = None,
        since: Annotated[str | None, Query(alias="from", description="ISO 8601")] = None,
        until: Annotated[str | None, Query(description="ISO 8601")] = None,
    ) -> Paged[answers.AuditEntry]:
        """Who did what, and from where; newest first."""
        page = await core.audit.list(
            caller.workspace_id,
            actor=actor,
            action=action,
            target=target,
            since=await planned(core, caller.workspace_id, "from", since),
            until=await planned(core, caller.workspace_id, "until", until),
            **numbers(paging),
        )
        return paged(page, [entry(row) for row in page.items])

    @app.get(
        "/audit/export",
        tags=["Audit"],
        summary="Export the audit log",
        responses=TABLES,
        response_class=Response,
    )
    async def export_audit_entries(
        caller: AuditReader,
        actor: Annotated[str | None, Query(max_length=300)] = None,
        action: Annotated[str | None, Query(max_length=100, description="As `key.created`, or `key.*`.")] = None,
        target: Annotated[str | None, Query(max_length=200)] = None,
        since: Annotated[str | None, Query(alias="from", description="ISO 8601")] = None,
        until: Annotated[str | None, Query(description="ISO 8601")] = None,
        format: Format = "csv",
    ) -> Response:
        """All entries that match, newest first. The export is an entry itself."""
        start, end = (
            await planned(core, caller.workspace_id, "from", since),
            await planned(core, caller.workspace_id, "until", until),
        )

        async def pieces() -> AsyncIterator[bytes]:
            cursor, begun, file = None, False, table(format, AUDIT_COLUMNS)
            while cursor is not None or not begun:
                page = await core.audit.list(
                    caller.workspace_id,
                    actor=actor,
                    action=action,
                    target=target,
                    since=start,
                    until=end,
                    limit=200,
                    cursor=cursor,
                )
                rows = [{**entry(row), "data": json.dumps(row.data, ensure_ascii=False)} for row in page.items]
                yield file.add(rows)
                cursor, begun = page.cursor, True
            yield file.end()

        return await streamed(pieces(), "audit", format)

    @app.get("/logs", tags=["Live events"], summary="Log of events")
    async def list_events(
        caller: Listener,
        paging: Cursor,
        type: Annotated[list[str] | None, Query(description="Types, or families such as `message.*`.")] = None,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        since: Annotated[str | None, Query(alias="from", description="ISO 8601")] = None,
        until: Annotated[str | None, Query(description="ISO 8601")] = None,
    ) -> Paged[answers.Event]:
        """What happened, newest first: the events of webhooks and of the live stream, kept for some weeks."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        await context.writer.know(caller.workspace_id)
        page = await core.live.log(
            caller.workspace_id,
            types=type,
            channel_id=caller.only(channel_id),
            since=await planned(core, caller.workspace_id, "from", since),
            until=await planned(core, caller.workspace_id, "until", until),
            limit=paging.limit,
            cursor=paging.cursor,
        )
        return paged(page, [context.writer.render(event) for event in page.items])
