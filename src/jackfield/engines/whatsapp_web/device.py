"""One number inside a child process: its connection, its events, and what is asked of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from neonize.events import EVENT_TO_INT
from neonize.exc import NeonizeError
from neonize.proto import Neonize_pb2 as nz
from neonize.utils.enum import ChatPresence, ChatPresenceMedia, Presence, ReceiptType

from jackfield.core.ground.errors import LoginRequired, Rejected, Unavailable
from jackfield.core.port import Disconnected, Done, LoginChanged, PeerKnown, Report, ShowCode, ShowQr
from jackfield.core.port import content as c

from . import jids, outgoing
from .groups import Groups
from .incoming import KEPT, MESSAGE, Reader
from .incoming_content import media_message
from .known import Known, Poll
from .options import DeviceOptions
from .outgoing import File, Quote
from .phone import MakePhone, Phone
from .problems import of_request, of_send
from .recent import Recent
from .spool import Spool
from .states import OUTDATED, state_of

FIRST_QR_S, NEXT_QR_S, CODE_S = 60, 20, 160
"""How long WhatsApp honours the first QR, each following one, and a pairing code."""

_SYNCED = EVENT_TO_INT[nz.OfflineSyncCompleted]
_CONNECTED = EVENT_TO_INT[nz.Connected]
_ANSWERS_AGAIN = EVENT_TO_INT[nz.KeepAliveRestored]
MOST_RECONNECTS = 100
"""After so many connections of one number its process is replaced."""

Tell = Callable[[int, list[Report]], None]


class Device:
    """Made by the child for one channel. `tell(seq, reports)` sends reports to the server; `die` ends the process."""

    def __init__(self, options: DeviceOptions, make: MakePhone, tell: Tell, die: Callable[[str], None]) -> None:
        Path(options.folder).mkdir(parents=True, exist_ok=True)
        self.options = options
        self._make, self._tell, self._die = make, tell, die
        self._spool = Spool(Path(options.spool))
        self._events: asyncio.Queue[tuple[int, int, bytes]] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._shown = 0
        self._code: str | None = None
        self._login = asyncio.Lock()
        self._checked: Recent[str, nz.JID] = Recent(20_000)
        self._tasks: list[asyncio.Task[None]] = []
        self.me = nz.JID(User="", Server="", IsEmpty=True)
        self.wanted = asyncio.Event()
        """A phone is paired and the connection should stand."""
        self.broken = asyncio.Event()
        """The library has no connection and will not try by itself."""
        self.broken.set()
        self.connected = asyncio.Event()
        self.synced = asyncio.Event()
        self.last_event = time.monotonic()
        self.sent_since_event = 0
        self.reconnects = 0
        self._wire(make(options))

    def _wire(self, phone: Phone) -> None:
        self.phone = phone
        self.known = Known(phone, Path(self.options.polls))
        self.reader = Reader(self.known, lambda: self.me)
        self.groups = Groups(phone)
        phone.listen(self._on_event, self._on_qr, self._on_end)

    # -- life

    async def open(self, connect: bool) -> None:
        """Begin: tell what a former process left, and connect when a phone is paired (`connect`)."""
        for seq, code, body in self._spool.left:
            self._events.put_nowait((seq, code, body))
        self._tasks = [asyncio.create_task(self._pump(), name="whatsapp events")]
        if connect:
            self.wanted.set()
            await self._start()

    async def _start(self) -> None:
        self.broken.clear()
        try:
            await self.phone.start()
        except NeonizeError as error:
            self.broken.set()
            raise Unavailable("connection", str(error)) from None

    async def close(self) -> None:
        """End the connection; the pairing and what the server does not have yet stay on disk."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(NeonizeError):
            await self.phone.stop()
        self._spool.close()

    async def reconnect(self) -> None:
        """A new connection on the same pairing."""
        self.reconnects += 1
        if self.reconnects > MOST_RECONNECTS:
            # The library never closes a connection's files.
            self.give_up(f"{self.reconnects} connections were made in this process")
        self.connected.clear()
        self.synced.clear()
        with contextlib.suppress(NeonizeError):
            await self.phone.stop()
        self._wire(self._make(self.options))
        await self._start()

    def heard(self, seq: int) -> None:
        """The server has everything up to `seq`."""
        self._spool.ack(seq)

    def watch(self, guard: Callable[[Device], Awaitable[None]]) -> None:
        """Run the liveness guard beside the device."""

        async def run() -> None:
            await guard(self)

        self._tasks.append(asyncio.create_task(run(), name="whatsapp liveness"))

    def give_up(self, reason: str) -> None:
        """Nothing in this process helps: end it, so that a fresh one takes over."""
        self._die(reason)

    # -- what comes in

    def _on_event(self, code: int, body: bytes) -> None:
        """From any thread: the event is on disk before this returns."""
        kept = code in KEPT
        seq = self._spool.append(code, body, sync=code == MESSAGE) if kept else self._spool.next()
        self._loop.call_soon_threadsafe(self._events.put_nowait, (seq, code, body))

    def _on_qr(self, code: str) -> None:
        self._code = code
        life = NEXT_QR_S if self._shown else FIRST_QR_S
        self._shown += 1
        self.say(LoginChanged(step=ShowQr(code=code, expires_at=int((time.time() + life) * 1000))))

    def _on_end(self, reason: str | None) -> None:
        self.connected.clear()
        self.broken.set()
        self._code = None
        if self._shown:
            self._shown = 0
            why = "Nobody scanned the code in time; start the connection again."
            if reason == "err-client-outdated":
                why = OUTDATED
            elif reason is not None:
                why = f"Pairing failed: {reason}. Start the connection again."
            self.say(Disconnected(reason=why, permanent=True))
        elif reason is not None:
            self.say(Disconnected(reason=f"WhatsApp cannot be reached: {reason}"))

    def say(self, *reports: Report) -> None:
        """Tell the server something that is of no use after a restart."""
        self._tell(self._spool.next(), list(reports))

    async def _pump(self) -> None:
        """Events in order, one after the other."""
        while True:
            seq, code, body = await self._events.get()
            self.last_event = time.monotonic()
            self.sent_since_event = 0
            try:
                reports = await self._state(code, body) or await self.reader.read_or_keep(code, body)
            except Exception as error:
                # An event of the connection that cannot be read must not stop those behind it.
                reports = []
                print(f"event {code}: {type(error).__name__}: {error}", flush=True)  # noqa: T201
            self._tell(seq, reports)

    async def _state(self, code: int, body: bytes) -> list[Report]:
        """Events that concern the connection itself."""
        if code == _SYNCED:
            self.synced.set()
        elif code in (_CONNECTED, _ANSWERS_AGAIN):
            return await self._connected()
        report = state_of(code, body)
        if report is None:
            return []
        self.connected.clear()
        if report.permanent:
            self._shown = 0
            self._ended()
        return [report]

    def _ended(self) -> None:
        """The pairing is over, or must not be used: nothing connects anew until somebody starts a login."""
        self.wanted.clear()
        self.broken.set()

    async def _connected(self) -> list[Report]:
        device = await self.phone.get_me()
        self.me = jids.make(device.JID.User, device.JID.Server)
        self._shown, self._code = 0, None
        self.wanted.set()
        self.broken.clear()
        self.connected.set()
        presence = Presence.AVAILABLE if self.options.mark_online else Presence.UNAVAILABLE
        with contextlib.suppress(NeonizeError):
            await self.phone.send_presence(presence)
        return [LoginChanged(step=Done(address=self.me.User, name=device.PushName or None))]

    # -- login

    async def login(self, phone: str | None) -> None:
        """Show a QR, or with `phone` a pairing code; a paired number just connects."""
        async with self._login:
            # A connection in the making is left alone: WhatsApp would end it as replaced by the second one.
            if self.broken.is_set():
                self._shown = 0
                await self.reconnect()
            elif self._code is not None and phone is None:
                self._on_qr(self._code)
        if phone is None:
            return
        try:
            code = await self.phone.PairPhone(phone, True)
        except NeonizeError as error:
            raise of_request(error) from None
        self.say(LoginChanged(step=ShowCode(code=code, expires_at=int((time.time() + CODE_S) * 1000))))

    async def log_out(self) -> None:
        """Unlink the device for good."""
        try:
            await self.phone.logout()
        except NeonizeError as error:
            raise of_request(error) from None
        self.connected.clear()
        self._ended()
        self.say(Disconnected(reason="The device was unlinked here.", permanent=True))

    # -- going out

    async def send(
        self, to: str, content: c.Content, *, ref: str, secret: bytes, reply_to: str | None, file: File | None
    ) -> dict[str, Any]:
        """Send one message; gives its WhatsApp id and time. Raises SendError."""
        if not self.connected.is_set():
            raise Unavailable("DISCONNECTED", "The number is not connected to WhatsApp.")
        chat = await self._recipient(to)
        quote = self._quote(reply_to)
        try:
            message = await outgoing.build(self.phone, chat, self.me, content, file, quote)
        except NeonizeError as error:
            # Nothing of the message itself has gone out yet, only perhaps a file.
            raise Unavailable("UPLOAD", str(error)) from None
        message.messageContextInfo.messageSecret = secret
        try:
            sent = await self.phone.send_message(chat, message)
        except NeonizeError as error:
            raise of_send(error) from None
        self.sent_since_event += 1
        self.known.refs.put(sent.ID, ref)
        self.known.messages.put(sent.ID, message)
        if isinstance(content, c.Poll):
            self.known.keep_poll(sent.ID, Poll(provider_id=sent.ID, options=list(content.options)))
        return {"id": sent.ID, "timestamp": sent.Timestamp}

    async def _recipient(self, to: str) -> nz.JID:
        """The JID to send to; a phone number is looked up once, as WhatsApp may know it in another form."""
        jid = jids.parse(to)
        if jid.Server != jids.PEOPLE:
            return jid
        known = self._checked.get(jid.User)
        if known is not None:
            return known
        try:
            answers = await self.phone.is_on_whatsapp(f"+{jid.User}")
        except NeonizeError as error:
            raise of_request(error) from None
        if not answers or not answers[0].IsIn:
            raise Rejected("NOT_ON_WHATSAPP", f"+{jid.User} has no WhatsApp account.")
        found = jids.make(answers[0].JID.User, answers[0].JID.Server)
        self._checked.put(jid.User, found)
        return found

    def _quote(self, reply_to: str | None) -> Quote | None:
        if reply_to is None:
            return None
        message_id, author = jids.split(reply_to)
        return Quote(message_id, jids.full(author or self.me), self.known.messages.get(message_id))

    async def edit(self, to: str, provider_id: str, content: c.Content) -> None:
        """Change a sent text; WhatsApp allows it for 15 minutes."""
        message_id, _ = jids.split(provider_id)
        chat = jids.parse(to)
        await self.request(self.phone.send_message(chat, outgoing.edited(chat, message_id, content)))

    async def delete(self, to: str, provider_id: str) -> None:
        """Delete a message for everyone: one of ours, or in a group of ours another's."""
        message_id, author = jids.split(provider_id)
        chat = jids.parse(to)
        revoke = await self.request(self.phone.build_revoke(chat, author or self.me, message_id))
        await self.request(self.phone.send_message(chat, revoke))

    async def typing(self, to: str, on: bool) -> None:
        """Show or end "typing..."."""
        state = ChatPresence.CHAT_PRESENCE_COMPOSING if on else ChatPresence.CHAT_PRESENCE_PAUSED
        media = ChatPresenceMedia.CHAT_PRESENCE_MEDIA_TEXT
        await self.request(self.phone.send_chat_presence(jids.parse(to), state, media))

    async def mark_read(self, chat: str, provider_ids: list[str], sender: str | None) -> None:
        """Blue ticks for messages of others; our own among them are passed over."""
        by_author: dict[str, list[str]] = {}
        for given in provider_ids:
            message_id, author = jids.split(given)
            who = jids.show(author) if author is not None else sender
            if who is not None:
                by_author.setdefault(who, []).append(message_id)
        where = jids.parse(chat)
        for who, ids in by_author.items():
            await self.request(self.phone.mark_read(*ids, chat=where, sender=jids.parse(who), receipt=ReceiptType.READ))

    async def reject_call(self, call_id: str, caller: str) -> None:
        """Refuse a ringing call."""
        await self.request(self.phone.reject_call(jids.parse(caller), call_id))

    # -- looking up

    async def download(self, media_id: str) -> tuple[bytes, str]:
        """A received file; what is needed to decrypt it is in its id."""
        try:
            message, mime = media_message(media_id)
        except ValueError as error:
            raise Rejected("MEDIA_NOT_FOUND", str(error)) from None
        data: bytes = await self.request(self.phone.download_any(message))
        return data, mime.partition(";")[0]

    async def account(self) -> dict[str, Any]:
        """The paired number. Raises LoginRequired when there is none."""
        device: nz.Device = await self.request(self.phone.get_me())
        if not jids.is_set(device.JID):
            raise LoginRequired("NOT_PAIRED", "The channel has not been paired with a phone yet.")
        return {"address": device.JID.User, "name": device.PushName or None, "platform": device.Platform}

    async def check_contacts(self, phones: list[str]) -> list[dict[str, Any]]:
        """Which numbers have WhatsApp."""
        numbers = [f"+{phone.lstrip('+')}" for phone in phones]
        answers = await self.request(self.phone.is_on_whatsapp(*numbers))
        by_query = {answer.Query.lstrip("+"): answer for answer in answers}
        found = []
        for phone in phones:
            answer = by_query.get(phone.lstrip("+"))
            exists = answer is not None and answer.IsIn
            address = jids.show(answer.JID) if answer is not None and exists else None
            found.append({"phone": phone, "exists": exists, "address": address})
        return found

    async def picture(self, address: str) -> str | None:
        """The address of somebody's or a group's picture; None where there is none or it is not shown to us."""
        try:
            found = await self.phone.get_profile_picture(jids.parse(address))
        except NeonizeError:
            return None
        return found.URL or None

    async def phone_of(self, lid: str) -> str | None:
        """The phone number behind a LID, where WhatsApp has told it."""
        jid = jids.parse(lid if "@" in lid else f"{lid}@lid")
        number = await self.known.number_of(jid)
        if number.Server != jids.PEOPLE:
            return None
        self.say(PeerKnown(identities={"phone": number.User, "lid": jid.User}))
        return number.User

    async def request(self, doing: Awaitable[Any]) -> Any:
        """What the phone was asked, with its refusals as SendError."""
        try:
            return await doing
        except NeonizeError as error:
            raise of_request(error) from None
