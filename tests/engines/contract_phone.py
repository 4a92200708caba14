"""The WhatsApp Web engine on fake phones in real child processes, as the engine contract wants it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from pathlib import Path
from typing import Any

from neonize.proto import Neonize_pb2 as nz
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from jackfield.core.port import EngineConfig, Session
from jackfield.engines.whatsapp_web import jids
from jackfield.engines.whatsapp_web.config import WhatsAppWebConfig
from jackfield.engines.whatsapp_web.engine import WhatsAppWebEngine
from jackfield.engines.whatsapp_web.fake import SOCKET
from jackfield.engines.whatsapp_web.fake_network import Device, FakeNetwork
from jackfield.engines.whatsapp_web.keeper import Keeper
from jackfield.testing.engine_contract import Adapter, Doing, Failure, Taken

FAKE = "jackfield.engines.whatsapp_web.fake:make"
_FILE: dict[str, Any] = {"URL": "u", "directPath": "d", "mediaKey": b"k" * 32, "fileSHA256": b"s" * 32}

SAID: dict[str, e2e.Message] = {
    "text": e2e.Message(conversation="Is it in stock?"),
    "image": e2e.Message(imageMessage=e2e.ImageMessage(mimetype="image/jpeg", **_FILE)),
    "video": e2e.Message(videoMessage=e2e.VideoMessage(mimetype="video/mp4", **_FILE)),
    "audio": e2e.Message(audioMessage=e2e.AudioMessage(mimetype="audio/mpeg", **_FILE)),
    "voice": e2e.Message(audioMessage=e2e.AudioMessage(mimetype="audio/ogg; codecs=opus", PTT=True, **_FILE)),
    "document": e2e.Message(documentMessage=e2e.DocumentMessage(fileName="a.pdf", **_FILE)),
    "sticker": e2e.Message(stickerMessage=e2e.StickerMessage(**_FILE)),
    "location": e2e.Message(locationMessage=e2e.LocationMessage(degreesLatitude=1.5, degreesLongitude=2.5)),
    "contact": e2e.Message(
        contactMessage=e2e.ContactMessage(displayName="Max", vcard="BEGIN:VCARD\nTEL;type=CELL:+49 1\nEND:VCARD")
    ),
    "button": e2e.Message(
        buttonsResponseMessage=e2e.ButtonsResponseMessage(selectedButtonID="y", selectedDisplayText="Yes")
    ),
    "list": e2e.Message(
        listResponseMessage=e2e.ListResponseMessage(
            title="One", singleSelectReply=e2e.ListResponseMessage.SingleSelectReply(selectedRowID="r1")
        )
    ),
    "unsupported": e2e.Message(eventMessage=e2e.EventMessage(name="Party")),
}


class PhoneNetwork(Adapter):
    """A number on a fake WhatsApp in this process; its phone lives in a child process of the engine."""

    sends = frozenset(
        {"text", "image", "video", "audio", "voice", "document", "sticker", "location", "contacts", "poll", "reaction"}
    )
    incoming = tuple(SAID)
    doings = frozenset({"reaction", "vote", "edit", "delete", "call"})
    group = "120363000000000001@g.us"
    holds_incoming = False
    peer = "4915120000001"

    async def start(self, folder: Path) -> None:
        self.network = FakeNetwork(folder / "whatsapp.sock")
        self._before = os.environ.get(SOCKET)
        os.environ[SOCKET] = str(self.network.socket)
        await self.network.start()
        self.network.answers["download_any"] = lambda message: b"a picture"
        self.network.answers["get_joined_groups"] = list
        self.network.answers["get_subscribed_newletters"] = list
        self.network.answers["get_profile_picture"] = lambda jid: nz.ProfilePictureInfo(
            URL="https://pps.whatsapp.net/x"
        )
        self.engine = WhatsAppWebEngine(maker=FAKE, keeper=Keeper(FAKE, back_off=(0.05,), ping=(0.5, 2.0)))
        self._crash: asyncio.Task[None] | None = None
        self._written = 0
        self._devices = 0

    async def stop(self) -> None:
        await self.network.stop()
        if self._before is None:
            del os.environ[SOCKET]
        else:
            os.environ[SOCKET] = self._before

    def config(self) -> EngineConfig:
        return WhatsAppWebConfig()

    async def _device(self) -> Device:
        """The phone that is connected now."""
        return await self.network.device(self._devices + 1)

    async def pair(self, session: Session) -> None:
        (await self._device()).scan()

    async def taken(self) -> list[Taken]:
        return [Taken(id=message_id, to=jids.show(to)) for to, _, message_id in self.network.sent]

    async def write(self, kind: str, *, repeat: bool = False) -> str:
        self._written += not repeat
        device = await self._device()
        message_id = device.message(self.peer, SAID[kind], message_id=f"IN{self._written}")
        return f"{message_id}/{self.peer}"

    async def do(self, what: Doing, target: str = "") -> None:
        device = await self._device()
        said = e2e.Message()
        if what == "call":
            meta = nz.BasicCallMeta(callCreator=jids.make(self.peer), callID="CALL1", timestamp=int(time.time()))
            getattr(meta, "from").CopyFrom(jids.make(self.peer))
            device.event(nz.CallOffer(basicCallMeta=meta))
            return
        if what == "reaction":
            said.reactionMessage.text = "🔥"
            said.reactionMessage.key.ID = target
            said.reactionMessage.key.fromMe = False
        elif what == "vote":
            said.pollUpdateMessage.pollCreationMessageKey.ID = target
            chosen = e2e.PollVoteMessage(selectedOptions=[hashlib.sha256(b"yes").digest()])
            self.network.answers["decrypt_poll_vote"] = lambda event: chosen
        else:
            changed = said.protocolMessage if what == "delete" else said.editedMessage.message.protocolMessage
            changed.key.ID = target.partition("/")[0]
            changed.type = e2e.ProtocolMessage.REVOKE if what == "delete" else e2e.ProtocolMessage.MESSAGE_EDIT
            if what == "edit":
                changed.editedMessage.conversation = "Never mind"
        device.message(self.peer, said)

    async def write_in_group(self) -> str:
        device = await self._device()
        message_id = device.message(self.peer, SAID["text"], chat=self.group, message_id="INGROUP")
        return f"{message_id}/{self.peer}"

    async def read(self, message: Taken) -> None:
        device = await self._device()
        for kind in (nz.Receipt.DELIVERED, nz.Receipt.READ):
            device.receipt(kind, message.id, sender=self.peer)

    async def fail(self, how: Failure | None) -> None:
        self.network.answers.pop("send_message", None)
        if how == "lost":
            # The process dies while WhatsApp's answer is on its way.
            self.network.hold = asyncio.Event()
            self._crash = asyncio.create_task(self._crash_on_the_wire(len(self.network.sent)))
            return
        if self.network.hold is not None:
            self.network.hold.set()
            self.network.hold = None
        if how is None:
            return
        words = {"rejected": "479", "throttled": "429", "unavailable": "503"}[how]

        def refuse(*_: Any) -> None:
            raise ValueError(f"server returned error {words}")

        self.network.answers["send_message"] = refuse

    async def _crash_on_the_wire(self, before: int) -> None:
        await self.network.until(lambda: len(self.network.sent) > before)
        await self.cut()

    async def cut(self) -> None:
        device = await self._device()
        self._devices = len(self.network.devices)
        device.crash()

    async def mend(self) -> None:
        """The engine starts the process again by itself."""

    async def log_out(self) -> None:
        device = await self._device()
        device.write("unpaired")
        device.event(nz.LoggedOut(OnConnect=False, Reason=2))
