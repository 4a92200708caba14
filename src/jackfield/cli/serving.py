"""serve, simulator, demo."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Iterator
from typing import Annotated

import structlog
import typer
import uvicorn

from jackfield import __version__
from jackfield.app import Server
from jackfield.server.connections import ConnectionLimits, Connections, raise_open_files
from jackfield.server.log import configure_logging
from jackfield.server.startup import is_file_based
from jackfield.server.startup_error import StartupError
from jackfield.server.supervisor import Supervisor
from jackfield.settings import Settings

from ._common import clear_errors, complain, say, settings
from .installation import show_credentials

log = structlog.get_logger(__name__)

GARBAGE_AFTER = 20_000
"""Objects made before the garbage collector looks at the newest; Python's own 700 are a few requests."""


def run_loop(main: object) -> None:
    """Run on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)  # type: ignore[arg-type]
    else:
        uvloop.run(main)  # type: ignore[arg-type]


class _Uvicorn(uvicorn.Server):
    """Uvicorn raises the signal again once it has served, which would end the process before the worker has drained;
    here a signal only asks it to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM: stop serving, then let the caller finish."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            # A second signal while draining is not heard: draining has its own limit.
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, lambda: None)


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """The address to serve on, ours from now on; port 0 takes a free one. `shared` lets other processes of the same user
    listen there too. Raises StartupError when it is taken."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StartupError(
            f"Cannot listen on {host}:{port} ({error.strerror or error}). Set JACKFIELD_PORT or JACKFIELD_HOST."
        ) from None
    return listener


def address(listener: socket.socket) -> str:
    """The address as a browser takes it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve_app(app: object, listener: socket.socket, chosen: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""
    connections = Connections(ConnectionLimits(connections=chosen.max_connections, seconds=chosen.slow_client_seconds))
    # The database, media and webhooks need some beside the connections.
    raise_open_files(chosen.max_connections + 1024)
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_level="warning",
        # Its loggers write through the handler that names the request.
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=10,
        http=connections.protocol,  # type: ignore[arg-type]
        timeout_keep_alive=chosen.keep_alive_seconds,
        # Who is believed about the caller's address is ours to say (JACKFIELD_TRUSTED_PROXIES), not any local proxy's.
        proxy_headers=False,
    )
    server = _Uvicorn(config)
    connections.start()
    log.info(
        "server started",
        version=__version__,
        address=address(listener),
        roles=sorted(chosen.role_set),
        database="sqlite" if is_file_based(chosen) else "postgresql",
        nats=bool(chosen.nats_url.get_secret_value()),
        pid=os.getpid(),
    )
    try:
        await server.serve([listener])
    finally:
        connections.stop()
        log.info("server stops: requests are answered, what is in flight is finished", pid=os.getpid())


def settle_memory() -> None:
    """Take what was loaded at the start out of the garbage collector's sight, for it stays until the process ends.

    The modules, routes, models and schemas are some 700,000 objects. Going over them at each full collection was 15 to
    20 % of the CPU of a message under load, and held up the event loop for a tenth of a second each time.
    """
    gc.collect()
    gc.freeze()
    # Younger collections are rarer too: nearly all that a request makes is freed by its reference count.
    gc.set_threshold(GARBAGE_AFTER, 20, 20)


def serve(
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="Server processes behind one port (JACKFIELD_PROCESSES); needs PostgreSQL."),
    ] = None,
) -> None:
    """Run Jackfield: API, worker and deliveries, until it is told to stop."""
    chosen = settings()
    if processes is not None:
        chosen.processes = processes
    configure_logging(chosen)

    async def main() -> None:
        with bind(chosen.host, chosen.port) as listener:
            async with Server(chosen) as server:
                await announce(server, listener, chosen)
                settle_memory()
                say(f"Jackfield serves on {address(listener)}/api/docs")
                await serve_app(server.app, listener, chosen)
        log.info("server stopped", pid=os.getpid())

    with clear_errors():
        if chosen.processes > 1:
            raise typer.Exit(serve_many(chosen))
        run_loop(main())


