"""What the faults are done to: a cluster on PostgreSQL and NATS, and a single box on SQLite."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from jackfield.testing.nats import NatsServer, nats_server
from jackfield.testing.proxy import TcpProxy, tcp_proxy
from jackfield.testing.server import JackfieldServer, free_port, until
from jackfield.testing.simulator import SimulatorProcess, simulator_process
from jackfield.testing.staged import Clock

from ..e2e.providers import CloudNumber
from .checker import Checker, owner_pid, postgres, sqlite
from .receiver import Receiver, receiving

LEASE_S = 3.0
UNCERTAIN_S = 6.0
"""How long a network that cannot be asked is waited for; 600 in earnest."""


class Node(JackfieldServer):
    """A staged server. `works` says that it may own channels."""

    module = "jackfield.testing.staged"

    def __init__(self, data_dir: Path, env: dict[str, str], *, port: int | None = None, works: bool = True) -> None:
        super().__init__(data_dir, env)
        self.works = works
        if port is not None:
            self.port, self.url = port, f"http://127.0.0.1:{port}"
            self.env["JACKFIELD_PORT"] = str(port)

    @property
    def pid(self) -> int:
        """The process id; 0 when it never ran."""
        return self.process.pid if self.process is not None else 0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def freeze(self) -> None:
        """SIGSTOP."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)

    def bound(self, which: int, soft: int) -> int:
        """Set a resource limit of the running process (RLIMIT_...); gives the one before."""
        before = psutil.Process(self.pid).rlimit(which)
        psutil.Process(self.pid).rlimit(which, (soft, before[1]))
        return int(before[0])


class OwnPostgres:
    """A PostgreSQL of our own that may be restarted. `socket` is where it listens."""

    def __init__(self, folder: Path) -> None:
        import pgserver

        self._server = pgserver.get_server(folder, cleanup_mode="stop")
        self.run(
            "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET deadlock_timeout = '100ms'", "SELECT pg_reload_conf()"
        )

    @property
    def url(self) -> str:
        """Past every proxy."""
        return str(self._server.get_uri())

    @property
    def socket(self) -> Path:
        """Its Unix socket."""
        return Path(str(self._server.get_postmaster_info().socket_dir)) / ".s.PGSQL.5432"

    def run(self, *statements: str) -> None:
        """Run statements, each in a transaction of its own."""
        ask = postgres(self.url)
        for one in statements:
            ask(one)

    def restart(self, *, pause: float = 0.0) -> None:
        """Stop at once (SIGQUIT: as a crash, with recovery at the start), and start."""
        process = psutil.Process(self._server.get_pid())
        process.send_signal(signal.SIGQUIT)
        process.wait(20)
        time.sleep(pause)  # the fault: so long it is away
        with self._server._lock:
            self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop."""
        self._server.cleanup()


class Stage:
    """What a fault may touch. `nodes` by name; `proxies` stand before the database, NATS, the network and the receiver."""

    kind = ""
    cloud: CloudNumber
    clock: Clock
    checker: Checker

    def __init__(self, network: SimulatorProcess, receiver: Receiver) -> None:
        self.network, self.receiver = network, receiver
        self.nodes: dict[str, Node] = {}
        self.proxies: dict[str, TcpProxy] = {}
        self.channels: list[int] = []

    @property
    def doors(self) -> list[int]:
        """Ports of the servers that answer the API."""
        return [node.port for name, node in self.nodes.items() if not name.startswith("worker")]

    @property
    def workers(self) -> list[Node]:
        """Those that may own channels."""
        return [node for node in self.nodes.values() if node.works]

    def owner_pid(self, channel: int) -> int:
        """The process that owns a channel, 0 for none."""
        return owner_pid(self.query, channel)

    def owner(self) -> Node:
        """The node that owns the first channel that has a living owner."""
        return until(self._owner, 30, "a channel has an owner")

    def _owner(self) -> Any:
        pids = {node.pid: node for node in self.nodes.values() if node.alive}
        return next((pids[pid] for one in self.channels if (pid := self.owner_pid(one)) in pids), None)

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Plain SQL, past every proxy."""
        return self.checker._query(sql)

    def network_fault(self, **faults: Any) -> None:
        """Make both channels' network go wrong; without arguments heal it."""
        for key in ("1", self.cloud.id):
            self.network.control_now(key, "faults", faults or {"reset": True, "latency": [10, 40]})

    def heal(self) -> None:
        """All faults end; who is dead is started again."""
        for proxy in self.proxies.values():
            proxy.heal()
        self.network_fault()
        self.receiver.mood = "well"
        self.clock.jump(0.0)
        for node in self.nodes.values():
            node.thaw()
            if not node.alive:
                node.start()

    def outbox(self, channel: int) -> list[dict[str, Any]]:
        """What the network took of a channel."""
        return self.network.outbox_now("1") if channel == 1 else self.cloud.outbox()

    def open(self, door: Node) -> None:
        """Subscribe the receiver, and join the Cloud number beside the simulated phone."""
        until(lambda: door.api("GET", "/profiles/1/status").data["connected"], 60, "the first channel is connected")
        url = f"http://127.0.0.1:{self.proxies['receiver'].port}/hook"
        door.api("POST", "/webhooks", json={"url": url, "events": ["*"]}).data  # noqa: B018 - raises when refused
        config = {"baseUrl": f"http://127.0.0.1:{self.proxies['network'].port}"}
        profile = self.cloud.make(door, config=config)
        until(lambda: door.api("GET", f"/profiles/{profile}/status").data["connected"], 60, "the number is connected")
        until(lambda: self.cloud.control()["callbackUrl"], 60, "the number has a callback")
        self.channels = [1, int(profile)]
        for channel in self.channels:
            pace = {"pacing": {"rate": 200, "burst": 20}}
            assert door.api("PATCH", f"/profiles/{channel}", json=pace).status == 200
        self.network_fault()
        self.checker = Checker(
            self.checker._query, self.channels, self.outbox, self.receiver.arrivals, self.receiver.refused
        )

    def checks(self, query: Any) -> None:
        """How the database is read."""
        self.checker = Checker(query, [], self.outbox, self.receiver.arrivals, self.receiver.refused)


