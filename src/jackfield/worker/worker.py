"""The worker: takes leases, runs channels, keeps the house."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy import or_, select

from jackfield.core import Core
from jackfield.core.campaigns.state import release_due as release_campaigns
from jackfield.core.channels.lease import acquire, release, renew
from jackfield.core.ground.bus import Wake
from jackfield.core.ground.errors import Invalid
from jackfield.core.ledger.states import QUEUED, SCHEDULED
from jackfield.core.ledger.waiting import CHUNK, cancel_of_campaign
from jackfield.core.ledger.waiting import release_due as release_messages
from jackfield.core.models import Campaign, Channel, Message, of_campaign
from jackfield.db.base import now_ms

from .runner import Runner

log = structlog.get_logger(__name__)

PRUNE_EVERY_S = 3600.0
"""How often what is out of date is deleted: old answers, invitations, events, finished deliveries."""


class Worker:
    """Runs all channels whose lease this process holds."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._owner = core.options.node
        self._runners: dict[int, tuple[Runner, asyncio.Task[None]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._wake = Wake()
        self._clock = Wake()
        self._ends: list[Callable[[], None]] = []
        self._importing: dict[str, asyncio.Task[str | None]] = {}
        self._failed: set[int] = set()
        """Channels that were told that their engine cannot be imported."""
        self._stopping = False
        self._prune_at = time.monotonic() + 60

    def start(self) -> None:
        """Begin."""
        self._ends = [
            self._core.bus.subscribe("channels", self._wake.set),
            self._core.bus.subscribe("scheduled", self._clock.set),
        ]
        self._tasks = [
            asyncio.create_task(self._forever(self._watch), name="worker-watch"),
            asyncio.create_task(self._forever(self._renew), name="worker-renew"),
            asyncio.create_task(self._forever(self._schedule), name="worker-schedule"),
            asyncio.create_task(self._forever(self._sweep), name="worker-sweep"),
        ]

    async def close(self) -> None:
        """Stop claiming, finish what is in flight, give the leases back."""
        self._stopping = True
        for runner, _ in self._runners.values():
            runner.stop()
        await asyncio.gather(*(task for _, task in self._runners.values()), return_exceptions=True)
        for end in self._ends:
            end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._importing.values(), return_exceptions=True)

    async def _forever(self, step: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping:
            try:
                await step()
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("worker step failed", step=getattr(step, "__name__", "?"))
                await asyncio.sleep(1)

    # -- channels ------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Start runners for channels that should be up and have no owner; stop those that should not run."""
        async with self._core.db.read() as session:
            channels = {row.id: row for row in (await session.execute(select(Channel))).scalars()}
        for channel_id, (runner, task) in list(self._runners.items()):
            channel = channels.get(channel_id)
            if task.done():
                del self._runners[channel_id]
            elif channel is None or channel.wanted != "up":
                runner.stop()
            else:
                await runner.reload(channel)
        now = now_ms()
        for channel in channels.values():
            if channel.wanted != "up" or channel.id in self._runners or self._stopping:
                continue
            free = channel.lease_owner is None or channel.lease_until <= now
            if (free or (self._core.options.exclusive and channel.lease_owner != self._owner)) and await self._can_run(
                channel
            ):
                await self._take(channel)
        await self._wake.wait(min(1.0, self._core.options.poll_seconds))

    async def _can_run(self, channel: Channel) -> bool:
        """Whether the channel's engine is imported; else that begins, beside the channels whose engines are there.

        A channel whose engine cannot be imported, or is no longer known, says so, and the others go on. Asking to
        connect it tries the import again.
        """
        task = self._importing.get(channel.engine)
        if task is not None and channel.id in self._failed and channel.status == "connecting":
            self._failed.discard(channel.id)
            task = None if task.done() else task
        if task is None:
            task = self._importing[channel.engine] = asyncio.create_task(
                self._import(channel.engine), name=f"import:{channel.engine}"
            )
        if not task.done():
            return False
        problem = task.result()
        if problem is not None and channel.id not in self._failed:
            self._failed.add(channel.id)
            await self._core.channels.set_status(channel.id, "failed", problem)
        return problem is None

    async def _import(self, name: str) -> str | None:
        """Import an engine; gives what is wrong with it, in words."""
        try:
            await self._core.channels.loaded(name)
        except Exception as error:
            log.warning("an engine cannot be imported", engine=name, error=repr(error))
            text = error.message if isinstance(error, Invalid) else f"{type(error).__name__}: {error}"
            return f"The engine {name} cannot be loaded: {text}"
        finally:
            self._wake.set()
        return None

    async def _take(self, channel: Channel) -> None:
        options = self._core.options
        async with self._core.unit() as unit:
            lease = await acquire(unit, channel.id, self._owner, options.lease_seconds, force=options.exclusive)
        if lease is None:
            return
        if lease.taken_over:
            log.warning("messages were in flight at the last owner", channel=channel.id, uncertain=lease.taken_over)
        runner = Runner(self._core, channel, lease)
        task = asyncio.create_task(self._run(runner), name=f"runner:{channel.id}")
        self._runners[channel.id] = (runner, task)

    async def _run(self, runner: Runner) -> None:
        try:
            await runner.run()
        except Exception:
            log.exception("runner ended", channel=runner.channel.id)
        finally:
            if not runner.lost:
                async with self._core.unit() as unit:
                    await release(unit, runner.channel.id, runner.lease.token)
                    row = await unit.session.get(Channel, runner.channel.id)
                    if row is not None and row.wanted != "up" and row.status in ("connected", "connecting", "pairing"):
                        row.status, row.login = "disconnected", None
            self._wake.set()

    async def _renew(self) -> None:
        seconds = self._core.options.lease_seconds
        await asyncio.sleep(seconds / 4)
        tokens = {id_: runner.lease.token for id_, (runner, task) in self._runners.items() if not task.done()}
        if not tokens:
            return
        begun = asyncio.get_running_loop().time()
        async with self._core.unit() as unit:
            kept = await renew(unit, self._owner, tokens, seconds)
        passed = asyncio.get_running_loop().time() - begun
        for channel_id, token in tokens.items():
            entry = self._runners.get(channel_id)
            if entry is None or entry[0].lease.token != token:
                continue
            if channel_id in kept:
                entry[0].renewed(seconds - passed)
            else:
                log.warning("lease lost", channel=channel_id)
                entry[0].stop(lost=True)

    # -- the clock and the broom ---------------------------------------------------------------------

    async def _schedule(self) -> None:
        """What was scheduled for now joins the queue."""
        await self._clock.wait(min(0.5, self._core.options.poll_seconds))
        async with self._core.db.read() as session:
            now = now_ms()
            message = await session.execute(
                select(Message.id).where(Message.state == SCHEDULED, Message.due_at <= now).limit(1)
            )
            due_messages = message.first() is not None
            campaign = await session.execute(
                select(Campaign.id).where(Campaign.state == "scheduled", Campaign.scheduled_at <= now).limit(1)
            )
            due_campaigns = campaign.first() is not None
        if due_messages:
            async with self._core.unit() as unit:
                while await release_messages(unit, CHUNK) == CHUNK:
                    pass
        if due_campaigns:
            async with self._core.unit() as unit:
                await release_campaigns(unit)

    async def _sweep(self) -> None:
        """Cancelled campaigns lose the rest of their queue; what is out of date is deleted now and then."""
        await asyncio.sleep(2)
        async with self._core.db.read() as session:
            leftovers = list(
                (
                    await session.execute(
                        select(Campaign.id)
                        .where(
                            Campaign.state == "cancelled",
                            Campaign.finished_at > now_ms() - 7 * 86_400_000,
                            select(Message.id)
                            .where(
                                of_campaign(Campaign.id),
                                or_(Message.state == QUEUED, Message.state == SCHEDULED),
                            )
                            .exists(),
                        )
                        .limit(20)
                    )
                ).scalars()
            )
        for campaign_id in leftovers:
            async with self._core.unit() as unit:
                await cancel_of_campaign(unit, campaign_id, CHUNK * 5)
        if time.monotonic() >= self._prune_at:
            self._prune_at = time.monotonic() + PRUNE_EVERY_S
            await self._core.accounts.prune()
            await self._core.budgets.prune()
            await self._core.webhooks.prune(now_ms() - self._core.options.event_retention_days * 86_400_000)
