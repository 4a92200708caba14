"""`Intake`: what the networks report becomes durable and true."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError

from ....db.errors import passes
from ...channels.requests import FETCH
from ...channels.service import Channels
from ...channels.views import AnyChannel
from ...ground.attempt import attempt, in_the_way
from ...ground.store import Store
from ...ground.unit import Unit
from ...media.views import MediaView
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
from ...port.content import MediaContent
from ..inbound.payload import of_body
from ..inbound.problems import Problem, keep
from ..inbound.problems import of_report as problem_of
from ..source import Source
from .calls import call_reported
from .changes import media_fetched, message_changed
from .clean import clean
from .groups import group_changed
from .logins import disconnected, login_changed
from .messages import IncomingItem, incoming_batch
from .notices import account_notice, unknown_report
from .people import person_known, preference_changed
from .statuses import ReportedStatus, reported_batch
from .templates import template_changed

log = structlog.get_logger(__name__)

_HANDLERS: Final[dict[type, Callable[[Unit, Source, Any], Awaitable[Problem | None]]]] = {
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
"""Who applies each kind of report that comes one at a time, in a transaction of its own; gives what is to be kept of it
when it cannot be applied."""

_TOO_MANY: Final = 200
"""Problems that are kept in one transaction."""


class Intake:
    """The service."""

    def __init__(self, store: Store, channels: Channels) -> None:
        self._store = store
        self._channels = channels

    async def ingest(self, channel_id: int, workspace_id: int, engine: str, reports: Sequence[Report]) -> None:
        """Make a network's reports durable and true, in their order. A redelivery changes nothing.

        What cannot be applied is kept as a problem and harms no other report. Raises what the database raises when it is
        out of reach or busy: then the network must tell it again.
        """
        problems = await self.apply(channel_id, workspace_id, engine, reports)
        for start in range(0, len(problems), _TOO_MANY):
            await self.keep(problems[start : start + _TOO_MANY])

    async def apply(self, channel_id: int, workspace_id: int, engine: str, reports: Sequence[Report]) -> list[Problem]:
        """As `ingest`; what could not be applied is given and not kept.

        Messages and statuses, which come in masses, go through the group commit; the rest has a transaction of its own.
        """
        problems: list[Problem] = []
        waiting: list[tuple[Report, Any, Any, asyncio.Future[Any]]] = []
        writer = self._store.writer
        source = self.source(channel_id, workspace_id, engine)

        async def settle() -> None:
            for report, handler, item, future in waiting:
                problem = await self._outcome(source, report, handler, item, future)
                if problem is not None:
                    problems.append(problem)
            waiting.clear()

        try:
            for told in reports:
                try:
                    report = clean(told)
                except Exception as error:
                    problems.append(problem_of(source, told, "not_applied", _words(error)))
                    continue
                handler: Any
                item: Any
                if isinstance(report, Status):
                    handler, item = reported_batch, ReportedStatus(source=source, status=report)
                elif isinstance(report, Incoming):
                    handler, item = incoming_batch, IncomingItem(source=source, message=report)
                else:
                    await settle()
                    problem = await self._apply_one(source, engine, report)
                    problems += [] if problem is None else [problem]
                    continue
                waiting.append((report, handler, item, writer.submit(handler, item)))
            await settle()
        finally:
            for *_, future in waiting:
                # Whoever gives up on the first failure leaves none behind that nobody has looked at.
                future.add_done_callback(_look_at)
        return problems

    def source(self, channel_id: int, workspace_id: int, engine: str) -> Source:
        """The channel as one that reports."""
        return Source(
            channel_id=channel_id,
            workspace_id=workspace_id,
            network=self._channels.networks.of(engine),
            keeps_raw=self._store.options.raw_retention_days > 0,
        )

    async def receive(self, channel: AnyChannel, reports: Sequence[Report]) -> None:
        """As `ingest`, and fetch what media came in, for reports that reach us by callback."""
        await self.ingest(channel.id, channel.workspace_id, channel.engine, reports)
        await self.hear(channel.id, reports)

    async def hear(self, channel_id: int, reports: Sequence[Report]) -> None:
        """Have the files of messages fetched that were applied just now, by the process that owns the channel."""
        topic = f"reports:{channel_id}"
        if self._store.bus.has_listeners(topic) or self._store.options.exclusive:
            self._store.bus.publish(topic, reports)
            return
        for report in reports:
            if not isinstance(report, Incoming | MessageEdited) or not isinstance(report.content, MediaContent):
                continue
            if report.content.media_id:
                await self._channels.requests.leave(channel_id, FETCH, report.provider_id.encode())

    async def keep(self, problems: Sequence[Problem]) -> None:
        """Keep what could not be applied, durably."""
        if problems:
            async with self._store.unit() as unit:
                await keep(unit, problems)

    async def keep_callback(self, channel: AnyChannel, body: bytes, reason: str, kind: str, detail: str = "") -> None:
        """Keep a callback, or a part of it, as it came. `reason` is one of `REASONS`."""
        source = self.source(channel.id, channel.workspace_id, channel.engine)
        kept = Problem(source=source, reason=reason, kind=kind, payload=of_body(body), detail=detail or None)
        await self.keep([kept])

    async def _outcome(
        self, source: Source, report: Report, handler: Any, item: Any, future: asyncio.Future[Any]
    ) -> Problem | None:
        """What is to be kept of a report that went through the group commit. Raises for failures that pass."""
        try:
            try:
                answer = await future
            except DBAPIError as error:
                if not in_the_way(error):
                    raise
                # Another process has stored the same just now: the second time it is known.
                answer = await self._store.writer.submit(handler, item)
        except Exception as error:
            return self._failed(source, report, error)
        return answer if isinstance(answer, Problem) else None

    async def _apply_one(self, source: Source, engine: str, report: Report) -> Problem | None:
        try:
            if isinstance(report, Disconnected):
                # Before the transaction: the import of an engine would keep every other writer waiting.
                loaded = await self._channels.loaded(engine)
                async with self._store.unit() as unit:
                    await disconnected(unit, source, loaded, report)
                return None
            return await attempt(self._store, lambda unit: _HANDLERS[type(report)](unit, source, report))
        except Exception as error:
            return self._failed(source, report, error)

    @staticmethod
    def _failed(source: Source, report: Report, error: Exception) -> Problem:
        if passes(error):
            raise error
        # Neither the text of the exception nor its traceback: they may hold what was to be stored.
        log.error("a report could not be applied", channel=source.channel_id, error=type(error).__name__)
        return problem_of(source, report, "not_applied", _words(error))

    async def attach_media(self, channel_id: int, provider_id: str, media: MediaView) -> None:
        """An incoming message's file has been fetched: the message now shows our copy."""
        async with self._store.unit() as unit:
            await media_fetched(unit, channel_id, provider_id, media)


def _words(error: Exception) -> str:
    """What failed, for people. The exception's own text may hold what was to be stored, and is not told."""
    return f"Storing it failed with {type(error).__name__}."


def _look_at(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
