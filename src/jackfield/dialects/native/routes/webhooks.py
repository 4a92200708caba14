"""Webhooks: subscriptions, their tests, and the log of deliveries with replay."""

import asyncio
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from msgspec import UNSET
from pydantic import Field

from jackfield.core import SUBSCRIBABLE, DeliveryView, EndpointView, LiveEvent, NotFound, Principal, Stored

from ..._kit import Str, Wire, parse_id
from .. import answers, multiwa
from ..context import Context, Cursor, Pages, example
from ..envelope import Ok, Paged, deleted, iso, ok, paged
from ..times import planned

TEST_WAIT_S = 5.0
"""How long a test waits for the receiver's answer before it gives the delivery's id only."""
OWN = "profileWebhook"
"""Setting that marks the one endpoint which `POST /profiles/{id}/webhook` keeps."""

Url = Annotated[Str, Field(min_length=1, max_length=2048)]
Secret = Annotated[Str, Field(min_length=8, max_length=256, description="Made up when left out.")]
Events = Annotated[
    Annotated[list[Str], Field(max_length=200)] | Str,
    Field(description="Event types, families such as `message.*`, or `*`."),
]


class WebhookBody(Wire):
    """A new subscription; without `profileId` it hears of all profiles."""

    model_config = example(
        {"url": "https://example.com/hook", "secret": "whsec_cmVwbGFjZSB0aGVzZSBieXRlcyBvZiB5b3Vycw=="},
        events=["message.received", "message.failed"],
    )

    url: Url
    secret: Secret | None = None
    events: Events | None = None
    format: Annotated[Str, Field(max_length=32)] = "native"
    profile_id: Annotated[str | int | None, Field(alias="profileId")] = None
    enabled: bool = True
    settings: dict[Str, Any] = Field(default_factory=dict)


class WebhookChange(Wire):
    """What to change; fields that are left out stay."""

    model_config = example(events=["*"], enabled=True)

    url: Url | None = None
    secret: Annotated[Secret | None, Field(description="Takes the old one's place; that signs along for 24 h.")] = None
    events: Events | None = None
    format: Annotated[Str, Field(max_length=32)] | None = None
    profile_id: Annotated[str | int | None, Field(alias="profileId", description="null: all profiles")] = None
    enabled: bool | None = None
    settings: dict[Str, Any] | None = None


class RotateBody(Wire):
    """The new secret, or none to have one made up."""

    model_config = example({"secret": "whsec_YW5kIGFub3RoZXIgMjQgcmFuZG9tIGJ5dGVz"})

    secret: Secret | None = None


class ReplayBody(Wire):
    """Since when; all that failed without it."""

    model_config = example(since="2026-02-05T10:00:00Z")

    since: Annotated[str | int | None, Field(description="ISO 8601")] = None


class ProfileWebhookBody(Wire):
    """The webhook of one profile; an empty `url` takes it away."""

    model_config = example(url="https://example.com/hook", events=["*"])

    url: Annotated[Str | None, Field(max_length=2048)] = None
    webhook_url: Annotated[Str | None, Field(alias="webhookUrl", max_length=2048, description="As `url`.")] = None
    secret: Secret | None = None
    events: Events | None = None


def webhook(row: EndpointView, *, secret: bool = False) -> answers.Webhook:
    """A subscription. Its secret is shown when it is made or changed, and not again."""
    shown: answers.Webhook = {
        "id": str(row.id),
        "url": row.url,
        "events": row.events,
        "format": row.format,
        "profileId": str(row.channel_id) if row.channel_id else None,
        "enabled": row.enabled,
        "disabledReason": row.disabled_reason,
        "failingSince": iso(row.failing_since),
        "settings": row.settings,
        "createdAt": iso(row.created_at),
    }
    if secret:
        shown["secret"] = row.secret
    return shown


def delivery(row: DeliveryView) -> answers.Delivery:
    """One delivery: what was sent and what came back."""
    return {
        "id": str(row.id),
        "webhookId": str(row.endpoint_id),
        "eventId": str(row.event_id),
        "event": row.event_type,
        "messageId": row.webhook_id,
        "status": row.state,
        "attempts": row.attempts,
        "nextAttemptAt": iso(row.next_at) if row.next_at else None,
        "responseStatus": row.status,
        "responseBody": row.excerpt,
        "error": row.error,
        "durationMs": row.duration_ms,
        "createdAt": iso(row.created_at),
        "finishedAt": iso(row.finished_at),
    }


async def find_webhook(context: Context, caller: Principal, given: str) -> EndpointView:
    """A subscription that the caller may see. Raises NotFound."""
    row = await context.core.webhooks.get(caller.workspace_id, parse_id(given, "webhook", "WEBHOOK_NOT_FOUND"))
    if caller.channel_id is not None and row.channel_id != caller.channel_id:
        raise NotFound("There is no such webhook.", code="WEBHOOK_NOT_FOUND")
    return row


