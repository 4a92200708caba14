"""One request to a receiver."""

from __future__ import annotations

from typing import NamedTuple

import structlog

from jackfield.core import (
    EgressError,
    OwedDelivery,
    Rendered,
    Target,
    Tracer,
    TraceValue,
    WebhookFormat,
    standard_headers,
)

from .answers import excerpt, failure_of, retry_after, words_of
from .health import Failure, Health
from .resources import Resources

log = structlog.get_logger(__name__)


class Failed(Exception):
    """How an attempt failed: `failure` None when it is our own fault."""

    def __init__(
        self,
        failure: Failure | None,
        error: str,
        status: int | None = None,
        body: bytes = b"",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(error)
        self.failure = failure
        self.error = error
        self.status = status
        self.body = body
        self.retry_after = retry_after


class Lapsed(Exception):
    """Our claim would not last to the end of the attempt."""


class _Request(NamedTuple):
    """What is posted, and how long its answer may take (seconds)."""

    format: WebhookFormat
    body: bytes
    headers: dict[str, str]
    timeout: float


async def send(
    resources: Resources, health: Health, row: OwedDelivery, target: Target
) -> tuple[int | None, str | None]:
    """Send it once. Gives status and excerpt; status None when the format has no such event. Raises Failed, Lapsed."""
    format = resources.formats.get(target.format)
    if format is None:
        raise Failed(None, f"there is no webhook format {target.format!r}")
    try:
        rendered: Rendered | None = format.render(row.event, target)
        timeout = format.timeout(row.event)
    except Exception as error:
        log.exception("a webhook could not be rendered", format=target.format, event_type=row.event.type)
        raise Failed(None, f"could not be rendered: {type(error).__name__}") from None
    if rendered is None:
        return None, f"not sent: the format {target.format} has no such event"
    headers = standard_headers(
        target.secret, target.old_secret, row.event.id, target.id, resources.now() // 1000, rendered.body
    )
    headers.update(rendered.headers)
    headers.setdefault("Content-Type", "application/json")
    request = _Request(format, rendered.body, headers, timeout)
    if resources.tracer is not None and row.trace is not None:
        return await _traced(resources.tracer, row.trace, resources, health, row, target, request)
    return await _post(resources, health, row, target, request)


async def _traced(
    tracer: Tracer,
    trace: str,
    resources: Resources,
    health: Health,
    row: OwedDelivery,
    target: Target,
    request: _Request,
) -> tuple[int | None, str | None]:
    """As `_post`, as a part of the message's trace, which the receiver may join (`traceparent`)."""
    facts: dict[str, TraceValue] = {
        "http.request.method": "POST",
        "jackfield.endpoint.id": target.id,
        "jackfield.delivery.id": row.id,
        "jackfield.workspace.id": row.event.workspace_id,
        "jackfield.event.type": row.event.type,
        "jackfield.attempt": row.attempts + 1,
    }
    span = tracer.begin(f"webhook {row.event.type}", facts, parent=trace)
    request.headers["traceparent"] = span.traceparent
    try:
        status, said = await _post(resources, health, row, target, request)
    except Failed as failed:
        told: dict[str, TraceValue] = {} if failed.status is None else {"http.response.status_code": failed.status}
        span.end(told, error="fault" if failed.failure is None else failed.failure.name.lower())
        raise
    except BaseException as error:
        span.end(error=type(error).__name__)
        raise
    span.end({"http.response.status_code": status or 0})
    return status, said


async def _post(
    resources: Resources, health: Health, row: OwedDelivery, target: Target, request: _Request
) -> tuple[int | None, str | None]:
    format = request.format
    async with resources.slot(health):
        if row.claimed_until - resources.now() < 1000 * (request.timeout + 1):
            raise Lapsed
        try:
            answer = await resources.client.post(target.url, request.body, request.headers, timeout=request.timeout)
        except EgressError as error:
            await _tell_unanswered(format, row, target)
            reached = error.kind in ("timeout", "broken")
            raise Failed(Failure.NO_ANSWER if reached else Failure.UNREACHABLE, error.message) from None
    failure = failure_of(answer.status)
    if failure is not None:
        await _tell_unanswered(format, row, target)
        wait = retry_after(answer.headers, resources.now() / 1000)
        raise Failed(failure, words_of(answer.status), answer.status, answer.body, wait)
    if format.reads_answers:
        try:
            await format.answer(row.event, target, answer.status, answer.body)
        except Exception:
            log.exception("a webhook's answer could not be used", format=target.format, delivery=row.id)
    return answer.status, excerpt(answer.body)


async def _tell_unanswered(format: WebhookFormat, row: OwedDelivery, target: Target) -> None:
    """Tell a format that waits for answers that none came this time."""
    if format.reads_answers:
        try:
            await format.unanswered(row.event, target)
        except Exception:
            log.exception("a webhook's failure could not be followed up", format=target.format, delivery=row.id)
