"""Clients: add a number, list them, their QR code, their webhook."""

import asyncio
import base64
import io
import re
from typing import Annotated, Any

import segno
from fastapi import Depends, FastAPI, Request, Response

from jackfield.core import NEEDS_A_PERSON, ChannelView, Conflict, EndpointView, Forbidden, NotFound, Principal

from ..._openapi import Answer
from .. import answers, convert
from ..context import Context
from ..webhook import CALL_WAIT_S, EVENTS
from ..wire import DEFAULT_REJECTION, MAX_TEXT, body_of, client_id, flag, invalid, named, ok, text
from .session import example

QR_WAIT_S = 10.0
"""How long a request waits for the network's QR code."""
CALLS = {"autoRejectCalls": True, "autoRejectMessage": "I am not available now."}
"""How a client answers calls, as an example."""
READY = ("connected", "pairing", *NEEDS_A_PERSON)
_NAME = re.compile(r"[^/\x00-\x1f]{1,100}\Z")


def png(code: str) -> bytes:
    """A QR code as a PNG picture with a quiet zone."""
    out = io.BytesIO()
    segno.make(code, error="l").save(out, kind="png", scale=6, border=4)
    return out.getvalue()


def current_qr(channel: ChannelView) -> str | None:
    """The code to scan now, if there is one."""
    login = channel.login or {}
    code = login.get("code")
    return str(code) if channel.status == "pairing" and login.get("type") == "qr" and code else None


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.by_key("channels:read"))]
    Writer = Annotated[Principal, Depends(context.by_key("channels:write"))]
    Webhooks = Annotated[Principal, Depends(context.by_key("webhooks:write"))]

    async def engine_for(workspace_id: int) -> str:
        """The engine for a new number: the workspace's choice (setting `chattu_engine`), else that of the options:
        WhatsApp Web, or a simulated phone where the simulator's controls are served.
        """
        workspace = await core.accounts.workspace(workspace_id)
        chosen = workspace.settings.get("chattu_engine")
        if isinstance(chosen, str) and chosen in core.engines:
            return chosen
        engine = context.options.phone_engine
        return engine if engine in core.engines else next(iter(core.engines))

    async def make(caller: Principal, name: str, phone: str, settings: dict[str, Any]) -> ChannelView:
        if caller.channel_id is not None:
            raise Forbidden("A client's key cannot add clients.", code="ACCESS_DENIED")
        workspace = await core.accounts.workspace(caller.workspace_id)
        maximum = workspace.settings.get("max_channels")
        if isinstance(maximum, int) and len(await core.channels.list(caller.workspace_id)) >= maximum:
            raise Forbidden(f"Your plan allows at most {maximum} clients.", code="PLAN_LIMIT_EXCEEDED")
        engine = await engine_for(caller.workspace_id)
        model = (await core.channels.loaded(engine)).config_model
        try:
            return await core.channels.create(
                caller.workspace_id,
                name=name,
                engine=engine,
                config={"phone": phone} if "phone" in model.model_fields else {},
                key=name,
                settings={
                    "phone_number": phone,
                    "auto_reject_calls": True,
                    "auto_reject_message": DEFAULT_REJECTION,
                    **settings,
                },
            )
        except Conflict:
            # Somebody else has just added it.
            return await core.channels.by_key(caller.workspace_id, name)

    @app.post(
        "/api/add-number",
        tags=["Clients"],
        summary="Add a number",
        openapi_extra=example({"clientId": "client-id", "phoneNumber": "12345678901", **CALLS}, required=2),
    )
    async def add_number(request: Request, caller: Writer) -> Answer[answers.AddedNumber]:
        """Make a client, or connect one again: its QR code to scan and its own API key."""
        data = await body_of(
            request, context.options.max_body, "clientId", "phoneNumber", "autoRejectCalls", "autoRejectMessage"
        )
        name = text(data, "clientId", maximum=100).strip()
        if not _NAME.match(name):
            raise invalid("clientId", "1 to 100 characters, no slash.")
        with named("phoneNumber"):
            phone, kind = core.networks.parse(
                await engine_for(caller.workspace_id), text(data, "phoneNumber", maximum=40)
            )
        if kind != "private" or not phone.isdigit():
            raise invalid("phoneNumber", "Give the number with its country code, digits only.")
        settings = call_settings(data)
        # Before the transaction: the first import of an engine would keep every other writer waiting.
        await core.channels.loaded(await engine_for(caller.workspace_id))
        async with core.transaction():
            channel = await context.find(caller.workspace_id, name)
            if channel is None:
                channel = await make(caller, name, phone, settings)
            else:
                channel = await context.client(caller, name)
                changed = settings if channel.address else {**settings, "phone_number": phone}
                if changed:
                    channel = await core.channels.update(caller.workspace_id, channel.id, settings=changed)
            key = await context.client_key(request, caller, channel)
            if channel.status != "connected":
                channel = await core.channels.connect(caller.workspace_id, channel.id)
        if channel.status != "connected":
            channel = await core.channels.wait_for(channel, READY, QR_WAIT_S)
        if channel.status == "connected":
            return ok({"status": "connected", "message": "Client is already connected", "qrCode": None, "apiKey": key})
        code = current_qr(channel)
        if code is None:
            reason = channel.status_reason or "the network has given no QR code yet"
            message = f"Waiting for a QR code: {reason}"
            return ok({"status": "pending_auth", "message": message, "qrCode": None, "apiKey": key})
        picture = base64.b64encode(await asyncio.to_thread(png, code)).decode()
        return ok(
            {
                "status": "pending_auth",
                "message": "QR Code generated for authentication",
                "qrCode": f"data:image/png;base64,{picture}",
                "apiKey": key,
            }
        )

    @app.get("/api/clients", tags=["Clients"], summary="List clients")
    async def list_clients(request: Request, caller: Reader) -> Answer[list[answers.Client]]:
        """All clients of the account, or the one whose key is used."""
        rows = await context.clients(caller)
        keys = await context.client_keys(request, caller, rows)
        return ok([convert.client(row, keys[row.id]) for row in rows])

    @app.get(
        "/api/qr/{clientId}",
        tags=["Clients"],
        summary="QR code as PNG",
        responses={200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}},
    )
    async def get_qr_code(clientId: str, caller: Reader) -> Response:
        """The QR code to scan, while the client waits for it."""
        channel = await context.client(caller, clientId)
        if channel.status == "connected":
            raise NotFound("The client is connected; there is no QR code.", code="QR_NOT_AVAILABLE")
        if current_qr(channel) is None:
            channel = await core.channels.connect(caller.workspace_id, channel.id)
            channel = await core.channels.wait_for(channel, READY, QR_WAIT_S)
        code = current_qr(channel)
        if code is None:
            reason = channel.status_reason or "try again in a moment"
            raise NotFound(f"There is no QR code now: {reason}.", code="QR_NOT_AVAILABLE")
        picture = await asyncio.to_thread(png, code)
        return Response(picture, media_type="image/png", headers={"Cache-Control": "no-store"})

    async def endpoint_of(channel: ChannelView) -> EndpointView | None:
        page = await core.webhooks.list(channel.workspace_id, channel_id=channel.id, format="chattu", limit=1)
        return page.items[0] if page.items else None

    async def keep(
        request: Request, caller: Principal, channel: ChannelView, known: EndpointView | None, url: str
    ) -> EndpointView:
        """The client's webhook with this URL, signed with the client's key."""
        key = await context.client_key(request, caller, channel)
        if known is None:
            return await core.webhooks.create(
                channel.workspace_id, url=url, events=list(EVENTS), secret=key, format="chattu", channel_id=channel.id
            )
        changed = await core.webhooks.update(channel.workspace_id, known.id, url=url, enabled=True)
        if changed.secret != key:
            changed = await core.webhooks.rotate(channel.workspace_id, known.id, key)
        return changed

    @app.post(
        "/api/update-webhook",
        tags=["Webhooks"],
        summary="Set a client's webhook",
        openapi_extra=example(
            {"clientId": "client-id", "webhookUrl": "https://your-domain.com/webhook.php", **CALLS}, required=2
        ),
    )
    async def update_webhook(request: Request, caller: Webhooks) -> Answer[answers.Webhook]:
        """Where this client's events go; an empty `webhookUrl` takes the webhook away.

        Beyond the seed, `autoRejectCalls` (true or false) and `autoRejectMessage` say how its calls are answered.
        """
        data = await body_of(
            request, context.options.max_body, "clientId", "webhookUrl", "autoRejectCalls", "autoRejectMessage"
        )
        channel = await context.client(caller, text(data, "clientId", maximum=100))
        if "webhookUrl" not in data:
            raise invalid("webhookUrl", "Is required.")
        url = text(data, "webhookUrl", required=False, maximum=2048)
        settings = call_settings(data)
        if settings:
            caller.require("calls:write")
        known = await endpoint_of(channel)
        shown: str | None = None
        if not url:
            settings["auto_reject_wait_s"] = None
        else:
            with named("webhookUrl"):
                await core.webhooks.check_url(url)
            settings["auto_reject_wait_s"] = CALL_WAIT_S
            # Who asks to hear of rejected calls wants them rejected, unless the setting says otherwise.
            settings.setdefault("auto_reject_calls", channel.settings.get("auto_reject_calls", True))
            settings.setdefault("auto_reject_message", channel.settings.get("auto_reject_message", DEFAULT_REJECTION))
        async with core.transaction():
            if url:
                shown = (await keep(request, caller, channel, known, url)).url
            elif known is not None:
                await core.webhooks.disable(channel.workspace_id, known.id)
            await core.channels.update(channel.workspace_id, channel.id, settings=settings)
            await context.audit(request, caller.workspace_id, caller.actor, "webhook.updated", f"channel:{channel.id}")
        if known is not None and not url:
            # Afterwards, because its log goes in pieces.
            await core.webhooks.delete(channel.workspace_id, known.id)
        return ok(
            {
                "success": True,
                "status": "success",
                "message": "Webhook URL updated successfully." if shown else "Webhook removed.",
                "clientId": client_id(channel),
                "webhookUrl": shown,
            }
        )


def call_settings(data: dict[str, Any]) -> dict[str, Any]:
    """How calls are answered, where a body says so. Raises Invalid."""
    settings: dict[str, Any] = {}
    chosen = flag(data, "autoRejectCalls")
    if chosen is not None:
        settings["auto_reject_calls"] = chosen
    if data.get("autoRejectMessage") is not None:
        settings["auto_reject_message"] = text(data, "autoRejectMessage", required=False, maximum=MAX_TEXT)
    return settings
