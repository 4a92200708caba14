"""What a process serves beside its dialects: the front, errors, readiness, files by links."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from jackfield.app import build_app
from jackfield.core import Core, Overloaded
from jackfield.ingress import Ingress
from jackfield.server.front import Front
from jackfield.server.startup import lock_data_dir, open_core
from jackfield.server.startup_error import StartupError
from jackfield.settings import Settings


@pytest.fixture
def settings(migrated_sqlite: str, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path, database_url=migrated_sqlite, dialect_hosts="Pabbly.Example.=pabbly", simulator=True
    )


@pytest.fixture
async def core(settings: Settings) -> AsyncIterator[Core]:
    async with open_core(settings) as core:
        yield core


@pytest.fixture
async def client(core: Core, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=build_app(core, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("DELETE", "/healthz", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/healthz?x=%00", 400, "BAD_REQUEST"),
        ("GET", "/media/1", 404, "MEDIA_NOT_FOUND"),
        ("GET", "/media/%D9%A1?expires=%D9%A1&signature=x", 404, "MEDIA_NOT_FOUND"),
        ("POST", "/simulator/1/write", 404, "PROFILE_NOT_FOUND"),
        ("POST", "/simulator/%D9%A1/write", 404, "PROFILE_NOT_FOUND"),
    ],
)
async def test_errors_have_one_shape(client: httpx.AsyncClient, method: str, path: str, status: int, code: str) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    body = answer.json()
    assert body == {
        "success": False,
        "error": {"code": code, "message": body["message"]},
        "message": body["message"],
    }


@pytest.mark.parametrize("host", ["pabbly.example", "PABBLY.example", "pabbly.example.", "pabbly.example.:443"])
async def test_a_host_name_serves_its_dialect_at_the_root(client: httpx.AsyncClient, host: str) -> None:
    there = await client.get("/messages", headers={"Host": host})
    mounted = await client.get("/pabbly/messages")
    assert (there.status_code, there.content) == (mounted.status_code, mounted.content)
    # Without the host name the address is the dashboard's, or nobody's while that is not built.
    elsewhere = await client.get("/messages")
    assert elsewhere.content != there.content
    assert elsewhere.status_code in (200, 404)


async def test_a_host_name_of_an_unknown_dialect_is_refused(core: Core) -> None:
    with pytest.raises(StartupError, match="nonesuch"):
        build_app(core, Settings(dialect_hosts="a.example=nonesuch"))


async def test_files_are_served_by_their_links_only(client: httpx.AsyncClient, core: Core) -> None:
    workspace = await core.accounts.bootstrap()
    assert workspace is not None
    file = await core.media.store(workspace.workspace_id, b"%PDF-1.4 x", filename='a"b\u00fc.pdf')
    url, _ = core.media.link(file, "http://jackfield.test")
    answer = await client.get(url)
    assert (answer.status_code, answer.content) == (200, b"%PDF-1.4 x")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await client.get(url + "x")).status_code == 404


async def test_ready_says_what_the_database_says(
    client: httpx.AsyncClient, core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/readyz")).json() == {"status": "ready"}

    async def hangs(_seconds: float) -> None:
        raise TimeoutError

    monkeypatch.setattr(core, "ping", hangs)
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "reason": "TimeoutError"})


def test_one_process_holds_a_data_folder(tmp_path: Path) -> None:
    lock = lock_data_dir(tmp_path)
    assert lock is not None
    assert lock_data_dir(tmp_path) is None
    lock.close()
    again = lock_data_dir(tmp_path)
    assert again is not None
    again.close()


def test_a_database_of_another_make_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="mysql"):
        open_core(Settings(data_dir=tmp_path, database_url="mysql://localhost/x"))


def test_a_cluster_needs_a_key_from_the_operator(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="JACKFIELD_SECRET_KEY"):
        open_core(Settings(data_dir=tmp_path, nats_url="nats://localhost"))


@pytest.mark.parametrize(
    ("method", "path", "answered"),
    [
        ("POST", "/api/messages/text", "hot"),
        ("GET", "/api/messages/text", "root"),
        ("POST", "/api/messages/text/", "root"),
        ("POST", "/hooks/7", "callback 7"),
        ("POST", "/hooks/whatsapp", "callback whatsapp"),
        ("GET", "/hooks/7", "root"),
        ("POST", "/hooks/", "root"),
        ("POST", "/hooks/7/more", "root"),
    ],
)
async def test_requests_that_come_in_masses_go_past_the_router(method: str, path: str, answered: str) -> None:
    async def hot(_: Request) -> Response:
        return PlainTextResponse("hot")

    async def callback(request: Request) -> Response:
        return PlainTextResponse(f"callback {request.path_params['profile']}")

    async def root(request: Request) -> Response:
        return PlainTextResponse("root")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (await root(Request(scope)))(scope, receive, send)

    front = Front(
        app, {}, lambda *_: PlainTextResponse("refused"), [Route("/api/messages/text", hot, methods=["POST"])], callback
    )
    transport = httpx.ASGITransport(app=front)
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
        assert (await client.request(method, path)).text == answered


async def test_a_callback_for_which_there_is_no_memory_is_to_be_sent_again(core: Core) -> None:
    async def receive() -> Message:
        raise Overloaded("bodies in memory")

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    scope["path_params"] = {"profile": "whatsapp"}
    answer = await Ingress(core)(Request(scope, receive))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
