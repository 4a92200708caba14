"""One device's connection: websocket frames, the Noise handshake, encrypted nodes."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from neonize.proto.waWa6.WAWebProtobufsWa6_pb2 import ClientPayload, HandshakeMessage

from .keys import KeyPair, Noise, nonce
from .xml import Jid, Node, decode, encode

_BINARY, _CLOSE, _PING, _PONG = 2, 8, 9, 10
_HEADER = 4
"""Bytes of the first frame before its content: WA and the protocol's version."""


class Connection:
    """Made by the server for each device that connects."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._buffer = b""
        self._received = self._sent = 0
        self.jid: Jid | None = None
        """The device's address; None while it is not paired."""
        self.payload: Any = None
        """What the device said of itself when it connected."""
        self.prekeys = 0

    async def shake_hands(self, static: KeyPair, certificates: bytes) -> None:
        """Agree on keys; raises InvalidTag when the client does not do its part."""
        first = await self._message()
        noise, ours = Noise(), KeyPair()
        noise.authenticate(first[:_HEADER])
        self._buffer = first[_HEADER:]
        theirs = HandshakeMessage.FromString(await self._frame()).clientHello.ephemeral
        noise.authenticate(theirs)
        noise.authenticate(ours.public)
        noise.mix(ours.shared(theirs))
        hello = HandshakeMessage()
        hello.serverHello.ephemeral = ours.public
        hello.serverHello.static = noise.encrypt(static.public)
        noise.mix(static.shared(theirs))
        hello.serverHello.payload = noise.encrypt(certificates)
        self._put(hello.SerializeToString())
        finish = HandshakeMessage.FromString(await self._frame()).clientFinish
        noise.mix(ours.shared(noise.decrypt(finish.static)))
        self.payload = ClientPayload.FromString(noise.decrypt(finish.payload))
        self._reading, self._writing = noise.finish()

    def send(self, node: Node) -> None:
        """Queue a node."""
        self._put(self._seal(self._writing, b"\0" + encode(node)))

    def _seal(self, cipher: AESGCM, data: bytes) -> bytes:
        self._sent += 1
        return cipher.encrypt(nonce(self._sent - 1), data, b"")

    async def receive(self) -> Node:
        """The next node. Raises ConnectionError or IncompleteReadError at the end."""
        data = self._reading.decrypt(nonce(self._received), await self._frame(), b"")
        self._received += 1
        return decode(zlib.decompress(data[1:]) if data[0] & 2 else data[1:])

    def send_conflict(self) -> None:
        """Another login took over."""
        self.send(Node("stream:error", {"code": 440}, [Node("conflict", {"type": "replaced"})]))

    def close(self) -> None:
        """Hang up without a word."""
        self._writer.transport.abort()

    async def _frame(self) -> bytes:
        """WhatsApp's own frame: three bytes of length, then the content; it may span websocket messages."""
        while len(self._buffer) < 3 or len(self._buffer) < 3 + int.from_bytes(self._buffer[:3]):
            self._buffer += await self._message()
        end = 3 + int.from_bytes(self._buffer[:3])
        frame, self._buffer = self._buffer[3:end], self._buffer[end:]
        return frame

    async def _message(self) -> bytes:
        while True:
            head = await self._reader.readexactly(2)
            kind, size = head[0] & 0x0F, head[1] & 0x7F
            if size > 125:
                size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8))
            mask = await self._reader.readexactly(4) if head[1] & 0x80 else b"\0" * 4
            data = await self._reader.readexactly(size)
            # As one number: byte by byte is slow for large messages.
            key = (mask * (size // 4 + 1))[:size]
            data = (int.from_bytes(data) ^ int.from_bytes(key)).to_bytes(size)
            if kind == _CLOSE:
                raise ConnectionError("the device hung up")
            if kind == _PING:
                self._write(_PONG, data)
            else:
                return data

    def _put(self, data: bytes) -> None:
        self._write(_BINARY, len(data).to_bytes(3) + data)

    def _write(self, kind: int, data: bytes) -> None:
        size = len(data)
        if size < 126:
            length = bytes([size])
        elif size < 65536:
            length = bytes([126]) + size.to_bytes(2)
        else:
            length = bytes([127]) + size.to_bytes(8)
        self._writer.write(bytes([0x80 | kind]) + length + data)
