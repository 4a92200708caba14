"""Crashes, hangs, deaf sessions, lost and repeated events: what it costs, and how it heals."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from neonize.proto import Neonize_pb2 as nz
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Unavailable
from jackfield.core.port import AccountNotice, ChannelInfo, Disconnected, Incoming, Status
from jackfield.core.port import content as c
from jackfield.engines.whatsapp_web import requirements
from jackfield.engines.whatsapp_web.child import Child
from jackfield.engines.whatsapp_web.config import WhatsAppWebConfig
from jackfield.engines.whatsapp_web.engine import WhatsAppWebEngine
from jackfield.engines.whatsapp_web.fake_network import FakeNetwork
from jackfield.engines.whatsapp_web.keeper import Keeper
from jackfield.engines.whatsapp_web.link import Ask
from jackfield.engines.whatsapp_web.options import Pulse

from .conftest import ANA, FAKE, Line


async def test_numbers_share_processes_as_they_wish(
    engine: WhatsAppWebEngine, network: FakeNetwork, tmp_path: Path
) -> None:
    lines = [Line(engine, network, tmp_path / str(n), n) for n in range(1, 6)]
    for line, wish in zip(lines, (2, 2, 2, 1, 50), strict=True):
        await line.open(perProcess=wish)
    rooms = [sorted(room.seats) for room in engine.keeper.rooms]
    assert rooms == [[1, 2], [3, 5], [4]]
    for line in lines:
        await line.sessions[0].close()
    assert engine.keeper.rooms == [], "an empty process ends"


async def test_a_crash_costs_only_its_own_numbers(
    engine: WhatsAppWebEngine, network: FakeNetwork, tmp_path: Path
) -> None:
    one, two = (Line(engine, network, tmp_path / str(n), n) for n in (1, 2))
    first, device = await one.pair(perProcess=1)
    second, _ = await two.pair(perProcess=1)
    device.crash()
    (down,) = await one.heard.until(Disconnected)
    assert "started again" in down.reason
    assert not down.permanent
    assert (await second.send(two.message(c.Text(text="not my crash")))).provider_id
    await one.heard.done(2)
    assert (await first.send(one.message(c.Text(text="back again")))).provider_id
    assert two.heard.of(Disconnected) == []
    assert two.sessions[0].seat.room is not None
    assert two.sessions[0].seat.room.starts == 1
    for line in (one, two):
        await line.sessions[0].close()


async def test_a_crash_before_the_wire_is_certain(line: Line) -> None:
    """The process dies while a file is uploaded: whatsmeow never saw the message itself."""
    session, device = await line.pair()
    line.store.files["d"] = (b"%PDF", "application/pdf", "a.pdf")
    line.network.answers["upload"] = lambda data, kind: device.crash()
    with pytest.raises(Unavailable) as failed:
        await session.send(line.message(c.Document(url="media:d")))
    assert failed.value.code == "ENGINE_CRASHED"


async def test_a_crash_on_the_wire_is_settled_by_the_receipt(line: Line) -> None:
    session, device = await line.pair()
    line.network.hold = asyncio.Event()
    message = line.message(c.Text(text="Did it go out?"), attempt=3)
    sending = asyncio.create_task(session.send(message))
    await line.network.until(lambda: line.network.sent)
    device.crash()
    with pytest.raises(OutcomeUnknown) as doubt:
        await sending
    assert doubt.value.code == "ENGINE_CRASHED"
    await line.heard.done(2)
    _, _, whatsapp_id = line.network.sent[0]
    line.network.devices[-1].receipt(nz.Receipt.DELIVERED, whatsapp_id, sender=ANA)
    (status,) = await line.heard.until(Status)
    assert (status.ref, status.state, status.provider_id) == (message.ref, "delivered", whatsapp_id)


async def test_the_server_itself_dies_and_the_receipt_still_finds_the_message(line: Line) -> None:
    session, _ = await line.pair()
    message = line.message(c.Text(text="Sent, then killed"))
    sent = await session.send(message)
    await session.close()
    await line.open()
    await line.heard.done(2)
    line.network.devices[-1].receipt(nz.Receipt.READ, sent.provider_id, "3EB0NOTOURS", sender=ANA)
    statuses = await line.heard.until(Status, 2)
    assert [status.ref for status in statuses] == [message.ref, None]


async def test_events_survive_a_crash_before_they_are_stored(line: Line) -> None:
    _, device = await line.pair()
    line.heard.failing = True
    device.message(ANA, e2e.Message(conversation="one"), message_id="M1")
    await line.heard.refusal()
    device.message(ANA, e2e.Message(conversation="two"), message_id="M2")
    device.crash()
    await line.network.until(lambda: len(line.network.devices) == 2)
    line.heard.failing = False
    await line.heard.until(Incoming, 2)
    texts = [report.content.text for report in line.heard.of(Incoming)]
    assert texts[0] == "one"
    assert set(texts) == {"one", "two"}


async def test_a_hanging_process_is_killed_and_replaced(network: FakeNetwork, tmp_path: Path) -> None:
    engine = WhatsAppWebEngine(maker=FAKE, keeper=Keeper(FAKE, back_off=(0.05,), ping=(0.1, 0.5)))
    line = Line(engine, network, tmp_path / "c")
    session, device = await line.pair()
    os.kill(device.pid, signal.SIGSTOP)
    (down,) = await line.heard.until(Disconnected)
    assert "no longer answered" in down.reason
    await line.heard.done(2)
    await session.close()


class TestDeaf:
    """Connected, and nothing comes in: field.md's strongest complaint of all."""

    @pytest.fixture
    def pulse(self) -> Pulse:
        return Pulse(probe_after=0.3, probe_timeout=0.2, deaf_sends=2, deaf_after=0.4, stale_after=3600.0, proof=1.0)

    async def test_sends_without_receipts_lead_to_a_new_connection(self, line: Line) -> None:
        session, _ = await line.pair()
        for _ in range(2):
            await session.send(line.message(c.Text(text="anybody?")))
        down = (await line.heard.until(Disconnected))[0]
        assert "deaf (2 messages sent" in down.reason
        await line.heard.done(2)
        notices = await line.heard.until(AccountNotice)
        assert any(notice.kind == "session_healed" for notice in notices) or await line.heard.until(AccountNotice, 2)
        assert len(line.network.devices) == 2
        assert line.network.devices[0].pid == line.network.devices[1].pid, "a new connection was enough"

    async def test_silence_towards_a_probe_leads_to_a_new_connection(self, line: Line) -> None:
        await line.pair()

        async def never(*numbers: str) -> Any:
            await asyncio.Event().wait()

        line.network.answers["is_on_whatsapp"] = never
        down = (await line.heard.until(Disconnected))[0]
        assert "does not answer" in down.reason
        del line.network.answers["is_on_whatsapp"]
        await line.heard.done(2)

    async def test_what_stays_deaf_costs_the_process(self, line: Line) -> None:
        session, _ = await line.pair()
        line.network.deaf = True
        for _ in range(2):
            await session.send(line.message(c.Text(text="anybody?")))
        downs = await line.heard.until(Disconnected, 2)
        assert "still deaf" in downs[1].reason
        await line.network.until(lambda: len(line.network.devices) >= 3)
        line.network.deaf = False
        line.network.devices[-1].connected()
        await line.heard.done(2)
        assert line.network.devices[-1].pid != line.network.devices[0].pid


