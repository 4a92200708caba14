"""One server for the whole folder, with the contacts, tags, lists and attributes that the documentation's examples
name, and a client that speaks Pabbly's API."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer, running_server, until

from ..document import hold

BASE = "/pabbly/api/v1"


class Client:
    """The vendor's client, at another base URL."""

    def __init__(self, server: JackfieldServer) -> None:
        self.server = server

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.server.key}", **(more.pop("headers", None) or {})}
        return self.server.request(method, BASE + path, json=json, headers=headers, **more)

    def person(self, **fields: Any) -> None:
        """A contact by the native API, which makes the tags, lists and attributes that are missing."""
        answer = self.server.api("POST", "/contacts", json=fields)
        assert answer.status < 300, answer

    def ok(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        answer = self(method, path, json, **more)
        assert answer.status == 200, answer
        assert answer.json["status"] == "success", answer
        return answer.json["data"]

    def refused(self, method: str, path: str, json: Any = None, *, status: int = 400, **more: Any) -> dict[str, Any]:
        answer = self(method, path, json, **more)
        assert answer.status == status, answer
        body: dict[str, Any] = answer.json
        assert body["success"] is False
        assert body["status"] == "error"
        assert isinstance(body["error"], str)
        assert body["error"]
        return body


@pytest.fixture(scope="package")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running_server(tmp_path_factory.mktemp("pabbly")) as server:
        hold(server, "/pabbly")
        found = Client(server)
        found.person(
            phone="919800000001",
            name="Priya Nair",
            optin=True,
            tags=["indian", "vegetarian", "engineer", "architect"],
            lists=["sups", "partners"],
            attributes={"city": "bhopal", "taxes": "30"},
        )
        until(
            lambda: (
                found.ok("GET", "/templates")["pagination"]["totalTemplates"] >= 16
                and found.ok("GET", "/catalogs")["catalogs"]
            ),
            what="templates and catalogs are read",
        )
        yield found


def matches(schema: Mapping[str, Any], value: Any, place: str = "$") -> list[str]:
    """Where a value departs from a documented structure: keys that are missing, types that differ."""
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    kind = "null" if value is None else kinds[type(value)]
    if kind not in schema["type"]:
        return [f"{place}: {kind} instead of {' or '.join(schema['type'])}"]
    if isinstance(value, dict):
        wrong = [f"{place}.{key} is missing" for key in schema.get("required", []) if key not in value]
        for key, inner in schema.get("properties", {}).items():
            if key in value:
                wrong += matches(inner, value[key], f"{place}.{key}")
        return wrong
    if isinstance(value, list) and "items" in schema:
        return [one for n, item in enumerate(value) for one in matches(schema["items"], item, f"{place}[{n}]")]
    return []


def without(request: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A request without one field; "sections[].rows[].title" takes it out of the first entries."""
    body: dict[str, Any] = copy.deepcopy(dict(request))
    *path, last = re.split(r"\.", name.replace("[]", ".0"))
    place: Any = body
    for step in path:
        place = place[int(step)] if step.isdigit() else place[step]
    del place[last]
    return body


GOLDEN = Path(__file__).parent / "golden"
