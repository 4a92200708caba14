"""What the server sends of the dashboard: its page at its own addresses only, its files to keep, nothing to inject."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from jackfield import web


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as the build leaves it."""
    folder = tmp_path / "assets"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Jackfield</title>")
    (folder / "pages.json").write_text(json.dumps(["inbox"]))
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "index-abc123.js").write_text("plain")
    (folder / "assets" / "index-abc123.js.gz").write_bytes(b"gzipped")
    (folder / "assets" / "index-abc123.js.br").write_bytes(b"brotli")
    return folder


@pytest.fixture
def client(built: Path) -> Iterator[TestClient]:
    """A client of a server that has nothing but the dashboard."""
    with TestClient(Starlette(routes=web.routes(built))) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/inbox", "/inbox/17", "/inbox/a/b"])
def test_the_page_is_sent_at_the_dashboards_addresses(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert "<title>Jackfield</title>" in answer.text


@pytest.mark.parametrize("path", ["/campaign", "/inboxes", "/index.html", "/pages.json", "/.stamp", "/assets/none.js"])
def test_other_addresses_are_not_answered_with_the_page(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_no_script_may_be_injected_and_no_other_site_may_frame_it(client: TestClient) -> None:
    headers = client.get("/inbox").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_files_with_a_hash_in_their_name_are_kept_for_ever(client: TestClient) -> None:
    plain = {"Accept-Encoding": "identity"}
    assert "immutable" in client.get("/assets/index-abc123.js", headers=plain).headers["cache-control"]
    assert client.get("/favicon.svg").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "encoding", "length"),
    [
        ("gzip, br", "br", 6),
        ("gzip", "gzip", 7),
        ("br;q=0, gzip;q=0.5", "gzip", 7),
        ("identity", None, 5),
        ("*", "br", 6),
        ("GZIP", "gzip", 7),
    ],
)
def test_packed_files_are_sent_to_whoever_takes_them(
    client: TestClient, accepted: str, encoding: str | None, length: int
) -> None:
    with client.stream("GET", "/assets/index-abc123.js", headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "Accept-Encoding"
    assert len(raw) == length


def test_what_the_browser_has_is_not_sent_again(client: TestClient, built: Path) -> None:
    first = client.get("/inbox")
    tag = first.headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = client.get("/inbox", headers={"If-None-Match": known})
        assert again.status_code == 304, known
        assert not again.content
        assert again.headers["etag"] == tag
        assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert client.get("/inbox", headers={"If-None-Match": '"other"'}).status_code == 200
    (built / "index.html").write_text("<!doctype html><title>Jackfield 2</title>")
    after = client.get("/inbox", headers={"If-None-Match": tag})
    assert after.status_code == 200
    assert "<title>Jackfield 2</title>" in after.text


def test_packed_and_plain_have_tags_of_their_own(client: TestClient) -> None:
    tags = {
        client.head("/assets/index-abc123.js", headers={"Accept-Encoding": one}).headers["etag"]
        for one in ("gzip", "br", "identity")
    }
    assert len(tags) == 3


def test_a_large_file_is_streamed(client: TestClient, built: Path) -> None:
    (built / "assets" / "index-abc123.js").write_bytes(b"x" * (2 << 20))
    answer = client.get("/assets/index-abc123.js", headers={"Accept-Encoding": "identity"})
    assert len(answer.content) == 2 << 20


def test_a_file_that_an_upgrade_took_away_is_not_found(client: TestClient, built: Path) -> None:
    for file in (built / "assets").iterdir():
        file.unlink()
    assert client.get("/assets/index-abc123.js").status_code == 404


def test_without_a_build_the_start_page_says_what_to_do(tmp_path: Path) -> None:
    with TestClient(Starlette(routes=web.routes(tmp_path))) as client:
        answer = client.get("/")
        assert answer.status_code == 503
        assert answer.text == "The dashboard is not built: run make web.\n"
        assert client.get("/inbox").status_code == 404
