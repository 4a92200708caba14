"""Traces by OpenTelemetry, where the operator names a collector; else none of this is imported.

One message is one trace: the request that it came with, its send, what the network said of it, and the webhooks that tell of it.
Settings are OpenTelemetry's own (OTEL_*).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jackfield import __version__
from jackfield.core import Core, Settled, TraceValue
from jackfield.dialects import LABEL
from jackfield.server.startup_error import StartupError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
FAREWELL_S: Final = 3.0
"""How long the end of the process may wait for the collector."""
NOT_TRACED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by machines every few seconds."""


def make_tracing(environ: Mapping[str, str], node: str) -> Tracing | None:
    """What makes traces; None where the operator wants none. Raises StartupError."""

    def given(name: str) -> str:
        return environ.get(name, "").strip()

    exporter = given("OTEL_TRACES_EXPORTER").lower()
    if given("OTEL_SDK_DISABLED").lower() == "true" or exporter == "none":
        return None
    if not exporter and not any(map(given, ENDPOINTS)):
        return None
    if exporter not in ("", "otlp"):
        raise StartupError(f"OTEL_TRACES_EXPORTER is {exporter!r}; traces go out as otlp (or none).")
    protocol = next(filter(None, map(given, PROTOCOLS)), "http/protobuf")
    if protocol != "http/protobuf":
        raise StartupError(f"OTEL_EXPORTER_OTLP_PROTOCOL is {protocol[:40]!r}; traces go out by http/protobuf.")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise StartupError("Traces need OpenTelemetry's packages: pip install 'jackfield[otel]'") from None
    # Names that the operator gives (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) come before ours.
    ours = {"service.name": "jackfield", "service.version": __version__, "service.instance.id": node}
    named = given("OTEL_RESOURCE_ATTRIBUTES")
    if given("OTEL_SERVICE_NAME") or "service.name=" in named:
        del ours["service.name"]
    if "service.instance.id=" in named:
        del ours["service.instance.id"]
    provider = TracerProvider(resource=Resource.create(ours), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)


class Doing:
    """A span under way (`jackfield.core.Span`)."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.traceparent = _traceparent(span)

    def end(self, facts: Mapping[str, TraceValue] | None = None, *, error: str | None = None) -> None:
        """See `jackfield.core.Span`."""
        _finish(self._span, facts or {}, error)


class Tracing:
    """Makes traces (`jackfield.core.Tracer`)."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer: Tracer = provider.get_tracer("jackfield", __version__)

    def listen(self, core: Core) -> None:
        """Have messages of this core keep their contexts, and hear what networks say of them."""
        core.store.tracer = self
        core.bus.subscribe("settled", self._hear)

    def current(self) -> str | None:
        """See `jackfield.core.Tracer`."""
        from opentelemetry.trace import get_current_span

        span = get_current_span()
        return _traceparent(span) if span.is_recording() else None

    def begin(self, name: str, facts: Mapping[str, TraceValue], *, parent: str, started_at: int | None = None) -> Doing:
        """See `jackfield.core.Tracer`."""
        from opentelemetry.trace import SpanKind

        span = self._tracer.start_span(
            name, _context(parent), kind=SpanKind.CLIENT, attributes=dict(facts), start_time=started_at
        )
        return Doing(span)

    def note(self, name: str, facts: Mapping[str, TraceValue], *, parent: str, error: str | None = None) -> None:
        """See `jackfield.core.Tracer`."""
        from opentelemetry.trace import SpanKind

        now = time.time_ns()
        span = self._tracer.start_span(
            name, _context(parent), kind=SpanKind.CONSUMER, attributes=dict(facts), start_time=now
        )
        _finish(span, {}, error, now)

    def _hear(self, settled: Sequence[Settled]) -> None:
        for one in settled:
            if one.trace is not None and one.reported:
                facts: dict[str, TraceValue] = {
                    "jackfield.message.id": one.id,
                    "jackfield.channel.id": one.channel_id,
                    "jackfield.workspace.id": one.workspace_id,
                    "jackfield.message.state": one.state,
                }
                error = (one.code or "failed") if one.state == "failed" else None
                self.note(f"status {one.state}", facts, parent=one.trace, error=error)

    async def close(self) -> None:
        """Send what waits to be sent. A collector that is away is waited for no longer than `FAREWELL_S`."""
        # A daemon, because the exporter would go on trying beyond that (7 s measured), and the process ends now.
        sending = threading.Thread(target=self._provider.shutdown, name="last-spans", daemon=True)
        sending.start()
        await asyncio.to_thread(sending.join, FAREWELL_S)

    async def serve(self, app: ASGIApp, route_of: Callable[[Scope], str], scope: Scope, *rest: Any) -> None:
        """Answer a request inside a span of its own, which joins the trace that the caller names (`traceparent`)."""
        from opentelemetry.trace import SpanKind, use_span

        receive, send = rest
        given = next((value for name, value in scope["headers"] if name == b"traceparent"), b"").decode("latin-1")
        facts = {"http.request.method": scope["method"]}
        span = self._tracer.start_span(
            scope["method"], _context(given) if given else None, kind=SpanKind.SERVER, attributes=facts
        )
        label = scope.get(LABEL)
        if label is not None and span.is_recording():
            label.trace_id = f"{span.get_span_context().trace_id:032x}"
        status = 500

        async def heard(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with use_span(span, record_exception=False, set_status_on_exception=False):
                await app(scope, receive, heard)
        finally:
            route = route_of(scope)
            span.update_name(f"{scope['method']} {route}")
            told: dict[str, TraceValue] = {"http.route": route, "http.response.status_code": status}
            if label is not None:
                told["jackfield.request.id"] = label.id or ""
                if label.workspace_id is not None:
                    told["jackfield.workspace.id"] = label.workspace_id
            _finish(span, told, str(status) if status >= 500 else None)


class TracedRequests:
    """ASGI middleware: each request but those of machines that watch is a span. `route_of` gives the template of the
    route."""

    def __init__(self, app: ASGIApp, tracing: Tracing, route_of: Callable[[Scope], str]) -> None:
        self._app = app
        self._tracing = tracing
        self._route_of = route_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] in NOT_TRACED:
            await self._app(scope, receive, send)
        else:
            await self._tracing.serve(self._app, self._route_of, scope, receive, send)


def _context(traceparent: str) -> Any:
    """The context that a traceparent names; a new one where it names none."""
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": traceparent}, Context())


def _traceparent(span: Span) -> str:
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def _finish(span: Span, facts: Mapping[str, TraceValue], error: str | None, at: int | None = None) -> None:
    from opentelemetry.trace import StatusCode

    for name, value in facts.items():
        span.set_attribute(name, value)
    if error is not None:
        span.set_status(StatusCode.ERROR, error)
        span.set_attribute("error.type", error)
    span.end(at)
