"""The composition root: from settings to a running process. The only file that sees every ring."""

from __future__ import annotations

import os
from typing import Any, TextIO

import structlog
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Scope

from jackfield import web
from jackfield.core import Bootstrap, Core, JackfieldError, NatsBus
from jackfield.dialects import DIALECTS, DialectOptions, Refusal
from jackfield.dialects.native.live_writer import Writer as EventWriter
from jackfield.ingress import Ingress
from jackfield.server.assistants import assistants_route
from jackfield.server.event_lines import EventLines
from jackfield.server.front import Front, nothing_here, refuse
from jackfield.server.headers import SafetyHeaders, allow_origins
from jackfield.server.health import health_routes
from jackfield.server.links import links_route
from jackfield.server.media import media_route
from jackfield.server.metrics import Metrics
from jackfield.server.overload import Overload
from jackfield.server.request_ids import RequestIds
from jackfield.server.requests_seen import RequestsSeen
from jackfield.server.simulator import simulator_route
from jackfield.server.startup import bootstrap, lock_data_dir, open_core
from jackfield.server.startup_error import StartupError
from jackfield.server.tracing import TracedRequests, Tracing, make_tracing
from jackfield.settings import Settings
from jackfield.worker.deliveries import DeliveryWorker
from jackfield.worker.relay import EventRelay
from jackfield.worker.worker import Worker

log = structlog.get_logger(__name__)

BODIES = 32
"""How many of the largest bodies may be in memory at once; bulk sends are as large as sixteen."""


class Server:
    """Everything that runs in one process: core, worker, deliveries, app. Use as `async with`. With `work` False it only
    prepares the database.

    Raises StartupError where the data folder is in use or the settings are wrong.
    """

    def __init__(self, settings: Settings, *, work: bool = True) -> None:
        self.settings = settings
        self.roles = settings.role_set if work else settings.role_set - {"worker"}
        self._lock: TextIO | None = None
        if "worker" in self.roles and not settings.database_url.startswith("postgres"):
            self._lock = lock_data_dir(settings.data_dir)
            if self._lock is None:
                raise StartupError(
                    f"Another Jackfield works on {settings.data_dir}. Stop it first, or set JACKFIELD_DATA_DIR;"
                    " several processes need PostgreSQL (JACKFIELD_DATABASE_URL)."
                )
        self.core = open_core(settings, exclusive=self._lock is not None)
        self.tracing = make_tracing(os.environ, self.core.options.node)
        if self.tracing is not None:
            self.tracing.listen(self.core)
        self.worker = Worker(self.core)
        self.deliveries = DeliveryWorker(self.core, self.core.webhooks.formats)
        bus = self.core.bus
        self.relay = (
            EventRelay(self.core, bus, settings.nats_stream, EventWriter(self.core).encode)
            if isinstance(bus, NatsBus) and settings.nats_stream and "worker" in self.roles
            else None
        )
        self.made: Bootstrap | None = None
        """The first workspace with its credentials, where this start made it."""
        self.metrics = Metrics(self.core)
        self.lines = EventLines(self.core.bus)
        self.app = build_app(self.core, settings, self.metrics, self.tracing)

    async def __aenter__(self) -> Server:
        try:
            _, after = await self.core.migrate(adopt_key=True, steps=self.settings.migrate)
        except JackfieldError as error:
            await self.core.close()
            raise StartupError(error.message) from None
        if after != self.core.newest_revision():
            await self._tell_schema()
        await self.core.open()
        # Whoever sends for real must not find that the default channel is a made-up one.
        self.made = await bootstrap(self.core, self.settings, simulator=self.settings.simulator)
        if "worker" in self.roles:
            self.worker.start()
            await self.deliveries.start()
        if self.relay is not None:
            self.relay.start()
        self.metrics.lag.start()
        return self

    async def _tell_schema(self) -> None:
        """Log why the schema is not this version's own."""
        schema = await self.core.schema()
        if schema.is_ahead:
            log.warning("the schema is of a newer version, which this one bears", schema=schema.revision)
        else:
            log.warning(
                "steps of the schema wait until servers of older versions have stopped: then run `jackfield migrate`",
                schema=schema.revision,
                steps=[step.revision for step in schema.waiting],
                connections_of_older_versions=schema.older,
            )

    async def __aexit__(self, *_: Any) -> None:
        self.metrics.lag.stop()
        if self.relay is not None:
            await self.relay.close()
        if "worker" in self.roles:
            await self.worker.close()
            await self.deliveries.close()
        await self.core.close()
        if self.tracing is not None:
            await self.tracing.close()
        if self._lock is not None:
            self._lock.close()


