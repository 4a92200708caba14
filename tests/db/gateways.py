"""What stands before PostgreSQL at operators': here as small servers of the tests."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jackfield.db.postgres import parse_address

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


class Certificates(msgspec.Struct):
    """Files of an authority, and of a server that it vouches for."""

    authority: Path
    server: Path
    """Certificate and key."""


def certificates(folder: Path, host: str) -> Certificates:
    """Make an authority and a server's certificate for a host name."""
    now = datetime.datetime.now(datetime.UTC)

    def certificate(
        name: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey
    ) -> x509.Certificate:
        is_authority = key is signer
        built = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if not is_authority:
            built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return built.sign(signer, hashes.SHA256())

    def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
        form = serialization.PrivateFormat.PKCS8
        return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = certificate("The tests' authority", root_key, "The tests' authority", root_key)
    made = certificate(host, key, "The tests' authority", root_key)
    folder.mkdir(exist_ok=True)
    found = Certificates(folder / "root.pem", folder / "server.pem")
    found.authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    found.server.write_bytes(made.public_bytes(serialization.Encoding.PEM) + pem(key))
    return found


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A plain connection to the PostgreSQL of an address."""
    address = parse_address(url)
    if folder := address.arguments.get("host"):
        return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{address.arguments.get('port', 5432)}")
    return await asyncio.open_connection(address.url.host, address.url.port or 5432)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until it ends."""
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def tls_gateway(url: str, certificate: Path) -> AsyncIterator[int]:
    """A PostgreSQL that takes connections by TLS alone, on the port that this gives; behind it is the one of `url`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    open_ones: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.add(writer)
        with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            if await reader.readexactly(8) == SSL_REQUEST:
                writer.write(b"S")
                await writer.start_tls(context)
                behind, to_behind = await connect(url)
                await asyncio.gather(pump(reader, to_behind), pump(behind, writer))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in open_ones:
            one.close()


TRACKED = (
    "user",
    "database",
    "client_encoding",
    "application_name",
    "datestyle",
    "timezone",
    "standard_conforming_strings",
)
"""What PgBouncer takes in the greeting; anything else is refused (config.md, ignore_startup_parameters)."""


async def _message(reader: asyncio.StreamReader) -> bytes:
    """A whole message of the protocol: type, length, body."""
    head = await reader.readexactly(5)
    return head + await reader.readexactly(int.from_bytes(head[1:], "big") - 4)


class Pooler:
    """A pooler in transaction mode, as PgBouncer's: each transaction of a client goes to the connection that was idle the
    longest, so to another one than the last wherever there are two. `lenient` takes every parameter of the greeting."""

    def __init__(self, url: str, *, size: int = 3, lenient: bool = False) -> None:
        self.url, self.size, self.lenient = url, size, lenient
        self.transactions = 0
        self.port = 0
        self._idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self._greeting = b""
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Make the server's connections, and listen."""
        for _ in range(self.size):
            await self._open()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _open(self) -> None:
        """Make a connection to the server."""
        address = parse_address(self.url)
        names = {"user": address.url.username or "postgres", "database": address.url.database or "postgres"}
        body = b"\x00\x03\x00\x00" + b"".join(f"{k}\0{v}\0".encode() for k, v in names.items()) + b"\0"
        reader, writer = await connect(self.url)
        self._writers.add(writer)
        writer.write((len(body) + 4).to_bytes(4, "big") + body)
        greeting = b""
        while (told := await _message(reader))[:1] != b"Z":
            if told[:1] == b"S":
                greeting += told
        self._greeting = greeting
        self._idle.put_nowait((reader, writer))

    def stop(self) -> None:
        """Close everything."""
        self._server.close()
        for one in self._writers:
            one.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            if await self._greet(reader, writer):
                told: asyncio.Queue[bytes] = asyncio.Queue()
                hearing = asyncio.create_task(_hear(reader, told))
                while (message := await told.get())[:1] != b"X":
                    await self._transaction(message, told, writer)
                hearing.cancel()
        if not writer.is_closing():
            writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        while True:
            length = int.from_bytes(await reader.readexactly(4), "big")
            body = await reader.readexactly(length - 4)
            if body[:2] == b"\x00\x03":
                break
            writer.write(b"N")
        names = body[4:].split(b"\0")[:-2:2]
        wrong = [name.decode() for name in names if name.decode().lower() not in TRACKED]
        if wrong and not self.lenient:
            text = f"unsupported startup parameter: {wrong[0]}"
            fields = f"SFATAL\0C08P01\0M{text}\0\0".encode()
            writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
            return False
        writer.write(b"R\0\0\0\x08\0\0\0\0" + self._greeting + b"K\0\0\0\x0c\x7f\0\0\x01abcdZ\0\0\0\x05I")
        return True

    async def _transaction(self, first: bytes, told: asyncio.Queue[bytes], writer: asyncio.StreamWriter) -> None:
        """Pass on until the server says that no transaction is open and everything is answered."""
        behind, to_behind = server = await self._idle.get()
        self.transactions += 1
        waiting = 0

        def put(message: bytes) -> None:
            nonlocal waiting
            waiting += message[:1] in (b"S", b"Q")
            to_behind.write(message)

        async def forth() -> None:
            while (message := await told.get())[:1] != b"X":
                put(message)
            to_behind.close()

        put(first)
        passing = asyncio.create_task(forth())
        try:
            while True:
                answer = await _message(behind)
                waiting -= answer[:1] == b"Z"
                writer.write(answer)
                if answer[:1] == b"Z" and answer[5:6] == b"I" and not waiting:
                    self._idle.put_nowait(server)
                    return
        except asyncio.IncompleteReadError:
            # The client left in the middle: what it had begun is undone, and another connection takes the place.
            await self._open()
            raise
        finally:
            passing.cancel()


async def _hear(reader: asyncio.StreamReader, told: asyncio.Queue[bytes]) -> None:
    """Take a client's messages; its end is as if it had said so."""
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            told.put_nowait(await _message(reader))
    told.put_nowait(b"X")


@contextlib.asynccontextmanager
async def pooler(url: str, *, size: int = 3, lenient: bool = False) -> AsyncIterator[Pooler]:
    """A pooler before the PostgreSQL of an address."""
    made = Pooler(url, size=size, lenient=lenient)
    await made.start()
    try:
        yield made
    finally:
        made.stop()
