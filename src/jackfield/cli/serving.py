"""serve, migrate, simulator, demo."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from typing import Annotated

import typer
import uvicorn

from jackfield.app import Server, StartupError, configure_logging, open_core
from jackfield.core.accounts import Bootstrap
from jackfield.migrations import current, upgrade

from ._common import command, err, out, settings


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(migrate)
    app.command()(simulator)
    app.command()(demo)


def show_credentials(made: Bootstrap) -> None:
    """The first owner and key, once; what the operator chose is not repeated."""
    if "email" in made.made_up or "password" in made.made_up:
        out.print(f"Owner: [bold]{made.email}[/]", highlight=False)
    if "password" in made.made_up:
        out.print(f"Password (shown once): [bold]{made.password}[/]", highlight=False)
    if "api_key" in made.made_up:
        out.print(f"API key: [bold]{made.api_key}[/]", highlight=False)


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


async def serve_app(app: object, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=10,
        http="httptools",
    )
    server = _Uvicorn(config)
    await server.serve()


def serve() -> None:
    """Run Jackfield: API, worker and deliveries, until it is told to stop."""
    chosen = settings()
    configure_logging(chosen)

    async def main() -> None:
        async with Server(chosen) as server:
            if server.made is not None:
                show_credentials(server.made)
            out.print(f"Jackfield serves on http://{chosen.host}:{chosen.port}/api/docs", highlight=False)
            await serve_app(server.app, chosen.host, chosen.port)

    try:
        run_loop(main())
    except StartupError as error:
        err.print(f"[red]Error:[/] {error}", highlight=False)
        raise typer.Exit(1) from None
    except (KeyboardInterrupt, SystemExit):
        pass


@command
async def migrate() -> None:
    """Bring the database to this version's schema."""
    core = open_core(settings())
    before = await current(core.db)
    await upgrade(core.db)
    after = await current(core.db)
    await core.db.close()
    out.print(f"The schema was at {before or 'nothing'} and is at {after}.", highlight=False)


def simulator(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 4004,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Seed of the world: the same seed, the same people.")] = 0,
    people: Annotated[str, typer.Option(help="plain (all goes well) or lively (as in life).")] = "plain",
    latency: Annotated[float, typer.Option(help="Milliseconds before each answer.")] = 0,
) -> None:
    """Run the simulated network as a server of its own: Graph API, Bot API and the world's own endpoints."""
    from jackfield.engines.simulator.server import run

    if people not in ("plain", "lively"):
        err.print("[red]Error:[/] --people is plain or lively.")
        raise typer.Exit(2)
    with contextlib.suppress(KeyboardInterrupt):
        run(host, port, seed=seed, people=people, latency_ms=latency)  # type: ignore[arg-type]


def demo() -> None:
    """Show the main job: import contacts, send a campaign through the simulator, see who got it; then serve."""
    from .demo import run_demo

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run_loop_status = run_demo()
    raise typer.Exit(run_loop_status)
