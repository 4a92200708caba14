"""Simulated providers for whole-server tests: a Cloud API number, and a server that has an address for callbacks."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Iterator, Mapping
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
            wabaId=f"2{number}"[:15],
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
            "wabaId": f"2{self.id}"[:15],
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
        until(lambda: status(server, profile)["connected"], 20, "the number is connected")
        hook = f"{server.url}/hooks/{profile}"
        until(lambda: self.control()["callbackUrl"] == hook, 20, "Meta sends webhooks to the server")
        return profile

    def quiet(self) -> None:
        """Return once every webhook was delivered."""
        until(lambda: self.control()["webhooks"]["waiting"] == 0, 60, "all webhooks are delivered")


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
