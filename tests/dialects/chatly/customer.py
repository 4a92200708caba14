"""A customer of Chatly who moves: a fresh workspace, and what Chatly's page says of every call and answer.

Nothing here knows more of the answers than the page prints: `{"success", "message", "data"}`, and that a list is somewhere in
`data`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from jackfield.testing.server import Answer, JackfieldServer

from ..document import LANGUAGE, Document
from ..newcomer import PASSWORD, Newcomer

_numbers = itertools.count(1)
PHONE = "919999999999"
"""The number of the page's examples."""
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def ok(answer: httpx.Response) -> Any:
    """The data of a success: 'most successful user API responses' have success, message and data."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    body = answer.json()
    assert set(body) == {"success", "message", "data"}, body
    assert body["success"] is True
    assert isinstance(body["message"], str)
    assert body["message"]
    return body["data"]


def refused(answer: httpx.Response, status: int, *fields: str) -> Any:
    """The data of a refusal; where fields are given it names these and no others."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"success", "message", "data"}, body
    assert body["success"] is False
    assert isinstance(body["message"], str)
    assert body["message"]
    assert isinstance(body["data"], dict)
    if status == 422:
        assert body["message"] == "validation_failed"
        for said in body["data"].values():
            assert isinstance(said, list), body
            assert said, body
            assert all(isinstance(one, str) for one in said)
    if fields:
        assert set(body["data"]) == set(fields), body
    return body["data"]


def rows(data: Any) -> list[Any]:
    """The one list in an answer's data: the page does not say under which name it is there."""
    if isinstance(data, list):
        return data
    (found,) = [value for value in data.values() if isinstance(value, list)]
    assert isinstance(found, list)
    return found


def form(**fields: Any) -> dict[str, tuple[None, str]]:
    """Fields as curl -F sends them: multipart/form-data."""
    return {name: (None, str(value)) for name, value in fields.items()}


class Shop(Newcomer):
    """A workspace whose owner calls it as the page says: `api` has the key and the JWT, and `site` is the page's
    https://vueping.com."""

    def __init__(self, server: JackfieldServer, document: Document, *, number: bool = True) -> None:
        super().__init__(server, f"chatly{next(_numbers)}", number=number, timezone="Asia/Kolkata")
        self.site = f"{server.url}/chatly"
        self.password = PASSWORD
        self.document = document
        self.plain = self.client({})
        token = ok(self.login(self.email, self.password))["token"]
        self.api = self.client({"apikey": self.key, "Authorization": f"Bearer {token}"})

    def client(self, headers: Mapping[str, str]) -> httpx.Client:
        """Calls with these headers; each answer is what the dialect's own document says."""

        def check(response: httpx.Response) -> None:
            response.read()
            path = urlsplit(str(response.url)).path.removeprefix("/chatly")
            answer = Answer(response.status_code, dict(response.headers), response.content)
            self.document.check(response.request.method, LANGUAGE.sub("/auth/", path), answer)

        return httpx.Client(
            base_url=f"{self.site}/auth/api",
            headers={"Accept": "application/json", **headers},
            timeout=60,
            event_hooks={"response": [check]},
        )

    def close(self) -> None:
        """End."""
        self.api.close()
        self.plain.close()

    def login(self, email: str, password: str) -> httpx.Response:
        """Step 2 of the page."""
        return self.plain.post("/login", headers={"apikey": self.key}, files=form(email=email, password=password))

    def post(self, path: str, **fields: Any) -> httpx.Response:
        """A POST as curl -F sends it; without fields, one without a body."""
        return self.api.post(path, files=form(**fields)) if fields else self.api.post(path)

    def list(self, path: str, **query: Any) -> list[Any]:
        """The rows of a list."""
        return rows(ok(self.api.get(path, params=query)))

    def contact(self, phone: str = PHONE, name: str = "John Customer") -> dict[str, Any]:
        """A new contact, found in the list as the page says."""
        ok(self.post("/whatsapp-contact-store", name=name, phone=phone, country_id=101))
        found: dict[str, Any]
        (found,) = [one for one in self.list("/whatsapp-contact") if one["phone"] == phone]
        return found

    def template_id(self, name: str) -> int:
        """An approved template's id, as the panel shows it."""
        found = [one for one in self.native("GET", "/templates?limit=200") if one["name"] == name]
        return int(found[0]["id"])

    def webhook(self, **fields: Any) -> None:
        """Client Dashboard -> Webhook: set and save."""
        ok(self.api.post(f"{self.site}/auth/client/webhook", data=fields))

    def arrived(self, to: str = PHONE) -> list[dict[str, Any]]:
        """What the phone got, oldest first."""
        return [row for row in self.server.outbox(self.profile) if row["to"] == to]

    def texts(self, to: str = PHONE) -> list[str]:
        """The texts that the phone got."""
        return [row["content"].get("text") for row in self.arrived(to)]


def staff_of(shop: Shop) -> dict[str, Any]:
    """A new member of the team."""
    ok(shop.post("/team-store", **member(shop)))
    found: dict[str, Any]
    (found,) = [one for one in shop.list("/team") if one["email"] == member(shop)["email"]]
    return found


def member(shop: Shop) -> dict[str, str]:
    """The fields of a staff account."""
    return {
        "first_name": "Asha",
        "last_name": "Rao",
        "email": f"asha-{shop.email}",
        "password": "a-long-Password-1",
        "password_confirmation": "a-long-Password-1",
    }
