"""The worker: takes leases and runs channels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from jackfield.core import (
    SETTLED_ELSEWHERE,
    ChannelSetup,
    ChannelStanding,
    Core,
    Settled,
    SettledElsewhere,
    Wake,
    now_ms,
)

from .automating import Automator
from .channel import ChannelRunner
from .clock import Clock
from .imports import EngineImports
from .indexing import Indexer
from .progress import ProgressTeller
from .steps import forever

log = structlog.get_logger(__name__)


class Worker:
    """Runs all channels whose lease this process holds, and the clock. `now` gives Unix ms."""

    def __init__(self, core: Core, *, now: Callable[[], int] = now_ms) -> None:
        self._core = core
        self._now = now
        self._runners: dict[int, tuple[ChannelRunner, asyncio.Task[None]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._wake = Wake()
        self._clock = Clock(core, now=now)
        self._progress = ProgressTeller(core)
        self._indexer = Indexer(core)
        self._automator = Automator(core, now=now)
        self._imports = EngineImports(core, self._wake.set)
        self._subscriptions: list[Callable[[], None]] = []
        self._stopping = False
        self._ended = False

    def start(self) -> None:
        """Begin."""
        self._subscriptions = [
            self._core.bus.subscribe("channels", self._wake.set),
            self._core.bus.subscribe("settled", self._hear_settled),
            self._core.bus.subscribe(SETTLED_ELSEWHERE, self._hear_settled),
        ]
        self._tasks = [
            asyncio.create_task(forever(self._watch, self._has_ended), name="worker-watch"),
            asyncio.create_task(forever(self._renew, self._has_ended), name="worker-renew"),
        ]
        self._clock.start()
        self._progress.start()
        self._indexer.start()
        self._automator.start()

    async def close(self) -> None:
        """Stop claiming, finish what is in flight, give the leases back."""
        self._stopping = True
        for runner, _ in self._runners.values():
            runner.stop()
        await asyncio.gather(*(task for _, task in self._runners.values()), return_exceptions=True)
        # Until here leases are renewed: what is in flight may take longer than one lasts.
        self._ended = True
        for end in self._subscriptions:
            end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._automator.close()
        await self._clock.close()
        await self._progress.close()
        await self._indexer.close()
        await self._imports.close()

    def _has_ended(self) -> bool:
        return self._ended

    async def _watch(self) -> None:
        """Start runners for channels that should be up and have no owner; stop those that should not run; wake those at
        which something waits.

        Who makes work wakes its channel at once. What is found here was made by another process, or waits for something
        that tells nobody: an hour, a limit of the day, a network's word.
        """
        channels = {one.setup.id: one for one in await self._core.leases.channels()}
        for channel_id, (runner, task) in list(self._runners.items()):
            channel = channels.get(channel_id)
            if task.done():
                del self._runners[channel_id]
            elif channel is None or channel.wanted != "up":
                runner.stop()
            else:
                await runner.reload(channel.setup)
                runner.wake(channel.pending)
        for channel in channels.values():
            if self._may_take(channel) and await self._imports.is_ready(channel):
                await self._take(channel.setup)
        await self._wake.wait(self._core.options.poll_seconds)

    def _may_take(self, channel: ChannelStanding) -> bool:
        """Whether a channel should run here: it is wanted, and nobody owns it."""
        if channel.wanted != "up" or channel.setup.id in self._runners or self._stopping:
            return False
        options = self._core.options
        free = channel.lease_owner is None or channel.lease_until <= self._now()
        return free or (options.exclusive and channel.lease_owner != options.node)

    async def _take(self, setup: ChannelSetup) -> None:
        # Counted from before the request: our own clock must never think the lease longer than the database does.
        until = asyncio.get_running_loop().time() + self._core.leases.seconds
        lease = await self._core.leases.acquire(setup.id)
        if lease is None:
            return
        if lease.taken_over:
            log.warning("messages were in flight at the last owner", channel=setup.id, uncertain=lease.taken_over)
        runner = ChannelRunner(self._core, setup, lease, until, now=self._now)
        task = asyncio.create_task(self._run(setup.id, runner), name=f"runner:{setup.id}")
        self._runners[setup.id] = (runner, task)

    async def _run(self, channel_id: int, runner: ChannelRunner) -> None:
        try:
            await runner.run()
        except Exception:
            log.exception("runner ended", channel=channel_id)
        finally:
            if not runner.tenure.lost:
                await self._core.leases.release(channel_id, runner.tenure.token)
            self._wake.set()

    def _hear_settled(self, settled: Sequence[Settled | SettledElsewhere]) -> None:
        for one in settled:
            entry = self._runners.get(one.channel_id)
            if entry is not None:
                entry[0].hear_settled(one)

    async def _renew(self) -> None:
        seconds = self._core.leases.seconds
        await asyncio.sleep(seconds / 4)
        tokens = {id_: runner.tenure.token for id_, (runner, task) in self._runners.items() if not task.done()}
        if not tokens:
            return
        until = asyncio.get_running_loop().time() + seconds
        kept = await self._core.leases.renew(tokens)
        for channel_id, token in tokens.items():
            entry = self._runners.get(channel_id)
            if entry is None or entry[0].tenure.token != token:
                continue
            if channel_id in kept:
                entry[0].tenure.renewed(until)
            else:
                log.warning("lease lost", channel=channel_id)
                entry[0].stop(lost=True)
