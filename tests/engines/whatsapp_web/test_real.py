"""The engine on the real library and a WhatsApp server on loopback: what the fake at the boundary cannot show."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from pathlib import Path

import pytest
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from jackfield.core.ground.errors import LoginRequired, Rejected, SendError
from jackfield.core.port import AccountNotice, Disconnected, Incoming, LoginChanged, ShowCode, ShowQr, Status
from jackfield.core.port import content as c
from jackfield.engines.whatsapp_web.engine import WhatsAppWebEngine
from jackfield.engines.whatsapp_web.keeper import Keeper
from jackfield.engines.whatsapp_web.options import Pulse
from jackfield.testing.whatsapp import WhatsAppServer
from jackfield.testing.whatsapp.phones import COLLECTING

from .real import PING, RealLine, library, number, real_engine, server

__all__ = ["library", "number", "real_engine", "server"]

EVA = "4915112345678"
LONG = bool(os.environ.get("JACKFIELD_CHAOS"))
STARTS, SENDS, NUMBERS = (21, 400, 8) if LONG else (3, 20, 3)


@pytest.fixture
def pulse() -> Pulse:
    return Pulse(retry=(0.1,))


def _process(line: RealLine) -> int:
    room = line.sessions[-1].seat.room
    assert room is not None
    assert room.process is not None
    return room.process.pid


async def test_it_pairs_looks_up_sends_and_connects_once_at_each_start(
    number: RealLine, server: WhatsAppServer
) -> None:
    session = await number.pair_real()
    assert (await session.account()).address == number.phone
    found = await session.check_contacts([EVA, "4915112345000"])
    assert [one.exists for one in found] == [True, False]
    sent = await session.send(number.message(c.Text(text="Hello"), to=EVA))
    (message,) = server.sent
    assert message.attrs["id"] == sent.provider_id
    assert message.child("bot") is None, "phones would show that an AI wrote it"
    for start in range(2, STARTS + 1):
        await number.sessions[-1].close()
        session = await number.open()
        await session.start_login()
        assert (await session.account()).address == number.phone, "asked while it still connects"
        await number.heard.done(start)
    assert server.replaced == 0
    assert len(server.logins) == STARTS


async def test_receipts_of_unknown_messages_leave_the_keys_whole(number: RealLine, server: WhatsAppServer) -> None:
    """Looking such a message up must not disturb the library, which is writing its database at that moment."""
    session = await number.pair_real()
    former = number.message(c.Text(text="Before the restart"), to=EVA)
    before = await session.send(former)
    await session.close()
    session = await number.open()
    await number.heard.done(2)
    server.receipt(number.phone, before.provider_id, EVA)
    for count in range(SENDS):
        server.receipt(number.phone, f"3EB0UNKNOWN{count:04d}", EVA)
        await session.send(number.message(c.Text(text=f"Number {count}"), to=EVA))
    statuses = await number.heard.until(Status, SENDS + 1)
    assert {one.ref for one in statuses if one.provider_id == before.provider_id} == {former.ref}
    assert {one.ref for one in statuses if one.provider_id != before.provider_id} == {None}
    await session.close()
    with sqlite3.connect(session.options.database) as keys:
        assert keys.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stored = {row[0] for row in keys.execute("SELECT message_id FROM whatsmeow_message_secrets")}
    assert stored >= {str(message.attrs["id"]) for message in server.sent}
    assert len(server.sent) == SENDS + 1


async def test_numbers_in_one_process_do_not_stop_one_another(server: WhatsAppServer, tmp_path: Path) -> None:
    engine = WhatsAppWebEngine(maker=COLLECTING, keeper=Keeper(COLLECTING, back_off=(0.05,), ping=PING))
    lines = [RealLine(engine, server, tmp_path / str(n), n) for n in range(1, NUMBERS + 1)]
    for line in lines:
        await line.pair_real(perProcess=20)
    assert len({_process(line) for line in lines}) == 1
    for line in lines:
        await line.sessions[0].send(line.message(c.Text(text="Still here"), to=EVA))
        assert line.heard.of(Disconnected) == []
    assert len(server.sent) == NUMBERS
    # A new connection of one number: its old client is collected, and takes nothing with it.
    first = server.of(lines[0].phone)
    assert first is not None
    server.failure = {"reason": 503}
    first.close()
    await lines[0].heard.until(Disconnected)
    server.failure = None
    await lines[0].heard.done(2)
    assert all(line.heard.of(Disconnected) == [] for line in lines[1:])
    for line in lines:
        await line.sessions[0].close()


async def test_an_unpaired_number_takes_nothing_down(number: RealLine, server: WhatsAppServer, tmp_path: Path) -> None:
    await number.pair_real(perProcess=20)
    pid = _process(number)
    for count in range(10):
        line = RealLine(number.engine, server, tmp_path / f"new{count}", 100 + count)
        session = await line.open(perProcess=20)
        assert _process(line) == pid
        await session.start_login()
        code = await line.code()
        assert await session.phone_of("77@lid") is None
        for asking in (session.account(), session.check_contacts([EVA])):
            with pytest.raises(SendError):
                await asking
        if count == 0:
            await session.start_login()
            shown = [one.step for one in line.heard.of(LoginChanged) if isinstance(one.step, ShowQr)]
            assert [one.code for one in shown] == [code, code], "the code that holds is shown again"
        await session.close()
    assert (await number.sessions[0].check_contacts([EVA]))[0].exists
    assert _process(number) == pid
    assert number.heard.of(Disconnected) == []


async def test_pairing_by_code(number: RealLine, server: WhatsAppServer) -> None:
    session = await number.open()
    await session.start_login("+49 151 00000007")
    async with asyncio.timeout(60):
        while not (codes := [one.step for one in number.heard.of(LoginChanged) if isinstance(one.step, ShowCode)]):
            await number.heard.until(LoginChanged, len(number.heard.of(LoginChanged)) + 1)
    assert len(codes[0].code.replace("-", "")) == 8
    asked = [node.child("link_code_companion_reg") for node in server.stanzas]
    (registration,) = [node for node in asked if node is not None]
    said = {node.tag: node.content for node in registration}
    assert said["companion_platform_display"] == b"Chrome (Linux)"
    assert said["companion_platform_id"] == b"1"


async def test_a_network_that_is_down_at_the_start_is_waited_for(number: RealLine, server: WhatsAppServer) -> None:
    await (await number.pair_real()).close()
    server.reachable = False
    session = await number.open()
    await server.until(lambda: server.refused >= 3)
    assert any("cannot be reached" in one.reason for one in await number.heard.until(Disconnected))
    with pytest.raises(SendError):
        await session.send(number.message(c.Text(text="Not now"), to=EVA))
    server.reachable = True
    await number.heard.done(2)
    await session.send(number.message(c.Text(text="Now"), to=EVA))


async def test_each_end_is_told_with_what_to_do(number: RealLine, server: WhatsAppServer, tmp_path: Path) -> None:
    # Keeps the process up while the number under test is closed and opened.
    other = RealLine(number.engine, server, tmp_path / "other", 99)
    number.sessions.append(await other.open(perProcess=20))
    session = await number.pair_real(perProcess=20)
    server.ack_error = 463
    with pytest.raises(Rejected) as restricted:
        await session.send(number.message(c.Text(text="Stranger"), to=EVA))
    assert restricted.value.code == "463"
    connection = server.of(number.phone)
    assert connection is not None
    connection.send_conflict()
    told = await number.heard.until(Disconnected)
    assert "Another program" in told[-1].reason
    for failure, words, code in (
        ({"reason": 405}, "pip install -U neonize", "LOGGED_OUT"),
        ({"reason": 402, "code": 104, "expire": 3600}, "has banned this number", "BANNED"),
        ({"reason": 401}, "Pair the number again", "LOGGED_OUT"),
    ):
        await session.close()
        server.failure = {**failure}
        count = len(number.heard.of(Disconnected))
        session = await number.open(perProcess=20)
        last = (await number.heard.until(Disconnected, count + 1))[-1]
        assert last.permanent
        assert words in last.reason
        with pytest.raises(LoginRequired) as refused:
            await session.send(number.message(c.Text(text="hi"), to=EVA))
        assert refused.value.code == code


async def test_what_cannot_be_decrypted_is_told_and_a_kill_loses_one_queue_at_most(
    number: RealLine, server: WhatsAppServer
) -> None:
    """What WhatsApp counts as delivered and we do not have: at most what lies in the library's own queue."""
    await number.pair_real()
    server.garbled(number.phone, EVA)
    notices = await number.heard.until(AccountNotice)
    while not any(one.kind == "undecryptable" for one in notices):
        notices = await number.heard.until(AccountNotice, len(notices) + 1)
    assert any(EVA in one.message for one in notices if one.kind == "undecryptable")
    server.acknowledged.clear()
    for count in range(300):
        server.newsletter_post(
            number.phone, "120363000000000001", e2e.Message(conversation=f"{count}").SerializeToString()
        )
    await server.until(lambda: len(server.acknowledged) >= 20)
    os.kill(_process(number), signal.SIGKILL)
    await number.heard.done(2)
    await number.sessions[0].close()
    stored = [one.provider_id for one in number.heard.of(Incoming)]
    lost = {name for name in server.acknowledged if not any(one.startswith(name) for one in stored)}
    # 100 in the queue, and those that pass from hand to hand around it.
    assert len(lost) <= 110
    assert stored
