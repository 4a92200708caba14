"""The client against real servers on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from jackfield.core.egress import (
    LOOPBACK,
    AllowList,
    EgressError,
    Fetched,
    GuardedConnector,
    SafeClient,
    TooLarge,
    blocked,
    check_url,
)
from jackfield.core.ground.errors import Invalid


class Rebinding(AbstractResolver):
    """Answers with a public address first and with loopback ever after."""

    def __init__(self) -> None:
        self.answers = ["93.184.216.34"]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        address = self.answers.pop() if self.answers else "127.0.0.1"
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


async def drain(fetched: Fetched) -> None:
    async for _ in fetched.chunks:
        pass


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    hits: list[str] = []

    async def echo(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.Response(body=await request.read(), headers={"X-Seen": request.headers.get("X-Test", "")})

    async def redirect(request: web.Request) -> web.Response:
        hits.append(request.path)
        raise web.HTTPFound(request.query["to"])

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(b"x" * 65536)
                await asyncio.sleep(0)
        return response

    async def silent(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=202, headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        await asyncio.sleep(30)
        return response

    app = web.Application()
    app.router.add_route("*", "/echo", echo)
    app.router.add_route("*", "/redirect", redirect)
    app.router.add_route("*", "/endless", endless)
    app.router.add_route("*", "/silent", silent)
    app.router.add_route("*", "/half", half)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.01)
    server.hits = hits  # type: ignore[attr-defined]
    yield server
    await server.close()


async def test_a_post_gives_the_answer(server: TestServer) -> None:
    async with SafeClient(allow=LOOPBACK) as client:
        answer = await client.post(str(server.make_url("/echo")), b"hello", {"X-Test": "yes"})
    assert (answer.status, answer.body, answer.headers["x-seen"]) == (200, b"hello", "yes")


async def test_a_redirect_is_an_answer(server: TestServer) -> None:
    async with SafeClient(allow=LOOPBACK) as client:
        answer = await client.post(f"{server.make_url('/redirect')}?to=/echo", b"hello", {})
    assert answer.status == 302
    assert server.hits == ["/redirect"]  # type: ignore[attr-defined]


async def test_an_endless_answer_is_cut(server: TestServer) -> None:
    async with SafeClient(allow=LOOPBACK) as client:
        answer = await client.post(str(server.make_url("/endless")), b"", {}, max_answer=1000)
    assert (answer.status, len(answer.body)) == (200, 1000)


async def test_a_status_counts_though_its_body_never_ends(server: TestServer) -> None:
    async with SafeClient(allow=LOOPBACK) as client:
        answer = await client.post(str(server.make_url("/half")), b"", {}, timeout=0.2)
    assert answer == type(answer)(202, answer.headers, b"half")


async def test_silence_is_a_timeout(server: TestServer) -> None:
    async with SafeClient(allow=LOOPBACK) as client:
        with pytest.raises(EgressError) as caught:
            await client.post(str(server.make_url("/silent")), b"", {}, timeout=0.1)
    assert caught.value.kind == "timeout"


async def test_a_closed_port_is_a_connect_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with SafeClient(allow=LOOPBACK) as client:
            with pytest.raises(EgressError, match="cannot connect") as caught:
                await client.post(f"http://127.0.0.1:{port}/token-in-path", b"", {})
    assert caught.value.kind == "connect"
    assert "token" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_the_dial_itself_is_guarded(server: TestServer, host: str) -> None:
    """Whatever the check at saving let through: an inside address is never connected to."""
    async with SafeClient() as client:
        with pytest.raises(EgressError) as caught:
            await client.post(f"http://{host}:{server.port}/echo", b"", {})
    assert caught.value.kind == "blocked"
    assert server.hits == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f000001"])
async def test_odd_spellings_of_loopback_are_not_dialled(server: TestServer, host: str) -> None:
    async with SafeClient() as client:
        with pytest.raises(EgressError):
            await client.post(f"http://{host}:{server.port}/echo", b"", {})
    assert server.hits == []  # type: ignore[attr-defined]


async def test_dns_rebinding_gains_nothing(server: TestServer) -> None:
    names = Rebinding()
    url = f"http://rebind.example:{server.port}/echo"
    assert await check_url(url, resolver=names) == url
    async with SafeClient(resolver=names) as client:
        with pytest.raises(EgressError) as caught:
            await client.post(url, b"secret", {})
    assert caught.value.kind == "blocked"
    assert server.hits == []  # type: ignore[attr-defined]


async def test_a_download_streams_up_to_its_limit(server: TestServer) -> None:
    async with SafeClient(allow=LOOPBACK) as client:
        async with client.get(str(server.make_url("/echo")), 10) as fetched:
            assert b"".join([chunk async for chunk in fetched.chunks]) == b""
        async with client.get(str(server.make_url("/endless")), 100_000) as fetched:
            with pytest.raises(TooLarge):
                await drain(fetched)
        with pytest.raises(TooLarge):
            async with client.get(str(server.make_url("/half")), 10):
                pass


async def test_a_download_follows_redirects_only_when_asked(server: TestServer) -> None:
    url = f"{server.make_url('/redirect')}?to=/echo"
    async with SafeClient(allow=LOOPBACK) as client:
        async with client.get(url, 10) as fetched:
            assert fetched.status == 302
        async with client.get(url, 10, redirects=2) as fetched:
            assert (fetched.status, fetched.url) == (200, str(server.make_url("/echo")))


async def test_a_redirect_inside_is_refused() -> None:
    """A public server cannot send us to the metadata service."""

    async def to_metadata(_request: web.Request) -> web.Response:
        raise web.HTTPFound("http://169.254.169.254/latest/")

    app = web.Application()
    app.router.add_get("/", to_metadata)
    names = Rebinding()
    names.answers.clear()
    allow = AllowList.parse("public.example")
    async with TestServer(app) as server, SafeClient(allow=allow, resolver=names) as client:
        with pytest.raises(Invalid, match="link-local"):
            async with client.get(f"http://public.example:{server.port}/", 10, redirects=1):
                pass  # pragma: no cover


async def test_a_listed_name_may_lead_inside_and_another_name_of_the_same_address_may_not(server: TestServer) -> None:
    names = Rebinding()
    names.answers.clear()
    async with SafeClient(allow=AllowList.parse(f"crm.example:{server.port}"), resolver=names) as client:
        assert (await client.post(f"http://crm.example:{server.port}/echo", b"", {})).status == 200
        for url in ("http://other.example", "http://127.0.0.1"):
            with pytest.raises(EgressError) as caught:
                await client.post(f"{url}:{server.port}/echo", b"", {})
            assert caught.value.kind == "blocked"
    assert server.hits == ["/echo"]  # type: ignore[attr-defined]


async def test_the_connection_goes_to_the_address_that_was_checked(server: TestServer) -> None:
    """One resolution for a request: there is no second that could give another answer."""

    class Counting(Rebinding):
        asked = 0

        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            self.asked += 1
            return await super().resolve(host, port, family)

    names = Counting()
    names.answers = ["127.0.0.1"]
    async with SafeClient(allow=LOOPBACK, resolver=names) as client:
        assert (await client.post(f"http://crm.example:{server.port}/echo", b"", {})).status == 200
    assert names.asked == 1


@pytest.mark.parametrize("to", ["http://127.0.0.1:{port}/echo", "http://elsewhere.example:{port}/echo"])
async def test_the_connector_judges_redirects_that_a_library_follows(server: TestServer, to: str) -> None:
    names = Rebinding()
    names.answers.clear()
    connector = GuardedConnector(AllowList.parse("first.example"), resolver=names)
    target = to.format(port=server.port)
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.get(f"http://first.example:{server.port}/redirect", params={"to": target})
    assert "loopback" in (blocked(caught.value) or "")
    assert server.hits == ["/redirect"]  # type: ignore[attr-defined]
