"""The connection: opened, kept, reported from and closed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from jackfield.core import ChannelSetup, Invalid, LoginRequired, Options, Rejected, Unavailable
from jackfield.core.port import ChannelInfo, Disconnected, Done, Incoming, LoginChanged, MessageEdited, Report, Sink
from jackfield.core.port.content import Image, Text
from jackfield.worker.channel.connection import RECONNECT_S, Connection
from jackfield.worker.channel.jobs import Jobs
from jackfield.worker.channel.tenure import Tenure

from .conftest import FakeSession, virtual, virtual_loop

SETUP = ChannelSetup(
    id=5, workspace_id=1, name="One", engine="fake", address=None, config="{}", settings={}, pacing={}, account=None,
    connected_at=None,
)  # fmt: skip


class PairingSession(FakeSession):
    """A session that must log in; it notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.logins: list[str | None] = []
        self.closed = False
        self.files: list[bytes | Exception] = []

    async def start_login(self, phone: str | None = None) -> None:
        self.logins.append(phone)

    async def log_out(self) -> None:
        pass

    async def download(self, media_id: str) -> tuple[bytes, str]:
        answer = self.files.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer, "image/png"

    async def close(self) -> None:
        self.closed = True


class Engine:
    """Opens sessions; `failures` are raised first."""

    name = "fake"

    def __init__(self, *failures: Exception, logged_in: bool = True) -> None:
        self.failures = list(failures)
        self.logged_in = logged_in
        self.opened: list[tuple[ChannelInfo, PairingSession]] = []
        self.tries: list[float] = []

    async def open(self, info: ChannelInfo, sink: Sink) -> PairingSession:
        self.tries.append(asyncio.get_running_loop().time())
        if self.failures:
            raise self.failures.pop(0)
        session = PairingSession()
        self.opened.append((info, session))
        if self.logged_in:
            await sink([LoginChanged(step=Done(address="628"))])
        return session


class Home:
    """A connection with a core in memory."""

    def __init__(self, engine: Engine, data_dir: Path) -> None:
        loop = virtual_loop()
        self.statuses: list[tuple[str, str | None]] = []
        self.ingested: list[Report] = []
        self.stored: list[bytes] = []
        self.attached: list[str] = []
        self.failed: list[tuple[str, str, str]] = []
        self.lacks = True
        self.ups = 0
        self.tenure = Tenure(7, loop.time() + 10_000, loop.time)
        self.jobs = Jobs(5)
        self.live: dict[int, Any] = {}
        core = SimpleNamespace(
            options=Options(data_dir=data_dir, public_url="https://example.com/"),
            channels=SimpleNamespace(live=self.live, set_status=self._status, config_of=lambda setup: setup.config),
            leases=SimpleNamespace(session_state=self._state),
            intake=SimpleNamespace(ingest=self._ingest, attach_media=self._attach),
            incoming_files=SimpleNamespace(lacks=self._lacks, failed=self._failed),
            media=SimpleNamespace(store=self._store),
            media_store=lambda *_: None,
        )
        self.connection = Connection(core, engine, SETUP, self.tenure, self.jobs, on_up=self._on_up)  # type: ignore[arg-type]

    def _on_up(self) -> None:
        self.ups += 1

    async def _status(self, channel_id: int, status: str, reason: str | None = None) -> None:
        self.statuses.append((status, reason))

    async def _state(self, channel_id: int) -> bytes:
        return b"keys"

    async def _ingest(self, channel_id: int, workspace_id: int, engine: str, reports: Sequence[Report]) -> None:
        self.ingested += reports

    async def _store(self, workspace_id: int, data: bytes, **_: Any) -> str:
        self.stored.append(data)
        return "file"

    async def _lacks(self, channel_id: int, provider_id: str) -> bool:
        return self.lacks

    async def _failed(self, channel: Any, provider_id: str, media_id: str, why: str) -> None:
        self.failed.append((provider_id, media_id, why))

    async def _attach(self, channel_id: int, provider_id: str, file: Any) -> None:
        self.attached.append(provider_id)


@virtual
async def test_a_session_is_opened_with_what_it_kept(tmp_path: Path) -> None:
    engine = Engine()
    home = Home(engine, tmp_path)
    task = asyncio.create_task(home.connection.run())
    await asyncio.sleep(0.1)
    ((info, session),) = engine.opened
    assert (info.state, info.public_url) == (b"keys", "https://example.com/hooks/5")
    assert home.connection.is_up
    assert home.live == {5: session}
    assert home.ups == 1
    assert session.logins == [], "it is logged in already"
    home.tenure.stop()
    await asyncio.wait_for(task, 5)
    await home.connection.close()
    assert session.closed
    assert (home.connection.is_up, home.live) == (False, {})


@virtual
async def test_a_network_that_cannot_be_reached_is_tried_with_growing_pauses(tmp_path: Path) -> None:
    engine = Engine(*(Unavailable("connection", "No route.") for _ in range(5)))
    home = Home(engine, tmp_path)
    task = asyncio.create_task(home.connection.run())
    await asyncio.sleep(60)
    pauses = [round(after - before, 3) for before, after in zip(engine.tries, engine.tries[1:], strict=False)]
    assert pauses == list(RECONNECT_S[:5])
    assert home.statuses[0] == ("connecting", "No route. (next try in 0.5 s)")
    assert home.connection.is_up
    home.tenure.stop()
    await asyncio.wait_for(task, 5)


