"""The simulator, the simulated Meta and the simulated Bot API, as the engine contract wants them."""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from jackfield.core.egress import LOOPBACK
from jackfield.core.port import EngineConfig, Session
from jackfield.core.port import content as c
from jackfield.core.port.content import Content
from jackfield.engines.simulator.config import SimulatorConfig
from jackfield.engines.simulator.control import control, target_for
from jackfield.engines.simulator.engine import SimulatorEngine
from jackfield.engines.telegram_bot.config import TelegramBotConfig
from jackfield.engines.telegram_bot.engine import TelegramBotEngine
from jackfield.engines.telegram_bot.incoming import ALLOWED_UPDATES
from jackfield.engines.whatsapp_cloud.config import WhatsAppCloudConfig
from jackfield.engines.whatsapp_cloud.engine import WhatsAppCloudEngine
from jackfield.testing.engine_contract import OUTGOING, Adapter, Doing, Failure, Taken
from jackfield.testing.simulator import SimulatorProcess

_numbers = itertools.count(107000000000001)

SAID: Mapping[str, Mapping[str, Any]] = {
    "text": {"text": "Is it in stock?"},
    "location": {"latitude": 1.5, "longitude": 2.5},
    "contact": {"contactName": "Max Muster", "phone": "4915112345678"},
    "button": {"id": "yes", "title": "Yes"},
    "list": {"id": "r1", "title": "Soup"},
    "order": {"items": [{"productId": "sku-1", "quantity": 2, "price": "5", "currency": "INR"}]},
    "flow": {"data": {"size": "L"}},
    "unsupported": {"raw": {"type": "something new"}},
}
"""What a person says, by kind, for the controls of every simulated network."""

EVERY_KIND = (
    "text", "image", "video", "audio", "voice", "document", "sticker", "location", "contact", "button", "list",
    "order", "flow", "unsupported",
)  # fmt: skip


class SimulatorNetwork(Adapter):
    """The simulator engine; `url` is that of a stand-alone simulator, empty for the one in this process."""

    engine = SimulatorEngine()
    sends = frozenset(OUTGOING) - {"album"}
    incoming = EVERY_KIND
    doings: ClassVar[frozenset[Doing]] = frozenset({"reaction", "vote", "edit", "delete", "call"})
    settles = "look_up"

    def __init__(self, url: str = "") -> None:
        self._config = SimulatorConfig(url=url, account=secrets.token_hex(6), delay_scale=0.1)
        self._written = 0

    async def start(self, folder: Path) -> None:
        made = await self._control("group", name="Contract", participants=[self.peer])
        self.group = made["address"]

    def config(self) -> EngineConfig:
        return self._config

    async def _control(self, action: str, **body: Any) -> Any:
        status, answer = await control(target_for(1, self._config), action, body, egress_allow=LOOPBACK)
        assert status == 200, answer
        return answer["data"]

    async def pair(self, session: Session) -> None:
        await self._control("scan")

    async def taken(self) -> list[Taken]:
        return [Taken(id=row["id"], to=row["to"], ref=row["ref"]) for row in await self._control("outbox")]

    async def write(self, kind: str, *, repeat: bool = False) -> str:
        self._written += not repeat
        said = {"from": self.peer, "type": kind, "providerId": f"in-{self._written}-", **SAID.get(kind, {})}
        return str((await self._control("inbound", **said))["id"])

    async def do(self, what: Doing, target: str = "") -> None:
        said = {"reaction": {"emoji": "🔥"}, "vote": {"options": ["yes"]}}
        if what == "call":
            await self._control("call", **{"from": self.peer})
        elif what in ("edit", "delete"):
            await self._control("edited" if what == "edit" else "deleted", id=target, type="text", text="Never mind")
        else:
            kind = "poll_vote" if what == "vote" else what
            await self._control("inbound", **{"from": self.peer, "type": kind, "target": target, **said[what]})

    async def write_in_group(self) -> str:
        said = {"from": self.peer, "chat": self.group, "text": "Hello all", "providerId": "in-group"}
        return str((await self._control("inbound", **said))["id"])

    async def fail(self, how: Failure | None) -> None:
        faults: dict[Failure | None, dict[str, Any]] = {
            None: {"reset": True},
            "rejected": {"code": 131008},
            "throttled": {"code": 130429, "retryAfter": 3},
            "unavailable": {"code": 131016},
            "lost": {"drop": 1},
        }
        await self._control("faults", **faults[how])

    async def cut(self) -> None:
        await self._control("faults", offline=True)

    async def mend(self) -> None:
        await self._control("faults", reset=True)

    async def log_out(self) -> None:
        await self._control("logout", reason="The device was removed on the phone.")


