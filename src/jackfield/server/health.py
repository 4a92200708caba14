"""Health and metrics, for whoever watches the process."""

from __future__ import annotations

from collections import Counter as Tally
from functools import partial

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jackfield import __version__
from jackfield.core import Core, Settled, StorageUnavailable, Stored

READY_WITHIN_S = 2.0
"""How long the database may take to answer before the process counts as not ready."""


def health_routes(core: Core) -> list[Route]:
    """`/healthz` (the process answers), `/readyz` (its database does too) and `/metrics` (Prometheus)."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    async def readyz(_: Request) -> Response:
        try:
            await core.ping(READY_WITHIN_S)
        except StorageUnavailable as error:
            return JSONResponse({"status": "unavailable", "reason": error.message}, 503)
        except Exception as error:
            return JSONResponse({"status": "unavailable", "reason": type(error).__name__}, 503)
        return JSONResponse({"status": "ready"})

    registry = metrics_registry(core)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def metrics_registry(core: Core) -> CollectorRegistry:
    """What this process has done since it started, for Prometheus."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    settled = Counter(
        "jackfield_messages", "Messages that reached a state, in this process.", ["state"], registry=registry
    )
    events = Counter("jackfield_events", "Events appended by this process.", ["type"], registry=registry)
    Gauge("jackfield_channels_connected", "Live sessions that this process owns.", registry=registry).set_function(
        lambda: len(core.channels.live)
    )
    Gauge("jackfield_writer_items", "Items written by the group commit.", registry=registry).set_function(
        lambda: core.writer.items
    )
    Gauge("jackfield_writer_batches", "Transactions of the group commit.", registry=registry).set_function(
        lambda: core.writer.batches
    )

    Gauge("jackfield_bus_connected", "1 while NATS is connected; 0 also without NATS.", registry=registry).set_function(
        lambda: float(bool(core.bus.state.connected))
    )
    for name, text in (
        ("published", "Messages told to other processes by NATS."),
        ("received", "Messages of other processes heard by NATS."),
        ("dropped", "Messages that other processes were not told because NATS was not connected."),
        ("connects", "Connections made to NATS."),
    ):
        Gauge(f"jackfield_bus_{name}", text, registry=registry).set_function(partial(getattr, core.bus.state, name))

    Gauge(
        "jackfield_relay_active", "1 in the process that copies events to the stream.", registry=registry
    ).set_function(lambda: float(core.event_log.copies))
    Gauge("jackfield_relayed_events", "Events that this process copied to the stream.", registry=registry).set_function(
        lambda: core.event_log.copied
    )

    problems = Counter(
        "jackfield_inbound_problems",
        "Reports of networks that could not be applied and were kept, by this process.",
        ["reason"],
        registry=registry,
    )

    def count_settled(items: list[Settled]) -> None:
        for state, number in Tally(one.state for one in items).items():
            settled.labels(state).inc(number)

    def count_events(items: list[Stored]) -> None:
        for type_, number in Tally(one.type for one in items).items():
            events.labels(type_).inc(number)
        for one in items:
            if one.type == "inbound.problem":
                problems.labels(msgspec.json.decode(one.data)["reason"]).inc()

    core.bus.subscribe("settled", count_settled)
    core.bus.subscribe("events", count_events)
    return registry
