"""Profiles: connected numbers and bots (the core's channels)."""

import asyncio
import io
from typing import Annotated, Any

import segno
from fastapi import Depends, FastAPI, Request, Response
from pydantic import Field

from jackfield.core import NEEDS_A_PERSON, ChannelView, Conflict, HasRequirements, NotFound, Principal, claims, now_ms

from ..._kit import Str, Wire, parse_id
from ..._strict import told_as
from .. import answers, shapes
from ..checks import invalid
from ..context import Context, example
from ..engine_names import ALIASES, engine_name
from ..envelope import Ok, iso, ok

QR_WAIT_S = 5.0
"""How long a request waits for the first QR code after a connection was asked for."""


class ProfileBody(Wire):
    """A new profile. Without `engine` it gets the first of `GET /engines`. `config` is the engine's own configuration,
    kept encrypted; `key` your own name for it."""

    model_config = example(name="Shop", engine="simulator")

    name: Annotated[Str, Field(min_length=1, max_length=200)]
    engine: Annotated[Str, Field(max_length=50)] | None = None
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


class ConnectBody(Wire):
    """How to log in. `phone` asks for a pairing code to be typed on that phone, in place of a QR code; `config` gives
    what a login step of the type `fields` asks for, such as a new token (the rest of the configuration stays)."""

    model_config = example()

    phone: Annotated[Str, Field(max_length=40)] | None = None
    config: dict[str, Any] | None = None


def png(code: str) -> bytes:
    """A QR code as a PNG picture."""
    buffer = io.BytesIO()
    segno.make(code, error="m").save(buffer, kind="png", scale=8, border=4)
    return buffer.getvalue()


