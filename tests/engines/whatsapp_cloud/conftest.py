"""A Meta of our own over real HTTP, a receiver of its webhooks, and sessions of the engine on it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import msgspec
import pytest
import uvicorn

from jackfield.core.egress import LOOPBACK
from jackfield.core.ground.errors import NotFound
from jackfield.core.port import CallbackRequest, ChannelInfo, MediaStore, Outgoing, Report
from jackfield.core.port.content import Content, Text
from jackfield.engines.simulator.server import build
from jackfield.engines.simulator.world import World
from jackfield.engines.whatsapp_cloud.config import WhatsAppCloudConfig
from jackfield.engines.whatsapp_cloud.engine import WhatsAppCloudEngine
from jackfield.engines.whatsapp_cloud.session import WhatsAppCloudSession

ENGINE = WhatsAppCloudEngine()


class Hearing:
    """Keeps reports; `until` waits for what a test expects of them."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self._news = asyncio.Condition()

    async def __call__(self, reports: Sequence[Report]) -> None:
        async with self._news:
            self.reports.extend(reports)
            self._news.notify_all()

    def of(self, kind: type) -> list[Any]:
        return [report for report in self.reports if isinstance(report, kind)]

    async def until(self, ready: Callable[[], bool], timeout: float = 60) -> None:
        async with asyncio.timeout(timeout):
            async with self._news:
                await self._news.wait_for(ready)


class Server:
    """An ASGI application under uvicorn on a free port of loopback, on this test's own loop."""

    def __init__(self, app: Any) -> None:
        # With the protocol named, asyncio switches Nagle's algorithm off; without, every answer waits 40 ms.
        self.socket = socket.socket(proto=socket.IPPROTO_TCP)
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="on", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)

    async def __aenter__(self) -> Server:
        # Without uvicorn's own main loop, which looks only every 0.1 s whether it should end.
        config = self._server.config
        config.load()
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[self.socket])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.shutdown(sockets=[self.socket])


class Meta:
    """The simulated Meta: its world, its address, and its controls."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""
        self.app = build(world)
        self.receivers: dict[str, Any] = {}
        """Who takes the webhooks that are sent to a path: one server for both saves each test a fifth of a second."""
        self.http: aiohttp.ClientSession

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.receivers.get(scope.get("path", ""), self.app)(scope, receive, send)

    async def control(self, number: str, **settings: Any) -> dict[str, Any]:
        async with self.http.post(f"{self.url}/control/graph/{number}", json=settings) as response:
            body: dict[str, Any] = await response.json()
            assert response.status == 200, body
            return dict(body["data"])

    async def world_control(self, number: str, action: str, **body: Any) -> dict[str, Any]:
        async with self.http.post(f"{self.url}/world/{number}/{action}", json=body) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
            return answer

    async def outbox(self, number: str) -> list[dict[str, Any]]:
        answer = await self.world_control(number, "outbox")
        return list(answer["data"])


@pytest.fixture
async def meta() -> AsyncIterator[Meta]:
    """A Meta at which everybody reads everything within some 20 ms."""
    found = Meta(World(people="plain", scale=0.05))
    async with Server(found) as server, aiohttp.ClientSession() as http:
        found.url, found.http = server.url, http
        yield found


class Receiver:
    """Takes webhooks as the product does: through the engine's `parse_callback`; keeps bodies and answers too."""

    def __init__(self, config: Callable[[], WhatsAppCloudConfig]) -> None:
        self.config = config
        self.heard = Hearing()
        self.bodies: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.refuse = 0
        """How many webhooks to answer with 500 first."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        request = CallbackRequest(
            method=scope["method"],
            headers={key.decode(): value.decode() for key, value in scope["headers"]},
            query=dict(parse_qsl(scope["query_string"].decode())),
            body=body,
        )
        if request.method == "POST" and self.refuse > 0:
            self.refuse -= 1
            status, answer_body = 500, b"not now"
            self.statuses.append(status)
        else:
            answer = ENGINE.parse_callback(self.config(), request)
            status, answer_body = answer.status, answer.body
            if request.method == "POST":
                self.bodies.append(msgspec.json.decode(body))
            self.statuses.append(status)
            await self.heard(answer.reports)
            for part in answer.elsewhere:
                if part.phone:
                    # The only number here has it.
                    await self.heard(ENGINE.reread(self.config(), part.body).reports)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-length", str(len(answer_body)).encode())],
            }
        )
        await send({"type": "http.response.body", "body": answer_body})


class Files(MediaStore):
    """Stored files in memory."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, str, str | None]] = {}
        self.reads = 0

    async def read(self, media_id: str) -> tuple[bytes, str, str | None]:
        self.reads += 1
        if media_id not in self.files:
            raise NotFound("There is no such file.")
        return self.files[media_id]

    async def store(self, data: bytes, *, mime: str, filename: str | None = None) -> str:
        media_id = str(len(self.files) + 1)
        self.files[media_id] = (data, mime, filename)
        return media_id


class Line:
    """One number: its configuration, its session, what it hears."""

    number = "106540352242922"

    def __init__(self, meta: Meta, **config: Any) -> None:
        self.meta = meta
        self.config = WhatsAppCloudConfig.model_validate(
            {
                "baseUrl": meta.url,
                "phoneNumberId": self.number,
                "wabaId": "102290129340398",
                "accessToken": "EAAJtoken",
                "appSecret": "app-secret",
                "verifyToken": "verify-me",
                **config,
            }
        )
        self.receiver = Receiver(lambda: self.config)
        self.heard = self.receiver.heard
        self.files = Files()
        self.sessions: list[WhatsAppCloudSession] = []
        self.last = 0

    async def open(self, public_url: str | None = None) -> WhatsAppCloudSession:
        async def save(_: bytes) -> None:
            return None

        info = ChannelInfo(
            id=1,
            name="test",
            config=self.config,
            save_state=save,
            media=self.files,
            public_url=public_url,
            egress_allow=LOOPBACK,
        )
        session = await ENGINE.open(info, self.heard)
        self.sessions.append(session)
        return session

    def message(self, content: Content | str, to: str = "6281234567890", **fields: Any) -> Outgoing:
        self.last += 1
        if isinstance(content, str):
            content = Text(text=content)
        return Outgoing(id=self.last, ref=f"ref-{self.last}", to=to, content=content, **fields)


@pytest.fixture
async def line(meta: Meta) -> AsyncIterator[Line]:
    """A number without limits and without the 24-hour window, its webhooks received."""
    found = Line(meta)
    meta.receivers["/hooks/1"] = found.receiver
    await meta.control(
        found.number,
        accessToken="EAAJtoken",
        appSecret="app-secret",
        verifyToken="verify-me",
        wabaId="102290129340398",
        throughput=0,
        pairRate=False,
        enforceWindow=False,
        callbackUrl=f"{meta.url}/hooks/1",
    )
    yield found
    for session in found.sessions:
        await session.close()
    await meta.control(found.number, callbackUrl=None)
