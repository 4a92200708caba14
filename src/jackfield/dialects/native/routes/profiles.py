"""Profiles: connected numbers and bots (the core's channels)."""

import asyncio
import io
from typing import Annotated, Any

import segno
from fastapi import Depends, FastAPI, Request, Response
from pydantic import Field

from jackfield.core.accounts import Principal
from jackfield.core.channels.service import ALIASES
from jackfield.core.engine import claims
from jackfield.core.errors import Conflict, NotFound
from jackfield.core.kinds import sendable
from jackfield.core.models import Channel
from jackfield.db.base import now_ms

from ..._kit import Str, Wire, whole_id
from .. import shapes
from ..context import Context, example
from ..envelope import iso, ok

QR_WAIT_S = 5.0
"""How long a request waits for the first QR code after a connection was asked for."""


class ProfileBody(Wire):
    """A new profile. `config` is the engine's own configuration, kept encrypted; `key` your own name for it."""

    model_config = example(name="Shop", engine="simulator")

    name: Annotated[Str, Field(min_length=1, max_length=200)]
    engine: Annotated[Str, Field(max_length=50)] = "simulator"
    config: dict[str, Any] | None = None
    key: Annotated[Str, Field(min_length=1, max_length=100)] | None = None
    pacing: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None


class ProfileChange(Wire):
    """What to change; fields that are left out stay."""

    model_config = example(name="Shop", pacing={"rate": 20, "dailyCap": 1000})

    name: Annotated[Str, Field(min_length=1, max_length=200)] | None = None
    config: dict[str, Any] | None = None
    pacing: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None


