"""`Webhooks`: subscriptions made, changed, rotated, switched and tested. All scoped by workspace."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, select

from ...db.base import now_ms
from ..egress import AllowList, check_url
from ..ground.attempt import attempt
from ..ground.errors import Conflict, Invalid, LimitReached, NotFound
from ..ground.events import WebhookTest
from ..ground.fields import row_id
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..ground.views import view_of
from ..models import Channel, Delivery, Endpoint, Event
from .deliveries import URGENT, Deliveries
from .formats import WebhookFormat
from .names import parse_events
from .outbox import Outbox
from .prune import prune
from .signing import PREFIX, is_standard, new_secret

MAX_ENDPOINTS = 100
"""Endpoints per workspace: each event is matched against all of them."""
GRACE_MS = 24 * 3600 * 1000
"""How long an old secret signs along after a rotation, in ms."""
CHECKED_S = 10.0
"""How long a URL that was checked is believed, in seconds; every call of it is checked again in any case."""

Names = list[str]
_FORMAT = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")


class EndpointView(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription as services hand it out. Times are Unix ms.

    `events` are types or "*"; `format` names the dialect that renders the payload. `old_secret` signs along until
    `old_secret_until` after a rotation; `failing_since` is set while it only fails.
    """

    id: int
    workspace_id: int
    channel_id: int | None
    url: str
    secret: str
    old_secret: str | None
    old_secret_until: int | None
    events: list[str]
    format: str
    settings: dict[str, Any]
    enabled: bool
    disabled_reason: str | None
    failing_since: int | None
    created_at: int

    def __repr__(self) -> str:
        """Without secrets, and without the URL, whose query may hold one."""
        return f"EndpointView(id={self.id}, format={self.format!r})"


