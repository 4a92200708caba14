"""A channel under test: its state, its sink, its files, and the address at which the network calls back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from aiohttp import web

from jackfield.core.egress import LOOPBACK
from jackfield.core.ground.errors import NotFound
from jackfield.core.port import (
    CallbackRequest,
    CanPair,
    ChannelInfo,
    Done,
    HasCallbacks,
    Incoming,
    LoginChanged,
    Outgoing,
    Report,
    Session,
    Status,
)
from jackfield.core.port.content import Content

from .adapter import Adapter, Taken
from .samples import FILES

R = TypeVar("R")


class Heard:
    """A sink that keeps what it is told. With `failing` it refuses, as when the database is away."""

    def __init__(self, patience_s: float) -> None:
        self.reports: list[Report] = []
        self.failing = False
        self.refused = 0
        self._patience = patience_s
        self._news = asyncio.Condition()

    async def __call__(self, reports: Sequence[Report]) -> None:
        async with self._news:
            if self.failing:
                self.refused += 1
                self._news.notify_all()
                raise RuntimeError("not durable")
            self.reports.extend(reports)
            self._news.notify_all()

    def of(self, kind: type[R]) -> list[R]:
        """The reports of a kind, in order."""
        return [report for report in self.reports if isinstance(report, kind)]

    def statuses(self, provider_id: str) -> list[Status]:
        """What was reported of a message of ours."""
        return [report for report in self.of(Status) if report.provider_id == provider_id]

    def logins(self) -> int:
        """How many times the channel said that it is connected."""
        return sum(isinstance(report.step, Done) for report in self.of(LoginChanged))

    async def until(self, ready: Callable[[], Any], what: str) -> None:
        """Return once `ready()` is true. Raises AssertionError that says what did not come, and what did."""
        try:
            async with asyncio.timeout(self._patience), self._news:
                await self._news.wait_for(ready)
        except TimeoutError:
            raise AssertionError(f"not in time: {what}. Reported was {self.reports[-5:]}") from None

    async def incoming(self, ends_with: str) -> Incoming:
        """The incoming message whose provider id ends so, once it is there."""

        def found() -> Incoming | None:
            return next((one for one in self.of(Incoming) if one.provider_id.endswith(ends_with)), None)

        await self.until(found, f"the incoming message {ends_with!r}")
        message = found()
        assert message is not None
        return message


class Store:
    """Stored files in memory: those of the samples, and what the engine stores."""

    def __init__(self) -> None:
        self.files = dict(FILES)

    async def read(self, media_id: str) -> tuple[bytes, str, str | None]:
        """Bytes, MIME type, file name. Raises NotFound."""
        if media_id not in self.files:
            raise NotFound("There is no such file.")
        return self.files[media_id]

    async def store(self, data: bytes, *, mime: str, filename: str | None = None) -> str:
        """Keep a file; gives its id."""
        media_id = f"stored-{len(self.files)}"
        self.files[media_id] = (data, mime, filename)
        return media_id


class Line:
    """One channel on the adapter's engine. Use as an async context manager."""

    def __init__(self, adapter: Adapter, folder: Path) -> None:
        self.adapter = adapter
        self.heard = Heard(adapter.patience_s)
        self.store = Store()
        self.state = b""
        self.url: str | None = None
        self._folder = folder
        self._sessions: list[Session] = []
        self._runner: web.AppRunner | None = None
        self._count = 0

    async def __aenter__(self) -> Line:
        await self.adapter.start(self._folder)
        self.config = self.adapter.config()
        if self.adapter.webhooks:
            await self._serve()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.heard.failing = False
        for session in self._sessions:
            await session.close()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.adapter.stop()

    # -- the network's way to us

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/hooks/1", self._called)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/hooks/1"

    async def _called(self, request: web.Request) -> web.Response:
        """As Jackfield's own `/hooks/{profile}`: acknowledged only once it is durable."""
        engine = self.adapter.engine
        assert isinstance(engine, HasCallbacks)
        answer = engine.parse_callback(
            self.config,
            CallbackRequest(
                method=request.method,
                headers={name.lower(): value for name, value in request.headers.items()},
                query=dict(request.query),
                body=await request.read(),
            ),
        )
        if answer.reports:
            try:
                await self.heard(answer.reports)
            except RuntimeError:
                return web.Response(status=503)
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)

    # -- what a test does

    async def _save(self, state: bytes) -> None:
        self.state = state

    async def open(self, *, login: bool = True) -> Session:
        """Open a session; with `login` it is connected when this returns, paired if need be."""
        before = self.heard.logins()
        folder = self._folder / "channel"
        folder.mkdir(exist_ok=True)
        session = await self.adapter.engine.open(
            ChannelInfo(
                id=1,
                name="Contract",
                config=self.config,
                save_state=self._save,
                state=self.state,
                data_dir=str(folder),
                public_url=self.url,
                media=self.store,
                egress_allow=LOOPBACK,
            ),
            self.heard,
        )
        self._sessions.append(session)
        if login:
            if isinstance(session, CanPair) and not self.state_known(before):
                await session.start_login()
                await self.adapter.pair(session)
            await self.heard.until(lambda: self.heard.logins() > before, "connected")
        return session

    def state_known(self, before: int) -> bool:
        """Whether the channel was connected before, or is already: then nobody need pair it."""
        return before > 0 or self.heard.logins() > before

    async def close(self, session: Session) -> None:
        """Close a session as a stopping server does."""
        self._sessions.remove(session)
        await session.close()

    def message(self, content: Content, to: str | None = None, **fields: Any) -> Outgoing:
        """The next message, to the adapter's peer unless said."""
        self._count += 1
        return Outgoing(id=self._count, ref=str(self._count), to=to or self.adapter.peer, content=content, **fields)

    @property
    def last(self) -> int:
        """The id of the last message made."""
        return self._count

    async def taken(self, count: int) -> list[Taken]:
        """What the network took, which must be so many messages."""
        found = await self.adapter.taken()
        assert len(found) == count, f"the network must have taken {count} messages, and it took {found}"
        return found
