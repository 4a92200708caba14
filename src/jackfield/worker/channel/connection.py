"""The connection of one channel: its live session, opened, kept, reported from and closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from jackfield.core import ChannelSetup, Core, LoginRequired, SendError, Wake
from jackfield.core.port import (
    CanPair,
    ChannelInfo,
    Disconnected,
    Done,
    Engine,
    Incoming,
    LoginChanged,
    MessageEdited,
    Report,
    Session,
)
from jackfield.core.port.content import MediaContent

from .downloads import fetch_media
from .jobs import Jobs
from .outcome import login_reason
from .tenure import Tenure

log = structlog.get_logger(__name__)

RECONNECT_S = (0.5, 1, 2, 5, 10, 20, 30, 60)
"""Pauses before each further attempt to open a session."""
CLOSE_S = 10.0
"""How long a session may take to close."""


class Connection:
    """Holds the session while there is one. `on_up` is called when messages may be handed over."""

    def __init__(
        self, core: Core, engine: Engine, setup: ChannelSetup, tenure: Tenure, jobs: Jobs, *, on_up: Callable[[], None]
    ) -> None:
        self.session: Session | None = None
        self._core = core
        self._engine = engine
        self._setup = setup
        self._tenure = tenure
        self._jobs = jobs
        self._on_up = on_up
        self._up = False
        self._login_required = False
        self._look = Wake()
        tenure.on_stop(self._look.set)

    @property
    def is_up(self) -> bool:
        """Whether messages may be handed over: a session is open, and logged in."""
        return self._up

    # -- life ----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep a session open until stopped."""
        failures = 0
        while not self._tenure.stopping:
            if self.session is None:
                try:
                    await self._open()
                    failures = 0
                except LoginRequired as error:
                    await self.report([Disconnected(reason=login_reason(error), permanent=True)])
                    return
                except Exception as error:
                    pause = RECONNECT_S[min(failures, len(RECONNECT_S) - 1)]
                    failures += 1
                    await self._tell_failure(error, pause)
                    await self._look.wait(pause)
                    continue
            await self._look.wait()

    async def _tell_failure(self, error: Exception, pause: float) -> None:
        reason = error.message if isinstance(error, SendError) else f"{type(error).__name__}: {error}"
        if not isinstance(error, SendError | OSError):
            # A fault of the engine, or a stored configuration that it no longer understands.
            log.exception("the channel could not be opened", channel=self._setup.id, exc_info=error)
            reason = f"The engine failed: {type(error).__name__}"
        await self._core.channels.set_status(self._setup.id, "connecting", f"{reason} (next try in {pause} s)")

    async def _open(self) -> None:
        core, setup = self._core, self._setup
        folder = core.options.data_dir / "channels" / str(setup.id)
        folder.mkdir(parents=True, exist_ok=True)

        async def save_state(state: bytes) -> None:
            await core.leases.keep_session_state(setup.id, state)

        public = core.options.public_url
        info = ChannelInfo(
            id=setup.id,
            name=setup.name,
            config=core.channels.config_of(setup),
            save_state=save_state,
            state=await core.leases.session_state(setup.id),
            data_dir=str(folder),
            public_url=f"{public.rstrip('/')}/hooks/{setup.id}" if public else None,
            address=setup.address,
            media=core.media_store(setup.workspace_id, setup.id),
            egress_allow=core.options.egress_allow,
        )
        self._up = self._login_required = False
        self.session = await self._engine.open(info, self.report)
        core.channels.live[setup.id] = self.session
        if isinstance(self.session, CanPair) and not self._up:
            await self.session.start_login(self._setup.pair_phone)

    async def close(self) -> None:
        """End the session without logging out."""
        session, self.session = self.session, None
        self._core.channels.live.pop(self._setup.id, None)
        self._up = False
        if session is not None:
            try:
                async with asyncio.timeout(CLOSE_S):
                    await session.close()
            except Exception as error:
                log.warning("session did not close cleanly", channel=self._setup.id, error=repr(error))

    async def reconfigure(self, setup: ChannelSetup) -> None:
        """Take the channel's new settings; a changed configuration begins with a new session."""
        before, self._setup = self._setup, setup
        if setup.config != before.config:
            await self.close()
            self._look.set()
        elif setup.pair_phone != before.pair_phone and isinstance(self.session, CanPair) and not self._up:
            # Somebody asks for a code in place of the QR, or the other way round, while the login is on.
            self._jobs.spawn(self._log_in(self.session, setup.pair_phone))

    async def _log_in(self, session: CanPair, phone: str | None) -> None:
        try:
            await session.start_login(phone)
        except SendError as error:
            await self._core.channels.set_status(self._setup.id, "pairing", error.message)

    # -- what the network says -----------------------------------------------------------------------

    async def report(self, reports: Sequence[Report]) -> None:
        """The session's sink: durable when it returns."""
        for report in reports:
            if isinstance(report, LoginChanged):
                self._up = isinstance(report.step, Done)
                if self._up:
                    self._on_up()
        await self._core.intake.ingest(self._setup.id, self._setup.workspace_id, self._setup.engine, reports)
        self.hear(reports)
        if any(isinstance(one, Disconnected) and one.permanent for one in reports):
            self._tenure.stop()

    def hear(self, reports: Sequence[Report]) -> None:
        """Fetch the media of messages that came in, by the session or by callback; they are stored already."""
        for report in reports:
            if not isinstance(report, Incoming | MessageEdited) or not isinstance(report.content, MediaContent):
                continue
            if report.content.media_id:
                self._jobs.spawn(fetch_media(self._core, self._setup, self.session, report.provider_id, report.content))

    def fetch(self, provider_id: str, content: MediaContent) -> None:
        """Fetch one message's file, as another process asked that took the message in."""
        if content.media_id:
            self._jobs.spawn(fetch_media(self._core, self._setup, self.session, provider_id, content))

    def login_required(self, error: LoginRequired) -> None:
        """A send was refused because the channel is logged out: nothing more is handed over, and a person is told."""
        self._up = False
        if not self._login_required:
            # Of hundreds of sends that were open at once, the first one says it.
            self._login_required = True
            self._jobs.spawn(self.report([Disconnected(reason=login_reason(error), permanent=True)]))