def png(code: str) -> bytes:
    """A QR code as a PNG picture."""
    buffer = io.BytesIO()
    segno.make(code, error="m").save(buffer, kind="png", scale=8, border=4)
    return buffer.getvalue()


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("channels:read"))]
    Writer = Annotated[Principal, Depends(context.allow("channels:write"))]

    async def default_id(caller: Principal) -> int | None:
        return (await core.accounts.workspace(caller.workspace_id)).default_channel_id

    async def find(caller: Principal, given: str) -> Channel:
        return await context.channel(caller, whole_id(given, "profile", "PROFILE_NOT_FOUND"))

    def described() -> list[dict[str, Any]]:
        """In a thread: engines are imported when they are first asked for, which takes seconds."""
        return [
            {
                "name": engine.name,
                "title": engine.title,
                "capabilities": claims(engine.session_type),
                "kinds": sorted(sendable(engine) or ()),
                "configSchema": engine.config_model.model_json_schema(by_alias=True),
                "aliases": [alias for alias, name in ALIASES.items() if name == engine.name],
            }
            for engine in core.engines.values()
        ]

    @app.get("/engines", tags=["Profiles"], summary="Engines and what they can")
    async def engines(caller: Reader) -> Response:
        """Each engine with the capabilities that it claims and the JSON schema of its configuration."""
        return ok(await asyncio.to_thread(described))

    @app.get("/profiles", tags=["Profiles"], summary="List profiles")
    async def list_profiles(caller: Reader) -> Response:
        """All profiles of the workspace, oldest first."""
        rows = await core.channels.list(caller.workspace_id)
        if caller.channel_id is not None:
            rows = [row for row in rows if row.id == caller.channel_id]
        default = await default_id(caller)
        return ok([shapes.profile(row, default_id=default) for row in rows])

    @app.post("/profiles", tags=["Profiles"], summary="Create a profile", status_code=201)
    async def create(body: ProfileBody, caller: Writer, request: Request) -> Response:
        """Make a profile; the workspace's first one becomes its default. Connect it with `/connect`."""
        if caller.channel_id is not None:
            raise NotFound("This key is bound to one profile.", code="PROFILE_NOT_FOUND")

        async def make() -> Response:
            row = await core.channels.create(
                caller.workspace_id,
                name=body.name,
                engine=body.engine,
                config=body.config,
                key=body.key,
                pacing=body.pacing,
                settings=body.settings,
            )
            return ok(shapes.profile(row, default_id=await default_id(caller)), 201)

        return await context.once(request, caller, body.model_dump(), make)

    @app.get("/profiles/{id}", tags=["Profiles"], summary="Get a profile")
    async def get(id: str, caller: Reader) -> Response:
        """One profile."""
        return ok(shapes.profile(await find(caller, id), default_id=await default_id(caller)))

    @app.put("/profiles/{id}", tags=["Profiles"], summary="Update a profile")
    @app.patch("/profiles/{id}", tags=["Profiles"], summary="Update a profile", include_in_schema=False)
    async def update(id: str, body: ProfileChange, caller: Writer) -> Response:
        """Change name, configuration, pacing or settings; what is left out stays."""
        row = await find(caller, id)
        row = await core.channels.update(
            caller.workspace_id,
            row.id,
            name=body.name,
            config=body.config,
            pacing=body.pacing,
            settings=body.settings,
        )
        return ok(shapes.profile(row, default_id=await default_id(caller)))

    @app.delete("/profiles/{id}", tags=["Profiles"], summary="Delete a profile")
    async def delete(id: str, caller: Writer) -> Response:
        """Unlink and remove a profile with its messages and chats. This cannot be undone."""
        row = await find(caller, id)
        await core.channels.delete(caller.workspace_id, row.id)
        return ok({"id": str(row.id), "deleted": True})

    @app.post("/profiles/{id}/default", tags=["Profiles"], summary="Make it the default profile")
    async def make_default(id: str, caller: Writer) -> Response:
        """Requests that name no profile use this one from now on."""
        row = await find(caller, id)
        await core.accounts.set_default_channel(caller.workspace_id, row.id)
        core.bus.publish("channels")
        return ok(shapes.profile(row, default_id=row.id))

    @app.get("/profiles/{id}/status", tags=["Profiles"], summary="Connection status")
    async def status(id: str, caller: Reader) -> Response:
        """Whether the profile is connected, and why not."""
        row = await find(caller, id)
        return ok(
            {
                "id": str(row.id),
                "status": row.status,
                "connected": row.status == "connected",
                "reason": row.status_reason,
                "phone": row.address,
                "connectedAt": iso(row.connected_at),
            }
        )

    async def settled(row: Channel, wanted: tuple[str, ...], seconds: float) -> Channel:
        """The channel once its status is one of these, or as it is when the time is up."""
        changed = asyncio.Event()
        end = core.bus.subscribe("channel-status", lambda channel_id: changed.set() if channel_id == row.id else None)
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            while True:
                row = await core.channels.get(row.workspace_id, row.id)
                left = deadline - asyncio.get_running_loop().time()
                if row.status in wanted or left <= 0:
                    return row
                try:
                    await asyncio.wait_for(changed.wait(), min(left, 0.25))
                except TimeoutError:
                    continue
                changed.clear()
        finally:
            end()

    @app.post("/profiles/{id}/connect", tags=["Profiles"], summary="Start connection")
    async def connect(id: str, caller: Writer) -> Response:
        """Bring the profile up. A phone that is not paired yet answers with status `pairing`: show its QR code."""
        row = await core.channels.connect(caller.workspace_id, (await find(caller, id)).id)
        row = await settled(row, ("connected", "pairing", "logged_out", "banned", "failed"), QR_WAIT_S)
        return ok({**shapes.profile(row, default_id=await default_id(caller)), "qrCode": _qr_url(row)})

    @app.post("/profiles/{id}/disconnect", tags=["Profiles"], summary="Disconnect")
    async def disconnect(id: str, caller: Writer) -> Response:
        """Take the profile down; it stays paired, and what is queued stays queued."""
        row = await core.channels.disconnect(caller.workspace_id, (await find(caller, id)).id)
        row = await settled(row, ("disconnected", "logged_out", "banned", "failed"), QR_WAIT_S)
        return ok(shapes.profile(row, default_id=await default_id(caller)))

    @app.get(
        "/profiles/{id}/qr",
        tags=["Profiles"],
        summary="Get the QR code",
        responses={200: {"content": {"application/json": {}, "image/png": {}}}},
    )
    async def qr(id: str, request: Request, caller: Reader) -> Response:
        """The QR code to scan: JSON with a data URL, or a PNG picture with `Accept: image/png`."""
        row = await find(caller, id)
        if row.wanted == "up" and row.status in ("connecting", "disconnected"):
            row = await settled(row, ("connected", "pairing", "logged_out", "banned", "failed"), QR_WAIT_S)
        if row.status == "connected":
            raise Conflict("The profile is connected; there is nothing to scan.", code="ALREADY_CONNECTED")
        login = row.login or {}
        code = login.get("code")
        if row.status != "pairing" or login.get("type") not in ("qr", "pairing_code") or not code:
            raise Conflict(
                "There is no QR code now; start the connection with POST /profiles/{id}/connect.",
                code="QR_NOT_AVAILABLE",
            )
        picture = await asyncio.to_thread(png, str(code))
        if "image/png" in request.headers.get("accept", ""):
            return Response(picture, media_type="image/png", headers={"Cache-Control": "no-store"})
        expires = login.get("expires_at")
        return ok(
            {
                "qr": _data_url(picture),
                "qrCode": _data_url(picture),
                "code": code,
                "kind": login.get("type"),
                "expiresAt": iso(int(str(expires))) if expires else None,
                "expiresIn": max(0, (int(str(expires)) - now_ms()) // 1000) if expires else None,
                "status": row.status,
            }
        )


def _data_url(picture: bytes) -> str:
    from base64 import b64encode

    return "data:image/png;base64," + b64encode(picture).decode()


def _qr_url(row: Channel) -> str | None:
    login = row.login or {}
    code = login.get("code")
    return _data_url(png(str(code))) if row.status == "pairing" and login.get("type") == "qr" and code else None