class Webhooks:
    """The service. `deliveries` is the log of what was and is owed, with replay; `outbox` is for who delivers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.deliveries = Deliveries(store)
        self.outbox = Outbox(store)
        self.formats: Mapping[str, WebhookFormat] = {}
        self._checked: dict[tuple[str, AllowList], tuple[str, float]] = {}

    def use(self, formats: Mapping[str, WebhookFormat]) -> None:
        """Tell which formats there are, by name; from then on endpoints must name one of them."""
        self.formats = dict(formats)

    # -- commands ------------------------------------------------------------------------------------

    async def create(
        self,
        workspace_id: int,
        *,
        url: str,
        events: Any = None,
        secret: str | None = None,
        format: str = "native",
        channel_id: int | None = None,
        settings: Mapping[str, Any] | None = None,
        enabled: bool = True,
    ) -> EndpointView:
        """Subscribe. Without `events` the format's default, without `secret` a fresh `whsec_...`.

        Raises Invalid (URL, events, secret, format), NotFound (channel), LimitReached.
        """
        self._check_format(format)
        endpoint = Endpoint(
            workspace_id=workspace_id,
            channel_id=channel_id,
            url=await self.check_url(url),
            secret=new_secret() if secret is None else _check_secret(secret, format),
            events=self._events(events, format),
            format=format,
            settings=_check_settings(settings or {}),
            enabled=enabled,
            created_at=now_ms(),
        )
        async with self._store.unit() as unit:
            if channel_id is not None:
                await _check_channel(unit, workspace_id, channel_id)
            count = await unit.session.scalar(select(func.count()).where(Endpoint.workspace_id == workspace_id))
            if (count or 0) >= MAX_ENDPOINTS:
                raise LimitReached(f"A workspace has at most {MAX_ENDPOINTS} webhooks.", code="TOO_MANY_WEBHOOKS")
            unit.session.add(endpoint)
            await unit.session.flush()
        return view_of(EndpointView, endpoint)

    async def update(
        self,
        workspace_id: int,
        endpoint_id: int,
        *,
        url: str | None = None,
        events: Any = None,
        format: str | None = None,
        channel_id: int | msgspec.UnsetType | None = msgspec.UNSET,
        settings: Mapping[str, Any] | None = None,
        enabled: bool | None = None,
    ) -> EndpointView:
        """Change what is given; `channel_id` None means all channels. A new URL starts with a clean slate: what waits
        is tried at once. Raises as `create`."""
        checked = None if url is None else await self.check_url(url)
        if format is not None:
            self._check_format(format)
        async with self._store.unit() as unit:
            endpoint = await _find(unit, workspace_id, endpoint_id)
            if events is not None:
                endpoint.events = self._events(events, format or endpoint.format)
            if format is not None:
                endpoint.format = format
            if channel_id is not msgspec.UNSET:
                if channel_id is not None:
                    await _check_channel(unit, workspace_id, channel_id)
                endpoint.channel_id = channel_id
            if settings is not None:
                endpoint.settings = _check_settings(settings)
            if checked is not None and checked != endpoint.url:
                endpoint.url = checked
                endpoint.failing_since = None
                unit.notify("deliveries")
            if enabled is not None:
                _switch(unit, endpoint, enabled)
        return view_of(EndpointView, endpoint)

    async def enable(self, workspace_id: int, endpoint_id: int) -> EndpointView:
        """Switch on again; what still waits goes out at once. Raises NotFound."""
        return await self.update(workspace_id, endpoint_id, enabled=True)

    async def disable(self, workspace_id: int, endpoint_id: int) -> EndpointView:
        """Switch off: new events are not kept for it, what waits stays until it is on again. Raises NotFound."""
        return await self.update(workspace_id, endpoint_id, enabled=False)

    async def rotate(self, workspace_id: int, endpoint_id: int, secret: str | None = None) -> EndpointView:
        """Give it a new secret (made up when None). The old one signs along for 24 h. Raises NotFound, Invalid."""
        async with self._store.unit() as unit:
            endpoint = await _find(unit, workspace_id, endpoint_id)
            fresh = new_secret() if secret is None else _check_secret(secret, endpoint.format)
            endpoint.old_secret, endpoint.secret = endpoint.secret, fresh
            endpoint.old_secret_until = unit.now + GRACE_MS
        return view_of(EndpointView, endpoint)

    async def delete(self, workspace_id: int, endpoint_id: int) -> None:
        """Forget an endpoint and its log. Raises NotFound."""
        async with self._store.unit() as unit:
            endpoint = await _find(unit, workspace_id, endpoint_id)
            endpoint.enabled = False

        async def some(unit: Unit) -> bool:
            rows = select(Delivery.id).where(Delivery.endpoint_id == endpoint_id).limit(5000)
            gone = await unit.conn.execute(delete(Delivery).where(Delivery.id.in_(rows)))
            if gone.rowcount == 5000:
                return True
            await unit.conn.execute(delete(Endpoint).where(Endpoint.id == endpoint_id))
            return False

        # In pieces: a cascade over a million deliveries would hold up all that is written meanwhile. Again when the
        # worker records a delivery of the same endpoint at that moment.
        while await attempt(self._store, some):
            pass

    async def test(self, workspace_id: int, endpoint_id: int) -> int:
        """Owe it one test event, tried at once and only once; gives the delivery's id.

        Raises NotFound, Conflict when it is disabled.
        """
        async with self._store.unit() as unit:
            endpoint = await _find(unit, workspace_id, endpoint_id)
            if not endpoint.enabled:
                raise Conflict("The webhook is disabled; enable it first.", code="WEBHOOK_DISABLED")
            event_id = await unit.session.scalar(
                insert(Event)
                .values(
                    workspace_id=workspace_id,
                    channel_id=endpoint.channel_id,
                    type=WebhookTest.type,
                    data=msgspec.json.encode(WebhookTest()).decode(),
                    created_at=unit.now,
                )
                .returning(Event.id)
            )
            delivery_id: int | None = await unit.session.scalar(
                insert(Delivery)
                .values(
                    workspace_id=workspace_id,
                    endpoint_id=endpoint_id,
                    event_id=event_id,
                    due_at=URGENT,
                    created_at=unit.now,
                )
                .returning(Delivery.id)
            )
            unit.notify("deliveries")
        assert delivery_id is not None
        return delivery_id

    # -- queries -------------------------------------------------------------------------------------

    async def get(self, workspace_id: int, endpoint_id: int) -> EndpointView:
        """One endpoint. Raises NotFound."""
        async with self._store.db.read() as session:
            endpoint = await session.scalar(
                select(Endpoint).where(Endpoint.id == row_id(endpoint_id), Endpoint.workspace_id == workspace_id)
            )
        if endpoint is None:
            raise NotFound("There is no such webhook.")
        return view_of(EndpointView, endpoint)

    async def list(
        self,
        workspace_id: int,
        *,
        channel_id: int | None = None,
        format: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[EndpointView]:
        """Endpoints, newest first; `channel_id` gives those of that channel only (not those of all channels)."""
        query = select(Endpoint).where(Endpoint.workspace_id == workspace_id)
        if channel_id is not None:
            query = query.where(Endpoint.channel_id == row_id(channel_id))
        if format is not None:
            query = query.where(Endpoint.format == format)
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query,
                Endpoint.id,
                partial(view_of, EndpointView),
                limit=limit,
                cursor=cursor,
                page=page,
                total=total,
            )

    # -- keeping house -------------------------------------------------------------------------------

    async def prune(self, older_than: int) -> int:
        """Delete finished deliveries, and events to which nothing is owed, from before `older_than` (Unix ms).
        Gives how many rows went."""
        return await prune(self._store, older_than)

    # -- checks --------------------------------------------------------------------------------------

    async def check_url(self, url: str) -> str:
        """The URL in its normal form, if it may be called. Raises Invalid.

        It is believed for CHECKED_S: whoever writes an endpoint inside a transaction asks here before, so that the
        transaction waits for no name server.
        """
        allow = self._store.options.egress_allow
        known = self._checked.get((url, allow))
        if known is not None and known[1] > time.monotonic():
            return known[0]
        checked = await check_url(url, allow=allow)
        if len(self._checked) >= MAX_ENDPOINTS:
            self._checked.clear()
        self._checked[url, allow] = (checked, time.monotonic() + CHECKED_S)
        return checked

    def _check_format(self, name: str) -> None:
        if not isinstance(name, str) or not _FORMAT.match(name) or (self.formats and name not in self.formats):
            message = f"Must be one of: {', '.join(self.formats)}." if self.formats else "Must be a format's name."
            raise Invalid(f"format: {message}", details={"format": [message]})

    def _events(self, events: Any, format: str) -> Names:
        known = self.formats.get(format)
        if events is None:
            events = list(known.default_events) if known is not None else ["*"]
        return parse_events(events, known.event_names if known is not None else None)


def _switch(unit: Unit, endpoint: Endpoint, enabled: bool) -> None:
    if enabled and not endpoint.enabled:
        endpoint.failing_since = None
        unit.notify("deliveries")
    endpoint.enabled = enabled
    endpoint.disabled_reason = None if enabled else endpoint.disabled_reason


async def _find(unit: Unit, workspace_id: int, endpoint_id: int) -> Endpoint:
    endpoint = await unit.session.scalar(
        select(Endpoint)
        .where(Endpoint.id == row_id(endpoint_id), Endpoint.workspace_id == workspace_id)
        .with_for_update()
    )
    if endpoint is None:
        raise NotFound("There is no such webhook.")
    return endpoint


async def _check_channel(unit: Unit, workspace_id: int, channel_id: int) -> None:
    found = await unit.session.scalar(
        select(Channel.id).where(Channel.id == row_id(channel_id), Channel.workspace_id == workspace_id)
    )
    if found is None:
        raise NotFound("There is no such channel.")


def _check_secret(secret: str, format_: str) -> str:
    if not isinstance(secret, str) or not 8 <= len(secret) <= 256 or not secret.isascii() or not secret.isprintable():
        message = "Must be 8 to 256 printable ASCII characters."
        raise Invalid(f"secret: {message}", details={"secret": [message]})
    # Any text is a key, as for MultiWA's clients, who bring the secrets that they have. But what says that it is one of
    # Standard Webhooks must be one, or libraries would read another key from it.
    if format_ == "native" and secret.startswith(PREFIX) and not is_standard(secret):
        message = (
            "After whsec_ must come the base64 of 24 to 64 bytes, or no Standard Webhooks library could verify our "
            "signatures. Leave it out to have one made, or choose a text without whsec_."
        )
        raise Invalid(f"secret: {message}", details={"secret": [message]})
    return secret


def _check_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    message = None
    if not isinstance(settings, Mapping) or not all(isinstance(key, str) for key in settings):
        message = "Must be an object."
    else:
        try:
            if len(msgspec.json.encode(settings)) > 16384:
                message = "Must be at most 16 KiB."
        except (TypeError, ValueError):
            message = "Must be plain data."
    if message:
        raise Invalid(f"settings: {message}", details={"settings": [message]})
    return dict(settings)
