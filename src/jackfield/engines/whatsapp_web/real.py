"""neonize's own client as a `Phone`, with what neonize leaves to its caller.

The library keeps one table of clients by name and looks none up safely: a call for a client that is not there yet, or
on one that is not paired, can end the process with every number in it. So each client has a name of its own, nothing
is asked of it before it exists, and what needs a paired phone is refused here while there is none.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import itertools
import threading
from collections.abc import Callable
from typing import Any

from neonize._binder import ProxySettings, gocode
from neonize.aioze import client as aioze
from neonize.events import EVENT_TO_INT, INT_TO_EVENT
from neonize.exc import NeonizeError, PairPhoneError
from neonize.proto import Neonize_pb2 as nz
from neonize.proto.Neonize_pb2 import JID, Device
from neonize.proto.waCompanionReg.WAWebProtobufsCompanionReg_pb2 import DeviceProps
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message
from neonize.utils.enum import ClientType

from .options import DeviceOptions
from .phone import CONNECTION, Phone

READY_S = 20.0
"""How long the library may take to make a client before what is asked of it fails."""
STOP_S = 5.0
"""How long calls under way, and then the connection's thread, may take to end."""
PAIRING_CLIENT = "Chrome (Linux)"
"""What a pairing by code calls itself: WhatsApp takes only common browsers on common systems."""

NOT_CONNECTED = "websocket not connected"
NOT_PAIRED = "the store doesn't contain a device JID"
"""whatsmeow's own words for the same states, which `problems` reads."""

_ME = 0
_PAIRED, _LOGGED_OUT = EVENT_TO_INT[nz.PairStatus], EVENT_TO_INT[nz.LoggedOut]
_names = itertools.count(1)


class _Library:
    """neonize's bridge, but each connection has a thread of its own and takes none from the pool of short calls."""

    def __getattr__(self, name: str) -> Any:
        return getattr(aioze.async_gocode, name)

    async def Neonize(self, *args: Any) -> Any:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[Any] = loop.create_future()

        def settle(result: Any, error: BaseException | None) -> None:
            if ended.done():
                return
            ended.set_exception(error) if error is not None else ended.set_result(result)

        def run() -> None:
            result, failed = None, None
            try:
                result = gocode.Neonize(*args)
            except BaseException as error:
                failed = error
            # The loop may be closed by now: the process ends.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, result, failed)

        threading.Thread(target=run, name=CONNECTION, daemon=True).start()
        return await ended


class NeonizePhone:
    """One linked device on one database file. Not reusable after `stop`: make a new one on the same file."""

    def __init__(self, options: DeviceOptions) -> None:
        props = DeviceProps(os=options.device_name, platformType=DeviceProps.DESKTOP)
        # neonize stops a collected client by its name: a name used twice would stop the client that took over.
        name = f"{options.database}#{next(_names)}"
        client: Any = aioze.NewAClient(options.database, uuid=name, props=props)
        client._stop_finalizer.detach()
        # Spelt out: within a class Python would read the name as this class's own.
        setattr(client, "_NewAClient__client", _Library())  # noqa: B010
        self._client = client
        self._proxy = ProxySettings(options.proxy) if options.proxy else None
        self._loop = asyncio.get_running_loop()
        self._watch: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None
        self._exists = asyncio.Event()
        self._calls: set[asyncio.Future[Any]] = set()
        self._paired = self._stopped = False
        self._on_end: Callable[[str | None], None] = lambda reason: None

    def __getattr__(self, name: str) -> Any:
        """Everything else is the client's own method, for a paired phone only."""
        method = getattr(self._client, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            await self._ready()
            if not self._paired:
                raise NeonizeError(NOT_PAIRED)
            return await self._ask(method(*args, **kwargs))

        return call

    async def _ready(self) -> None:
        """Return once the library has the client. Raises NeonizeError."""
        if self._running is not None and not self._stopped:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(READY_S):
                    await self._exists.wait()
        if not self._exists.is_set() or self._stopped or self._running is None or self._running.done():
            raise NeonizeError(NOT_CONNECTED)

    async def _ask(self, doing: Any) -> Any:
        task = asyncio.ensure_future(doing)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return await task

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
            if not self._stopped:
                self._exists.set()
                on_qr(code.decode())

        def execute(uuid: int, binary: int, size: int, code: int) -> None:
            # In place of neonize's own, which hands the event to the loop and returns: here it is kept first.
            body = ctypes.string_at(binary, size)
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._notice, code, body)
            if code != _ME:
                on_event(code, body)

        def login_status(uuid: int, status: int) -> None:
            outcome = ctypes.string_at(status).decode()
            if outcome != "success":
                self._loop.call_soon_threadsafe(self._login_ended, outcome)

        events = self._client.event
        events.list_func = {code: nothing for code in INT_TO_EVENT if code != _ME}
        events.execute = execute
        events.qr(show)
        # neonize passes this on to the library and ignores it: it is all that tells of a QR that nobody scanned.
        setattr(self._client, "_NewAClient__onLoginStatus", login_status)  # noqa: B010

    def _notice(self, code: int, body: bytes) -> None:
        self._exists.set()
        if code == _ME:
            self._client.me = Device.FromString(body)
            self._paired = bool(self._client.me.JID.User)
        elif code == _PAIRED:
            self._paired = nz.PairStatus.FromString(body).Status == nz.PairStatus.SUCCESS
        elif code == _LOGGED_OUT:
            self._paired = False

    def _login_ended(self, outcome: str) -> None:
        if not self._stopped:
            self._on_end(None if outcome == "timeout" else outcome)

    async def start(self) -> None:
        """See `Phone.start`."""
        self._running = await self._client.connect(self._proxy)
        self._watch = asyncio.create_task(self._until_end(self._running))

    async def _until_end(self, running: asyncio.Task[None]) -> None:
        reason: str | None = None
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            reason = str(error)
        if not self._stopped:
            self._on_end(reason or "the library ended the connection")

    async def stop(self) -> None:
        """Disconnect and free the device; the pairing stays."""
        running = self._running
        if self._stopped or running is None:
            self._stopped = True
            return
        # The library cannot stop a client that it has not made yet.
        made = asyncio.ensure_future(self._exists.wait())
        await asyncio.wait({running, made}, timeout=STOP_S, return_when=asyncio.FIRST_COMPLETED)
        made.cancel()
        self._stopped = True
        if self._calls:
            await asyncio.wait(set(self._calls), timeout=STOP_S)
        await self._client.stop()
        if self._paired:
            await asyncio.wait({running}, timeout=STOP_S)
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def PairPhone(self, phone: str, show_push_notification: bool) -> str:
        """The code to type on the phone. Waits for the first QR: before that WhatsApp cannot be asked."""
        await self._ready()
        payload = nz.PairPhoneParams(
            phone=phone,
            clientDisplayName=PAIRING_CLIENT,
            clientType=ClientType.CHROME.value,
            showPushNotification=show_push_notification,
        ).SerializeToString()
        answer = await self._ask(aioze.async_gocode.PairPhone(self._client.uuid, payload, len(payload)))
        found = nz.PairPhoneReturnFunction.FromString(answer)
        if found.Error:
            raise PairPhoneError(found.Error)
        code: str = found.Code
        return code

    async def build_revoke(self, chat: JID, sender: JID, message_id: str) -> Message:
        """The message that deletes another."""
        await self._ready()
        message: Message = await self._client.build_revoke(chat, sender, message_id)
        return message


def make(options: DeviceOptions) -> Phone:
    """A phone on neonize."""
    phone: Any = NeonizePhone(options)
    made: Phone = phone
    return made
