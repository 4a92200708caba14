"""Stand-ins for what a channel's parts use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import pytest

from jackfield.core import Claim, Claimed, ClaimRequest, Meters, Outcome, SendError
from jackfield.core.port import Limits, Outgoing, Sent
from jackfield.core.port.content import Text, encode
from jackfield.engines.whatsapp_web.network import NETWORK as WHATSAPP
from jackfield.worker.channel.breaker import Breaker
from jackfield.worker.channel.pacing import Pacer
from jackfield.worker.channel.peers import Peers
from jackfield.worker.channel.recorder import Recorder
from jackfield.worker.channel.sender import Sender
from jackfield.worker.channel.sends import Sends
from jackfield.worker.channel.tenure import Tenure

from ..virtual import START_MS, VirtualLoop, now, virtual, virtual_loop

__all__ = ["START_MS", "VirtualLoop", "now", "virtual", "virtual_loop"]


def claimed(id_: int, peer: str | None = None, **fields: Any) -> Claimed:
    """A message in the owner's hands."""
    values: dict[str, Any] = {
        "id": id_, "workspace_id": 1, "campaign_id": 0, "peer": peer or f"62{id_}", "kind": "text",
        "content": encode(Text(text=f"Number {id_}")), "variables": None, "category": "service", "lane": 0, "tag": None,
        "template": None, "source": None, "reply_to": None, "contact_id": None, "attempts": 1, "provider_id": None,
        "due_at": START_MS, "created_at": START_MS,
    }  # fmt: skip
    return Claimed(**{**values, **fields})


class FakeQueue:
    """A queue in memory: what is put is claimed in order; outcomes are kept in the order of their recording."""

    def __init__(self) -> None:
        self.waiting: list[Claimed] = []
        self.requests: list[ClaimRequest] = []
        self.outcomes: list[Outcome] = []
        self.lost = False
        self.failing: list[Exception] = []
        """How the next attempts to record end."""
        self.put_back_of: list[set[int]] = []
        """What was held at each `put_back`."""
        self.on_claim: Callable[[], None] = lambda: None
        self.wake: Callable[[], None] = lambda: None

    def put(self, messages: Iterable[Claimed]) -> None:
        self.waiting.extend(messages)
        self.wake()

    async def put_back(self, _channel_id: int, _token: int, held: Collection[int]) -> int:
        self.put_back_of.append(set(held))
        return 0

    async def claim(self, request: ClaimRequest) -> Claim:
        self.requests.append(request)
        taken, self.waiting = self.waiting[: request.limit], self.waiting[request.limit :]
        if taken:
            self.on_claim()
        return Claim(messages=taken, lost=self.lost)

    def record(self, outcome: Outcome) -> asyncio.Future[bool]:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self.failing:
            future.set_exception(self.failing.pop(0))
            return future
        self.outcomes.append(outcome)
        future.set_result(True)
        return future

    def states(self) -> list[tuple[int, str]]:
        return [(one.id, one.state) for one in self.outcomes]


class FakeSession:
    """A network that takes each message after `seconds`, or answers with what `answers` has for its id."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.answers: dict[int, BaseException] = {}
        self.begun: list[int] = []
        self.open = self.most_open = 0

    async def send(self, message: Outgoing) -> Sent:
        self.begun.append(message.id)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.open -= 1
        if message.id in self.answers:
            raise self.answers[message.id]
        return Sent(provider_id=f"w{message.id}")

    async def close(self) -> None:
        pass


class FakeManySession(FakeSession):
    """A network that takes many messages in one request."""

    async def send_many(self, messages: Sequence[Outgoing]) -> list[Sent | SendError]:
        self.begun.extend(message.id for message in messages)
        await asyncio.sleep(self.seconds)
        for message in messages:
            if message.id in self.answers:
                raise self.answers[message.id]
        return [Sent(provider_id=f"w{message.id}") for message in messages]


CHAT_KIND = WHATSAPP.addressing.chat_kind


class FakeConnection:
    """A connection that is up or down as the test says."""

    def __init__(self, session: Any = None) -> None:
        self.session = session
        self.is_up = session is not None


class Desk:
    """A sender with everything around it. Made inside a running virtual loop."""

    def __init__(self, session: Any, *, limits: Limits | None = None, lease: float = 3600.0, **fakes: Any) -> None:
        loop = asyncio.get_running_loop()
        self.queue = FakeQueue()
        self.connection = FakeConnection(session)
        self.tenure = Tenure(7, loop.time() + lease, loop.time)
        limits = limits or Limits(rate=1000, burst=1000, concurrency=4)
        self.pacer = Pacer(limits, chat_kind=CHAT_KIND, clock=loop.time, wall=lambda: now() / 1000, seed=1)
        self.peers = Peers(self.pacer)
        self.meters = Meters()
        self.paused: list[tuple[int, int, str]] = []
        self.logged_out: list[Exception] = []
        self.refreshed = 0
        self.recorder = Recorder(
            self.queue,  # type: ignore[arg-type]
            5,
            self.tenure,
            self.pacer,
            self.peers,
            Breaker(),
            on_pause=lambda *campaign: self.paused.append(campaign),
            on_login_required=self._log_out,
            now=now,
        )
        self.sender = Sender(
            5,
            1,
            queue=self.queue,  # type: ignore[arg-type]
            campaigns=fakes.get("campaigns"),  # type: ignore[arg-type]
            budgets=fakes.get("budgets"),  # type: ignore[arg-type]
            connection=self.connection,
            tenure=self.tenure,
            pacer=self.pacer,
            peers=self.peers,
            recorder=self.recorder,
            sends=Sends(self.meters, "made_up"),
            refresh=self._refresh,
            now=now,
        )
        self.queue.wake = self.sender.wake.set

    def _log_out(self, error: Exception) -> None:
        self.logged_out.append(error)
        self.connection.is_up = False

    async def _refresh(self) -> None:
        self.refreshed += 1

    async def run_for(self, seconds: float) -> None:
        """Run the sender for so long, then stop and drain it."""
        task = asyncio.create_task(self.sender.run())
        await asyncio.sleep(seconds)
        await self.stop(task)

    async def stop(self, task: asyncio.Task[None]) -> None:
        self.tenure.stop()
        self.sender.stop()
        await task
        await self.sender.drain()


@pytest.fixture
def desk() -> Callable[..., Desk]:
    """Makes a sender; call it inside a virtual loop."""
    return Desk
