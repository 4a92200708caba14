"""The server: what it listens on, and how WhatsApp behaves towards each connected device."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from neonize.proto.waAdv import WAAdv_pb2 as adv

from .connection import Connection
from .keys import KeyPair, noise_certificates, tls_context
from .library import ROOT
from .xml import Jid, Node

SERVER = Jid("@s.whatsapp.net")
_ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class WhatsAppServer:
    """Plays WhatsApp for devices whose proxy it is. Fields say how it behaves and may be changed at any time."""

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "authority.pem"
        """Clients must trust this certificate: name it in their environment as SSL_CERT_FILE."""
        self.static = KeyPair()
        self.certificates = noise_certificates(ROOT, self.static)
        self.connections: list[Connection] = []
        self.logins: list[str] = []
        """Address of each login of a paired device, in order."""
        self.replaced = 0
        """How often a second login of a device ended its first."""
        self.sent: list[Node] = []
        """Messages taken, in order."""
        self.stanzas: list[Node] = []
        """Everything else that devices sent."""
        self.acknowledged: set[str] = set()
        """Ids of messages and receipts that devices acknowledged: WhatsApp does not send them again."""
        self.refused = 0
        self.reachable = True
        """False: connections are refused, as when the network is down."""
        self.failure: dict[str, str | int] | None = None
        """Attributes of a `failure` that answers every new connection."""
        self.ack_error: int | None = None
        """Code with which messages are refused."""
        self.acknowledging = True
        """False: messages are taken and not acknowledged."""
        self.silent = False
        """True: no request is answered, not even the keep-alive."""
        self._account = KeyPair()
        self._tls = tls_context(self.authority)
        self._people: dict[str, tuple[KeyPair, KeyPair, KeyPair]] = {}
        self._count = 0
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.proxy = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Hang up on everybody."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until(self, condition: Callable[[], Any], seconds: float = 60.0) -> Any:
        """Wait until something a device did makes `condition` true; gives its value. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not (found := condition()):
                self._news.clear()
                await self._news.wait()
        return found

    # -- what a test lets happen

    def of(self, number: str) -> Connection | None:
        """The living connection of a paired number."""
        return next((one for one in self.connections if one.jid is not None and one.jid.user == number), None)

    def scan(self, connection: Connection, code: str, number: str, device: int = 7) -> None:
        """The phone of `number` scans the QR that this connection's device shows."""
        _, _, identity, secret = code.rpartition("#")[2].split(",")[:4]
        details = adv.ADVDeviceIdentity(rawID=1, timestamp=int(time.time()), keyIndex=1).SerializeToString()
        signed = adv.ADVSignedDeviceIdentity(
            details=details,
            accountSignatureKey=self._account.public,
            accountSignature=self._account.sign(b"\x06\x00" + details + base64.b64decode(identity)),
        ).SerializeToString()
        checked = hmac.new(base64.b64decode(secret), signed, hashlib.sha256).digest()
        box = adv.ADVSignedDeviceIdentityHMAC(details=signed, HMAC=checked).SerializeToString()
        success = [
            Node("device-identity", {}, box),
            Node("biz", {"name": ""}),
            Node("device", {"jid": Jid(f"{number}:{device}@s.whatsapp.net"), "lid": Jid(f"99{number}:{device}@lid")}),
            Node("platform", {"name": "android"}),
        ]
        self._set(connection, "md", [Node("pair-success", {}, success)])

    def receipt(self, number: str, message_id: str, sender: str, kind: str | None = None) -> None:
        """`sender` got (`kind` None), read or played a message of `number`'s."""
        connection = self.of(number)
        assert connection is not None, f"{number} is not connected"
        attrs: dict[str, str | int] = {"from": Jid(f"{sender}@s.whatsapp.net"), "id": message_id, "t": int(time.time())}
        connection.send(Node("receipt", {**attrs, "type": kind} if kind else attrs))

    def newsletter_post(self, number: str, newsletter: str, body: bytes) -> str:
        """A newsletter that `number` follows publishes a message (serialised protobuf); gives the message's id."""
        connection = self.of(number)
        assert connection is not None, f"{number} is not connected"
        self._count += 1
        message_id = f"3EB0NEWS{self._count:06d}"
        attrs: dict[str, str | int] = {
            "from": Jid(f"{newsletter}@newsletter"),
            "id": message_id,
            "server_id": self._count,
            "t": int(time.time()),
            "type": "text",
        }
        connection.send(Node("message", attrs, [Node("plaintext", {}, body)]))
        return message_id

    def garbled(self, number: str, sender: str) -> None:
        """`sender` writes under keys that the device of `number` does not have."""
        connection = self.of(number)
        assert connection is not None, f"{number} is not connected"
        attrs: dict[str, str | int] = {
            "from": Jid(f"{sender}@s.whatsapp.net"),
            "id": self._id(),
            "t": int(time.time()),
            "type": "text",
        }
        connection.send(Node("message", attrs, [Node("enc", {"v": 2, "type": "msg"}, b"3" + secrets.token_bytes(60))]))

    # -- listening

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._tunnel(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            self._news.set()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not self.reachable:
            self.refused += 1
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(self._tls)
        head = await reader.readuntil(b"\r\n\r\n")
        key = re.search(rb"(?i)sec-websocket-key: *(\S+)", head)
        if key is None:
            await self._media(head, reader, writer)
            return
        accept = base64.b64encode(hashlib.sha1(key.group(1) + _ACCEPT, usedforsecurity=False).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        await self._talk(Connection(reader, writer))

    async def _media(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Uploads are taken and forgotten."""
        size = re.search(rb"(?i)content-length: *(\d+)", head)
        await reader.readexactly(int(size.group(1)) if size else 0)
        body = b'{"url":"https://mmg.whatsapp.net/v/x","direct_path":"/v/x","handle":"h"}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()

    async def _talk(self, connection: Connection) -> None:
        await connection.shake_hands(self.static, self.certificates)
        self.connections.append(connection)
        self._welcome(connection)
        self._news.set()
        try:
            while True:
                node = await connection.receive()
                self._handle(connection, node)
                self._news.set()
        finally:
            self.connections.remove(connection)

    # -- behaviour

    def _id(self) -> str:
        self._count += 1
        return f"server-{self._count}"

    def _set(self, connection: Connection, namespace: str, content: list[Node]) -> None:
        attrs: dict[str, str | int] = {"from": SERVER, "type": "set", "id": self._id(), "xmlns": namespace}
        connection.send(Node("iq", attrs, content))

    def _welcome(self, connection: Connection) -> None:
        payload = connection.payload
        if self.failure is not None:
            connection.send(Node("failure", self.failure))
            return
        if not payload.username:
            codes = [Node("ref", {}, f"2@code{i}-{secrets.token_hex(4)}".encode()) for i in range(6)]
            self._set(connection, "md", [Node("pair-device", {}, list(codes))])
            return
        connection.jid = Jid(f"{payload.username}:{payload.device}@s.whatsapp.net")
        self.logins.append(connection.jid)
        for other in self.connections:
            if other is not connection and other.jid == connection.jid:
                self.replaced += 1
                other.send_conflict()
        lid = Jid(f"99{payload.username}:{payload.device}@lid")
        connection.send(Node("success", {"t": int(time.time()), "lid": lid, "props": 1, "companion_enc_static": "x"}))

    def _handle(self, connection: Connection, node: Node) -> None:
        if node.tag == "message":
            self._take(connection, node)
            return
        self.stanzas.append(node)
        if node.tag == "ack":
            self.acknowledged.add(node.text("id"))
        if node.tag != "iq":
            return
        if node.text("type") == "result":
            if node.child("pair-device-sign") is not None:
                connection.send(Node("stream:error", {"code": 515}))
        elif not self.silent:
            self._answer(connection, node)

    def _take(self, connection: Connection, node: Node) -> None:
        self.sent.append(node)
        if self.acknowledging:
            attrs: dict[str, str | int] = {
                "class": "message",
                "id": node.attrs["id"],
                "from": node.attrs["to"],
                "t": int(time.time()),
            }
            connection.send(Node("ack", {**attrs, "error": self.ack_error} if self.ack_error else attrs))

    def _answer(self, connection: Connection, node: Node) -> None:
        namespace, content = node.text("xmlns"), None
        if namespace == "encrypt":
            content = self._keys(connection, node)
        elif namespace == "usync":
            content = self._look_up(node)
        elif namespace == "w:m":
            host = Node("host", {"hostname": "mmg.whatsapp.net"})
            content = [
                Node("media_conn", {"auth": "a", "ttl": 3600, "auth_ttl": 3600, "max_buckets": 12}, [host]),
            ]
        elif node.child("link_code_companion_reg") is not None:
            content = [Node("link_code_companion_reg", {}, [Node("link_code_pairing_ref", {}, b"ref")])]
        to = node.attrs.get("to", SERVER)
        origin = to if isinstance(to, Jid) else SERVER
        connection.send(Node("iq", {"from": origin, "type": "result", "id": node.attrs["id"]}, content))
        if namespace == "passive":
            connection.send(Node("ib", {"from": SERVER}, [Node("offline", {"count": 0})]))

    def _keys(self, connection: Connection, node: Node) -> list[Node] | None:
        wanted = node.child("key")
        if wanted is not None and node.text("type") == "get":
            return [Node("list", {}, [self._bundle(user.attrs["jid"]) for user in wanted])]
        if node.child("count") is not None:
            return [Node("count", {"value": connection.prekeys})]
        if node.text("type") == "set":
            connection.prekeys = 800
        return None

    def _bundle(self, address: str | int) -> Node:
        """Somebody's public keys, with which a device begins an encrypted session."""
        identity, signed, once = self._people.setdefault(str(address), (KeyPair(), KeyPair(), KeyPair()))

        def key(tag: str, number: int, pair: KeyPair, *more: Node) -> Node:
            return Node(tag, {}, [Node("id", {}, number.to_bytes(3)), Node("value", {}, pair.public), *more])

        signature = Node("signature", {}, identity.sign(b"\x05" + signed.public))
        content = [
            Node("registration", {}, (1234).to_bytes(4)),
            Node("type", {}, b"\x05"),
            Node("identity", {}, identity.public),
            key("skey", 1, signed, signature),
            key("key", 7, once),
        ]
        return Node("user", {"jid": address}, content)

    def _look_up(self, node: Node) -> list[Node]:
        """Who has WhatsApp (numbers that end in 000 do not), on which devices, under which LID."""
        sync = node.child("usync")
        assert sync is not None
        asked = {one.tag for one in sync.child("query") or ()}
        users = [self._person(user, asked) for user in sync.child("list") or ()]
        return [Node("usync", sync.attrs, [Node("list", {}, users)])]

    @staticmethod
    def _person(user: Node, asked: set[str]) -> Node:
        address, content = user.attrs.get("jid"), []
        contact = user.child("contact")
        if contact is not None and isinstance(contact.content, bytes):
            number = contact.content.decode().lstrip("+").partition("@")[0]
            address = Jid(f"{number}@s.whatsapp.net")
            known = "out" if number.endswith("000") else "in"
            content.append(Node("contact", {"type": known}, contact.content))
        if "devices" in asked:
            content.append(Node("devices", {}, [Node("device-list", {"hash": "x"}, [Node("device", {"id": 0})])]))
        if "lid" in asked and isinstance(address, Jid) and address.endswith("@s.whatsapp.net"):
            content.append(Node("lid", {"val": Jid(f"77{address.user}@lid")}))
        return Node("user", {"jid": address or Jid("0@s.whatsapp.net")}, content)
