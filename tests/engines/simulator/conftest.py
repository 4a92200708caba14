"""A sink that can be awaited, channels, and both kinds of network: in this process and in one of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest

from jackfield.core.egress import LOOPBACK
from jackfield.core.port import ChannelInfo, Outgoing, Report
from jackfield.core.port.content import Content, Text
from jackfield.engines.simulator.config import SimulatorConfig
from jackfield.engines.simulator.control import control, target_for
from jackfield.engines.simulator.engine import SimulatorEngine, forget_worlds
from jackfield.engines.simulator.session import SimulatorSession
from jackfield.testing.simulator import SimulatorProcess, simulator_process


class Hearing:
    """A sink that keeps what it hears; `until` waits for it."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.failures = 0
        """How many batches to refuse first."""
        self._news = asyncio.Condition()

    async def __call__(self, reports: Sequence[Report]) -> None:
        async with self._news:
            if self.failures > 0:
                self.failures -= 1
                raise RuntimeError("not durable")
            self.reports.extend(reports)
            self._news.notify_all()

    def of(self, kind: type) -> list[Any]:
        return [report for report in self.reports if isinstance(report, kind)]

    async def until(self, ready: Callable[[], bool], timeout: float = 60) -> None:
        async with asyncio.timeout(timeout):
            async with self._news:
                await self._news.wait_for(ready)


class Phone:
    """A channel of the simulator, its sink, and the controls of its network."""

    def __init__(self, config: SimulatorConfig, channel_id: int) -> None:
        self.config = config
        self.id = channel_id
        self.heard = Hearing()
        self.state = b""
        self.session: SimulatorSession | None = None

    async def open(self) -> SimulatorSession:
        async def save(state: bytes) -> None:
            self.state = state

        info = ChannelInfo(
            id=self.id,
            name="test",
            config=self.config,
            save_state=save,
            state=self.state,
            egress_allow=LOOPBACK,
        )
        session = await SimulatorEngine().open(info, self.heard)
        assert isinstance(session, SimulatorSession)
        self.session = session
        return session

    async def control(self, action: str, **body: Any) -> dict[str, Any]:
        body = {key.rstrip("_"): value for key, value in body.items()}
        status, answer = await control(target_for(self.id, self.config), action, body, egress_allow=LOOPBACK)
        assert status == 200, answer
        return answer

    async def outbox(self, **filters: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await self.control("outbox", **filters))["data"]
        return rows


def message(n: int, to: str = "628111222333", content: Content | None = None, **fields: Any) -> Outgoing:
    """A message with the ref `m<n>`."""
    return Outgoing(id=n, ref=f"m{n}", to=to, content=content or Text(text=f"hello {n}"), **fields)


@pytest.fixture(scope="session")
def process() -> Iterator[SimulatorProcess]:
    """One stand-alone network for all tests that do not break it."""
    with simulator_process("--delay-scale", "0.1") as running:
        yield running


@pytest.fixture(params=["in process", "stand-alone"])
def url(request: pytest.FixtureRequest) -> str:
    """Both kinds of network, one after the other."""
    if request.param == "in process":
        return ""
    running: SimulatorProcess = request.getfixturevalue("process")
    return running.url


_ids = iter(range(1000, 10_000_000))


@pytest.fixture
async def phone(url: str) -> AsyncIterator[Callable[..., Awaitable[Phone]]]:
    """Makes channels, each with a number of its own."""
    made: list[Phone] = []

    async def make(*, opened: bool = True, **settings: Any) -> Phone:
        settings = {"auto_scan": True, "delay_scale": 0.1, **settings}
        one = Phone(SimulatorConfig(url=url, **settings), next(_ids))
        made.append(one)
        if opened:
            await one.open()
        return one

    yield make
    for one in made:
        if one.session is not None:
            await one.session.close()
    forget_worlds()


def session_of(phone: Phone) -> SimulatorSession:
    assert phone.session is not None
    return phone.session
