"""`Intake`: what the networks report becomes durable and true."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from ...channels.service import Channels
from ...channels.views import AnyChannel
from ...ground.store import Store
from ...ground.unit import Unit
from ...models import Media
from ...port import (
    AccountNotice,
    Disconnected,
    GroupChanged,
    Incoming,
    IncomingCall,
    LoginChanged,
    MarketingPreference,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    Report,
    Status,
    TemplateChanged,
    UnknownReport,
)
from .calls import call_reported
from .changes import media_fetched, message_changed
from .clean import clean
from .groups import group_changed
from .logins import disconnected, login_changed
from .messages import IncomingItem, incoming_batch
from .notices import account_notice, unknown_report
from .people import person_known, preference_changed
from .source import Source
from .statuses import ReportedStatus, reported_batch
from .templates import template_changed

_HANDLERS: Final[dict[type, Callable[[Unit, Source, Any], Awaitable[None]]]] = {
    LoginChanged: login_changed,
    IncomingCall: call_reported,
    MessageEdited: message_changed,
    MessageDeleted: message_changed,
    GroupChanged: group_changed,
    PeerKnown: person_known,
    TemplateChanged: template_changed,
    MarketingPreference: preference_changed,
    AccountNotice: account_notice,
    UnknownReport: unknown_report,
}
"""Who keeps each kind of report that comes one at a time, in a transaction of its own."""


class Intake:
    """The service."""

    def __init__(self, store: Store, channels: Channels) -> None:
        self._store = store
        self._channels = channels

    async def ingest(self, channel_id: int, workspace_id: int, engine: str, reports: Sequence[Report]) -> None:
        """Make a network's reports durable and true, in their order. A redelivery changes nothing.

        Messages and statuses, which come in masses, go through the group commit; the rest has a transaction of
        its own.
        """
        futures: list[Any] = []
        writer = self._store.writer
        source = Source(channel_id=channel_id, workspace_id=workspace_id, network=self._channels.networks.of(engine))
        for told in reports:
            report = clean(told)
            if isinstance(report, Status):
                futures.append(writer.submit(reported_batch, ReportedStatus(source=source, status=report)))
            elif isinstance(report, Incoming):
                futures.append(writer.submit(incoming_batch, IncomingItem(source=source, message=report)))
            else:
                for future in futures:
                    await future
                futures.clear()
                await self._keep(source, engine, report)
        for future in futures:
            await future

    async def receive(self, channel: AnyChannel, reports: Sequence[Report]) -> None:
        """As `ingest`, and fetch what media came in, for reports that reach us by callback."""
        await self.ingest(channel.id, channel.workspace_id, channel.engine, reports)
        self._store.bus.publish(f"reports:{channel.id}", reports)

    async def _keep(self, source: Source, engine: str, report: Report) -> None:
        if isinstance(report, Disconnected):
            # Before the transaction: the import of an engine would keep every other writer waiting.
            loaded = await self._channels.loaded(engine)
            async with self._store.unit() as unit:
                await disconnected(unit, source, loaded, report)
            return
        async with self._store.unit() as unit:
            await _HANDLERS[type(report)](unit, source, report)

    async def attach_media(self, channel_id: int, provider_id: str, media: Media) -> None:
        """An incoming message's file has been fetched: the message now shows our copy."""
        async with self._store.unit() as unit:
            await media_fetched(unit, channel_id, provider_id, media)
