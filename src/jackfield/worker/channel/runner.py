"""The runner of one channel: its parts, its life. One owner at a time, under a fenced lease."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from jackfield.core import (
    ChannelSetup,
    Claimed,
    Conflict,
    Core,
    Lease,
    NotFound,
    Pending,
    Settled,
    SettledElsewhere,
    budget_for,
    now_ms,
    parse_pacing,
    states,
)
from jackfield.core.port import Sent, Status

from .breaker import Breaker, Threshold
from .connection import Connection
from .expansion import Expansion
from .jobs import Jobs, keep_running
from .pacing import Pacer
from .peers import Peers
from .recorder import Recorder
from .requests import Requests
from .sender import Sender
from .sends import Sends
from .settling import Settling
from .tenure import Tenure

log = structlog.get_logger(__name__)

STOP_S = 5.0
"""How long the send loop may take to end by itself."""
JOBS_S = 10.0
"""How long downloads and the like may take when the channel ends."""


class ChannelRunner:
    """Runs one channel until stopped or until its lease is lost.

    `until` is when the lease ends, in seconds of the event loop's clock. `now` gives Unix ms.
    """

    def __init__(
        self, core: Core, setup: ChannelSetup, lease: Lease, until: float, *, now: Callable[[], int] = now_ms
    ) -> None:
        clock = asyncio.get_running_loop().time
        self._core = core
        self._id = setup.id
        self._setup = setup
        self._now = now
        self._configured: ChannelSetup | None = None
        self._engine = core.channels.engine(setup.engine)
        self.tenure = Tenure(lease.token, until, clock)
        self._jobs = Jobs(setup.id)
        addressing = self._engine.network.addressing
        self._pacer = Pacer(self._engine.limits, chat_kind=addressing.chat_kind, clock=clock, wall=lambda: now() / 1000)
        peers = Peers(self._pacer)
        self._breaker = Breaker()
        self._connection = Connection(
            core, self._engine, setup, self.tenure, self._jobs, on_up=lambda: self._sender.wake.set()
        )
        self._recorder = Recorder(
            core.queue,
            setup.id,
            self.tenure,
            self._pacer,
            peers,
            self._breaker,
            on_pause=lambda *campaign: self._jobs.spawn(self._pause(*campaign)),
            on_login_required=self._connection.login_required,
            on_recipient=self._tell_recipient,
            now=now,
        )
        self._sender = Sender(
            setup.id,
            setup.workspace_id,
            queue=core.queue,
            campaigns=core.running_campaigns,
            budgets=core.budgets,
            connection=self._connection,
            tenure=self.tenure,
            pacer=self._pacer,
            peers=peers,
            recorder=self._recorder,
            sends=Sends(core.meters, setup.engine, setup.id, core.store.tracer),
            refresh=self._refresh,
            now=now,
        )
        self._expansion = Expansion(core.running_campaigns, setup.id, self.tenure)
        self._requests = Requests(core, setup.id, self._connection, self.tenure, self._jobs)
        self._settling = Settling(
            core.queue,
            setup.id,
            self._connection,
            self.tenure,
            wait_seconds=core.options.uncertain_wait_seconds,
            now=now,
        )
        self._configure(setup)

    def _tell_recipient(self, message: Claimed, sent: Sent) -> None:
        """Report by what the network knows a recipient, if that is more than the address that was written to."""
        known = self._engine.network.addressing.identity(message.peer)
        if known is None or sent.identities == dict([known]):
            return
        told = Status(
            provider_id=sent.provider_id,
            state=states.SENT,
            timestamp=self._now(),
            ref=str(message.id),
            identities=sent.identities,
        )
        self._jobs.spawn(self._connection.report([told]))

    # -- life ----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect and send until stopped, then finish what is in flight and give everything back."""
        bus = self._core.bus
        endings = [
            bus.subscribe(f"channel:{self._id}", self._hear),
            bus.subscribe(f"queue:{self._id}", self._sender.wake.set),
            bus.subscribe(f"reports:{self._id}", self._connection.hear),
            bus.subscribe(f"requests:{self._id}", self._requests.wake.set),
        ]
        if self._pacer.daily_cap is not None:
            self._pacer.sent_today = await self._core.queue.sent_today(self._id)
        loops = {
            name: asyncio.create_task(keep_running(part.run, self.tenure, name), name=f"{name}:{self._id}")
            for name, part in (
                ("connect", self._connection),
                ("send", self._sender),
                ("expand", self._expansion),
                ("settle", self._settling),
                ("answer", self._requests),
            )
        }
        try:
            await self.tenure.stopped()
        finally:
            for end in endings:
                end()
            self.tenure.stop()
            await self._end(loops)

    async def _end(self, loops: dict[str, asyncio.Task[None]]) -> None:
        for name in ("expand", "settle", "answer"):
            loops[name].cancel()
        self._sender.stop()
        # The send loop ends by itself: cancelled between a claim's commit and its sends, it would leave messages
        # claimed that nobody sends.
        await asyncio.wait([loops["send"]], timeout=STOP_S)
        loops["send"].cancel()
        await asyncio.gather(*(loops[name] for name in ("send", "expand", "settle", "answer")), return_exceptions=True)
        await self._sender.drain()
        await self._jobs.finish(JOBS_S)
        loops["connect"].cancel()
        await asyncio.gather(loops["connect"], return_exceptions=True)
        await self._connection.close()

    def stop(self, *, lost: bool = False) -> None:
        """End soon: claim nothing more. `lost` when the lease is gone: then nothing more is sent either."""
        self.tenure.stop(lost=lost)
        self._sender.stop()

    # -- settings ------------------------------------------------------------------------------------

    async def reload(self, setup: ChannelSetup) -> None:
        """The channel's settings may have changed."""
        if setup is self._setup or setup == self._setup:
            return
        self._setup = setup
        self._configure(setup)
        await self._connection.reconfigure(setup)

    async def _refresh(self) -> None:
        """Take a change of the pace before anything more is claimed."""
        setup = await self._core.leases.setup(self._id)
        if setup is not None:
            self._configure(setup)

    def _configure(self, setup: ChannelSetup) -> None:
        if setup == self._configured:
            return
        self._configured = setup
        pacing = parse_pacing(setup.pacing)
        limits = self._engine.limits
        if setup.throughput is not None:
            limits = msgspec.structs.replace(
                limits, rate=float(setup.throughput), burst=max(limits.burst, setup.throughput)
            )
        self._pacer.configure(limits, pacing, setup.connected_at)
        self._sender.budget = budget_for(setup.id, pacing, setup.account)
        self._breaker.threshold = msgspec.convert(setup.settings.get("breaker") or {}, type=Threshold)

    # -- what the bus tells --------------------------------------------------------------------------

    def _hear(self, payload: Any) -> None:
        if payload in ("changed", "deleted"):
            self._sender.outdated = True
        self._sender.wake.set()
        self._expansion.wake.set()

    def hear_settled(self, one: Settled | SettledElsewhere) -> None:
        """A message of the channel was settled. The breaker hears of campaign messages that the network took and failed,
        or delivered, afterwards; a campaign may have come to its end."""
        if one.campaign_id:
            self._expansion.settled()
            if one.reported:
                self._recorder.hear(one)

    def wake(self, pending: Pending) -> None:
        """Something waits in the database."""
        if pending.queued:
            self._sender.wake.set()
        if pending.uncertain:
            self._settling.wake.set()
        if pending.campaigns:
            self._expansion.wake.set()
        if pending.requests:
            self._requests.wake.set()

    async def _pause(self, workspace_id: int, campaign_id: int, reason: str) -> None:
        with contextlib.suppress(Conflict, NotFound):
            await self._core.campaigns.pause(workspace_id, campaign_id, reason, by_breaker=True)
            log.warning("campaign paused by the breaker", campaign=campaign_id, reason=reason)