def build_app(
    core: Core, settings: Settings, metrics: Metrics | None = None, tracing: Tracing | None = None
) -> ASGIApp:
    """The ASGI app: dialects, provider callbacks, files, health, and the simulator's controls where asked for.

    Raises StartupError for a host name of an unknown dialect.
    """
    options = DialectOptions(
        trusted_proxies=settings.proxies,
        max_body=settings.max_body_mb * 1024 * 1024,
        max_upload=settings.max_upload_mb * 1024 * 1024,
        public_url=settings.public_url,
        phone_engine="simulator" if settings.simulator else "whatsapp_web",
    )
    hot: list[BaseRoute] = [route for dialect in DIALECTS for route in dialect.hot_routes(core, options)]
    routes = [*hot]
    apps: dict[str, ASGIApp] = {}
    for dialect in DIALECTS:
        apps[dialect.name] = app = dialect.build(core, options)
        routes.extend(Mount(prefix, app) for prefix in dialect.prefixes)
    ingress = Ingress(core)
    routes.extend(
        Route(at, ingress.__call__, methods=["GET", "POST"]) for at in ("/hooks/{profile}", "/hooks/{profile}/")
    )
    routes.append(assistants_route(core, apps["native"], options.max_body))
    routes.extend(health_routes(core, metrics or Metrics(core)))
    routes.append(media_route(core))
    routes.append(links_route(core))
    if "dashboard" in settings.role_set:
        routes.extend(web.routes())
        routes.extend(web.docs_routes())
    if settings.simulator:
        routes.append(simulator_route(core))
    root = Starlette(routes=routes, exception_handlers={404: nothing_here, 405: nothing_here})
    names = _dialects_by_host(settings.dialect_hosts)
    hosts = {host: dialect for host, name in names.items() for dialect in DIALECTS if dialect.name == name}

    def refused(scope: Scope, refusal: Refusal) -> Response:
        return refuse(scope, refusal, hosts)

    plain = [route for route in hot if isinstance(route, Route) and route.methods == {"POST"}]
    front = Front(root, {host: apps[name] for host, name in names.items()}, refused, plain, ingress)
    guarded = Overload(
        front,
        maximum=settings.max_requests,
        per_key=max(1, settings.max_requests // 2),
        memory=BODIES * settings.max_body_mb * 1024 * 1024,
        refuse=refused,
    )
    served = SafetyHeaders(guarded, cached=("/media/",))
    origins = settings.cors_origin_set
    seen = RequestsSeen(core.meters, routes, slow=settings.slow_request_seconds, sampled=settings.log_requests)
    app = allow_origins(served, origins) if origins else served
    return RequestIds(app if tracing is None else TracedRequests(app, tracing, seen.route_of), seen)


def _dialects_by_host(setting: str) -> dict[str, str]:
    """JACKFIELD_DIALECT_HOSTS (host=dialect,...): host names in lower case, and the dialects' names. Raises StartupError."""
    pairs = [one.partition("=") for one in setting.split(",") if "=" in one]
    names = {host.strip().lower().rstrip("."): name.strip() for host, _, name in pairs}
    unknown = sorted(set(names.values()) - {dialect.name for dialect in DIALECTS})
    if unknown:
        raise StartupError(f"JACKFIELD_DIALECT_HOSTS names unknown dialects: {', '.join(unknown)}.")
    return names