class CloudNetwork(Adapter):
    """The Cloud API engine over HTTP on the stand-alone simulator's Graph API, with signed webhooks back."""

    engine = WhatsAppCloudEngine()
    sends = frozenset(OUTGOING) - {"poll", "inline_keyboard", "album"}
    samples: ClassVar[Mapping[str, Content]] = {
        "sticker": c.Sticker(url="https://example.com/a.webp"),
        "product": c.Product(body="This one", catalog_id="847458390842216", product_id="sku-1"),
    }
    incoming = EVERY_KIND
    doings = frozenset({"reaction", "edit", "delete", "call"})
    receipts = ("sent", "delivered", "read")
    connection = False
    outages = True
    tells_log_out = False
    webhooks = True
    secrets = ("EAAJtoken", "app-secret", "verify-me")

    def __init__(self, meta: SimulatorProcess) -> None:
        self._meta = meta
        self._number = str(next(_numbers))
        self._written = 0

    async def start(self, folder: Path) -> None:
        settings = {"accessToken": "EAAJtoken", "appSecret": "app-secret", "verifyToken": "verify-me"}
        open_wide = {"throughput": 0, "pairRate": False, "enforceWindow": False}
        await self._configure(**settings, **open_wide, wabaId=f"9{self._number[1:]}")

    async def stop(self) -> None:
        await self._configure(callbackUrl=None)

    async def _configure(self, **settings: Any) -> None:
        await asyncio.to_thread(_post, f"{self._meta.url}/control/graph/{self._number}", settings)

    def config(self) -> EngineConfig:
        return WhatsAppCloudConfig.model_validate(
            {
                "baseUrl": self._meta.url,
                "phoneNumberId": self._number,
                "wabaId": f"9{self._number[1:]}",
                "accessToken": "EAAJtoken",
                "appSecret": "app-secret",
                "verifyToken": "verify-me",
            }
        )

    async def taken(self) -> list[Taken]:
        rows = await self._meta.outbox(self._number)
        return [Taken(id=row["id"], to=row["to"], ref=row["ref"]) for row in rows]

    async def write(self, kind: str, *, repeat: bool = False) -> str:
        self._written += not repeat
        said = {"type": kind, "providerId": f"wamid.IN{self._number}{self._written:06d}", **SAID.get(kind, {})}
        return str((await self._meta.inbound(self._number, self.peer, **said))["id"])

    async def fail(self, how: Failure | None) -> None:
        faults: dict[Failure | None, dict[str, Any]] = {
            None: {},
            "rejected": {"code": 131008},
            "throttled": {"code": 130429},
            "unavailable": {"code": 131016},
            "lost": {"drop": 1},
        }
        await self._meta.faults(self._number, **faults[how])

    async def do(self, what: Doing, target: str = "") -> None:
        if what == "reaction":
            await self._meta.inbound(self._number, self.peer, type="reaction", target=target, emoji="🔥")
        elif what == "call":
            await self._meta.call(self._number, self.peer)
        else:
            said = {"id": target, "type": "text", "text": "Never mind"}
            await self._meta.control(self._number, "edited" if what == "edit" else "deleted", said)

    async def cut(self) -> None:
        await self._meta.faults(self._number, offline=True)

    async def mend(self) -> None:
        await self._meta.faults(self._number)

    async def log_out(self) -> None:
        await self._configure(tokenState="revoked")