@virtual
async def test_a_fault_of_the_engine_shows_no_details(tmp_path: Path) -> None:
    home = Home(Engine(KeyError("secret-token")), tmp_path)
    task = asyncio.create_task(home.connection.run())
    await asyncio.sleep(0.1)
    assert home.statuses == [("connecting", "The engine failed: KeyError (next try in 0.5 s)")]
    home.tenure.stop()
    await asyncio.wait_for(task, 5)


@virtual
async def test_a_channel_that_needs_a_person_stops(tmp_path: Path) -> None:
    home = Home(Engine(LoginRequired("190", "expired")), tmp_path)
    await asyncio.wait_for(home.connection.run(), 5)
    (report,) = home.ingested
    assert isinstance(report, Disconnected)
    assert report.permanent
    assert home.tenure.stopping


@virtual
async def test_of_many_sends_that_find_it_logged_out_one_tells(tmp_path: Path) -> None:
    home = Home(Engine(), tmp_path)
    task = asyncio.create_task(home.connection.run())
    await asyncio.sleep(0.1)
    home.ingested.clear()
    for _ in range(100):
        home.connection.login_required(LoginRequired("190", "expired"))
    assert not home.connection.is_up
    await home.jobs.finish(5)
    assert [type(one) for one in home.ingested] == [Disconnected]
    await asyncio.wait_for(task, 5)


@virtual
async def test_a_changed_configuration_opens_a_new_session(tmp_path: Path) -> None:
    engine = Engine()
    home = Home(engine, tmp_path)
    task = asyncio.create_task(home.connection.run())
    await asyncio.sleep(0.1)
    await home.connection.reconfigure(msgspec.structs.replace(SETUP, config='{"a":1}'))
    await asyncio.sleep(0.1)
    (_, first), (info, second) = engine.opened
    assert (first.closed, second.closed, info.config) == (True, False, '{"a":1}')
    home.tenure.stop()
    await asyncio.wait_for(task, 5)


@virtual
async def test_a_code_is_asked_for_while_the_login_is_on(tmp_path: Path) -> None:
    engine = Engine(logged_in=False)
    home = Home(engine, tmp_path)
    task = asyncio.create_task(home.connection.run())
    await asyncio.sleep(0.1)
    ((_, session),) = engine.opened
    assert session.logins == [None]
    await home.connection.reconfigure(msgspec.structs.replace(SETUP, settings={"pair_phone": "628"}))
    await home.jobs.finish(5)
    assert session.logins == [None, "628"]
    home.tenure.stop()
    await asyncio.wait_for(task, 5)


def incoming(content: Any) -> Incoming:
    return Incoming(provider_id="w1", chat="628", sender="628", content=content, timestamp=0)


@virtual
async def test_media_that_comes_in_is_fetched_and_tried_again(tmp_path: Path) -> None:
    engine = Engine()
    home = Home(engine, tmp_path)
    task = asyncio.create_task(home.connection.run())
    await asyncio.sleep(0.1)
    ((_, session),) = engine.opened
    session.files = [Unavailable("503", "down"), Unavailable("503", "down"), b"picture"]
    await home.connection.report([incoming(Image(media_id="m")), incoming(Text(text="hi"))])
    assert len(home.ingested) == 3, "stored before the file is fetched"
    await home.jobs.finish(60)
    assert (home.stored, home.attached) == ([b"picture"], ["w1"])
    home.tenure.stop()
    await asyncio.wait_for(task, 5)


@virtual
@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([Rejected("131052", "gone")], "131052: gone"),
        ([Unavailable("503", "down")] * 4, "503: down"),
        ([Invalid("file: it is empty", code="MEDIA_EMPTY")], "MEDIA_EMPTY: file: it is empty"),
    ],
    ids=["refused for good, asked once", "out of reach until we give up", "nothing that can be kept"],
)
async def test_media_that_cannot_be_fetched_is_told(tmp_path: Path, answers: list[Exception], why: str) -> None:
    engine = Engine()
    home = Home(engine, tmp_path)
    task = asyncio.create_task(home.connection.run())
    await asyncio.sleep(0.1)
    ((_, session),) = engine.opened
    session.files = list(answers)
    await home.connection.report([incoming(Image(media_id="m"))])
    await home.jobs.finish(60)
    assert (home.failed, home.attached, session.files) == ([("w1", "m", why)], [], [])
    home.tenure.stop()
    await asyncio.wait_for(task, 5)


@virtual
async def test_media_that_comes_while_nothing_is_connected_is_told(tmp_path: Path) -> None:
    home = Home(Engine(), tmp_path)
    home.connection.hear([incoming(Image(media_id="m"))])
    await home.jobs.finish(60)
    ((_, _, why),) = home.failed
    assert why.startswith("MEDIA_FETCH")


@virtual
async def test_media_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    """A redelivery, or an edit of the caption."""
    home = Home(Engine(), tmp_path)
    home.lacks = False
    edited = MessageEdited(provider_id="w1", content=Image(media_id="m", caption="new"), timestamp=1)
    home.connection.hear([incoming(Image(media_id="m")), edited])
    await home.jobs.finish(60)
    assert (home.failed, home.stored) == ([], [])


@virtual
async def test_a_session_that_does_not_close_holds_nobody_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = Engine()
    home = Home(engine, tmp_path)
    task = asyncio.create_task(home.connection.run())
    await asyncio.sleep(0.1)
    ((_, session),) = engine.opened

    async def hang() -> None:
        await asyncio.sleep(3600)

    session.close = hang  # type: ignore[method-assign]
    began = virtual_loop().time()
    await home.connection.close()
    assert virtual_loop().time() - began == pytest.approx(10)
    home.tenure.stop()
    await asyncio.wait_for(task, 5)
