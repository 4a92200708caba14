"""The composition root: settings to Core to ASGI app. The only file that sees every ring."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import secrets
import socket
import sys
from collections import Counter as Tally
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TextIO

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from jackfield import __version__, web
from jackfield.core import Core, Options
from jackfield.core.accounts import Bootstrap
from jackfield.core.ground.errors import JackfieldError
from jackfield.core.ground.unit import Stored
from jackfield.core.ledger.record import Settled
from jackfield.db.database import Database
from jackfield.db.secrets import load_or_make, use_key
from jackfield.dialects import DIALECTS, DialectOptions
from jackfield.engines import load_engines
from jackfield.engines.simulator.config import defaults as simulator_defaults
from jackfield.ingress import Ingress
from jackfield.migrations import upgrade
from jackfield.settings import Settings
from jackfield.worker.deliveries import DeliveryWorker
from jackfield.worker.worker import Worker

log = structlog.get_logger(__name__)


class StartupError(Exception):
    """Jackfield cannot start; the message says what to do."""


def configure_logging(settings: Settings) -> None:
    """Structured log lines on standard error, as text or JSON."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(level, logging.WARNING), format="%(levelname)s %(name)s %(message)s")


def lock_data_dir(data_dir: Path) -> TextIO | None:
    """Hold the data folder's lock: this process alone works on its database. None when another one holds it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    file = open(data_dir / "worker.lock", "w")  # noqa: SIM115 - held until the process ends
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def open_core(settings: Settings, *, exclusive: bool = False) -> Core:
    """The core on the settings' database, with every engine. Raises StartupError."""
    secret = settings.secret_key.get_secret_value()
    if not secret:
        if settings.nats_url:
            raise StartupError("Set JACKFIELD_SECRET_KEY: all processes of a cluster need the same one.")
        secret = load_or_make(settings.data_dir)
    use_key(secret)
    try:
        db = Database(settings.effective_database_url)
    except ValueError as error:
        raise StartupError(str(error)) from None
    options = Options(
        data_dir=settings.data_dir,
        node=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
        public_url=settings.public_url,
        allow_private_webhooks=settings.allow_private_webhooks,
        lease_seconds=settings.lease_seconds,
        poll_seconds=settings.poll_seconds,
        uncertain_wait_seconds=settings.uncertain_wait_seconds,
        outcome_wait_seconds=settings.outcome_wait_seconds,
        event_retention_days=settings.event_retention_days,
        media_url=settings.media_url,
        max_upload=settings.max_upload_mb * 1024 * 1024,
        exclusive=exclusive and db.is_sqlite,
    )
    simulator_defaults.url = settings.simulator_url or None
    simulator_defaults.seed = settings.simulator_seed
    simulator_defaults.people = settings.simulator_people
    core = Core(db, engines=load_engines(), options=options)
    formats: dict[str, Any] = {}
    for dialect in DIALECTS:
        formats |= dialect.webhook_formats()
    core.webhooks.use(formats)
    return core


async def bootstrap(core: Core, settings: Settings) -> Bootstrap | None:
    """On an empty database: the first workspace, its owner, its key, and a simulator channel that is paired."""
    made = await core.accounts.bootstrap(
        "Jackfield",
        settings.owner_email,
        settings.owner_password.get_secret_value(),
        settings.api_key.get_secret_value(),
    )
    if made is not None:
        channel = await core.channels.create(
            made.workspace_id,
            name="Simulator",
            engine="simulator",
            config={"autoScan": True},
        )
        await core.channels.connect(made.workspace_id, channel.id)
    return made


class Server:
    """Everything that runs in one process: core, worker, deliveries, app. `async with` it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.roles = settings.role_set
        self._lock: TextIO | None = None
        if "worker" in self.roles and not settings.database_url.startswith("postgres"):
            self._lock = lock_data_dir(settings.data_dir)
            if self._lock is None:
                raise StartupError(
                    f"Another Jackfield works on {settings.data_dir}. Stop it first, or set JACKFIELD_DATA_DIR;"
                    " several processes need PostgreSQL (JACKFIELD_DATABASE_URL)."
                )
        self.core = open_core(settings, exclusive=self._lock is not None)
        self.worker = Worker(self.core)
        self.deliveries = DeliveryWorker(self.core, self.core.webhooks.formats)
        self.made: Bootstrap | None = None
        self.app = build_app(self.core, settings)

    async def __aenter__(self) -> Server:
        await upgrade(self.core.db)
        await self.core.open()
        self.made = await bootstrap(self.core, self.settings)
        if "worker" in self.roles:
            self.worker.start()
            await self.deliveries.start()
        return self

    async def __aexit__(self, *_: Any) -> None:
        if "worker" in self.roles:
            await self.worker.close()
            await self.deliveries.close()
        await self.core.close()
        if self._lock is not None:
            self._lock.close()


# -- the ASGI app --------------------------------------------------------------------------------------


def build_app(core: Core, settings: Settings) -> ASGIApp:
    """All that is served: dialects, callbacks, files, health, and the simulator's controls when asked for."""
    options = DialectOptions(
        trusted_proxies=frozenset(one.strip() for one in settings.trusted_proxies.split(",") if one.strip()),
        max_body=settings.max_body_mb * 1024 * 1024,
        max_upload=settings.max_upload_mb * 1024 * 1024,
        public_url=settings.public_url,
        phone_engine="simulator" if settings.simulator else "whatsapp_web",
    )
    from jackfield.dialects.native import hot_routes

    routes: list[Any] = list(hot_routes(core, options))
    hosts: dict[str, ASGIApp] = {}
    wanted = {
        host.strip().lower(): name.strip()
        for host, _, name in (one.partition("=") for one in settings.dialect_hosts.split(",") if "=" in one)
    }
    for dialect in DIALECTS:
        app = dialect.build(core, options)
        routes.extend(Mount(prefix, app) for prefix in dialect.prefixes)
        for host, name in wanted.items():
            if name == dialect.name:
                hosts[host] = app
    unknown = set(wanted.values()) - {dialect.name for dialect in DIALECTS}
    if unknown:
        raise StartupError(f"JACKFIELD_DIALECT_HOSTS names unknown dialects: {', '.join(sorted(unknown))}.")
    routes.append(Route("/hooks/{profile}", Ingress(core).__call__, methods=["GET", "POST"]))
    routes.extend(_health(core))
    routes.append(Route("/media/{id}", _media(core), methods=["GET"]))
    if "dashboard" in settings.role_set:
        routes.extend(web.routes())
    if settings.simulator:
        routes.append(Route("/simulator/{profile}/{action}", _simulator(core), methods=["GET", "POST"]))

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield

    async def missing(_: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        code = "METHOD_NOT_ALLOWED" if status == 405 else "NOT_FOUND"
        message = "This address does not take this method." if status == 405 else "There is nothing at this address."
        return JSONResponse({"success": False, "error": {"code": code, "message": message}, "message": message}, status)

    root = Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: missing, 405: missing})
    return _Front(root, hosts)


