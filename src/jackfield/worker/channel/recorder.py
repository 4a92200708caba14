"""Recording: what became of each claimed message goes to the ledger, and tells on the channel's pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from jackfield.core import (
    Claimed,
    LoginRequired,
    Outcome,
    Overloaded,
    Queue,
    SendError,
    Settled,
    SettledElsewhere,
    Throttled,
    Unavailable,
    now_ms,
    passes,
    states,
)
from jackfield.core.port import Sent

from .breaker import Breaker
from .outcome import outcome_of
from .pacing import Pacer
from .peers import Peers
from .tenure import Tenure

log = structlog.get_logger(__name__)

LONGEST_PAUSE_S = 300
"""A network that asks for a longer pause of the whole channel is tried again after this time."""
FAILURES_TO_SLOW_DOWN = 5
"""So many sends in a row that found no network slow the channel down."""
LONGEST_SLOWDOWN_S = 30
AGAIN_S = (0.1, 0.25, 0.5, 1.0, 2.0)
"""Pauses between attempts to record an outcome while the database is out of reach, the last repeating."""


class Recorder:
    """The outcomes of one channel. `in_flight` counts messages between their claim and a durable outcome, `held` names
    them.

    An outcome is a fact that nobody else knows, so one that could not be recorded is recorded again until it is. While
    there is one, nothing is claimed (see `settled`): whether the first attempt was stored is unknown, and a message that
    went back to the queue by it and was claimed again must not go back a second time.

    `on_done` is called whenever that count has gone down, `on_pause` with workspace, campaign and reason when a
    campaign must pause, `on_login_required` when a person must log the channel in again, `on_recipient` when the
    network's answer tells by what it knows the recipient. `now` gives Unix ms.
    """

    def __init__(
        self,
        queue: Queue,
        channel_id: int,
        tenure: Tenure,
        pacer: Pacer,
        peers: Peers,
        breaker: Breaker,
        *,
        on_pause: Callable[[int, int, str], None],
        on_login_required: Callable[[LoginRequired], None],
        on_recipient: Callable[[Claimed, Sent], None] = lambda _message, _sent: None,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self.in_flight = 0
        self.held: set[int] = set()
        self.claiming = False
        """Whether a claim is under way: outcomes that are recorded again wait for its end."""
        self.on_done: Callable[[], None] = lambda: None
        self._queue = queue
        self._channel_id = channel_id
        self._tenure = tenure
        self._pacer = pacer
        self._peers = peers
        self._breaker = breaker
        self._on_pause = on_pause
        self._on_login_required = on_login_required
        self._on_recipient = on_recipient
        self._now = now
        self._unavailable_in_a_row = 0
        self._again: dict[int, Outcome] = {}
        self._settled = asyncio.Event()
        self._settled.set()

    def take(self, messages: Sequence[Claimed]) -> None:
        """These were claimed."""
        self.in_flight += len(messages)
        self.held.update(message.id for message in messages)

    async def settled(self) -> None:
        """Wait until no outcome waits to be recorded again."""
        await self._settled.wait()

    def give_back(self, message: Claimed, due_at: int | None = None) -> None:
        """Back to the queue: it was not handed to the network, so no attempt was made. At once, or at `due_at` (Unix
        ms) when the message waits for its peer or a budget. Also when the lease is gone: nobody else knows it."""
        if due_at is None:
            self._pacer.return_peer(message.peer)
        self._pacer.give_back(1)
        self._write(
            Outcome(
                id=message.id,
                channel_id=self._channel_id,
                token=self._tenure.token,
                state=states.QUEUED,
                at=self._now(),
                due_at=due_at,
                free=True,
            )
        )

    def record(
        self, message: Claimed, answer: Sent | SendError | BaseException, at: int | None = None
    ) -> asyncio.Future[bool]:
        """Record what the network answered at `at` (Unix ms, now by default); the result is done when durable."""
        at = self._now() if at is None else at
        outcome = outcome_of(message, self._channel_id, self._tenure.token, answer, at)
        if isinstance(answer, Sent):
            self._unavailable_in_a_row = 0
            if answer.identities:
                self._on_recipient(message, answer)
        else:
            self._heed(message, answer, outcome)
        if message.campaign_id:
            reason = self._breaker.watch(message.campaign_id, outcome)
            if reason is not None:
                self._on_pause(message.workspace_id, message.campaign_id, reason)
        return self._write(outcome)

    def _heed(self, message: Claimed, error: SendError | BaseException, outcome: Outcome) -> None:
        """Do what a failure asks of the channel as a whole and of the peer."""
        if isinstance(error, Throttled | Unavailable | LoginRequired):
            self._pacer.return_peer(message.peer)
        if isinstance(error, Throttled) and outcome.due_at is not None:
            for one, due_at in self._peers.again(message, outcome.due_at):
                self.give_back(one, due_at=due_at)
        if isinstance(error, Throttled) and error.scope == "channel":
            self._pacer.slow_down(min(error.retry_after, LONGEST_PAUSE_S))
        elif isinstance(error, Unavailable):
            self._unavailable_in_a_row += 1
            excess = self._unavailable_in_a_row - FAILURES_TO_SLOW_DOWN
            if excess >= 0:
                # The network as such is down: try it now and then instead of burning attempts.
                self._pacer.slow_down(min(2.0 ** min(excess, 10), LONGEST_SLOWDOWN_S))
        elif isinstance(error, LoginRequired):
            self._on_login_required(error)
        else:
            self._unavailable_in_a_row = 0

    def hear(self, settled: Settled | SettledElsewhere) -> None:
        """The network says later what became of a campaign's message."""
        reason = self._breaker.heard(settled.campaign_id, settled.state, settled.code)
        if reason is not None:
            self._on_pause(settled.workspace_id, settled.campaign_id, reason)

    def _write(self, outcome: Outcome, attempt: int = 0) -> asyncio.Future[bool]:
        try:
            future = self._queue.record(outcome)
        except Overloaded as error:
            future = asyncio.get_running_loop().create_future()
            future.set_exception(error)
        future.add_done_callback(lambda done: self._written(outcome, attempt, done))
        return future

    def _written(self, outcome: Outcome, attempt: int, future: asyncio.Future[bool]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None and passes(error):
            if not attempt:
                log.warning(
                    "an outcome could not be recorded yet", channel=self._channel_id, error=type(error).__name__
                )
            self._again[outcome.id] = outcome
            self._settled.clear()
            pause = AGAIN_S[min(attempt, len(AGAIN_S) - 1)]
            asyncio.get_running_loop().call_later(pause, self._write_again, outcome, attempt + 1)
            return
        if error is not None:
            # The row stays in `sending`; the next owner, or the next start, marks it uncertain and settles it.
            log.error("an outcome could not be recorded", channel=self._channel_id, error=type(error).__name__)
        else:
            self.held.discard(outcome.id)
        if self._again.pop(outcome.id, None) is not None and not self._again:
            self._settled.set()
        self.in_flight -= 1
        self.on_done()

    def _write_again(self, outcome: Outcome, attempt: int) -> None:
        if self.claiming:
            asyncio.get_running_loop().call_later(AGAIN_S[0], self._write_again, outcome, attempt)
        else:
            self._write(outcome, attempt)