def _common(stage: Stage, folder: Path) -> dict[str, str]:
    return {
        "JACKFIELD_SIMULATOR_URL": f"http://127.0.0.1:{stage.proxies['network'].port}",
        "JACKFIELD_PUBLIC_URL": f"http://127.0.0.1:{stage.proxies['callbacks'].port}",
        "JACKFIELD_SECRET_KEY": "one key for all, long enough to be one",
        "JACKFIELD_LEASE_SECONDS": str(LEASE_S),
        "JACKFIELD_POLL_SECONDS": "0.2",
        "JACKFIELD_UNCERTAIN_WAIT_SECONDS": str(UNCERTAIN_S),
        "JACKFIELD_TEST_CLOCK": str(folder / "clock"),
    }


class Cluster(Stage):
    """Two workers, one that answers requests, and one that does both, on one PostgreSQL and NATS."""

    kind = "cluster"
    postgres: OwnPostgres
    nats: NatsServer


@contextlib.contextmanager
def cluster(folder: Path, *, small: bool = False) -> Iterator[Cluster]:
    """A cluster for the length of the block; `small` has three processes (api, worker, both)."""
    short = Path(tempfile.mkdtemp(prefix="jf-chaos-"))
    short.chmod(0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, short, ignore_errors=True)
        network = stack.enter_context(simulator_process("--delay-scale", "0.05"))
        stage = Cluster(network, stack.enter_context(receiving()))
        stage.postgres = OwnPostgres(short / "pg")
        stack.callback(stage.postgres.close)
        stage.nats = stack.enter_context(nats_server(folder / "nats"))
        stage.clock = Clock(folder / "clock")
        doors = {"api": free_port(), "both": free_port()}
        targets: dict[str, Any] = {
            "database": [stage.postgres.socket],
            "nats": [("127.0.0.1", stage.nats.port)],
            "network": [("127.0.0.1", network.port)],
            "receiver": [("127.0.0.1", stage.receiver.port)],
            "callbacks": [("127.0.0.1", port) for port in doors.values()],
        }
        for name, ends in targets.items():
            stage.proxies[name] = stack.enter_context(tcp_proxy(*ends))
        stage.checks(postgres(stage.postgres.url))
        stage.cloud = CloudNumber(network)
        env = _common(stage, folder) | {
            "JACKFIELD_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{stage.proxies['database'].port}/postgres",
            "JACKFIELD_NATS_URL": f"nats://127.0.0.1:{stage.proxies['nats'].port}",
        }
        roles = {"both": "api,worker", "api": "api", "worker-1": "worker", "worker-2": "worker"}
        if small:
            del roles["worker-2"]
        for name, role in roles.items():
            given = env | {"JACKFIELD_ROLES": role}
            stage.nodes[name] = Node(folder / name, given, port=doors.get(name), works="worker" in role)
        stack.callback(_stop_all, stage)
        for node in stage.nodes.values():
            node.start()
        stage.open(stage.nodes["both"])
        yield stage


class Box(Stage):
    """One process with everything on SQLite. `disk` is a small file system of its own where the machine lets us mount
    one, else None."""

    kind = "box"
    disk: Path | None = None

    @property
    def node(self) -> Node:
        """The server."""
        return self.nodes["box"]


@contextlib.contextmanager
def box(folder: Path, **env: str) -> Iterator[Box]:
    """A single box for the length of the block, with settings of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        network = stack.enter_context(simulator_process("--delay-scale", "0.05"))
        stage = Box(network, stack.enter_context(receiving()))
        stage.clock = Clock(folder / "clock")
        port = free_port()
        for name, end in {"network": network.port, "receiver": stage.receiver.port, "callbacks": port}.items():
            stage.proxies[name] = stack.enter_context(tcp_proxy(("127.0.0.1", end)))
        stage.cloud = CloudNumber(network)
        data = folder / "data"
        data.mkdir()
        if _mount(data):
            stage.disk = data
            stack.callback(subprocess.run, ["umount", "-l", str(data)], check=False)
        node = stage.nodes["box"] = Node(data, _common(stage, folder) | env, port=port)
        # Its output is not on the disk that fills.
        node.log = folder / "box.log"
        stage.checks(sqlite(data / "jackfield.db"))
        stack.callback(_stop_all, stage)
        node.start()
        stage.open(node)
        yield stage


def _mount(folder: Path) -> bool:
    if os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _stop_all(stage: Stage) -> None:
    for proxy in stage.proxies.values():
        proxy.heal()
    for node in stage.nodes.values():
        node.thaw()
        if node.alive and node.process is not None:
            node.process.terminate()
    for node in stage.nodes.values():
        node.stop()
