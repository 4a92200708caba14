"""neonize's own client as a `Phone`."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable
from typing import Any

from neonize._binder import ProxySettings
from neonize.aioze import client as aioze
from neonize.events import INT_TO_EVENT
from neonize.proto.Neonize_pb2 import JID, Device
from neonize.proto.waCompanionReg.WAWebProtobufsCompanionReg_pb2 import DeviceProps
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message

from .options import DeviceOptions
from .phone import Phone

_ME = 0


class NeonizePhone:
    """One linked device on one database file. Not reusable after `stop`: make a new one on the same file."""

    def __init__(self, options: DeviceOptions) -> None:
        props = DeviceProps(os=options.device_name, platformType=DeviceProps.DESKTOP)
        self._client: Any = aioze.NewAClient(options.database, uuid=options.database, props=props)
        self._proxy = ProxySettings(options.proxy) if options.proxy else None
        self._watch: asyncio.Task[None] | None = None
        self._on_end: Callable[[str | None], None] = lambda reason: None

    def __getattr__(self, name: str) -> Any:
        """Everything else is the client's own method."""
        return getattr(self._client, name)

    def listen(
        self,
        on_event: Callable[[int, bytes], None],
        on_qr: Callable[[str], None],
        on_end: Callable[[str | None], None],
    ) -> None:
        """See `Phone.listen`."""
        self._on_end = on_end

        async def nothing(client: Any, message: Any) -> None:
            """Only named kinds are delivered; they are taken in `execute` below."""

        async def show(client: Any, code: bytes) -> None:
            on_qr(code.decode())

        def execute(uuid: int, binary: int, size: int, code: int) -> None:
            # In place of neonize's own, which hands the event to the loop and returns: here it is kept first.
            body = ctypes.string_at(binary, size)
            if code == _ME:
                self._client.me = Device.FromString(body)
                return
            on_event(code, body)

        events = self._client.event
        events.list_func = {code: nothing for code in INT_TO_EVENT if code != _ME}
        events.execute = execute
        events.qr(show)

    async def start(self) -> None:
        """See `Phone.start`."""
        running = await self._client.connect(self._proxy)
        self._watch = asyncio.create_task(self._until_end(running))

    async def _until_end(self, running: asyncio.Task[None]) -> None:
        try:
            await running
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._on_end(str(error))
        else:
            self._on_end(None)

    async def stop(self) -> None:
        """Disconnect and free the device; the pairing stays."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self._client.stop()

    async def build_revoke(self, chat: JID, sender: JID, message_id: str) -> Message:
        """The message that deletes another."""
        message: Message = await self._client.build_revoke(chat, sender, message_id)
        return message


def make(options: DeviceOptions) -> Phone:
    """A phone on neonize."""
    phone: Any = NeonizePhone(options)
    made: Phone = phone
    return made