async def announce(server: Server, listener: socket.socket, chosen: Settings) -> None:
    """Show what a first start made, and how somebody becomes the owner where nobody is."""
    if server.made is not None:
        show_credentials(server.made, chosen.data_dir)
    if await server.core.accounts.needs_setup():
        base = chosen.public_url or address(listener)
        link = f"{base.rstrip('/')}/setup#{server.core.accounts.setup_code()}"
        # Printed without wrapping, so that it can be clicked.
        print(f"Become the owner in your browser: {link}", flush=True)


def serve_many(chosen: Settings) -> int:
    """Serve by several processes behind one port until told to stop; gives the exit status. Raises StartupError."""
    check_many(chosen)
    # Bound here and never listened on: it keeps the port while children come and go.
    with bind(chosen.host, chosen.port, shared=True) as place:
        host, port = place.getsockname()[:2]

        async def prepare() -> None:
            async with Server(chosen, work=False) as server:
                await announce(server, place, chosen)

        async def main() -> None:
            supervisor.end_with_me()
            with bind(host, port, shared=True) as listener:
                async with Server(chosen) as server:
                    settle_memory()
                    await serve_app(server.app, listener, chosen)
            log.info("server stopped", pid=os.getpid())

        def run(number: int) -> int:
            structlog.contextvars.bind_contextvars(process=number)
            try:
                with clear_errors():
                    run_loop(prepare() if number < 0 else main())
            except typer.Exit as end:
                return end.exit_code
            return 0

        supervisor = Supervisor(run, chosen.processes)
        # Schema and first workspace are made once, by a process that ends before the others begin.
        if status := supervisor.run_once():
            return status
        say(f"Jackfield serves on {address(place)}/api/docs with {chosen.processes} processes")
        return supervisor.supervise()


def check_many(chosen: Settings) -> None:
    """Whether several processes can serve with these settings. Raises StartupError that says why not."""
    if is_file_based(chosen):
        raise StartupError(
            f"{chosen.processes} processes need PostgreSQL (JACKFIELD_DATABASE_URL): SQLite has one writer at a time, and one"
            " process alone works on its folder. Use --processes 1, or move to PostgreSQL."
        )
    if not hasattr(socket, "SO_REUSEPORT"):
        raise StartupError("This system cannot share a port among processes (SO_REUSEPORT). Use --processes 1.")
    if chosen.simulator and not chosen.simulator_url:
        raise StartupError(
            "With several processes each would simulate a world of its own. Run `jackfield simulator` and set"
            " JACKFIELD_SIMULATOR_URL, or use --processes 1."
        )


def simulator(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 4004,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Seed of the world: the same seed, the same people.")] = 0,
    people: Annotated[str, typer.Option(help="plain (all goes well) or lively (as in life).")] = "plain",
    latency: Annotated[float, typer.Option(help="Milliseconds before each answer.")] = 0,
    delay_scale: Annotated[float, typer.Option(help="Multiplies people's delays; 0: everything at once.")] = 1,
) -> None:
    """Run the simulated network as a server of its own: Graph API, Bot API and the world's own endpoints."""
    from jackfield.engines.simulator.server import run

    if people not in ("plain", "lively"):
        complain("--people is plain or lively.")
        raise typer.Exit(2)
    if latency < 0 or delay_scale < 0:
        complain("--latency and --delay-scale are 0 or more.")
        raise typer.Exit(2)
    url = f"http://{host}:{port}"
    typer.echo(f"The simulated network is on {url}: Graph API at {url}/v23.0, Bot API at {url}/bot<token>.", err=True)
    with contextlib.suppress(KeyboardInterrupt):
        run(host, port, seed=seed, people=people, latency_ms=latency, delay_scale=delay_scale)  # type: ignore[arg-type]


def demo() -> None:
    """Show the main job: import contacts, send a campaign through the simulator, see who got it; then serve."""
    from .demo import run_demo

    run_demo()