async def test_a_process_ends_by_itself_when_the_server_is_gone(line: Line) -> None:
    await line.pair()
    room = line.sessions[0].seat.room
    assert room is not None
    assert room.process is not None
    # All that the child sees of a killed server is that its socket closes.
    await room.process.close()
    assert room.process._process.returncode == 0


async def test_a_connection_that_does_not_answer_is_not_called_connected(line: Line) -> None:
    session, device = await line.pair()
    device.event(nz.KeepAliveTimeout(ErrorCount=1, LastSuccess=1_700_000_000))
    (down,) = await line.heard.until(Disconnected)
    assert "has not answered since 2023-11-14 22:13:20 UTC" in down.reason
    assert not down.permanent
    with pytest.raises(Unavailable) as refused:
        await session.send(line.message(c.Text(text="Into the void")))
    assert refused.value.code == "DISCONNECTED"
    device.event(nz.KeepAliveRestored())
    await line.heard.done(2)
    await session.send(line.message(c.Text(text="Back")))


class TestOffline:
    """A paired number whose connection ended is connected anew, without anybody's help."""

    @pytest.fixture
    def pulse(self) -> Pulse:
        return Pulse(probe_after=2.0, retry=(0.01, 0.02), offline_after=3.0)

    async def test_when_the_library_gave_up(self, line: Line) -> None:
        _, device = await line.pair()
        device.write("end", "an event could not be marshalled")
        (down,) = await line.heard.until(Disconnected)
        assert "could not be marshalled" in down.reason
        await line.heard.done(2)
        assert line.network.devices[-1] is not device

    async def test_when_the_library_does_not_come_back(self, line: Line) -> None:
        _, device = await line.pair()
        device.event(nz.Disconnected(status=True))
        await line.heard.done(2)
        assert line.network.devices[-1] is not device

    async def test_never_after_its_end(self, line: Line) -> None:
        _, device = await line.pair()
        device.event(nz.StreamReplaced())
        await line.heard.until(Disconnected)
        with pytest.raises(TimeoutError):
            await line.network.until(lambda: len(line.network.devices) > 1, seconds=1.0)


