"""The client that only posts, against servers that answer in every way there is."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jackfield.core.egress import LOOPBACK, Answer, Poster, PostError, header_lines
from jackfield.core.egress import post as post_module

PATIENCE = 60.0
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Serve = Callable[[int, bytes, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers each request by what it is told; counts connections."""

    def __init__(self, serve: Serve) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self.port = 0
        self._serve = serve

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line[16:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length: "))
                self.requests.append(head + await reader.readexactly(length))
                await self._serve(len(self.requests), self.requests[-1], writer)
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[Server]:
    server = Server(serve)
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def saying(*answers: bytes, close: bool = False) -> Serve:
    async def serve(number: int, _request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answers[min(number, len(answers)) - 1])
        await writer.drain()
        if close:
            writer.close()

    return serve


async def silence(_number: int, _request: bytes, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@pytest.fixture
async def poster() -> AsyncIterator[Poster]:
    made = Poster(LOOPBACK)
    yield made
    made.close()


async def post(poster: Poster, server: Server, **options: Any) -> Answer:
    url = f"http://127.0.0.1:{server.port}/in?a=b"
    return await poster.post(
        url, b"body", header_lines({"X-One": "1"}), **{"total": PATIENCE, "connect": PATIENCE, **options}
    )


async def refused(poster: Poster, server: Server, **options: Any) -> str:
    with pytest.raises(PostError) as caught:
        await post(poster, server, **options)
    return caught.value.kind


async def test_a_request_as_it_goes_over_the_wire_on_a_connection_that_is_kept(poster: Poster) -> None:
    async with serving(saying(OK)) as server:
        for _ in range(3):
            answer = await post(poster, server)
            assert (answer.status, answer.body, answer.headers) == (200, b"ok", {"content-length": "2"})
        assert server.connections == 1
        head = b"POST /in?a=b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody"
        assert server.requests == [head % server.port] * 3


@pytest.mark.parametrize(
    ("said", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", 200, b"hello"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 1\r\n\r\n!", 202, b"!"),
    ],
)
async def test_every_way_to_end_an_answer(poster: Poster, said: bytes, status: int, body: bytes) -> None:
    async with serving(saying(said)) as server:
        for _ in range(2):
            answer = await post(poster, server)
            assert (answer.status, answer.body) == (status, body)
            assert "link" not in answer.headers
        assert server.connections == 1


async def test_an_answer_that_ends_with_its_connection(poster: Poster) -> None:
    async with serving(saying(b"HTTP/1.0 200 OK\r\n\r\nall of it", close=True)) as server:
        assert (await post(poster, server)).body == b"all of it"
        assert (await post(poster, server)).body == b"all of it"
        assert server.connections == 2


async def test_a_server_that_wants_to_close_is_let(poster: Poster) -> None:
    said = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    async with serving(saying(said)) as server:
        for _ in range(2):
            assert (await post(poster, server)).body == b"ok"
        assert server.connections == 2


async def test_what_nobody_asked_for_is_no_answer_to_the_next_request(poster: Poster) -> None:
    stranger = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
    async with serving(saying(OK + stranger, OK)) as server:
        assert (await post(poster, server)).status == 200
        # The second answer came in the same piece as the first: its connection is not used again.
        assert (await post(poster, server)).status == 200
        assert server.connections == 2


@pytest.mark.parametrize(
    ("said", "close", "kind"),
    [
        (b"", True, "disconnected"),
        (b"HTTP/1.1 200 OK\r\nContent-", True, "disconnected"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", True, "broken"),
        (b"SMTP ready\r\n\r\n", False, "broken"),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 70_000, False, "broken"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + b"x" * 70_000, False, "broken"),
    ],
)
async def test_what_is_no_answer(poster: Poster, said: bytes, close: bool, kind: str) -> None:
    async with serving(saying(said, close=close)) as server:
        assert await refused(poster, server) == kind


async def test_a_partial_answer_counts_only_where_it_is_asked_for(poster: Poster) -> None:
    half = b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhalf"
    async with serving(saying(half)) as server:
        assert await refused(poster, server, answer=0.05) == "timeout"
        answer = await post(poster, server, answer=0.05, partial=True)
        assert (answer.status, answer.body) == (202, b"half")
    async with serving(saying(half, close=True)) as server:
        assert (await post(poster, server, partial=True)).body == b"half"


async def test_silence(poster: Poster) -> None:
    async with serving(silence) as server:
        assert await refused(poster, server, total=0.05) == "timeout"


async def test_as_many_at_once_as_allowed_and_the_others_in_their_turn() -> None:
    poster = Poster(LOOPBACK, limit=2)
    open_now, most = 0, 0

    async def serve(_number: int, _request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0)
        open_now -= 1
        writer.write(OK)

    async with serving(serve) as server:
        answers = await asyncio.gather(*(post(poster, server) for _ in range(20)))
        assert [one.status for one in answers] == [200] * 20
        assert (most, server.connections) == (2, 2)
    poster.close()


async def test_who_gives_up_waiting_leaves_the_turn_to_the_next() -> None:
    poster = Poster(LOOPBACK, limit=1)
    arrived, answer = asyncio.Event(), asyncio.Event()

    async def serve(_number: int, _request: bytes, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await answer.wait()
        writer.write(OK)

    async with serving(serve) as server:
        first = asyncio.create_task(post(poster, server))
        await arrived.wait()
        assert await refused(poster, server, connect=0.01) == "slow"
        second, third = asyncio.create_task(post(poster, server)), asyncio.create_task(post(poster, server))
        await asyncio.sleep(0)
        second.cancel()
        answer.set()
        assert [(await first).status, (await third).status] == [200, 200]
        assert len(server.requests) == 2
    poster.close()


async def test_an_idle_connection_is_closed_in_time() -> None:
    poster = Poster(LOOPBACK, keepalive=0.02)
    closed = asyncio.Event()
    async with serving(saying(OK)) as server:
        handled = server.handle

        async def watched(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await handled(reader, writer)
            closed.set()

        server.handle = watched  # type: ignore[method-assign]
        listening = await asyncio.start_server(server.handle, "127.0.0.1", 0)
        server.port = listening.sockets[0].getsockname()[1]
        await post(poster, server)
        await asyncio.wait_for(closed.wait(), PATIENCE)
        listening.close()
    poster.close()


async def test_closing_tells_what_surely_did_not_arrive() -> None:
    poster = Poster(LOOPBACK, limit=1)
    arrived = asyncio.Event()

    async def serve(number: int, request: bytes, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await silence(number, request, writer)

    async with serving(serve) as server:
        sends = [asyncio.create_task(post(poster, server)) for _ in range(2)]
        await arrived.wait()
        poster.close()
        kinds = [error.kind for error in await asyncio.gather(*sends, return_exceptions=True)]  # type: ignore[union-attr]
        assert kinds == ["broken", "closed"]
        assert await refused(poster, server) == "closed"


@pytest.mark.parametrize("value", ["a\r\nX-Two: 2", "a\nX-Two: 2", "a\0"])
def test_a_header_cannot_end_its_line(value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        header_lines({"X-One": value})


@pytest.mark.parametrize("url", ["", "http://", "ftp://127.0.0.1/", "http://[::1/", "http://127.0.0.1:99999/"])
async def test_what_is_no_url(poster: Poster, url: str) -> None:
    with pytest.raises(PostError) as caught:
        await poster.post(url, b"", b"", total=PATIENCE, connect=PATIENCE)
    assert caught.value.kind == "url"


async def test_the_guard_judges_before_anything_is_dialled() -> None:
    async with serving(saying(OK)) as server:
        strict = Poster()
        assert await refused(strict, server) == "blocked"
        strict.close()
        assert server.connections == 0


async def test_an_answer_that_was_compressed_unasked_is_read(poster: Poster) -> None:
    def answer(body: bytes) -> bytes:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
        return head + body

    async with serving(saying(answer(gzip.compress(b'{"messages": []}')))) as server:
        assert (await post(poster, server)).body == b'{"messages": []}'
    async with serving(saying(answer(gzip.compress(bytes(10_000_000))))) as server:
        assert len((await post(poster, server, max_answer=20_000)).body) == 20_000
    async with serving(saying(answer(b"no gzip"))) as server:
        with pytest.raises(PostError) as broken:
            await post(poster, server)
        assert broken.value.kind == "broken"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for `localhost` that is its own authority, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


@asynccontextmanager
async def serving_tls(authority: tuple[Path, Path], serve: Serve) -> AsyncIterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority)
    server = Server(serve)
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=context)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


async def test_a_certificate_that_holds_is_accepted_and_the_connection_kept(
    poster: Poster, authority: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = ssl.create_default_context(cafile=str(authority[0]))
    monkeypatch.setattr(post_module, "_trusted", lambda: trusted)
    large = b"x" * 50_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(large), large)
    async with serving_tls(authority, saying(answer)) as server:
        for _ in range(3):
            url = f"https://localhost:{server.port}/in"
            said = await poster.post(url, large, header_lines({}), total=PATIENCE, connect=PATIENCE)
            assert (said.status, said.body) == (200, large)
        assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize(("host", "trusts"), [("localhost", False), ("127.0.0.1", True)])
async def test_a_certificate_that_does_not_hold_gets_no_request(
    poster: Poster, authority: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, host: str, trusts: bool
) -> None:
    """Unknown to us, or made out to another name."""
    if trusts:
        trusted = ssl.create_default_context(cafile=str(authority[0]))
        monkeypatch.setattr(post_module, "_trusted", lambda: trusted)
    async with serving_tls(authority, saying(OK)) as server:
        with pytest.raises(PostError) as refused:
            await poster.post(f"https://{host}:{server.port}/", b"secret", b"", total=PATIENCE, connect=PATIENCE)
        assert (refused.value.kind, server.requests) == ("tls", [])
