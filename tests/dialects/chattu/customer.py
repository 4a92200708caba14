"""A customer of Chattu who moves: a fresh workspace, and the calls of Chattu's page on it.

What the page leaves to the dashboard and to WhatsApp itself (the login, the phone that scans the code, the people who write
and call, the groups) is done here.
"""

from __future__ import annotations

import base64
import itertools
from typing import Any
from urllib.parse import urlsplit

import httpx

from jackfield.testing.server import Answer, JackfieldServer, until

from ..document import Document
from ..newcomer import PASSWORD, Newcomer

_numbers = itertools.count(1)
PHONE = "9721234567"
"""The number of the page's client."""
PEER = "1234567890"
"""The number of the page's other side."""
PNG = b"\x89PNG\r\n\x1a\n"


def ok(answer: httpx.Response) -> Any:
    """The JSON of a success."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    return answer.json()


def refused(answer: httpx.Response, status: int, code: str = "") -> None:
    """A refusal with this status, and the page's code or words where it has any."""
    assert answer.status_code == status, answer.text
    assert code in answer.text
    assert isinstance(answer.json(), dict)


class Account(Newcomer):
    """A workspace without numbers. `api` calls with the account's key, `browser` with a session, `plain` with neither.

    Each has an address of its own, so that nobody uses up another's limits.
    """

    def __init__(self, server: JackfieldServer, document: Document) -> None:
        self.ip = f"10.1.{next(_numbers)}.1"
        super().__init__(server, f"chattu{self.ip.replace('.', '-')}", number=False)
        self.password = PASSWORD
        self.document = document
        self.plain = self.client()
        self.api = self.client(self.key)
        self.browser = self.client()
        ok(self.browser.post("/login", json={"username": self.email, "password": PASSWORD}))

    def client(self, key: str | None = None) -> httpx.Client:
        """Calls with a key, or none; each answer is what the dialect's own document says."""

        def check(response: httpx.Response) -> None:
            response.read()
            url = urlsplit(str(response.url))
            answer = Answer(response.status_code, dict(response.headers), response.content)
            self.document.check(response.request.method, url.path.removeprefix("/chattu"), answer)

        headers = {"X-Forwarded-For": self.ip} | ({"x-api-key": key} if key else {})
        return httpx.Client(
            base_url=f"{self.server.url}/chattu", headers=headers, timeout=60, event_hooks={"response": [check]}
        )

    def close(self) -> None:
        """End."""
        for one in (self.plain, self.api, self.browser):
            one.close()


class Phone:
    """A connected client of an account: its own `key`, and the world around its phone."""

    def __init__(self, account: Account, client_id: str = "client-id", number: str = PHONE) -> None:
        self.account = account
        body = {"clientId": client_id, "phoneNumber": number}
        self.key: str = ok(account.api.post("/api/add-number", json=body))["apiKey"]
        self.profile = profile_of(account, client_id)
        self.scan()

    def scan(self) -> None:
        """The phone scans the code."""
        self.account.scan(self.profile)
        status = lambda: self.account.native("GET", f"/profiles/{self.profile}/status")  # noqa: E731
        until(lambda: status()["connected"], what="the phone is connected")

    def play(self, action: str, **body: Any) -> Any:
        """Somebody does something."""
        answer = self.account.server.request("POST", f"/simulator/{self.profile}/{action}", json=body)
        assert answer.status == 200, answer
        return answer.json["data"]

    def writes(self, text: str, sender: str = PEER, **more: Any) -> str:
        """Somebody writes; the message's id."""
        return str(self.play("inbound", **{"from": sender, "text": text, **more})["id"])

    def sends_file(self, data: bytes, kind: str, filename: str, mime: str) -> str:
        """Somebody sends a file; the message's id."""
        file = base64.b64encode(data).decode()
        return str(
            self.play("inbound", **{"from": PEER, "type": kind, "data": file, "filename": filename, "mime": mime})["id"]
        )

    def group(self, name: str, *, read_only: bool = False) -> str:
        """Somebody adds the number to a group; the group's id, once it is known here."""
        self.play("group", name=name, participants=[PEER, "1234567891"], readOnly=read_only)
        listed = lambda: ok(self.account.api.get("/api/groups/client-id"))["groups"]  # noqa: E731
        return str(until(lambda: [one["id"] for one in listed() if one["name"] == name], what="the group")[0])

    def texts(self, to: str = PEER) -> list[str]:
        """The texts that somebody's phone got."""
        return [content.get("text") or content.get("caption") for content in self.contents(to)]

    def contents(self, to: str = PEER) -> list[dict[str, Any]]:
        """What somebody's phone got."""
        return self.account.outbox(to, self.profile)


def profile_of(account: Account, client_id: str) -> str:
    """The native id of a client."""
    return next(str(row["id"]) for row in account.native("GET", "/profiles") if row["key"] == client_id)
