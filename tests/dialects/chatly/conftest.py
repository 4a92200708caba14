"""A server, and Chatly's calls on it, as forms, multipart and JSON."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from jackfield.testing.server import Answer, JackfieldServer, running_server

from ..document import Document, hold
from .customer import Shop

Files = Mapping[str, tuple[str, bytes, str]]


def multipart(fields: Mapping[str, Any] | list[tuple[str, Any]], files: Files | None = None) -> tuple[bytes, str]:
    """A multipart body as curl's -F makes it, and its content type."""
    boundary = uuid.uuid4().hex
    parts = []
    for name, value in fields.items() if isinstance(fields, Mapping) else fields:
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, (filename, data, mime) in (files or {}).items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        parts.append(f"{head}Content-Type: {mime}\r\n\r\n".encode() + data + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


class Chatly:
    """Calls under /chatly/auth/api with the key and, once logged in, the JWT."""

    def __init__(self, server: JackfieldServer, base: str = "/chatly/auth/api") -> None:
        self.server = server
        self.base = base
        self.headers = {"Accept": "application/json", "apikey": server.key}

    def login(self, email: str | None = None, password: str | None = None) -> Chatly:
        """Log in for the JWT."""
        answer = self.post(
            "/login", {"email": email or self.server.email, "password": password or self.server.password}
        )
        assert answer.status == 200, answer
        self.headers["Authorization"] = f"Bearer {answer.json['data']['token']}"
        return self

    def call(self, method: str, path: str, **kwargs: Any) -> Answer:
        """One request."""
        headers = {**self.headers, **kwargs.pop("headers", {})}
        return self.server.request(method, self.base + path, headers=headers, **kwargs)

    def get(self, path: str, **query: Any) -> Answer:
        """A GET."""
        return self.call("GET", path + (f"?{urlencode(query)}" if query else ""))

    def post(
        self, path: str, fields: Mapping[str, Any] | list[tuple[str, Any]] | None = None, files: Files | None = None
    ) -> Answer:
        """A POST as curl -F sends it."""
        body, kind = multipart(fields or {}, files)
        return self.call("POST", path, body=body, headers={"Content-Type": kind})

    def encoded(self, path: str, fields: Mapping[str, Any] | list[tuple[str, Any]]) -> Answer:
        """A POST as a URL-encoded form."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.call("POST", path, body=urlencode(fields).encode(), headers=headers)

    def json(self, path: str, body: Any) -> Answer:
        """A POST as JSON."""
        return self.call("POST", path, json=body)

    def data(self, answer: Answer) -> Any:
        """The data of a success."""
        assert answer.status == 200, answer
        assert answer.json["success"] is True
        return answer.json["data"]

    def contact(self, phone: str, name: str = "John Customer") -> int:
        """A new contact's id."""
        fields = {"name": name, "phone": phone, "country_id": "101"}
        return int(self.data(self.post("/whatsapp-contact-store", fields))["id"])

    def template(self, name: str) -> int:
        """The id of a template of the simulator's account."""
        rows = self.data(self.get("/template", per_page=200))["templates"]
        return next(int(row["id"]) for row in rows if row["name"] == name)

    def outbox(self, to: str) -> list[dict[str, Any]]:
        """What the network took for somebody."""
        return [row for row in self.server.outbox() if row["to"] == to]


@pytest.fixture(scope="session")
def chatly_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """A server for all of Chatly's tests."""
    with running_server(tmp_path_factory.mktemp("chatly")) as running:
        hold(running, "/chatly")
        yield running


@pytest.fixture(scope="session")
def chatly(chatly_server: JackfieldServer) -> Chatly:
    """Calls of the owner."""
    return Chatly(chatly_server).login()


@pytest.fixture(scope="session")
def chatly_document(chatly_server: JackfieldServer) -> Document:
    """The dialect's own document, to which no answer may add a field."""
    return Document(chatly_server.request("GET", "/chatly/openapi.json").json, exact=True)


@pytest.fixture
def shop(chatly_server: JackfieldServer, chatly_document: Document) -> Iterator[Shop]:
    """A fresh workspace with a connected number."""
    made = Shop(chatly_server, chatly_document)
    yield made
    made.close()


@pytest.fixture(scope="module")
def office(chatly_server: JackfieldServer, chatly_document: Document) -> Iterator[Shop]:
    """A fresh workspace without any number: nobody's address book fills it."""
    made = Shop(chatly_server, chatly_document, number=False)
    yield made
    made.close()


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    """The seed's examples as printed."""
    text = (Path(__file__).parent / "golden.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
