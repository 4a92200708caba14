"""What the dialects' tests share: a receiver of webhooks, and the comparison of an answer with a printed example."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jackfield.core import Core
from jackfield.server.startup import bootstrap, open_core
from jackfield.settings import Settings
from jackfield.testing.server import until

KEY = "test-key-0123456789"
"""The first key of `begun`."""


def shape_problems(printed: Any, got: Any, nullable: frozenset[str] = frozenset(), place: str = "") -> list[str]:
    """Where an answer differs from the printed example, key for key and type for type.

    Every element of a list is held against the first one printed. `nullable` names fields that may be null although
    the example shows a value, or have one although it shows null.
    """
    name = place.rpartition(".")[2]
    if name in nullable and (printed is None or got is None):
        return []
    if isinstance(printed, dict) and isinstance(got, dict):
        problems = [f"{place}.{key} is missing" for key in printed if key not in got]
        problems += [f"{place}.{key} is too much" for key in got if key not in printed]
        for key in printed:
            if key in got:
                problems += shape_problems(printed[key], got[key], nullable, f"{place}.{key}")
        return problems
    if isinstance(printed, list) and isinstance(got, list):
        return [
            problem
            for i, item in enumerate(got)
            for problem in (shape_problems(printed[0], item, nullable, f"{place}[{i}]") if printed else [])
        ]
    if type(printed) is not type(got):
        return [f"{place} is {type(got).__name__}, not {type(printed).__name__}"]
    return []


class Got:
    """A request that the receiver got."""

    def __init__(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        self.path = path
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Receiver:
    """An HTTP server on loopback. `answer` makes the JSON of each answer; `got` is what came, oldest first."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answer: Callable[[Got], Any] = lambda _: {"status": "success", "message": "Webhook received successfully."}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                got = Got(self.path, dict(self.headers), body)
                receiver.got.append(got)
                said = json.dumps(receiver.answer(got)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def wait(self, check: Callable[[Got], bool], seconds: float = 60.0) -> Got:
        """The first request for which `check` is true."""
        found = until(lambda: next((got for got in list(self.got) if check(got)), None), seconds, "a webhook")
        assert found is not None
        return found

    def close(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
async def begun(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Core]:
    """A core with a first workspace, its simulator and its key, as the first start makes them."""
    settings = Settings(data_dir=tmp_path, database_url=migrated_sqlite, api_key=KEY)  # type: ignore[arg-type]
    async with open_core(settings) as core:
        await bootstrap(core, settings)
        yield core
