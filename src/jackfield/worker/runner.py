"""The runner of one channel: its live session, its pace, its sends. One owner at a time, under a fenced lease.

The claim is durable before a message is handed to the network and the outcome is durable after; what lies between when
the process dies is marked uncertain by the next owner and settled, never sent again blindly.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import func, select, update

from jackfield.core import Core
from jackfield.core.campaigns.expand import expand_step
from jackfield.core.campaigns.finish import finish_done
from jackfield.core.channels.lease import Lease
from jackfield.core.ground.bus import Wake
from jackfield.core.ground.errors import (
    Conflict,
    LoginRequired,
    NotFound,
    OutcomeUnknown,
    SendError,
    Throttled,
    Unavailable,
)
from jackfield.core.ledger import states
from jackfield.core.ledger.claim import Claimed, ClaimRequest, claim_batch
from jackfield.core.ledger.record import Outcome, Settled, record_batch
from jackfield.core.ledger.settle import Verdict, find_uncertain, settle
from jackfield.core.models import Campaign, Channel, Message, of_campaign
from jackfield.core.port import (
    CanDownload,
    CanLookUp,
    CanPair,
    CanSendMany,
    ChannelInfo,
    Disconnected,
    Done,
    Incoming,
    LoginChanged,
    Outgoing,
    Report,
    Sent,
    Session,
)
from jackfield.core.port import content as contents
from jackfield.core.port.content import Content, MediaContent
from jackfield.core.quotas.budgets import Budget, budget_of
from jackfield.core.quotas.pacing import parse_pacing
from jackfield.db.base import now_ms

from .breaker import Breaker, Threshold
from .outcomes import outcome_of, what_to_do
from .pacing import Pacer
from .peers import Peers

log = structlog.get_logger(__name__)

BATCH = 500
"""Most messages per claim: one transaction of about 5 ms."""
BATCHES_IN_FLIGHT = 3
"""Claims ahead of recording, so that the database and the network work at the same time."""
CLAIM_AHEAD_S = 0.25
"""A slow channel claims no more than it sends in this time, so that a crash leaves few messages uncertain."""
LOOK_UP_AFTER_MS = 2000
"""How old a doubt must be before the network is asked: the request may still be on its way."""
BUDGET_MS = (1000, 3_600_000)
"""How long a message waits at least and at most that a budget has no room for: a raised limit is seen within the hour."""
RECONNECT_S = (0.5, 1, 2, 5, 10, 20, 30, 60)


class Runner:
    """Runs one channel until stopped or until its lease is lost."""

    def __init__(self, core: Core, channel: Channel, lease: Lease) -> None:
        self._core = core
        self.channel = channel
        self.lease = lease
        self._loop = asyncio.get_running_loop()
        self.deadline = self._loop.time() + core.options.lease_seconds
        self._wake = Wake()
        self._changed = Wake()
        self._stopping = False
        self._outdated = False
        self.lost = False
        self._session: Session | None = None
        self._connected = asyncio.Event()
        self._refused = False
        self._in_flight = 0
        self._room = asyncio.Event()
        self._batches: set[asyncio.Task[None]] = set()
        self._queue: asyncio.Queue[Claimed] = asyncio.Queue()
        self._senders: list[asyncio.Task[None]] = []
        self._contents: dict[int, Content] = {}
        self._engine = core.channels.engine(channel.engine)
        self._pacer = Pacer(self._engine.limits, parse_pacing(channel.pacing))
        self._peers = Peers(self._pacer)
        self._breaker = Breaker(msgspec.convert(channel.settings.get("breaker") or {}, type=Threshold))
        self._budget = budget_of(channel)
        self._turn = 0
        self._held: dict[int, int] = {}
        self._down_in_a_row = 0

    # -- life ----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect and send until stopped, then finish what is in flight and give everything back."""
        endings = [
            self._core.bus.subscribe(f"channel:{self.channel.id}", self._hear),
            self._core.bus.subscribe(f"reports:{self.channel.id}", self._reported),
            self._core.bus.subscribe("settled", self._heard_later),
        ]
        await self._load_day()
        tasks = [
            asyncio.create_task(self._guard(self._keep_connected), name=f"connect:{self.channel.id}"),
            asyncio.create_task(self._guard(self._send_loop), name=f"send:{self.channel.id}"),
            asyncio.create_task(self._guard(self._expand_loop), name=f"expand:{self.channel.id}"),
            asyncio.create_task(self._guard(self._settle_loop), name=f"settle:{self.channel.id}"),
        ]
        try:
            while not self._stopping:
                await self._changed.wait(3600)
        finally:
            for end in endings:
                end()
            for task in tasks[2:]:
                task.cancel()
            self._room.set()
            # The send loop ends by itself: cancelled between a claim's commit and its sends, it would leave messages
            # claimed that nobody sends.
            await asyncio.wait(tasks[1:2], timeout=5)
            tasks[1].cancel()
            await asyncio.gather(*tasks[1:], return_exceptions=True)
            await self._drain()
            tasks[0].cancel()
            await asyncio.gather(tasks[0], return_exceptions=True)
            await self._close_session()

    def stop(self, *, lost: bool = False) -> None:
        """End soon: claim nothing more. `lost` when the lease is gone: then nothing more is sent either."""
        self._stopping = True
        self.lost = self.lost or lost
        self._changed.set()
        self._wake.set()

    def renewed(self, seconds: float) -> None:
        """The lease holds for another `seconds` from when the renewal was begun."""
        self.deadline = self._loop.time() + seconds

    def _may_act(self) -> bool:
        """Whether the lease surely still holds, by our own clock."""
        return not self.lost and self._loop.time() < self.deadline

    def _hear(self, payload: Any) -> None:
        self._wake.set()
        if payload in ("changed", "deleted"):
            self._outdated = True
            self._changed.set()

    async def reload(self, channel: Channel) -> None:
        """The channel's settings may have changed."""
        self._configure(channel)
        restart = channel.config != self.channel.config
        phone = channel.settings.get("pair_phone")
        other_way = phone != self.channel.settings.get("pair_phone")
        self.channel = channel
        if restart:
            await self._close_session()
        elif other_way and isinstance(self._session, CanPair) and not self._connected.is_set():
            # Somebody asks for a code in place of the QR, or the other way round, while the login is on.
            self._spawn(self._log_in(self._session, phone))

    async def _log_in(self, session: CanPair, phone: str | None) -> None:
        try:
            await session.start_login(phone)
        except SendError as error:
            await self._core.channels.set_status(self.channel.id, "pairing", error.message)

    async def _catch_up(self) -> None:
        """Take a change of the pace before anything more is claimed: who has slowed a channel down means it."""
        self._outdated = False
        async with self._core.db.read() as session:
            channel = await session.get(Channel, self.channel.id)
        if channel is not None:
            self._configure(channel)

    def _configure(self, channel: Channel) -> None:
        days = (now_ms() - channel.connected_at) / 86_400_000 if channel.connected_at else 0.0
        limits = self._engine.limits
        throughput = (channel.account or {}).get("throughput")
        if isinstance(throughput, int) and throughput > 0:
            limits = msgspec.structs.replace(limits, rate=float(throughput), burst=max(limits.burst, throughput))
        self._pacer.configure(limits, parse_pacing(channel.pacing), days)
        self._budget = budget_of(channel)
        self._breaker.threshold = msgspec.convert(channel.settings.get("breaker") or {}, type=Threshold)

    async def _guard(self, loop: Any) -> None:
        """A loop of the runner outlives whatever fails inside it; the fault is logged and it goes on."""
        while not self._stopping:
            try:
                await loop()
                return
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("runner loop failed", channel=self.channel.id, loop=loop.__name__)
                await asyncio.sleep(1)

    async def _drain(self) -> None:
        """Wait until all that was claimed is recorded; what the queue still holds goes back unsent."""
        while not self._queue.empty():
            self._give_back(self._queue.get_nowait())
        for message in self._peers.kept():
            self._give_back(message)
        try:
            async with asyncio.timeout(10):
                while self._in_flight > 0:
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            log.warning(
                "sends still open at shutdown; they are uncertain", channel=self.channel.id, count=self._in_flight
            )
        for task in self._senders:
            task.cancel()
        await asyncio.gather(*self._senders, *self._batches, return_exceptions=True)

    # -- the session ---------------------------------------------------------------------------------

    async def _keep_connected(self) -> None:
        failures = 0
        while not self._stopping:
            if self._session is None:
                try:
                    await self._open()
                    failures = 0
                except LoginRequired as error:
                    await self._report([Disconnected(reason=what_to_do(error), permanent=True)])
                    self._stopping = True
                    self._changed.set()
                    return
                except Exception as error:
                    pause = RECONNECT_S[min(failures, len(RECONNECT_S) - 1)]
                    failures += 1
                    reason = error.message if isinstance(error, SendError) else f"{type(error).__name__}: {error}"
                    if not isinstance(error, SendError | OSError):
                        # A fault of the engine, or a stored configuration that it no longer understands.
                        log.exception("the channel could not be opened", channel=self.channel.id)
                        reason = f"The engine failed: {type(error).__name__}"
                    await self._core.channels.set_status(
                        self.channel.id, "connecting", f"{reason} (next try in {pause} s)"
                    )
                    await asyncio.sleep(pause)
                    continue
            await asyncio.sleep(0.2 if self._session is None else 1.0)

    async def _open(self) -> None:
        folder = self._core.options.data_dir / "channels" / str(self.channel.id)
        folder.mkdir(parents=True, exist_ok=True)

        async def save_state(state: bytes) -> None:
            async with self._core.unit() as unit:
                await unit.conn.execute(
                    update(Channel).where(Channel.id == self.channel.id).values(session_state=state)
                )

        async with self._core.db.read() as session:
            state = (await session.execute(select(Channel.session_state).where(Channel.id == self.channel.id))).scalar()
        public = self._core.options.public_url
        info = ChannelInfo(
            id=self.channel.id,
            name=self.channel.name,
            config=self._core.channels.config_of(self.channel),
            save_state=save_state,
            state=state or b"",
            data_dir=str(folder),
            public_url=f"{public.rstrip('/')}/hooks/{self.channel.id}" if public else None,
            address=self.channel.address,
            media=self._core.media_store(self.channel.workspace_id, self.channel.id),
        )
        self._connected.clear()
        self._refused = False
        self._session = await self._engine.open(info, self._report)
        self._core.channels.live[self.channel.id] = self._session
        if isinstance(self._session, CanPair) and not self._connected.is_set():
            await self._session.start_login(self.channel.settings.get("pair_phone"))

    async def _close_session(self) -> None:
        session, self._session = self._session, None
        self._core.channels.live.pop(self.channel.id, None)
        self._connected.clear()
        if session is not None:
            try:
                async with asyncio.timeout(10):
                    await session.close()
            except Exception as error:
                log.warning("session did not close cleanly", channel=self.channel.id, error=repr(error))

    async def _report(self, reports: Sequence[Report]) -> None:
        """The sink: durable when it returns."""
        for report in reports:
            if isinstance(report, LoginChanged):
                if isinstance(report.step, Done):
                    self._connected.set()
                    self._wake.set()
                else:
                    self._connected.clear()
            elif isinstance(report, Disconnected):
                self._connected.clear()
        await self._core.intake.ingest(self.channel.id, self.channel.workspace_id, self.channel.engine, reports)
        self._reported(reports)
        if any(isinstance(one, Disconnected) and one.permanent for one in reports):
            self._stopping = True
            self._changed.set()

    def _reported(self, reports: Sequence[Report]) -> None:
        for report in reports:
            if isinstance(report, Incoming) and isinstance(report.content, MediaContent) and report.content.media_id:
                self._spawn(self._fetch(report.provider_id, report.content))

    def _heard_later(self, settled: Sequence[Settled]) -> None:
        """The breaker hears of messages that the network took and failed, or delivered, afterwards."""
        for one in settled:
            if one.reported and one.campaign_id and one.channel_id == self.channel.id:
                reason = self._breaker.heard(one.campaign_id, one.state, one.code)
                if reason is not None:
                    self._spawn(self._pause(one.workspace_id, one.campaign_id, reason))

    async def _fetch(self, provider_id: str, content: MediaContent) -> None:
        """Fetch incoming media at once, before the provider's link expires; the message is already stored."""
        session = self._session
        if not isinstance(session, CanDownload) or content.media_id is None:
            return
        for pause in (0.0, 1.0, 5.0, 30.0):
            await asyncio.sleep(pause)
            try:
                data, mime = await session.download(content.media_id)
                break
            except SendError as error:
                log.warning("media could not be fetched", channel=self.channel.id, error=str(error))
        else:
            return
        row = await self._core.media.store(
            self.channel.workspace_id,
            data,
            mime=mime,
            filename=content.filename,
            channel_id=self.channel.id,
            provider_media_id=content.media_id,
        )
        await self._core.intake.attach_media(self.channel.id, provider_id, row)

    # -- sending -------------------------------------------------------------------------------------

    async def _load_day(self) -> None:
        if self._pacer.daily_cap is None:
            return
        midnight = now_ms() // 86_400_000 * 86_400_000
        async with self._core.db.read() as session:
            self._pacer.sent_today = int(
                (
                    await session.execute(
                        select(func.count())
                        .select_from(Message)
                        .where(
                            Message.channel_id == self.channel.id,
                            Message.direction == "out",
                            Message.sent_at >= midnight,
                        )
                    )
                ).scalar_one()
            )

    async def _send_loop(self) -> None:
        poll = self._core.options.poll_seconds
        while not self._stopping:
            if not self._connected.is_set():
                await self._wake.wait(poll)
                continue
            if not self._may_act():
                await asyncio.sleep(0.05)
                continue
            if self._outdated:
                await self._catch_up()
            room = self._capacity() - self._in_flight
            if room <= 0 or len(self._batches) >= BATCHES_IN_FLIGHT:
                self._room.clear()
                await self._room.wait()
                continue
            allowed = self._pacer.available()
            if allowed <= 0:
                # An upper bound, so that a change of settings is seen soon.
                await asyncio.sleep(min(max(self._pacer.wait(), 0.001), 1.0))
                continue
            limit = min(allowed, room, BATCH, max(1, int(self._pacer.limits.rate * CLAIM_AHEAD_S)))
            self._turn += 1
            claim = await self._core.writer.submit(
                claim_batch,
                ClaimRequest(
                    channel_id=self.channel.id,
                    token=self.lease.token,
                    limit=limit,
                    turn=self._turn,
                    lanes=self._pacer.lanes(),
                    held=self._held,
                ),
            )
            if claim.lost:
                self.stop(lost=True)
                return
            if not claim.messages:
                wait = poll
                if claim.next_due is not None:
                    wait = min(wait, max((claim.next_due - now_ms()) / 1000, 0.005))
                await self._wake.wait(wait)
                continue
            self._pacer.take(len(claim.messages))
            for campaign_id, delay in claim.delays.items():
                self._held[campaign_id] = now_ms() + delay
            self._in_flight += len(claim.messages)
            await self._dispatch(claim.messages)

    def _capacity(self) -> int:
        """How many messages may be between claim and record."""
        if isinstance(self._session, CanSendMany):
            return BATCH * BATCHES_IN_FLIGHT
        return max(1, self._pacer.limits.concurrency)

    async def _dispatch(self, messages: list[Claimed]) -> None:
        ready: list[Claimed] = []
        if self._budget is not None:
            messages = await self._within(self._budget, messages)
        for message in messages:
            due_at = self._peers.due(message, now_ms())
            if due_at is not None:
                self._give_back(message, due_at=due_at)
            else:
                ready.append(message)
        if not ready:
            return
        missing = {m.campaign_id for m in ready if m.content is None and m.campaign_id not in self._contents}
        if missing:
            await self._load_contents(missing)
        if isinstance(self._session, CanSendMany):
            task = asyncio.create_task(self._send_together(self._session, ready))
            self._batches.add(task)
            task.add_done_callback(self._batch_done)
            return
        while len(self._senders) < min(self._capacity(), len(self._senders) + len(ready)):
            self._senders.append(asyncio.create_task(self._sender()))
        for message in ready:
            self._queue.put_nowait(message)

    async def _within(self, budget: Budget, messages: list[Claimed]) -> list[Claimed]:
        """Those of a claim that the channel's budget of new people has room for; the rest waits until it has.

        Only campaigns wait. Codes and single messages count, and the network decides: nobody wants them a day late.
        """
        counted: dict[str, bool] = {}
        for message in messages:
            if message.lane != states.SERVICE and not message.peer.endswith(("@g.us", "@newsletter")):
                anyway = message.campaign_id == 0 or message.lane == states.AUTHENTICATION
                counted[message.peer] = counted.get(message.peer, False) or anyway
        if not counted:
            return messages
        try:
            taken = await self._core.budgets.take(
                budget, workspace_id=self.channel.workspace_id, channel_id=self.channel.id, peers=counted
            )
        except Exception:
            for message in messages:
                self._give_back(message, due_at=now_ms() + 1000)
            raise
        if not taken.refused:
            return messages
        now = now_ms()
        due_at = min(max(taken.free_at, now + BUDGET_MS[0]), now + BUDGET_MS[1])
        for message in messages:
            if message.peer in taken.refused:
                self._give_back(message, due_at=due_at)
        return [message for message in messages if message.peer not in taken.refused]

    def _batch_done(self, task: asyncio.Task[None]) -> None:
        self._batches.discard(task)
        self._room.set()

    async def _load_contents(self, campaign_ids: set[int]) -> None:
        async with self._core.db.read() as session:
            rows = await session.execute(select(Campaign.id, Campaign.content).where(Campaign.id.in_(campaign_ids)))
            for row in rows:
                if row.content is not None:
                    self._contents[row.id] = contents.decode(row.content)

    def _outgoing(self, message: Claimed) -> Outgoing:
        if message.content is not None:
            content = contents.decode(message.content)
        else:
            content = self._contents[message.campaign_id]
            if message.variables:
                content = contents.personalise(content, message.variables)
        return Outgoing(
            id=message.id,
            ref=str(message.id),
            to=message.peer,
            content=content,
            category=message.category,
            reply_to=message.reply_to,
            message_id=message.provider_id,
            attempt=message.attempts,
        )

    async def _send_together(self, session: CanSendMany, messages: list[Claimed]) -> None:
        if not self._may_act():
            # The lease may be gone: nothing is sent, the next owner settles these as uncertain.
            self._done(len(messages))
            return
        answers: list[Any]
        try:
            answers = await session.send_many([self._outgoing(message) for message in messages])
        except SendError as error:
            answers = [error] * len(messages)
        except Exception as error:
            log.exception("send failed in an unforeseen way", channel=self.channel.id)
            answers = [error] * len(messages)
        now = now_ms()
        futures = [self._record(message, answer, now) for message, answer in zip(messages, answers, strict=True)]
        for future in futures:
            with contextlib.suppress(Exception):
                await future

    async def _sender(self) -> None:
        """One of several that send message by message; as many as may be open at once."""
        while True:
            first = await self._queue.get()
            if not self._peers.begin(first):
                continue
            message: Claimed | None = first
            while message is not None:
                await self._send_one(message)
                message = self._peers.after(message.peer)

    async def _send_one(self, message: Claimed) -> None:
        """Hand one message to the network, and note what became of it."""
        session = self._session
        if session is None or not self._connected.is_set():
            self._give_back(message)
            return
        if not self._may_act():
            self._done(1)
            return
        answer: Any
        try:
            answer = await session.send(self._outgoing(message))
        except SendError as error:
            answer = error
        except asyncio.CancelledError:
            self._record(message, OutcomeUnknown("shutdown", "the server stopped while this was being sent"), now_ms())
            raise
        except Exception as error:
            log.exception("send failed in an unforeseen way", channel=self.channel.id)
            answer = error
        self._record(message, answer, now_ms())

    def _give_back(self, message: Claimed, due_at: int | None = None) -> None:
        """Back to the queue untouched: no attempt was made."""
        if due_at is None:
            self._pacer.peer_spared(message.peer)
        outcome = Outcome(
            id=message.id,
            channel_id=self.channel.id,
            token=self.lease.token,
            state=states.QUEUED,
            at=now_ms(),
            due_at=due_at,
            free=True,
        )
        self._pacer.give_back(1)
        self._write(outcome)

    def _record(self, message: Claimed, answer: Sent | SendError | BaseException, now: int) -> asyncio.Future[bool]:
        outcome = outcome_of(message, self.channel.id, self.lease.token, answer, now)
        if isinstance(answer, Throttled | Unavailable | LoginRequired):
            self._pacer.peer_spared(message.peer)
        if isinstance(answer, Throttled) and outcome.due_at is not None:
            for one, due_at in self._peers.again(message, outcome.due_at):
                self._give_back(one, due_at=due_at)
        if isinstance(answer, Throttled) and answer.scope == "channel":
            self._pacer.slow_down(min(answer.retry_after, 300))
        elif isinstance(answer, Unavailable):
            self._down_in_a_row += 1
            if self._down_in_a_row >= 5:
                # The network as such is down: try it now and then instead of burning attempts.
                self._pacer.slow_down(min(2.0 ** (self._down_in_a_row - 5), 30))
        elif isinstance(answer, LoginRequired):
            self._connected.clear()
            if not self._refused:
                # Of hundreds of sends that were open at once, the first one says it.
                self._refused = True
                self._spawn(self._report([Disconnected(reason=what_to_do(answer), permanent=True)]))
        else:
            self._down_in_a_row = 0
        if message.campaign_id:
            reason_to_pause = self._breaker.watch(message.campaign_id, outcome)
            if reason_to_pause is not None:
                self._spawn(self._pause(message.workspace_id, message.campaign_id, reason_to_pause))
        return self._write(outcome)

    def _write(self, outcome: Outcome) -> asyncio.Future[bool]:
        future = self._core.writer.submit(record_batch, outcome)
        future.add_done_callback(self._written)
        return future

    def _written(self, future: asyncio.Future[bool]) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            # The row stays in `sending`; the next owner, or the next start, marks it uncertain and settles it.
            log.error("an outcome could not be recorded", channel=self.channel.id, error=repr(error))
        self._done(1)

    def _done(self, count: int) -> None:
        self._in_flight -= count
        self._room.set()

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._batches.add(task)
        task.add_done_callback(self._batch_done)

    async def _pause(self, workspace_id: int, campaign_id: int, reason: str) -> None:
        with contextlib.suppress(Conflict, NotFound):
            await self._core.campaigns.pause(workspace_id, campaign_id, reason)
            log.warning("campaign paused by the breaker", campaign=campaign_id, reason=reason)

    # -- beside the sends ----------------------------------------------------------------------------

    async def _expand_loop(self) -> None:
        """Write audiences to the ledger, and finish campaigns that have nothing left."""
        wake = Wake()
        end = self._core.bus.subscribe(f"channel:{self.channel.id}", wake.set)
        try:
            while not self._stopping:
                for campaign_id in await self._expanding():
                    while not self._stopping and self._may_act():
                        async with self._core.unit() as unit:
                            step = await expand_step(unit, self._core.networks, campaign_id, self.lease.token)
                        if step.done:
                            break
                        await asyncio.sleep(0)
                if await self._any_running():
                    async with self._core.unit() as unit:
                        await finish_done(unit, self.channel.id)
                await wake.wait(0.25)
                await asyncio.sleep(0.05)
        finally:
            end()

    async def _expanding(self) -> list[int]:
        async with self._core.db.read() as session:
            query = select(Campaign.id).where(
                Campaign.channel_id == self.channel.id, Campaign.state == "running", Campaign.expanding.is_(True)
            )
            return list((await session.execute(query)).scalars())

    async def _any_running(self) -> bool:
        """Whether a running campaign has nothing open any more."""
        async with self._core.db.read() as session:
            campaigns = (
                await session.execute(
                    select(Campaign.id).where(
                        Campaign.channel_id == self.channel.id,
                        Campaign.state == "running",
                        Campaign.expanding.is_(False),
                        Campaign.kind != "api",
                    )
                )
            ).scalars()
            for campaign_id in campaigns:
                left = await session.execute(
                    select(Message.id).where(of_campaign(campaign_id), Message.state.in_(states.OPEN)).limit(1)
                )
                if left.first() is None:
                    return True
        return False

    async def _settle_loop(self) -> None:
        """Find out what became of the uncertain ones."""
        while not self._stopping:
            await asyncio.sleep(min(1.0, self._core.options.poll_seconds))
            session = self._session
            if session is None or not self._connected.is_set() or not self._may_act():
                continue
            can_ask = isinstance(session, CanLookUp)
            wait = LOOK_UP_AFTER_MS if can_ask else int(self._core.options.uncertain_wait_seconds * 1000)
            async with self._core.db.read() as reading:
                found = await find_uncertain(reading, self.channel.id, now_ms() - wait)
            if not found:
                continue
            verdicts: list[Verdict] = []
            if isinstance(session, CanLookUp):
                try:
                    known = await session.look_up([str(one.id) for one in found])
                except SendError:
                    continue
                for one in found:
                    provider_id = known.get(str(one.id))
                    verdicts.append(Verdict(id=one.id, provider_id=provider_id, absent=provider_id is None))
            else:
                verdicts = [Verdict(id=one.id) for one in found]
            async with self._core.unit() as unit:
                await settle(unit, self.channel.id, verdicts)