def prefers_picture(accept: str) -> bool:
    """Whether an Accept header wants a PNG picture rather than JSON: by its q values (RFC 9110 section 12.5.1), JSON when
    both are as welcome and JSON is named, as for `*/*` alone."""

    def welcome(main: str, sub: str) -> tuple[float, int]:
        best = (0.0, -1)
        for part in accept.split(","):
            name, *parameters = (one.strip().lower() for one in part.split(";"))
            weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
            try:
                quality = min(1.0, max(0.0, float(weight)))
            except ValueError:
                quality = 0.0
            closeness = (f"{main}/{sub}", f"{main}/*", "*/*")
            if name in closeness and 2 - closeness.index(name) > best[1]:
                best = quality, 2 - closeness.index(name)
        return best

    picture, json = welcome("image", "png"), welcome("application", "json")
    # A browser's <img> names image/* and, less, everything.
    return picture[1] > 0 and picture[0] > 0 and picture > json


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("channels:read"))]
    Writer = Annotated[Principal, Depends(context.allow("channels:write"))]

    async def default_id(caller: Principal) -> int | None:
        return (await core.accounts.workspace(caller.workspace_id)).default_channel_id

    async def find(caller: Principal, given: str) -> ChannelView:
        return await context.channel(caller, parse_id(given, "profile", "PROFILE_NOT_FOUND"))

    async def described(name: str) -> answers.EngineInfo:
        aliases = [alias for alias, meant in ALIASES.items() if meant == name]
        try:
            engine = await core.channels.loaded(name)
        except ImportError as error:
            # One that cannot be loaded must not hide the others.
            return {
                "name": name,
                "title": name,
                "capabilities": [],
                "kinds": [],
                "configSchema": {"type": "object"},
                "aliases": aliases,
                "missing": str(error),
            }
        return {
            "name": engine.name,
            "title": engine.title,
            "capabilities": claims(engine.session_type),
            "kinds": sorted(engine.network.kinds),
            "configSchema": engine.config_model.model_json_schema(by_alias=True),
            "aliases": aliases,
            "missing": engine.missing() if isinstance(engine, HasRequirements) else None,
        }

    @app.get("/engines", tags=["Profiles"], summary="Engines and what they can")
    async def list_engines(caller: Reader) -> Ok[list[answers.EngineInfo]]:
        """Each engine with the capabilities that it claims, the kinds of messages that it sends and the JSON schema of
        its configuration (secrets are `writeOnly`). `missing` says what must be installed before a profile of it can
        connect, with the line that does it; null when all is there."""
        return ok([await described(name) for name in core.engines])

    @app.get("/profiles", tags=["Profiles"], summary="List profiles")
    async def list_profiles(caller: Reader) -> Ok[list[answers.Profile]]:
        """All profiles of the workspace, oldest first."""
        rows = await core.channels.list(caller.workspace_id)
        if caller.channel_id is not None:
            rows = [row for row in rows if row.id == caller.channel_id]
        default = await default_id(caller)
        return ok([shapes.profile(row, default_id=default) for row in rows])

    @app.post("/profiles", tags=["Profiles"], summary="Create a profile", status_code=201)
    async def create_profile(body: ProfileBody, caller: Writer, request: Request) -> Ok[answers.Profile]:
        """Make a profile; the workspace's first one becomes its default. Connect it with `/connect`."""
        if caller.channel_id is not None:
            raise NotFound("This key is bound to one profile.", code="PROFILE_NOT_FOUND")

        async def make() -> Ok[answers.Profile]:
            row = await core.channels.create(
                caller.workspace_id,
                name=body.name,
                engine=engine_name(body.engine),
                config=body.config,
                key=body.key,
                pacing=body.pacing,
                settings=body.settings,
            )
            return ok(shapes.profile(row, default_id=await default_id(caller)), 201)

        return await context.once(request, caller, body.model_dump, make)

    @app.get("/profiles/{id}", tags=["Profiles"], summary="Get a profile")
    async def get_profile(id: str, caller: Reader) -> Ok[answers.ProfileDetails]:
        """One profile. `budget`: how many new people it may write to in 24 hours, how many it has, and when there is
        room again; null without a limit."""
        row = await find(caller, id)
        standing = await core.budgets.standing(row)
        return ok({**shapes.profile(row, default_id=await default_id(caller)), "budget": shapes.budget(standing)})

    @app.put("/profiles/{id}", tags=["Profiles"], summary="Update a profile")
    @app.patch("/profiles/{id}", tags=["Profiles"], summary="Update a profile", include_in_schema=False)
    async def update_profile(id: str, body: ProfileChange, caller: Writer) -> Ok[answers.Profile]:
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
    async def delete_profile(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Unlink and remove a profile with its messages and chats. This cannot be undone."""
        row = await find(caller, id)
        await core.channels.delete(caller.workspace_id, row.id)
        return ok({"id": str(row.id), "deleted": True})

    @app.post("/profiles/{id}/default", tags=["Profiles"], summary="Make it the default profile")
    async def make_default_profile(id: str, caller: Writer) -> Ok[answers.Profile]:
        """Requests that name no profile use this one from now on."""
        row = await find(caller, id)
        await core.accounts.set_default_channel(caller.workspace_id, row.id)
        return ok(shapes.profile(row, default_id=row.id))

    @app.get("/profiles/{id}/status", tags=["Profiles"], summary="Connection status")
    async def get_profile_status(id: str, caller: Reader) -> Ok[answers.ProfileStatus]:
        """Whether the profile is connected, and why not."""
        row = await find(caller, id)
        return ok(
            {
                "id": str(row.id),
                "status": row.status,
                "connected": row.status == "connected",
                "reason": row.status_reason,
                "login": shapes.login(row),
                "phone": row.address,
                "connectedAt": iso(row.connected_at),
            }
        )

    @app.post("/profiles/{id}/connect", tags=["Profiles"], summary="Start connection")
    async def connect_profile(id: str, caller: Writer, body: ConnectBody | None = None) -> Ok[answers.Connecting]:
        """Bring the profile up. A phone that is not paired yet answers with status `pairing`: show its QR code, or
        with `phone` given the `pairingCode` to be typed on it. `login` is the step to show now."""
        row = await find(caller, id)
        phone = None
        if body is not None and body.phone is not None:
            with told_as("phone"):
                phone, kind = core.networks.parse(row.engine, body.phone)
            if kind != "private" or not phone.isdigit():
                raise invalid("phone", "Give the phone's number with its country code.")
        # Before the transaction: the first import of an engine would keep every other writer waiting.
        await core.channels.loaded(row.engine)
        async with core.transaction():
            if body is not None and body.config:
                await core.channels.update(caller.workspace_id, row.id, config=body.config)
            row = await core.channels.connect(caller.workspace_id, row.id, pair_phone=phone)
        ready = ("connected", "pairing", *NEEDS_A_PERSON)
        row = await core.channels.wait_for(row, ready, QR_WAIT_S, login="qr" if phone is None else "pairing_code")
        return ok(_connecting(row, shapes.profile(row, default_id=await default_id(caller))))

    @app.post("/profiles/{id}/disconnect", tags=["Profiles"], summary="Disconnect")
    async def disconnect_profile(id: str, caller: Writer) -> Ok[answers.Profile]:
        """Take the profile down; it stays paired, and what is queued stays queued."""
        row = await core.channels.disconnect(caller.workspace_id, (await find(caller, id)).id)
        row = await core.channels.wait_for(row, ("disconnected", *NEEDS_A_PERSON), QR_WAIT_S)
        return ok(shapes.profile(row, default_id=await default_id(caller)))

    @app.get(
        "/profiles/{id}/qr",
        tags=["Profiles"],
        summary="Get the QR code",
        responses={200: {"content": {"image/png": {}}}},
    )
    async def get_qr_code(id: str, request: Request, caller: Reader) -> Ok[answers.QrCode] | Response:
        """The QR code to scan: JSON with a data URL, or a PNG picture with `Accept: image/png`."""
        row = await find(caller, id)
        if row.wanted == "up" and row.status in ("connecting", "disconnected"):
            row = await core.channels.wait_for(row, ("connected", "pairing", *NEEDS_A_PERSON), QR_WAIT_S)
        if row.status == "connected":
            raise Conflict("The profile is connected; there is nothing to scan.", code="ALREADY_CONNECTED")
        login = row.login or {}
        code = login.get("code")
        if row.status == "pairing" and login.get("type") == "pairing_code" and code:
            raise Conflict(
                f"This login is by code: type {code} on the phone. POST /profiles/{row.id}/connect without `phone` "
                "asks for a QR code instead.",
                code="QR_NOT_AVAILABLE",
            )
        if row.status != "pairing" or login.get("type") != "qr" or not code:
            why = f" ({row.status_reason})" if row.status_reason else ""
            raise Conflict(
                f"There is no QR code now{why}; start the connection with POST /profiles/{row.id}/connect.",
                code="QR_NOT_AVAILABLE",
            )
        picture = await asyncio.to_thread(png, str(code))
        if prefers_picture(request.headers.get("accept", "")):
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


def _connecting(row: ChannelView, shown: answers.Profile) -> answers.Connecting:
    """The profile with what a person must scan or type now."""
    step = shapes.login(row)
    code = step.get("code") if step is not None else None
    kind = step["type"] if step is not None else None
    return {
        **shown,
        "login": step,
        "qrCode": _data_url(png(code)) if code and kind == "qr" else None,
        "pairingCode": code if kind == "pairing_code" else None,
    }
