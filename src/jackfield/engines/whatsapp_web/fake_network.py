"""The other side of `fake.py`: what WhatsApp would do, in the test's own process, with real protobuf types."""

from __future__ import annotations

import asyncio
import pickle
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import FieldDescriptor  # type: ignore[import-untyped]
from neonize.events import EVENT_TO_INT
from neonize.proto import Neonize_pb2 as nz
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from . import jids

OWN = "4915100000001"


def with_required_fields(message: Any) -> Any:
    """The message with every required field set, as neonize's Go side always sends it."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None:
            if field.is_repeated:
                for item in getattr(message, field.name):
                    with_required_fields(item)
            elif field.is_required or message.HasField(field.name):
                target = getattr(message, field.name)
                target.SetInParent()
                with_required_fields(target)
        elif field.is_required and not message.HasField(field.name):
            setattr(message, field.name, _default(field))
    return message


def _default(field: Any) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values[0].number
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        return "" if field.type == FieldDescriptor.TYPE_STRING else b""
    return False if field.type == FieldDescriptor.TYPE_BOOL else 0


class Device:
    """One connected fake phone."""

    def __init__(self, network: FakeNetwork, database: str, pid: int, writer: asyncio.StreamWriter) -> None:
        self.network, self.database, self.pid, self._writer = network, database, pid, writer

    def write(self, *frame: Any) -> None:
        """Send a frame to the phone."""
        body = pickle.dumps(frame)
        self._writer.write(len(body).to_bytes(4) + body)

    def event(self, event: Any) -> None:
        """Let an event happen."""
        self.write("event", EVENT_TO_INT[type(event)], with_required_fields(event).SerializeToString())

    def message(
        self,
        sender: str,
        message: e2e.Message,
        *,
        chat: str | None = None,
        message_id: str | None = None,
        from_me: bool = False,
        name: str = "Ana",
        alternative: str | None = None,
    ) -> str:
        """Somebody writes; gives the message's id. `alternative` is the sender's phone number when a LID writes."""
        who, where = jids.parse(sender), jids.parse(chat or sender)
        message_id = message_id or f"IN{self.network.number():06d}"
        source = nz.MessageSource(Chat=where, Sender=who, IsFromMe=from_me, IsGroup=where.Server == jids.GROUPS)
        if alternative is not None:
            source.SenderAlt.CopyFrom(jids.parse(alternative))
        info = nz.MessageInfo(MessageSource=source, ID=message_id, Pushname=name, Timestamp=int(time.time()))
        self.event(nz.Message(Info=info, Message=message))
        return message_id

    def receipt(self, kind: Any, *message_ids: str, sender: str) -> None:
        """Somebody got or read messages of ours."""
        who = jids.parse(sender)
        source = nz.MessageSource(Chat=who, Sender=who, IsFromMe=False)
        self.event(nz.Receipt(MessageSource=source, MessageIDs=message_ids, Timestamp=int(time.time()), Type=kind))

    def connected(self) -> None:
        """What WhatsApp sends on every new connection."""
        self.event(nz.Connected(status=True))
        self.event(nz.OfflineSyncCompleted(Count=0))

    def scan(self) -> None:
        """The phone scans the QR or types the code."""
        self.write("paired", f"{OWN}:1@s.whatsapp.net")
        self.network.paired.add(self.database)
        self.event(nz.PairStatus(ID=jids.make(OWN), Status=nz.PairStatus.SUCCESS))
        self.connected()

    def crash(self, status: int = 3) -> None:
        """The process dies, as when the Go runtime panics."""
        self.write("exit", status)


class FakeNetwork:
    """Serves fake phones. `calls` lists what they asked; `answers` overrides an answer by method name."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.calls: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = defaultdict(list)
        self.answers: dict[str, Callable[..., Any]] = {}
        self.paired: set[str] = set()
        self.devices: list[Device] = []
        self.sent: list[tuple[nz.JID, e2e.Message, str]] = []
        self.deaf = False
        """New connections get no events at all."""
        self.hold: asyncio.Event | None = None
        """Set: answers to sends wait for it."""
        self._news = asyncio.Event()
        self._made = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def number(self) -> int:
        """A running number."""
        self._made += 1
        return self._made

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_unix_server(self._serve, self.socket)

    async def stop(self) -> None:
        """Hang up on everybody."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until(self, condition: Callable[[], Any], seconds: float = 15.0) -> Any:
        """Wait until something a phone did makes `condition` true; gives its value."""
        async with asyncio.timeout(seconds):
            while not (found := condition()):
                self._news.clear()
                await self._news.wait()
        return found

    async def device(self, count: int = 1) -> Device:
        """The last connected phone, once that many connections were made."""
        await self.until(lambda: len(self.devices) >= count)
        return self.devices[-1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        device: Device | None = None
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(4))
                # Both ends are this test's own processes.
                frame = pickle.loads(await reader.readexactly(size))  # noqa: S301
                if frame[0] == "hello":
                    device = self._hello(frame, writer)
                elif device is not None:
                    answering = asyncio.create_task(self._call(device, *frame[1:]))
                    self._tasks.add(answering)
                    answering.add_done_callback(self._tasks.discard)
                self._news.set()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()
        finally:
            self._tasks.discard(task)
            self._news.set()

    def _hello(self, frame: tuple[Any, ...], writer: asyncio.StreamWriter) -> Device:
        _, database, own, pid = frame
        device = Device(self, database, pid, writer)
        self.devices.append(device)
        if self.deaf:
            return device
        if own is None:
            device.write("qr", "2@first,code")
        else:
            device.connected()
        return device

    async def _call(
        self, device: Device, number: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self.calls[name].append((args, kwargs))
        result: Any
        try:
            if name == "send_message":
                result = await self._send(*args)
            elif name in self.answers:
                result = self.answers[name](*args, **kwargs)
            else:
                result = getattr(self, f"_{name}", lambda *args, **kwargs: None)(*args, **kwargs)
            if asyncio.iscoroutine(result):
                result = await result
            device.write("answer", number, result, None)
        except Exception as error:
            device.write("answer", number, None, str(error))
        self._news.set()

    async def _send(self, to: nz.JID, message: e2e.Message, message_id: str) -> nz.SendResponse:
        if "send_message" in self.answers:
            self.answers["send_message"](to, message)
        self.sent.append((to, message, message_id))
        self._news.set()
        if self.hold is not None:
            await self.hold.wait()
        return with_required_fields(nz.SendResponse(ID=message_id, Timestamp=int(time.time())))  # type: ignore[no-any-return]

    # -- ordinary answers

    def _get_me(self) -> nz.Device:
        return with_required_fields(nz.Device(JID=jids.make(OWN), PushName="Shop"))  # type: ignore[no-any-return]

    def _is_on_whatsapp(self, *numbers: str) -> list[nz.IsOnWhatsAppResponse]:
        return [
            with_required_fields(
                nz.IsOnWhatsAppResponse(
                    Query=number, JID=jids.make(number.lstrip("+")), IsIn=not number.endswith("000")
                )
            )
            for number in numbers
        ]

    def _upload(self, data: bytes, kind: Any) -> nz.UploadResponse:
        name = f"/v/{kind.name}/{len(data)}"
        uploaded = nz.UploadResponse(url=f"https://mmg.whatsapp.net{name}", DirectPath=name, FileLength=len(data))
        uploaded.MediaKey = uploaded.FileEncSHA256 = uploaded.FileSHA256 = b"k" * 32
        return with_required_fields(uploaded)  # type: ignore[no-any-return]

    def _PairPhone(self, phone: str, push: bool) -> str:
        return "ABCD-EFGH"

    def _build_revoke(self, chat: nz.JID, sender: nz.JID, message_id: str) -> e2e.Message:
        message = e2e.Message()
        message.protocolMessage.type = e2e.ProtocolMessage.REVOKE
        message.protocolMessage.key.ID = message_id
        message.protocolMessage.key.remoteJID = jids.full(chat)
        message.protocolMessage.key.fromMe = sender.User == OWN
        return message

    def _get_pn_from_lid(self, jid: nz.JID) -> nz.JID:
        raise LookupError("no mapping")
