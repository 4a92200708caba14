"""How a source is asked, and what is said when it does not answer as it should."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from jackfield.moving import SOURCES, Batch, Login, Person, SourceError, State
from jackfield.moving.people import as_file
from jackfield.testing.server import free_port

KEY = "the-secret-key"
Answer = tuple[int, dict[str, str], str]


class Vendor:
    """Answers each path with what was laid out for it, the last answer again and again."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[str] = []
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(length)
                vendor.asked.append(self.path)
                path = self.path.partition("?")[0]
                mine = vendor.answers.get(self.path) or vendor.answers.get(path) or [(404, {}, "{}")]
                status, headers, body = mine.pop(0) if len(mine) > 1 else mine[0]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def lay(self, path: str, body: Any, status: int = 200, **headers: str) -> None:
        """One more answer for a path."""
        text = body if isinstance(body, str) else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.setdefault(path, []).append((status, named, text))

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def shop() -> Iterator[Vendor]:
    """Somebody's API."""
    running = Vendor()
    yield running
    running.close()


async def refused(dialect: str, url: str, login: Login | None = None) -> str:
    """What is said at the beginning of a move that cannot be."""
    source = SOURCES[dialect](url, KEY, login)
    try:
        with pytest.raises(SourceError) as found:
            await source.begin()
    finally:
        await source.close()
    assert KEY not in str(found.value) + repr(source) + repr(source.web) + repr(login)
    return str(found.value)


async def people(source: Any, cursor: str | None = None) -> list[Batch[Person]]:
    """All contacts of a source."""
    return [batch async for batch in source.people(cursor)]


async def test_a_wrong_key_is_said_in_words(shop: Vendor) -> None:
    shop.lay("/api/v1/contacts/lists", {"success": False, "error": "Unauthorized."}, 401)
    assert "does not know this key or login (Unauthorized). Is --key right?" in await refused("pabbly", shop.url)


async def test_another_program_is_told_from_the_vendor(shop: Vendor) -> None:
    shop.lay("/api/v1/contacts/lists", "<html>Welcome</html>")
    assert "does not answer as Pabbly Chatflow does: no JSON" in await refused("pabbly", shop.url)
    shop.lay("/api/clients", {"status": "ok"})
    assert "does not answer as Chattu does" in await refused("chattu", shop.url)


async def test_a_key_does_not_follow_a_redirect(shop: Vendor) -> None:
    shop.lay("/api/clients", "", 302, Location="https://elsewhere.example/api/clients")
    assert "sends on to https://elsewhere.example/api/clients" in await refused("chattu", shop.url)


async def test_a_host_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jackfield.moving.source.ATTEMPTS", 1)
    assert "cannot be reached" in await refused("multiwa", f"http://127.0.0.1:{free_port()}")


async def test_chatly_wants_a_login(shop: Vendor) -> None:
    assert "--user" in await refused("chatly", shop.url)
    shop.lay("/auth/api/login", {"success": False, "message": "invalid_credentials", "data": {}}, 401)
    assert "(invalid_credentials)" in await refused("chatly", shop.url, Login("a@example.com", "wrong"))


async def test_a_source_that_asks_to_wait_is_waited_for(shop: Vendor) -> None:
    shop.lay("/api/v1/contacts/lists", {}, 429, Retry_After="0")
    shop.lay("/api/v1/contacts/lists", {"data": {"lists": []}})
    said = list[str]()
    source = SOURCES["pabbly"](shop.url, KEY, None, said.append)
    await source.begin()
    await source.close()
    assert said == ["Pabbly Chatflow asks to wait 0 s"]
    assert len(shop.asked) == 2


async def test_a_wait_of_many_hours_ends_the_run(shop: Vendor) -> None:
    shop.lay("/api/v1/contacts/lists", {}, 429, Retry_After="36000")
    assert "10.0 hours" in await refused("pabbly", shop.url)


async def test_chatly_as_a_paginator_with_tags_apart(shop: Vendor) -> None:
    """The guide prints no rows: what a paginator of Laravel gives is read too."""
    base = "/auth/api"
    shop.lay(f"{base}/login", {"success": True, "data": {"token": "jwt"}})
    for page in (1, 2):
        row = {"id": page, "name": f"P{page}", "phone": f"91999999999{page}"}
        data = {"data": [row], "current_page": page, "last_page": 2, "total": 2}
        shop.lay(f"{base}/whatsapp-contact?page={page}&per_page=200", {"success": True, "data": data})
    shop.lay(f"{base}/tags", {"success": True, "data": [{"id": 7, "name": "VIP"}]})
    shop.lay(f"{base}/tags/contact-tags", {"success": True, "data": [{"contact_id": 2, "tag_id": 7}]})
    source = SOURCES["chatly"](shop.url, KEY, Login("a@example.com", "right"))
    await source.begin()
    rows = [one for batch in await people(source) for one in batch.rows]
    assert [(one.phone, one.name, one.tags, one.optin) for one in rows] == [
        ("+919999999991", "P1", [], None),
        ("+919999999992", "P2", ["VIP"], None),
    ]
    assert any("consent" in one for one in source.notes)
    (last,) = await people(source, "2")
    assert [one.id for one in last.rows] == ["2"]
    await source.close()


async def test_a_list_without_pages_is_read_once(shop: Vendor) -> None:
    rows = [{"id": "a", "phone": "628123456789", "name": "A", "tags": ["x"], "metadata": {"n": 3}}] * 100
    shop.lay("/api/v1/profiles", {"success": True, "data": []})
    shop.lay("/api/v1/contacts", {"success": True, "data": rows})
    source = SOURCES["multiwa"](shop.url, KEY)
    await source.begin()
    (batch,) = await people(source)
    await source.close()
    assert batch.rows[0] == Person(id="a", phone="+628123456789", name="A", tags=["x"], attributes={"n": "3"})


def test_a_move_runs_once_at_a_time(tmp_path: Any) -> None:
    file = tmp_path / "state.json"
    first = State(file, "http://a")
    with pytest.raises(SourceError, match="runs already"):
        State(file, "http://a")
    first.at("5")
    first.close()
    again = State(file, "http://a")
    assert (again.cursor, again.resumed) == ("5", True)
    again.close()
    with pytest.raises(SourceError, match="belongs to a move from http://a"):
        State(file, "http://b")
    file.write_text("{")
    with pytest.raises(SourceError, match="begin anew"):
        State(file, "http://a")


def test_two_spellings_of_an_attribute_are_one_column_of_the_mapping() -> None:
    content, mapping = as_file(
        [Person(id="1", phone="+1", attributes={"City": "a"}), Person(id="2", attributes={"city": "b"})]
    )
    column = mapping["City"]
    assert "city" not in mapping
    assert [json.loads(line)[column] for line in content.splitlines()] == ["a", "b"]
