"""The webhook page's endpoint: see and set the account's webhook."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from jackfield.core import Conflict, EndpointView, Invalid

from ..._openapi import Answer
from .. import answers
from ..context import Caller, Context
from ..fields import example
from ..form import Form
from ..webhook import NAMES, ChatlyFormat
from ..wire import local, ok

SENT, STATUS = "sent", "status"
BOTH = ("message.sent", "whatsapp.status")


def parts(events: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The endpoints that these events need: one, or two where one fact of ours is two of Chatly's events."""
    if all(name in events for name in BOTH):
        return [(STATUS, [name for name in events if name != "message.sent"]), (SENT, ["message.sent"])]
    return [(SENT if "message.sent" in events else STATUS, list(events))]


FIELDS = ("webhook_url", "url", "events", "event", "enabled", "status", "is_active", "secret", "webhook_secret")


def register(router: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Caller, Depends(context.allow_visitor("webhooks:read"))]
    Writer = Annotated[Caller, Depends(context.allow_visitor("webhooks:write"))]
    SaveFields = Annotated[Form, Depends(context.fields(*FIELDS))]

    async def list_endpoints(workspace_id: int) -> list[EndpointView]:
        """The endpoints made here, oldest first."""
        page = await core.webhooks.list(workspace_id, format=ChatlyFormat.name, limit=100)
        return [row for row in reversed(page.items) if row.settings.get("page")]

    def webhook_answer(rows: list[EndpointView], caller: Caller) -> dict[str, Any]:
        first = rows[0] if rows else None
        events = [name for name in NAMES if any(name in row.settings.get("events", ()) for row in rows)]
        return {
            "webhook_url": first.url if first is not None else None,
            "events": events,
            "enabled": all(row.enabled for row in rows) if rows else False,
            "has_secret": bool(first is not None and first.settings.get("signed")),
            "disabled_reason": next((row.disabled_reason for row in rows if row.disabled_reason), None),
            "failing_since": local(next((row.failing_since for row in rows if row.failing_since), None), caller.zone),
            "available_events": list(NAMES),
        }

    @router.get("/client/webhook", tags=["Webhook"], summary="The webhook")
    async def get_webhook(caller: Reader) -> Answer[answers.Webhook]:
        """The account's webhook; by apikey and JWT, or by the dashboard's login."""
        return ok(webhook_answer(await list_endpoints(caller.workspace_id), caller))

    @router.post(
        "/client/webhook",
        tags=["Webhook"],
        summary="Set the webhook",
        openapi_extra=example("webhook_url", "events[]", "enabled", "secret"),
    )
    async def set_webhook(request: Request, caller: Writer, form: SaveFields) -> Answer[answers.Webhook]:
        """Where events go, which, whether they go, and the secret that signs them.

        What is left out stays; without `events[]` a new webhook gets all. An empty `webhook_url` takes it away, an
        empty `secret` ends the signatures.
        """
        known = await list_endpoints(caller.workspace_id)
        removes = form.has("webhook_url") and form.raw("webhook_url", "url") is None
        first = known[0] if known else None
        url = form.text("webhook_url", "url", required=first is None and not removes, maximum=2048)
        events = chosen(form) if form.has("events", "event") else None
        enabled = form.flag("enabled", "status", "is_active")
        secret = form.text("secret", "webhook_secret", required=False, maximum=256)
        if secret and (len(secret) < 8 or not secret.isascii() or not secret.isprintable()):
            form.fail("secret", "The secret must have 8 to 256 printable ASCII characters.")
        form.check()
        if removes:
            for row in known:
                await core.webhooks.delete(caller.workspace_id, row.id)
            return ok(webhook_answer([], caller), "webhook_removed_successfully")
        if events is None:
            before = [name for name in NAMES if any(name in row.settings.get("events", ()) for row in known)]
            events = before or list(NAMES)
        if form.has("secret", "webhook_secret"):
            signed = bool(secret)
        else:
            signed = bool(first is not None and first.settings.get("signed"))
        on = enabled if enabled is not None else all(row.enabled for row in known)
        try:
            rows = await write(request, caller, known, url or (first.url if first else ""), events, on, signed, secret)
        except Invalid as error:
            details = error.details if isinstance(error.details, dict) else {}
            for name, messages in details.items():
                for message in messages:
                    form.fail("webhook_url" if name == "url" else name, message)
            form.check()
            raise
        return ok(webhook_answer(rows, caller), "webhook_updated_successfully")

    async def write(
        request: Request,
        caller: Caller,
        known: list[EndpointView],
        url: str,
        events: list[str],
        on: bool,
        signed: bool,
        secret: str,
    ) -> list[EndpointView]:
        """Make the endpoints what was asked for, all or none; those that are there keep their log."""
        wanted = parts(events)
        await core.webhooks.check_url(url)
        async with core.transaction():
            rows = await keep(caller, known, wanted, url, on, signed, secret)
            for row in known[len(wanted) :]:
                await core.webhooks.disable(caller.workspace_id, row.id)
            await core.audit.record(
                None, caller.workspace_id, caller.member.actor, "webhook.updated", "chatly", context.ip(request), {}
            )
        for row in known[len(wanted) :]:
            # Afterwards, because its log goes in pieces; whoever saves again finds what is left of it.
            await core.webhooks.delete(caller.workspace_id, row.id)
        return rows

    async def keep(
        caller: Caller,
        known: list[EndpointView],
        wanted: list[tuple[str, list[str]]],
        url: str,
        on: bool,
        signed: bool,
        secret: str,
    ) -> list[EndpointView]:
        """One endpoint for each part, changed where there is one already."""
        workspace_id = caller.workspace_id
        rows: list[EndpointView] = []
        for n, (part, names) in enumerate(wanted):
            ours = list(dict.fromkeys(one for name in names for one in NAMES[name]))
            settings = {
                "page": True,
                "part": part,
                "events": names,
                "signed": signed,
                "timezone": caller.workspace.timezone,
            }
            if n < len(known):
                row = await core.webhooks.update(
                    workspace_id, known[n].id, url=url, events=ours, settings=settings, enabled=on
                )
                if secret and row.secret != secret:
                    row = await core.webhooks.rotate(workspace_id, row.id, secret)
            else:
                row = await core.webhooks.create(
                    workspace_id,
                    url=url,
                    events=ours,
                    secret=secret or (rows[0].secret if rows else None),
                    format=ChatlyFormat.name,
                    channel_id=caller.channel_id,
                    settings=settings,
                    enabled=on,
                )
            rows.append(row)
        return rows

    @router.post("/client/webhook/test", tags=["Webhook"], summary="Send a test")
    async def test_webhook(caller: Writer) -> Answer[answers.WebhookTest]:
        """Send `webhook.test` to the webhook, once."""
        known = await list_endpoints(caller.workspace_id)
        if not known or not known[0].enabled:
            raise Conflict("Set and enable the webhook first.", code="WEBHOOK_DISABLED")
        delivery = await core.webhooks.test(caller.workspace_id, known[0].id)
        return ok({"delivery_id": delivery}, "webhook_test_sent")


def chosen(form: Form) -> list[str]:
    """The events of `events[]`, also as one text with commas; noted as wrong where there is no such event."""
    given = form.raw("events", "event")
    items = given.split(",") if isinstance(given, str) else given
    if isinstance(items, dict):
        # Check boxes: events[contact.created]=1.
        items = [name for name, value in items.items() if value not in ("0", 0, False, "false", "off")]
    if not isinstance(items, list) or not items:
        form.fail("events", "Choose at least one event.")
        return []
    names = [str(item).strip() for item in items if isinstance(item, str)]
    if "*" in names or "all" in names:
        return list(NAMES)
    for name in names:
        if name not in NAMES:
            form.fail("events", f"The selected event {name[:60]} is invalid.")
    if len(names) != len(items):
        form.fail("events", "The events must be an array of names.")
    return [name for name in NAMES if name in names]
