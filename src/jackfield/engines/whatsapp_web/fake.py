"""A `Phone` without WhatsApp, for tests: it asks a `FakeNetwork` in the test's own process over a local socket.

It keeps the same tables as whatsmeow's database, written at the same moments, with neonize's real protobuf types.
Name it to the engine as maker "jackfield.engines.whatsapp_web.fake:make", the network's socket in the environment
variable JACKFIELD_FAKE_WHATSAPP.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import secrets
import sqlite3
from collections.abc import Callable
from typing import Any

from neonize.exc import NeonizeError
from neonize.proto.Neonize_pb2 import JID, SendResponse
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message

from .options import DeviceOptions
from .phone import Phone

SOCKET = "JACKFIELD_FAKE_WHATSAPP"

_TABLES = """
CREATE TABLE IF NOT EXISTS whatsmeow_device (jid TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS whatsmeow_message_secrets (
    our_jid TEXT, chat_jid TEXT, sender_jid TEXT, message_id TEXT, key bytea NOT NULL,
    PRIMARY KEY (our_jid, chat_jid, sender_jid, message_id)
);
"""


class FakePhone:
    """One device. Every method not written here is asked of the network as it is."""

    def __init__(self, options: DeviceOptions) -> None:
        self._options = options
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._count = 0
        self._task: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        with self._database() as db:
            db.executescript(_TABLES)

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(self._options.database)

    def listen(
        self,
        on_event: Callable[[int, bytes], None],
        on_qr: Callable[[str], None],
        on_end: Callable[[str | None], None],
    ) -> None:
        """See `Phone.listen`."""
        self._on_event, self._on_qr, self._on_end = on_event, on_qr, on_end

    async def start(self) -> None:
        """Connect to the network, which answers with events or a QR."""
        try:
            reader, self._writer = await asyncio.open_unix_connection(os.environ[SOCKET])
        except OSError as error:
            raise NeonizeError(f"failed to dial whatsapp web websocket: {error}") from None
        with self._database() as db:
            row = db.execute("SELECT jid FROM whatsmeow_device").fetchone()
        self._write(("hello", self._options.database, None if row is None else row[0], os.getpid()))
        self._task = asyncio.create_task(self._read(reader))

    def _write(self, frame: tuple[Any, ...]) -> None:
        if self._writer is None:
            raise NeonizeError("websocket not connected")
        body = pickle.dumps(frame)
        self._writer.write(len(body).to_bytes(4) + body)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(4))
                # Both ends are this test's own processes.
                self._handle(pickle.loads(await reader.readexactly(size)))  # noqa: S301
        except (asyncio.IncompleteReadError, ConnectionError):
            self._on_end("the network went away")

    def _handle(self, frame: tuple[Any, ...]) -> None:
        kind, *rest = frame
        if kind == "event":
            self._on_event(*rest)
        elif kind == "qr":
            self._on_qr(rest[0])
        elif kind == "end":
            self._on_end(rest[0])
        elif kind == "paired":
            with self._database() as db:
                db.execute("INSERT OR REPLACE INTO whatsmeow_device VALUES (?)", (rest[0],))
        elif kind == "unpaired":
            with self._database() as db:
                db.execute("DELETE FROM whatsmeow_device")
        elif kind == "exit":
            os._exit(rest[0])
        elif kind == "answer":
            number, result, problem = rest
            future = self._calls.pop(number, None)
            if future is not None and not future.done():
                future.set_exception(NeonizeError(problem)) if problem is not None else future.set_result(result)

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            return await self._ask(name, args, kwargs)

        return call

    async def _ask(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._count += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._calls[self._count] = future
        self._write(("call", self._count, name, args, kwargs))
        return await future

    async def send_message(self, to: JID, message: Message) -> SendResponse:
        """As whatsmeow does it: the id is made, kept with the message's secret, and then the message goes out."""
        message_id = "3EB0" + secrets.token_hex(9).upper()
        secret = message.messageContextInfo.messageSecret
        if secret:
            with self._database() as db:
                row = ("me", f"{to.User}@{to.Server}", "me", message_id, secret)
                db.execute("INSERT INTO whatsmeow_message_secrets VALUES (?, ?, ?, ?, ?)", row)
        sent: SendResponse = await self._ask("send_message", (to, message, message_id), {})
        return sent

    async def stop(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def make(options: DeviceOptions) -> Phone:
    """A phone on the fake network."""
    phone: Any = FakePhone(options)
    made: Phone = phone
    return made