async def test_a_process_whose_calls_all_hang_does_not_answer() -> None:
    reader, (near, far) = asyncio.StreamReader(), socket.socketpair()
    _, writer = await asyncio.open_connection(sock=near)
    child = Child(reader, writer, lambda options: pytest.fail("no phone is needed"))
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    release = threading.Event()
    hanging = asyncio.get_running_loop().run_in_executor(None, release.wait)
    ping = asyncio.ensure_future(child._carry_out(Ask(1, 0, "ping", {})))
    done, _ = await asyncio.wait({ping}, timeout=0.2)
    release.set()
    assert not done
    assert await ping == 0
    await hanging
    writer.close()
    far.close()


# -- what is missing ---------------------------------------------------------------------------------


def test_missing_parts_are_named_with_the_line_that_installs_them() -> None:
    assert requirements.missing(find_module=lambda name: object(), find_library=lambda name: "libmagic.so.1") is None
    none = requirements.missing(find_module=lambda name: None)
    assert none is not None
    assert none.endswith("pip install 'jackfield[whatsapp-web]'")
    magic = requirements.missing(find_module=lambda name: object(), find_library=lambda name: None, platform="linux")
    assert magic is not None
    assert magic.endswith("apt-get install -y libmagic1")
    converter = requirements.missing_converter(which=lambda name: None, platform="darwin")
    assert converter is not None
    assert converter.endswith("brew install ffmpeg")
    assert requirements.missing_converter(which=lambda name: "/usr/bin/ffmpeg") is None


def test_an_outdated_library_is_named() -> None:
    assert requirements.outdated(version_of=lambda name: "0.5.2") is None
    assert requirements.outdated(version_of=lambda name: "0.10.0.post1") is None
    old = requirements.outdated(version_of=lambda name: "0.3.10")
    assert old is not None
    assert "0.3.10" in old
    assert requirements.outdated() is None, "the tested version is the one that is installed here"


async def test_a_missing_library_is_said_at_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "missing", lambda: "It is not there. Install it with: pip install x")

    async def nothing(*_: Any) -> None:
        return None

    channel = ChannelInfo(
        id=1, name="x", config=WhatsAppWebConfig(), save_state=nothing, data_dir=str(tmp_path / "data")
    )
    with pytest.raises(LoginRequired, match="pip install x") as refused:
        await WhatsAppWebEngine().open(channel, nothing)
    assert refused.value.code == "INSTALL"
    assert not (tmp_path / "data").exists()
