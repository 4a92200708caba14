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
