"""The keys of a WhatsApp server: X25519 pairs, XEdDSA signatures, its certificates, and the Noise handshake."""

from __future__ import annotations

import datetime
import hashlib
import os
import ssl
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID
from neonize.proto.waCert.WACert_pb2 import CertChain

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_Point = tuple[int, int, int, int]
"""Extended coordinates on Ed25519's curve: X, Y, Z and T = XY/Z."""


class KeyPair:
    """An X25519 key pair that can also sign, as WhatsApp's keys do (XEdDSA, by Signal's specification)."""

    def __init__(self, private: bytes | None = None) -> None:
        key = X25519PrivateKey.generate() if private is None else X25519PrivateKey.from_private_bytes(private)
        self._key = key
        self.public = key.public_key().public_bytes_raw()

    def shared(self, public: bytes) -> bytes:
        """The secret shared with the owner of another key."""
        return self._key.exchange(X25519PublicKey.from_public_bytes(public))

    def sign(self, message: bytes) -> bytes:
        """64 bytes; the sign of the Edwards point travels in their top bit."""
        scalar = int.from_bytes(self._key.private_bytes_raw(), "little") & ((1 << 254) - 8) | 1 << 254
        point = _compress(_multiply(scalar, _base()))
        prefix = b"\xfe" + b"\xff" * 31
        nonce = _hash(prefix + scalar.to_bytes(32, "little") + message + os.urandom(64))
        first = _compress(_multiply(nonce, _base()))
        second = (nonce + _hash(first + point + message) * scalar) % _ORDER
        signature = bytearray(first + second.to_bytes(32, "little"))
        signature[63] |= point[31] & 0x80
        return bytes(signature)


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % _ORDER


def _base() -> _Point:
    y = 4 * pow(5, _P - 2, _P) % _P
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if x & 1:
        x = _P - x
    return (x, y, 1, x * y % _P)


def _add(one: _Point, two: _Point) -> _Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _multiply(scalar: int, point: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _compress(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def noise_certificates(root: KeyPair, static: KeyPair) -> bytes:
    """The chain that a client checks in the handshake: root signs intermediate, intermediate signs the server."""
    middle = KeyPair()
    now, month = int(time.time()), 30 * 86400
    details = CertChain.NoiseCertificate.Details
    times = {"notBefore": now - 86400, "notAfter": now + month}
    intermediate = details(serial=1, issuerSerial=0, key=middle.public, **times).SerializeToString()
    leaf = details(serial=2, issuerSerial=1, key=static.public, **times).SerializeToString()
    chain = CertChain()
    chain.intermediate.details, chain.intermediate.signature = intermediate, root.sign(intermediate)
    chain.leaf.details, chain.leaf.signature = leaf, middle.sign(leaf)
    data: bytes = chain.SerializeToString()
    return data


def tls_context(authority: Path) -> ssl.SSLContext:
    """TLS for WhatsApp's hosts; writes the certificate that clients must trust to `authority`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "WhatsApp on loopback")])
    now = datetime.datetime.now(datetime.UTC)
    hosts = [x509.DNSName(host) for host in ("web.whatsapp.com", "mmg.whatsapp.net", "*.whatsapp.net")]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .sign(key, hashes.SHA256())
    )
    authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = authority.with_suffix(".key")
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, private)
    context.set_alpn_protocols(["http/1.1"])
    return context


class Noise:
    """The server's side of Noise_XX_25519_AESGCM_SHA256, as far as WhatsApp uses it."""

    def __init__(self) -> None:
        self._hash = self._salt = b"Noise_XX_25519_AESGCM_SHA256\0\0\0\0"
        self._cipher = AESGCM(self._hash)
        self._count = 0

    def authenticate(self, data: bytes) -> None:
        """Bind `data` to everything that follows."""
        self._hash = hashlib.sha256(self._hash + data).digest()

    def mix(self, secret: bytes) -> None:
        """Continue under a key that also depends on `secret`."""
        self._salt, key = self._expand(secret)
        self._cipher, self._count = AESGCM(key), 0

    def encrypt(self, plain: bytes) -> bytes:
        """Encrypt and authenticate."""
        out = self._cipher.encrypt(self._nonce(), plain, self._hash)
        self.authenticate(out)
        return out

    def decrypt(self, data: bytes) -> bytes:
        """Decrypt and authenticate. Raises InvalidTag."""
        plain = self._cipher.decrypt(self._nonce(), data, self._hash)
        self.authenticate(data)
        return plain

    def finish(self) -> tuple[AESGCM, AESGCM]:
        """The ciphers of the connection: the client's, ours."""
        reading, writing = self._expand(b"")
        return AESGCM(reading), AESGCM(writing)

    def _nonce(self) -> bytes:
        self._count += 1
        return nonce(self._count - 1)

    def _expand(self, secret: bytes) -> tuple[bytes, bytes]:
        both = HKDF(hashes.SHA256(), 64, self._salt, b"").derive(secret)
        return both[:32], both[32:]


def nonce(count: int) -> bytes:
    """The n-th nonce of a cipher."""
    return count.to_bytes(12)