class TelegramNetwork(Adapter):
    """The Telegram engine over HTTP on the stand-alone simulator's Bot API; it polls."""

    engine = TelegramBotEngine(poll_seconds=1)
    sends = frozenset(
        {"text", "image", "video", "audio", "voice", "document", "sticker", "album", "location", "contacts", "poll", "reaction",
         "buttons", "list", "cta_url", "location_request", "contact_request", "inline_keyboard"}
    )  # fmt: skip
    incoming = ("text", "image", "video", "audio", "voice", "document", "sticker", "location", "contact", "button")
    doings = frozenset({"reaction", "vote", "edit"})
    group = "-1001234567890"
    receipts = ()
    echoes_ref = False
    settles = "policy"
    peer = "111"

    def __init__(self, api: SimulatorProcess) -> None:
        self._api = api
        self._token = f"{next(_numbers) % 10**9}:AAH-{secrets.token_hex(8)}"
        self.secrets = (self._token, self._token.partition(":")[2])  # type: ignore[misc]
        self._last: dict[str, Any] = {}

    async def start(self, folder: Path) -> None:
        groups = [{"id": int(self.group), "title": "Contract", "members": [int(self.peer)]}]
        await self._control("", people=[{"id": int(self.peer), "name": "Ana"}], groups=groups)
        # As a bot that polled before. Telegram keeps a reaction only once a poll has asked for reactions, and the engine's
        # first poll may come after what a test lets happen.
        poll = {"timeout": 0, "allowed_updates": ALLOWED_UPDATES}
        await asyncio.to_thread(_post, f"{self._api.url}/bot{self._token}/getUpdates", poll)

    async def _control(self, what: str, **body: Any) -> Any:
        path = f"{self._api.url}/control/bot/{self._token}" + (f"/{what}" if what else "")
        return await asyncio.to_thread(_post, path, body)

    def config(self) -> EngineConfig:
        return TelegramBotConfig.model_validate({"baseUrl": self._api.url, "token": self._token})

    async def taken(self) -> list[Taken]:
        path = f"{self._api.url}/control/bot/{self._token}/outbox"
        rows = await asyncio.to_thread(_post, path, None)
        albums: set[str | None] = set()
        taken: list[Taken] = []
        for row in rows:
            # An album is one message of ours, by its first file.
            album = row["content"].get("media_group_id")
            if album is None or album not in albums:
                taken.append(Taken(id=f"{row['to']}:{row['content']['message_id']}", to=str(row["to"])))
            albums.add(album)
        return taken

    async def write(self, kind: str, *, repeat: bool = False) -> str:
        if repeat:
            await self._control("update", message=self._last)
        else:
            said = {"from": self.peer, "name": "Ana", "type": kind, **SAID.get(kind, {})}
            self._last = await self._control("inbound", **said)
        if kind == "button":
            # A press is named by its query.
            return f":press{self._last['id']}"
        return f"{self.peer}:{self._last['message_id']}"

    async def do(self, what: Doing, target: str = "") -> None:
        chat, _, message = target.partition(":")
        if what == "edit":
            await self._control("edit", chat=int(chat), message=int(message), type="text", text="Never mind")
            return
        said = {"type": "reaction", "emoji": "🔥"} if what == "reaction" else {"type": "poll_vote", "options": ["yes"]}
        await self._control("inbound", **{"from": self.peer, "target": target, **said})

    async def write_in_group(self) -> str:
        said = await self._control("inbound", **{"from": self.peer, "chat": self.group, "text": "Hello all"})
        return f"{self.group}:{said['message_id']}"

    async def fail(self, how: Failure | None) -> None:
        faults: dict[Failure | None, dict[str, Any]] = {
            None: {"reset": True},
            "rejected": {"code": "telegram:not_started"},
            "throttled": {"code": "telegram:429", "retryAfter": 7},
            "unavailable": {"code": "telegram:502"},
            "lost": {"drop": 1},
        }
        await self._control("", faults=faults[how])

    async def cut(self) -> None:
        await self._control("", faults={"offline": True})

    async def mend(self) -> None:
        await self._control("", faults={"reset": True})

    async def log_out(self) -> None:
        await self._control("", revoked=True)


class TelegramWebhookNetwork(TelegramNetwork):
    """The same with a public address: Telegram calls us."""

    engine = TelegramBotEngine()
    connection = False
    outages = True
    tells_log_out = False
    webhooks = True


_JSON = {"Content-Type": "application/json"}


def _post(url: str, body: Mapping[str, Any] | None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data, headers=_JSON), timeout=30) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as problem:
        with problem:
            raise AssertionError(f"{problem.code}: {problem.read().decode()}") from None
