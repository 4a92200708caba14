"""Simulated providers for whole-server tests: a Cloud API number, and a server that has an address for callbacks."""

from __future__ import annotations

import contextlib
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from jackfield.testing.server import Answer, JackfieldServer, until
from jackfield.testing.simulator import SimulatorProcess

TOKEN, SECRET, VERIFY = "EAAJtoken", "app-secret", "verify-me"


@contextlib.contextmanager
def reachable_server(data_dir: Path, env: Mapping[str, str] | None = None) -> Iterator[JackfieldServer]:
    """A server that providers can call back: its public address is its own."""
    server = JackfieldServer(data_dir, env)
    server.env["JACKFIELD_PUBLIC_URL"] = server.url
    server.start()
    try:
        yield server
    finally:
        server.stop()


def post(url: str, body: Mapping[str, Any] | None = None) -> Any:
    """A control of a simulator: POST with a body, GET without."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=60) as answer:
        return json.loads(answer.read())


class CloudNumber:
    """One number at the simulated Meta, and the profile of a server that sends through it."""

    def __init__(self, meta: SimulatorProcess, number: str = "106540352242922", **settings: Any) -> None:
        self.meta, self.id = meta, number
        self.profile = ""
        self.control(
            accessToken=TOKEN,
            appSecret=SECRET,
            verifyToken=VERIFY,
            wabaId=f"9{number[1:]}",
            **{"throughput": 0, "pairRate": False, "enforceWindow": False, **settings},
        )

    def control(self, **settings: Any) -> dict[str, Any]:
        """Change how the number is set up; gives its settings."""
        answer = post(f"{self.meta.url}/control/graph/{self.id}", settings or None)
        shown: dict[str, Any] = answer["data"]
        return shown

    def faults(self, **faults: Any) -> None:
        """Make things go wrong; without arguments, heal everything."""
        self.meta.control_now(self.id, "faults", faults or {"reset": True})

    def outbox(self) -> list[dict[str, Any]]:
        """What the network took, oldest first."""
        return self.meta.outbox_now(self.id)

    def config(self, **changes: Any) -> dict[str, Any]:
        """The configuration of a profile for this number."""
        return {
            "baseUrl": self.meta.url,
            "apiVersion": "v23.0",
            "phoneNumberId": self.id,
            "wabaId": f"9{self.id[1:]}",
            "accessToken": TOKEN,
            "appSecret": SECRET,
            "verifyToken": VERIFY,
            **changes,
        }

    def make(self, server: JackfieldServer, *, config: Mapping[str, Any] | None = None, **fields: Any) -> str:
        """A profile of this number, asked to connect; gives its id."""
        body = {"name": f"Number {self.id}", "engine": "whatsapp_cloud", "config": self.config(**(config or {}))}
        self.profile = str(server.api("POST", "/profiles", json={**body, **fields}).data["id"])
        server.api("POST", f"/profiles/{self.profile}/connect")
        return self.profile

    def join(self, server: JackfieldServer, **fields: Any) -> str:
        """A profile of this number, connected and with its webhooks on their way to the server; gives its id."""
        profile = self.make(server, **fields)
        until(lambda: status(server, profile)["connected"], 60, "the number is connected")
        hook = f"{server.url}/hooks/{profile}"
        until(lambda: self.control()["callbackUrl"] == hook, 60, "Meta sends webhooks to the server")
        until(lambda: server.api("GET", f"/templates?profileId={profile}").data, 60, "the templates are known")
        return profile

    def quiet(self) -> None:
        """Return once every webhook was delivered."""
        until(lambda: self.control()["webhooks"]["waiting"] == 0, 60, "all webhooks are delivered")


class _Meter(BaseHTTPRequestHandler):
    """Passes requests on, and counts them."""

    def _pass_on(self) -> None:
        server = self.server
        assert isinstance(server, MeterServer)
        server.paths.append(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        kept = {name: value for name, value in self.headers.items() if name in ("Authorization", "Content-Type")}
        request = urllib.request.Request(server.behind + self.path, data=body, headers=kept, method=self.command)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, data = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, data = error.code, error.read()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_DELETE = _pass_on

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class MeterServer(ThreadingHTTPServer):
    """Stands before a provider and keeps the path of every request. `url` is its own address."""

    daemon_threads = True
    request_queue_size = 512
    """A channel opens hundreds of connections at once; with Python's default of 5 some would wait seconds for theirs."""

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Meter)
        self.behind = behind
        self.paths: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def metered(behind: str) -> Iterator[MeterServer]:
    """A counting proxy for the length of the block."""
    server = MeterServer(behind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def status(server: JackfieldServer, profile: str) -> dict[str, Any]:
    """A profile's state, and why."""
    found: dict[str, Any] = server.api("GET", f"/profiles/{profile}/status").data
    return found


def import_csv(server: JackfieldServer, text: str, *, into: str) -> Answer:
    """Upload a contacts file into a list."""
    mark = "jackfield-test-boundary"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="list"\r\n\r\n{into}\r\n',
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{text}\r\n--{mark}--\r\n",
    ]
    headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    return server.api("POST", "/contacts/import", body="".join(parts).encode(), headers=headers)


def recipients(server: JackfieldServer, campaign: str) -> list[dict[str, Any]]:
    """All rows of a campaign."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = server.api("GET", f"/campaigns/{campaign}/recipients?limit=200{cursor}")
        rows += answer.data
        following = answer.json["meta"]["cursor"]
        if following is None:
            return rows
        cursor = f"&cursor={following}"
