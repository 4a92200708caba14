"""Sending: claim what is due at the channel's pace, hand it to the network, record what came of it.

The claim is durable before a message is handed to the network and the outcome is durable after; what lies between when
the process dies is marked uncertain by the next owner and settled, never sent again blindly. What a process surely
did not hand over, because its lease ran out or the channel went down, goes back to the queue at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import perf_counter
from typing import Protocol

import structlog

from jackfield.core import (
    Budget,
    Budgets,
    Claim,
    Claimed,
    ClaimRequest,
    OutcomeUnknown,
    Queue,
    RunningCampaigns,
    SendError,
    Wake,
    now_ms,
    states,
)
from jackfield.core.port import CanSendMany, Outgoing, Sent, Session
from jackfield.core.port import content as contents
from jackfield.core.port.content import Content

from .pacing import Pacer
from .peers import Peers
from .recorder import Recorder
from .sends import Sends
from .tenure import Tenure

log = structlog.get_logger(__name__)

BATCH = 500
"""Most messages per claim: one transaction of about 5 ms."""
BATCHES_IN_FLIGHT = 3
"""Claims ahead of recording, so that the database and the network work at the same time."""
CLAIM_AHEAD_S = 0.25
"""A slow channel claims no more than it sends in this time, so that a crash leaves few messages uncertain."""
PACED_AHEAD_MS = 250
"""Messages of a campaign with a pause are claimed so long before their time: a claim and its commit take part of that, and
a crash leaves no more of them uncertain than go out in it."""
CATCH_UP_MS = 250
"""So much of what a small pause lost to a busy moment is made up for, at half the pause: without it a bulk send at 2 ms went
at 455 messages/s of the 500 asked for (bench.pace, quiet machine)."""
SMALL_PAUSE_MS = 25
"""Longer pauses are kept as they are: they are there for people, or for the network."""
BUDGET_WAIT_MS = (1000, 3_600_000)
"""How long a message waits at least and at most that a budget has no room for: a raised limit is seen within the hour."""
DRAIN_S = 10.0
"""How long sends that are open may take when the channel ends."""


class Connected(Protocol):
    """The part of a connection that sends need."""

    session: Session | None

    @property
    def is_up(self) -> bool:
        """Whether messages may be handed over."""
        ...


class Sender:
    """The sends of one channel.

    `wake` ends its waits: when messages join the queue, when the channel comes up, and now and then while there is a
    queue. `budget` limits new people; `outdated` asks for `refresh` before the next claim: whoever has slowed a channel down
    means it. `now` gives Unix ms; waits use the event loop's clock.
    """

    def __init__(
        self,
        channel_id: int,
        workspace_id: int,
        *,
        queue: Queue,
        campaigns: RunningCampaigns,
        budgets: Budgets,
        connection: Connected,
        tenure: Tenure,
        pacer: Pacer,
        peers: Peers,
        recorder: Recorder,
        sends: Sends,
        refresh: Callable[[], Awaitable[None]],
        now: Callable[[], int] = now_ms,
    ) -> None:
        self.budget: Budget | None = None
        self.outdated = False
        self.wake = Wake()
        self._channel_id = channel_id
        self._workspace_id = workspace_id
        self._queue = queue
        self._campaigns = campaigns
        self._budgets = budgets
        self._connection = connection
        self._tenure = tenure
        self._pacer = pacer
        self._peers = peers
        self._recorder = recorder
        self._sends = sends
        self._refresh = refresh
        self._now = now
        self._room = asyncio.Event()
        self._batches: set[asyncio.Task[None]] = set()
        self._singles: set[asyncio.Task[None]] = set()
        """Batches of a few messages at their time: as many may be open as there is room for messages."""
        self._waiting: asyncio.Queue[Claimed] = asyncio.Queue()
        self._lines: list[asyncio.Task[None]] = []
        self._contents: dict[int, Content] = {}
        self._next_of_campaign: dict[int, int] = {}
        """When the next message of a campaign with a pause may go (Unix ms)."""
        self._last_of_campaign: dict[int, int] = {}
        """When the last one was to be handed over; later than planned where time is made up for."""
        self._timed: dict[int, tuple[asyncio.TimerHandle, Claimed]] = {}
        """Claimed messages whose time has not come yet."""
        self._turn = 0
        self._in_doubt = False
        """Whether a claim failed that may have been stored: what it took is in nobody's hands then."""
        recorder.on_done = self._room.set

    # -- claiming ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Claim and send until stopped, or until the lease turns out to be lost."""
        while not self._tenure.stopping:
            if not self._connection.is_up:
                await self.wake.wait()
            elif not self._tenure.may_act():
                await asyncio.sleep(0.05)
            else:
                await self._step()

    def stop(self) -> None:
        """End waits, so that `run` sees that it is to stop."""
        self.wake.set()
        self._room.set()

    async def _step(self) -> None:
        """One claim, or one wait for what stands in its way."""
        if self.outdated:
            self.outdated = False
            await self._refresh()
        room = self._capacity() - self._recorder.in_flight
        if room <= 0 or len(self._batches) >= BATCHES_IN_FLIGHT:
            self._room.clear()
            await self._room.wait()
            return
        await self._recorder.settled()
        if self._in_doubt:
            await self._queue.put_back(self._channel_id, self._tenure.token, self._recorder.held)
            self._in_doubt = False
        allowed = self._pacer.available()
        if allowed <= 0:
            # An upper bound, so that a change of settings is seen soon.
            await asyncio.sleep(min(max(self._pacer.wait(), 0.001), 1.0))
            return
        self._turn += 1
        request = ClaimRequest(
            channel_id=self._channel_id,
            token=self._tenure.token,
            limit=min(allowed, room, BATCH, max(1, int(self._pacer.limits.rate * CLAIM_AHEAD_S))),
            turn=self._turn,
            lanes=self._pacer.lanes(),
            held=self._next_of_campaign,
            ahead=PACED_AHEAD_MS,
        )
        self._recorder.claiming = self._in_doubt = True
        try:
            claim = await self._queue.claim(request)
            self._in_doubt = False
            self._recorder.take(claim.messages)
        finally:
            self._recorder.claiming = False
        if claim.lost:
            self._tenure.stop(lost=True)
            return
        if not claim.messages:
            due = claim.next_due
            await self.wake.wait(None if due is None else max((due - self._now()) / 1000, 0.005))
            return
        self._pacer.take(len(claim.messages))
        if self._sends.traces:
            await self._sends.look(self._queue, claim.messages)
        await self._dispatch(claim.messages, self._times_of(claim))

    def _times_of(self, claim: Claim) -> dict[int, int]:
        """When each message of a campaign with a pause is to be handed over (Unix ms), by its id."""
        times: dict[int, int] = {}
        now = self._now()
        for message in claim.messages:
            pause = claim.pauses.get(message.id)
            if pause is None:
                continue
            campaign_id = message.campaign_id
            begun = campaign_id in self._next_of_campaign
            late = CATCH_UP_MS if begun and pause <= SMALL_PAUSE_MS else 0
            least = max(1, pause // 2) if late else pause
            wanted = max(self._next_of_campaign.get(campaign_id, 0), message.due_at, now - late)
            times[message.id] = max(wanted, now, self._last_of_campaign.get(campaign_id, 0) + least)
            self._next_of_campaign[campaign_id] = wanted + pause
            self._last_of_campaign[campaign_id] = times[message.id]
        return times

    def _capacity(self) -> int:
        """How many messages may be between claim and record."""
        if isinstance(self._connection.session, CanSendMany):
            return BATCH * BATCHES_IN_FLIGHT
        return max(1, self._pacer.limits.concurrency)

    async def _dispatch(self, messages: list[Claimed], times: Mapping[int, int]) -> None:
        """Hand a claim to those who send, each message at its time if it has one; what must wait longer goes back."""
        if self.budget is not None:
            messages = await self._within_budget(self.budget, messages)
        ready: list[Claimed] = []
        for message in messages:
            due_at = self._peers.due(message, self._now())
            if due_at is not None:
                self._recorder.give_back(message, due_at=due_at)
            else:
                ready.append(message)
        if not ready:
            return
        missing = {m.campaign_id for m in ready if m.content is None and m.campaign_id not in self._contents}
        if missing:
            self._contents |= await self._campaigns.contents(missing)
        now = self._now()
        later = [message for message in ready if times.get(message.id, 0) > now]
        for message in later:
            handle = asyncio.get_running_loop().call_later(
                (times[message.id] - now) / 1000, self._time_has_come, message
            )
            self._timed[message.id] = (handle, message)
        at_once = [message for message in ready if message.id not in self._timed] if later else ready
        self._hand_over(at_once, self._singles if times else self._batches)

    def _time_has_come(self, message: Claimed) -> None:
        del self._timed[message.id]
        self._hand_over([message], self._singles)

    def _hand_over(self, ready: list[Claimed], batches: set[asyncio.Task[None]]) -> None:
        if not ready:
            return
        if isinstance(self._connection.session, CanSendMany):
            task = asyncio.create_task(self._send_together(ready))
            batches.add(task)
            task.add_done_callback(self._batch_done)
            return
        while len(self._lines) < min(self._capacity(), len(self._lines) + len(ready)):
            self._lines.append(asyncio.create_task(self._send_in_turn()))
        for message in ready:
            self._waiting.put_nowait(message)

    async def _within_budget(self, budget: Budget, messages: list[Claimed]) -> list[Claimed]:
        """Those of a claim that the channel's budget of new people has room for; the rest waits until it has.

        Only campaigns wait. Codes and single messages count, and the network decides: nobody wants them a day late.
        """
        counted: dict[str, bool] = {}
        for message in messages:
            if message.lane != states.SERVICE and self._pacer.chat_kind(message.peer) == "private":
                anyway = message.campaign_id == 0 or message.lane == states.AUTHENTICATION
                counted[message.peer] = counted.get(message.peer, False) or anyway
        if not counted:
            return messages
        try:
            taken = await self._budgets.take(
                budget, workspace_id=self._workspace_id, channel_id=self._channel_id, peers=counted
            )
        except Exception:
            for message in messages:
                self._recorder.give_back(message, due_at=self._now() + BUDGET_WAIT_MS[0])
            raise
        if not taken.refused:
            return messages
        now = self._now()
        due_at = min(max(taken.free_at, now + BUDGET_WAIT_MS[0]), now + BUDGET_WAIT_MS[1])
        for message in messages:
            if message.peer in taken.refused:
                self._recorder.give_back(message, due_at=due_at)
        return [message for message in messages if message.peer not in taken.refused]

    # -- handing over --------------------------------------------------------------------------------

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

    def _may_hand_over(self) -> bool:
        """Asked at the last moment: the lease may have run out and the channel gone down since the claim."""
        return self._connection.is_up and self._tenure.may_act()

    async def _send_together(self, messages: list[Claimed]) -> None:
        session = self._connection.session
        if not isinstance(session, CanSendMany) or not self._may_hand_over():
            for message in messages:
                self._recorder.give_back(message)
            return
        answers: Sequence[Sent | BaseException]
        began = perf_counter()
        try:
            answers = await session.send_many([self._outgoing(message) for message in messages])
        except SendError as error:
            answers = [error] * len(messages)
        except Exception as error:
            log.exception("send failed in an unforeseen way", channel=self._channel_id)
            answers = [error] * len(messages)
        self._sends.note_many(messages, answers, perf_counter() - began)
        now = self._now()
        recorded = [
            self._recorder.record(message, answer, now) for message, answer in zip(messages, answers, strict=True)
        ]
        for future in recorded:
            with contextlib.suppress(Exception):
                await future

    def _batch_done(self, task: asyncio.Task[None]) -> None:
        self._batches.discard(task)
        self._singles.discard(task)
        self._room.set()

    async def _send_in_turn(self) -> None:
        """One of several that send message by message; as many as may be open at once."""
        while True:
            first = await self._waiting.get()
            if not self._peers.begin(first):
                continue
            message: Claimed | None = first
            while message is not None:
                await self._send_one(message)
                message = self._peers.after(message.peer)

    async def _send_one(self, message: Claimed) -> None:
        """Hand one message to the network, and note what became of it."""
        session = self._connection.session
        if session is None or not self._may_hand_over():
            self._recorder.give_back(message)
            return
        answer: Sent | BaseException
        began = perf_counter()
        try:
            answer = await session.send(self._outgoing(message))
        except SendError as error:
            answer = error
        except asyncio.CancelledError:
            stopped = OutcomeUnknown("shutdown", "the connection was closed while this was being sent")
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                self._recorder.record(message, stopped)
                raise
            # Not this task was cancelled but something that the engine waited for: the others go on.
            answer = stopped
        except Exception as error:
            log.exception("send failed in an unforeseen way", channel=self._channel_id)
            answer = error
        self._sends.note(message, answer, perf_counter() - began)
        self._recorder.record(message, answer)

    # -- the end -------------------------------------------------------------------------------------

    async def drain(self) -> None:
        """Give back what was not handed over, then wait until all that was claimed is recorded."""
        for handle, message in self._timed.values():
            handle.cancel()
            self._recorder.give_back(message)
        self._timed.clear()
        while not self._waiting.empty():
            self._recorder.give_back(self._waiting.get_nowait())
        for message in self._peers.take_waiting():
            self._recorder.give_back(message)
        try:
            async with asyncio.timeout(DRAIN_S):
                while self._recorder.in_flight > 0:
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            log.warning(
                "sends still open at shutdown; they are uncertain",
                channel=self._channel_id,
                count=self._recorder.in_flight,
            )
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, *self._batches, *self._singles, return_exceptions=True)
