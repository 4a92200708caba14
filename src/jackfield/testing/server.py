"""A real Jackfield server in a process of its own, for end-to-end tests.

with running_server(tmp_path) as server:
    server.api("POST", "/messages/text", json={"to": "628123456789", "text": "Hello"})
"""

from __future__ import annotations

import contextlib
import json as jsonlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from . import forks

T = TypeVar("T")

KEY = "test-key-0123456789"
EMAIL = "owner@example.com"
PASSWORD = "correct horse battery"  # noqa: S105 - of test servers only


class Answer:
    """An HTTP answer: `status`, `headers`, `body` (bytes), and `json` (the parsed body)."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return jsonlib.loads(self.body)

    @property
    def data(self) -> Any:
        """`data` of a success envelope; fails loudly on anything else."""
        if not 200 <= self.status < 300:
            raise AssertionError(f"{self.status}: {self.body[:2000].decode(errors='replace')}")
        return self.json["data"]

    def __repr__(self) -> str:
        return f"<{self.status} {self.body[:200]!r}>"


def free_port() -> int:
    """A TCP port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(check: Callable[[], T], seconds: float = 60.0, what: str = "") -> T:
    """Poll until `check` gives something true; gives it. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or check}; last seen {found!r}")
        time.sleep(0.02)


class JackfieldServer:
    """A server process. `start` after `kill` keeps its data."""

    forked: ClassVar[bool] = False
    """Whether servers are forks of a process that has imported Jackfield (see `forks`); tests/conftest.py says so."""
    template: ClassVar[Path | None] = None
    """A migrated SQLite file that forked servers begin with, where their folder has none."""
    module = "jackfield"
    """What is run; `jackfield.testing.staged` has a clock that a test moves."""

    def __init__(self, data_dir: Path, env: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key, self.email, self.password = KEY, EMAIL, PASSWORD
        self.profile = "1"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("JACKFIELD_")},
            "JACKFIELD_DATA_DIR": str(data_dir),
            "JACKFIELD_PORT": str(self.port),
            "JACKFIELD_API_KEY": KEY,
            "JACKFIELD_OWNER_EMAIL": EMAIL,
            "JACKFIELD_OWNER_PASSWORD": PASSWORD,
            "JACKFIELD_SIMULATOR": "1",
            "JACKFIELD_EGRESS_ALLOW": "localhost, 127.0.0.0/8, ::1",
            **(env or {}),
        }
        self.process: subprocess.Popen[bytes] | forks.Forked | None = None
        data_dir.mkdir(parents=True, exist_ok=True)
        self.log = data_dir / "server.log"

    def start(self, seconds: float = 90.0) -> None:
        """Start and wait until it is ready. Raises AssertionError with the log when it is not in time."""
        if self.forked:
            file = self.data_dir / "jackfield.db"
            if self.template is not None and "JACKFIELD_DATABASE_URL" not in self.env and not file.exists():
                shutil.copy(self.template, file)
            self.process = forks.start(self.module, ["serve"], self.env, self.log)
        else:
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
                    [sys.executable, "-m", self.module, "serve"], env=self.env, stdout=log, stderr=log
                )
        deadline = time.monotonic() + seconds
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"server did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
            with contextlib.suppress(OSError):
                if self.request("GET", "/readyz").status == 200:
                    return
            time.sleep(0.03)

    def kill(self) -> None:
        """SIGKILL: no farewell."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self, seconds: float = 60.0) -> int:
        """SIGTERM: drain and end; gives the exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                return self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 120.0,
    ) -> Answer:
        """One request to the server; failures of HTTP are answers, not exceptions."""
        sent = dict(headers or {})
        if json is not None:
            body = jsonlib.dumps(json).encode()
            sent.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.url + path, data=body, headers=sent, method=method)  # noqa: S310
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=timeout) as response:
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def api(self, method: str, path: str, *, key: str | None = None, **kwargs: Any) -> Answer:
        """A request to the native API with the first key."""
        headers = {"X-API-Key": key or self.key, **(kwargs.pop("headers", None) or {})}
        return self.request(method, "/api" + path, headers=headers, **kwargs)

    def outbox(self, profile: str | None = None) -> list[dict[str, Any]]:
        """What the simulated network took, oldest first."""
        rows: list[dict[str, Any]] = []
        after: Any = None
        while True:
            query = "?limit=5000" + (f"&after={after}" if after is not None else "")
            page = self.request("GET", f"/simulator/{profile or self.profile}/outbox{query}").json
            rows += page["data"]
            after = page.get("next")
            if after is None or not page["data"]:
                return rows

    def message(self, message_id: str, *states: str, seconds: float = 60.0) -> dict[str, Any]:
        """A message once it is in one of these states."""

        def look() -> dict[str, Any] | None:
            row: dict[str, Any] = self.api("GET", f"/messages/{message_id}").data
            return row if not states or row["status"] in states else None

        found = until(look, seconds, f"message {message_id} in {states}")
        assert found is not None
        return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@contextlib.contextmanager
def running_server(data_dir: Path, env: Mapping[str, str] | None = None) -> Iterator[JackfieldServer]:
    """A server that runs inside the block, with a paired simulator channel as profile 1."""
    server = JackfieldServer(data_dir, env)
    server.start()
    try:
        until(
            lambda: server.api("GET", "/profiles/1/status").data["connected"],
            what="the first profile is connected",
        )
        yield server
    finally:
        server.stop()