async def event_of(context: Context, caller: Principal, row: DeliveryView) -> dict[str, Any] | None:
    """The event that a delivery carries, as this API tells it; None where it is kept no more."""
    if row.data is None:
        return None
    stored = Stored(
        id=row.event_id,
        workspace_id=caller.workspace_id,
        channel_id=row.channel_id,
        type=row.event_type,
        data=row.data,
        created_at=row.created_at,
    )
    await context.writer.know(caller.workspace_id)
    return dict(context.writer.render(LiveEvent(stored=stored, position=row.event_id)))


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("webhooks:read"))]
    Writer = Annotated[Principal, Depends(context.allow("webhooks:write"))]
    tags: list[Any] = ["Webhooks"]

    async def find(caller: Principal, given: str) -> EndpointView:
        return await find_webhook(context, caller, given)

    async def channel_of(caller: Principal, given: str | int | None) -> int | None:
        if given is None or given == "":
            return caller.channel_id
        return (await context.channel(caller, given)).id

    async def delivery_of(caller: Principal, given: str, endpoint: EndpointView) -> DeliveryView:
        row = await core.webhooks.deliveries.get(caller.workspace_id, parse_id(given, "delivery", "DELIVERY_NOT_FOUND"))
        if row.endpoint_id != endpoint.id:
            raise NotFound("There is no such delivery.", code="DELIVERY_NOT_FOUND")
        return row

    @app.get("/webhooks/events", tags=tags, summary="Event types")
    async def list_event_types(caller: Reader) -> Ok[answers.EventTypes]:
        """All event types, and the formats in which they can be had."""
        return ok({"events": list(SUBSCRIBABLE), "formats": list(core.webhooks.formats)})

    @app.get("/webhooks", tags=tags, summary="List webhooks")
    async def list_webhooks(
        caller: Reader,
        paging: Pages,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        format: Annotated[str | None, Query(max_length=32)] = None,
    ) -> Paged[answers.Webhook]:
        """Subscriptions, newest first."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        page = await core.webhooks.list(
            caller.workspace_id,
            channel_id=caller.only(channel_id),
            format=format,
            limit=paging.limit,
            cursor=paging.cursor,
            page=paging.page,
            total=paging.total,
        )
        return paged(page, [webhook(row) for row in page.items])

    @app.post("/webhooks", tags=tags, summary="Create a webhook", status_code=201)
    async def create_webhook(body: WebhookBody, caller: Writer, request: Request) -> Ok[answers.Webhook]:
        """Subscribe. The answer shows the secret with which deliveries are signed."""

        async def make() -> Ok[answers.Webhook]:
            row = await core.webhooks.create(
                caller.workspace_id,
                url=body.url,
                events=body.events,
                secret=body.secret,
                format=body.format,
                channel_id=await channel_of(caller, body.profile_id),
                settings=body.settings,
                enabled=body.enabled,
            )
            return ok(webhook(row, secret=True), 201, beside=multiwa.webhook(row, secret=True))

        return await context.once(request, caller, body.model_dump, make)

    @app.get("/webhooks/{id}", tags=tags, summary="Get a webhook")
    async def get_webhook(id: str, caller: Reader) -> Ok[answers.Webhook]:
        """One subscription."""
        row = await find(caller, id)
        return ok(webhook(row), beside=multiwa.webhook(row))

    @app.patch("/webhooks/{id}", tags=tags, summary="Update a webhook")
    @app.put("/webhooks/{id}", tags=tags, summary="Update a webhook", include_in_schema=False)
    async def update_webhook(id: str, body: WebhookChange, caller: Writer) -> Ok[answers.Webhook]:
        """Change what is given; `enabled: true` switches on one that was disabled after failures."""
        row = await find(caller, id)
        given = body.model_fields_set
        channel_id = await channel_of(caller, body.profile_id) if "profile_id" in given else UNSET
        if body.url is not None:
            await core.webhooks.check_url(body.url)
        async with core.transaction():
            row = await core.webhooks.update(
                caller.workspace_id,
                row.id,
                url=body.url,
                events=body.events,
                format=body.format,
                channel_id=channel_id,
                settings=body.settings,
                enabled=body.enabled,
            )
            if body.secret is not None:
                row = await core.webhooks.rotate(caller.workspace_id, row.id, body.secret)
        with_secret = body.secret is not None
        return ok(webhook(row, secret=with_secret), beside=multiwa.webhook(row, secret=with_secret))

    @app.delete("/webhooks/{id}", tags=tags, summary="Delete a webhook")
    async def delete_webhook(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Forget a subscription and its log."""
        row = await find(caller, id)
        await core.webhooks.delete(caller.workspace_id, row.id)
        return deleted(row.id)

    @app.post("/webhooks/{id}/test", tags=tags, summary="Send a test")
    async def test_webhook(id: str, caller: Writer) -> Ok[answers.TestDelivery]:
        """Deliver a `webhook.test` event now, once, whatever the subscription; answers with what came back."""
        row = await find(caller, id)
        delivery_id = await core.webhooks.test(caller.workspace_id, row.id)
        deadline = asyncio.get_running_loop().time() + TEST_WAIT_S
        while True:
            found = await core.webhooks.deliveries.get(caller.workspace_id, delivery_id)
            if found.attempts or found.state != "pending" or asyncio.get_running_loop().time() > deadline:
                delivered = found.state == "delivered"
                beside = {"delivered": delivered, "statusCode": found.status, "responseTime": found.duration_ms}
                return ok({**delivery(found), "delivered": delivered}, beside=beside)
            await asyncio.sleep(0.05)

    @app.post("/webhooks/{id}/rotate", tags=tags, summary="Rotate the secret")
    async def rotate_webhook_secret(
        id: str, caller: Writer, body: RotateBody | None = None
    ) -> Ok[answers.RotatedWebhook]:
        """A new secret; the old one signs along for 24 hours."""
        row = await find(caller, id)
        row = await core.webhooks.rotate(caller.workspace_id, row.id, body.secret if body else None)
        return ok({**webhook(row, secret=True), "oldSecretUntil": iso(row.old_secret_until)})

    @app.get("/webhooks/{id}/deliveries", tags=tags, summary="Delivery log")
    async def list_deliveries(
        id: str,
        caller: Reader,
        paging: Cursor,
        status: Annotated[str | None, Query(pattern="^(pending|delivered|parked|cancelled|failed)$")] = None,
        event: Annotated[str | None, Query(max_length=100)] = None,
        since: Annotated[str | None, Query(alias="from", description="ISO 8601")] = None,
        until: Annotated[str | None, Query(description="ISO 8601")] = None,
    ) -> Paged[answers.Delivery]:
        """Deliveries, newest first; `status=failed` gives those given up and those to be tried again."""
        row = await find(caller, id)
        page = await core.webhooks.deliveries.list(
            caller.workspace_id,
            endpoint_id=row.id,
            state=status,
            event_type=event,
            since=await planned(core, caller.workspace_id, "from", since),
            until=await planned(core, caller.workspace_id, "until", until),
            limit=paging.limit,
            cursor=paging.cursor,
        )
        return paged(page, [delivery(one) for one in page.items])

    @app.post("/webhooks/{id}/replay", tags=tags, summary="Replay all that failed")
    @app.post("/webhooks/{id}/deliveries/replay", tags=tags, summary="Replay all that failed", include_in_schema=False)
    async def replay_failed_deliveries(id: str, caller: Writer, body: ReplayBody | None = None) -> Ok[answers.Replayed]:
        """Deliver again what was given up or waits after a failure."""
        row = await find(caller, id)
        since = await planned(core, caller.workspace_id, "since", body.since) if body else None
        return ok({"replayed": await core.webhooks.deliveries.replay_failed(caller.workspace_id, row.id, since=since)})

    @app.get("/webhooks/{id}/deliveries/{deliveryId}", tags=tags, summary="Get a delivery")
    async def get_delivery(id: str, deliveryId: str, caller: Reader) -> Ok[answers.DeliveryDetails]:
        """One delivery, with the event that it carries as this API tells it (a webhook of another format has had it in
        that format's words)."""
        row = await delivery_of(caller, deliveryId, await find(caller, id))
        shown = await event_of(context, caller, row) or {"profileId": None, "data": None}
        return ok({**delivery(row), "profileId": shown["profileId"], "data": shown["data"]})

    @app.post("/webhooks/{id}/deliveries/{deliveryId}/replay", tags=tags, summary="Replay a delivery")
    async def replay_delivery(id: str, deliveryId: str, caller: Writer) -> Ok[answers.Delivery]:
        """Deliver once more, at once."""
        endpoint = await find(caller, id)
        row = await delivery_of(caller, deliveryId, endpoint)
        await core.webhooks.deliveries.replay(caller.workspace_id, row.id)
        return ok(delivery(await delivery_of(caller, deliveryId, endpoint)))

    @app.post("/profiles/{id}/webhook", tags=["Profiles"], summary="Set a profile's webhook")
    async def set_profile_webhook(
        id: str, body: ProfileWebhookBody, caller: Writer
    ) -> Ok[answers.Webhook | answers.NoWebhook]:
        """One webhook for this profile: made, changed, or taken away with an empty `url`."""
        channel = await context.channel(caller, id)
        page = await core.webhooks.list(caller.workspace_id, channel_id=channel.id, limit=200)
        known = next((row for row in page.items if row.settings.get(OWN)), None)
        url = body.url or body.webhook_url
        if not url:
            if known is not None:
                await core.webhooks.delete(caller.workspace_id, known.id)
            return ok({"profileId": str(channel.id), "url": None})
        if known is None:
            row = await core.webhooks.create(
                caller.workspace_id,
                url=url,
                events=body.events,
                secret=body.secret,
                channel_id=channel.id,
                settings={OWN: True},
            )
            return ok(webhook(row, secret=True))
        await core.webhooks.check_url(url)
        async with core.transaction():
            row = await core.webhooks.update(caller.workspace_id, known.id, url=url, events=body.events, enabled=True)
            if body.secret is not None:
                row = await core.webhooks.rotate(caller.workspace_id, row.id, body.secret)
        return ok(webhook(row, secret=body.secret is not None))
