"""A server, and Chattu's calls on it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer, running_server, until

from ..document import Document, hold
from .customer import Account, Phone

ENV = {"JACKFIELD_TRUSTED_PROXIES": "127.0.0.1"}
_addresses = itertools.count(1)


class Chattu:
    """Calls under /chattu. Each has an IP address of its own, so that tests do not use up each other's limits."""

    def __init__(self, server: JackfieldServer, key: str | None = None) -> None:
        self.server = server
        self.key = key or server.key
        self.cookie: str | None = None
        self.ip = f"10.0.{next(_addresses)}.1"

    def _call(
        self, method: str, path: str, own: dict[str, str], *, headers: dict[str, str] | None = None, **kwargs: Any
    ) -> Answer:
        sent = {"X-Forwarded-For": self.ip, **own, **(headers or {})}
        return self.server.request(method, "/chattu" + path, headers=sent, **kwargs)

    def api(self, method: str, path: str, **kwargs: Any) -> Answer:
        """With the API key."""
        return self._call(method, path, {"x-api-key": self.key}, **kwargs)

    def page(self, method: str, path: str, **kwargs: Any) -> Answer:
        """With the session's cookie; logs in first."""
        if self.cookie is None:
            body = {"username": self.server.email, "password": self.server.password}
            answer = self._call("POST", "/login", {}, json=body)
            assert answer.status == 200, answer
            cookie = answer.headers["set-cookie"]
            assert "HttpOnly" in cookie
            assert "samesite=strict" in cookie.lower()
            self.cookie = cookie.partition(";")[0]
        return self._call(method, path, {"Cookie": self.cookie}, **kwargs)

    def bare(self, method: str, path: str, **kwargs: Any) -> Answer:
        """Without credentials."""
        return self._call(method, path, {}, **kwargs)

    def profile_of(self, client: str) -> str:
        """The native profile id of a client."""
        rows = self.server.api("GET", "/profiles").data
        return next(row["id"] for row in rows if row["key"] == client)

    def add(self, client: str, phone: str) -> tuple[str, str]:
        """A paired client: its own key and its profile id."""
        added = self.api("POST", "/api/add-number", json={"clientId": client, "phoneNumber": phone})
        assert added.status == 200, added
        profile = self.profile_of(client)
        assert self.server.request("POST", f"/simulator/{profile}/scan").status == 200
        until(lambda: self.server.api("GET", f"/profiles/{profile}/status").data["connected"], what="paired")
        return added.json["apiKey"], profile

    def inbound(self, profile: str, **body: Any) -> Any:
        """Somebody writes."""
        answer = self.server.request("POST", f"/simulator/{profile}/inbound", json=body)
        assert answer.status == 200, answer
        return answer.json["data"]

    def outbox(self, profile: str, to: str) -> list[dict[str, Any]]:
        """What the network took for somebody."""
        return [row for row in self.server.outbox(profile) if row["to"] == to]


@pytest.fixture(scope="session")
def chattu_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """A server that believes its callers' X-Forwarded-For."""
    with running_server(tmp_path_factory.mktemp("chattu"), ENV) as running:
        hold(running, "/chattu")
        yield running


@pytest.fixture
def chattu(chattu_server: JackfieldServer) -> Chattu:
    """Calls with the account's key."""
    return Chattu(chattu_server)


@pytest.fixture(scope="session")
def chattu_document(chattu_server: JackfieldServer) -> Document:
    """The dialect's own document, to which no answer may add a field."""
    return Document(chattu_server.request("GET", "/chattu/openapi.json").json, exact=True)


@pytest.fixture
def account(chattu_server: JackfieldServer, chattu_document: Document) -> Iterator[Account]:
    """A fresh workspace without a client."""
    made = Account(chattu_server, chattu_document)
    yield made
    made.close()


@pytest.fixture
def phone(account: Account) -> Phone:
    """The fresh workspace's first client, connected."""
    return Phone(account)


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    """The seed's examples as printed, the Hebrew in its own letters."""
    text = (Path(__file__).parent / "golden.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
