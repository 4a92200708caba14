"""The documentation as markdown: there, complete, and true to the routes."""

from __future__ import annotations

import re

from jackfield.dialects.pabbly.app import build_pabbly
from jackfield.dialects.pabbly.reference import TAGS, entries

from .conftest import Client


def test_the_reference_names_every_route_and_no_other() -> None:
    from jackfield.dialects import DialectOptions

    app = build_pabbly(core=None, options=DialectOptions())  # type: ignore[arg-type]
    routes = {
        (method.upper(), path.removeprefix("/api/v1").rstrip("/"))
        for path, operations in app.openapi()["paths"].items()
        for method in operations
    }
    assert {(one.method, one.path.rstrip("/")) for one in entries()} == routes


def test_every_page_is_served(client: Client) -> None:
    whole = client.server.request("GET", "/pabbly/chatflow.md")
    assert whole.status == 200
    assert whole.headers["content-type"].startswith("text/markdown")
    text = whole.body.decode()
    assert f"{client.server.url}/pabbly/api/v1" in text
    for entry in entries():
        page = client.server.request("GET", f"/pabbly/chatflow/{entry.tag}/{entry.slug}.md")
        assert page.status == 200
        assert page.body.decode().startswith(f"## {entry.title}")
        assert entry.title in text
    for tag in TAGS:
        assert client.server.request("GET", f"/pabbly/chatflow/{tag}/object.md").status == 200
    for guide in ("overview", "authentication"):
        assert client.server.request("GET", f"/pabbly/chatflow/guides/{guide}.md").status == 200


def test_accept_decides_without_the_ending(client: Client) -> None:
    path = "/pabbly/chatflow/messages/send-text-message"
    markdown = client.server.request("GET", path, headers={"Accept": "text/markdown"})
    assert markdown.headers["content-type"].startswith("text/markdown")
    page = client.server.request("GET", path, headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert re.search(rb"<pre>## Send text", page.body)
    assert client.server.request("GET", "/pabbly/chatflow/messages/nothing.md").status == 404