class _Front:
    """The outermost layer: hosts that mean a dialect, and addresses that no application should have to meet."""

    def __init__(self, root: ASGIApp, hosts: dict[str, ASGIApp]) -> None:
        self._root = root
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
                answer = JSONResponse(
                    {
                        "success": False,
                        "error": {"code": "BAD_REQUEST", "message": "The address holds a NUL character."},
                        "message": "The address holds a NUL character.",
                    },
                    400,
                )
                await answer(scope, receive, send)
                return
            # Links to files are the same under every host name.
            if self._hosts and not scope["path"].startswith("/media/"):
                host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
                app = self._hosts.get(host.lower()) or self._hosts.get(host.partition(":")[0].lower())
                if app is not None:
                    await app(scope, receive, send)
                    return
        await self._root(scope, receive, send)


def _health(core: Core) -> list[Route]:
    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    async def readyz(_: Request) -> Response:
        try:
            async with asyncio.timeout(2), core.db.read() as session:
                await session.execute(text("SELECT 1"))
        except Exception as error:
            return JSONResponse({"status": "unavailable", "reason": type(error).__name__}, 503)
        return JSONResponse({"status": "ready"})

    registry = metrics_registry(core)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def metrics_registry(core: Core) -> CollectorRegistry:
    """What this process did since it started, for Prometheus."""
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

    def count_settled(items: list[Settled]) -> None:
        for state, number in Tally(one.state for one in items).items():
            settled.labels(state).inc(number)

    def count_events(items: list[Stored]) -> None:
        for type_, number in Tally(one.type for one in items).items():
            events.labels(type_).inc(number)

    core.bus.subscribe("settled", count_settled)
    core.bus.subscribe("events", count_events)
    return registry


def _media(core: Core) -> Any:
    async def endpoint(request: Request) -> Response:
        """A file by a link that we handed out."""
        given, query = request.path_params["id"], request.query_params
        expires = query.get("expires", "")
        try:
            if not (given.isdigit() and len(given) < 19 and expires.isdigit() and len(expires) < 15):
                raise LookupError
            row = await core.media.open_link(int(given), int(expires), query.get("signature", ""))
        except (JackfieldError, LookupError):
            return JSONResponse(
                {"success": False, "error": {"code": "MEDIA_NOT_FOUND", "message": "The link has expired."}}, 404
            )
        name = (row.filename or str(row.id)).encode("ascii", "replace").decode().replace('"', "'")
        return StreamingResponse(
            core.media.stream(row),
            media_type=row.mime,
            headers={
                "Content-Length": str(row.size),
                "Content-Disposition": f'inline; filename="{name}"',
                # What a customer sent must not run as a page of ours.
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "X-Content-Type-Options": "nosniff",
            },
        )

    return endpoint


def _simulator(core: Core) -> Any:
    from jackfield.engines.simulator.config import SimulatorConfig
    from jackfield.engines.simulator.control import control, target_for

    async def endpoint(request: Request) -> Response:
        """The simulator's controls (design, Outside the code)."""
        given = request.path_params["profile"]
        channel = None
        if given.isascii() and given.isdigit() and len(given) < 19:
            channel = await core.channels.find(int(given))
        if channel is None or channel.engine != "simulator":
            return JSONResponse(
                {
                    "success": False,
                    "error": {"code": "PROFILE_NOT_FOUND", "message": "There is no simulator profile of this id."},
                },
                404,
            )
        body: dict[str, Any] = dict(request.query_params)
        raw = await request.body()
        if raw:
            try:
                given_body = await request.json()
            except ValueError:
                given_body = None
            if not isinstance(given_body, dict):
                return JSONResponse(
                    {"success": False, "error": {"code": "INVALID_JSON", "message": "The body must be a JSON object."}},
                    400,
                )
            body |= given_body
        config = core.channels.config_of(channel)
        assert isinstance(config, SimulatorConfig)
        status, answer = await control(target_for(channel.id, config), request.path_params["action"], body)
        return JSONResponse(answer, status)

    return endpoint
