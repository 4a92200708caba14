"""Several processes behind one port: they share the work, one that dies comes back, and all end together."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import psutil
import pytest

from jackfield.cli.serving import check_many
from jackfield.server.startup_error import StartupError
from jackfield.server.supervisor import Supervisor
from jackfield.settings import Settings
from jackfield.testing.nats import NatsServer
from jackfield.testing.server import JackfieldServer, until


@pytest.fixture
def pair(postgres_url: str, nats: NatsServer, tmp_path: Path) -> Iterator[JackfieldServer]:
    """A server of two processes."""
    server = JackfieldServer(
        tmp_path / "server",
        {
            "JACKFIELD_DATABASE_URL": postgres_url,
            "JACKFIELD_NATS_URL": nats.url,
            "JACKFIELD_SECRET_KEY": "one key for all, long enough to be one",
            "JACKFIELD_SIMULATOR": "0",
            "JACKFIELD_PROCESSES": "2",
        },
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


def children(server: JackfieldServer) -> dict[int, psutil.Process]:
    """The supervisor's children by process id."""
    assert server.process is not None
    return {one.pid: one for one in psutil.Process(server.process.pid).children()}


def serving(server: JackfieldServer) -> dict[int, psutil.Process]:
    """Those of them that listen on the port. One that ends meanwhile is none."""
    found = {}
    for pid, one in children(server).items():
        with contextlib.suppress(psutil.Error):
            if listens(one, server.port):
                found[pid] = one
    return found


def listens(one: psutil.Process, port: int) -> bool:
    """Whether a process has a listening socket of its own on the port. Raises psutil.Error when it has ended."""
    return any(
        held.status == psutil.CONN_LISTEN and held.laddr.port == port for held in one.net_connections(kind="tcp")
    )


@pytest.mark.timeout(390)
def test_two_processes_serve_one_port(pair: JackfieldServer) -> None:
    both = until(lambda: len(found := serving(pair)) == 2 and found, 120, "two")
    assert pair.process is not None
    assert not listens(psutil.Process(pair.process.pid), pair.port), "the supervisor takes no connection"
    # The first start was made once, by neither of the two.
    until(lambda: pair.api("GET", "/profiles").data == [], what="an answer")
    assert pair.log.read_text().count("Jackfield serves on") == 1

    killed, other = both
    both[killed].kill()
    # The other one answers all the while, and a new one joins it.
    until(lambda: _answers(pair), what="the other answers")
    now = until(lambda: killed not in (found := serving(pair)) and len(found) == 2 and found, 120, "two again")
    assert other in now
    assert "a server process ended and is started again" in pair.log.read_text()

    assert pair.stop() == 0
    assert not any(one.is_running() for one in now.values())

    # When the supervisor is killed, its children notice and end in order.
    pair.start()
    both = until(lambda: len(found := serving(pair)) == 2 and found, 120, "two")
    pair.kill()
    _, alive = psutil.wait_procs(list(both.values()), timeout=120)
    assert not alive


def _answers(server: JackfieldServer) -> bool:
    with contextlib.suppress(OSError, HTTPException):
        return server.request("GET", "/healthz").status == 200
    return False


def test_sqlite_has_one_process(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"2 processes need PostgreSQL .*SQLite has one writer"):
        check_many(Settings(data_dir=tmp_path, processes=2))


def test_each_process_would_simulate_a_world_of_its_own() -> None:
    url = "postgresql://nobody@localhost/nothing"
    with pytest.raises(StartupError, match="JACKFIELD_SIMULATOR_URL"):
        check_many(Settings(database_url=url, processes=2, simulator=True))
    check_many(Settings(database_url=url, processes=2, simulator=True, simulator_url="http://127.0.0.1:1"))


def test_one_that_keeps_dying_is_started_less_and_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jackfield.server.supervisor.LEAST_PAUSE_S", 0.01)
    starts = tmp_path / "starts"

    def run(_number: int) -> int:
        with open(starts, "a") as file:
            file.write("x")
        if len(starts.read_text()) == 4:
            os.kill(os.getppid(), signal.SIGTERM)
        return 3

    with_handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    supervisor = Supervisor(run, 1)
    assert supervisor.supervise() == 0
    assert len(starts.read_text()) in (4, 5)
    assert supervisor._places[0].pause in (0.01 * 2**3, 0.01 * 2**4)
    assert {number: signal.getsignal(number) for number in with_handlers} == with_handlers
