"""The parts that need no process: sealing, spooling, the breaker, the link, and neonize's own files."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neonize.aioze.client import NewAClient
from neonize.proto import Neonize_pb2 as nz
from PIL import Image

from jackfield.core.ground.errors import Rejected, Throttled
from jackfield.core.port import AccountNotice, Disconnected, GroupChanged, GroupInfo, LoginChanged, ShowQr
from jackfield.engines.whatsapp_web import jids, outgoing, seal
from jackfield.engines.whatsapp_web.link import error_of, failure_of, pack, unpack
from jackfield.engines.whatsapp_web.memory import Breaker, Memory
from jackfield.engines.whatsapp_web.outgoing import vcard
from jackfield.engines.whatsapp_web.phone import Phone
from jackfield.engines.whatsapp_web.problems import of_request
from jackfield.engines.whatsapp_web.spool import Spool


@given(st.integers(0, 2**63 - 1), st.integers(1, 2**31))
def test_a_seal_opens_only_under_its_key(message_id: int, attempt: int) -> None:
    one, other = seal.Seal(b"a" * 32), seal.Seal(b"b" * 32)
    secret = one.close(message_id, attempt)
    assert len(secret) == 32
    assert one.open(secret) == (message_id, attempt)
    assert other.open(secret) is None
    assert one.open(secret[:-1] + bytes([secret[-1] ^ 1])) is None
    assert one.open(b"short") is None


def test_what_whatsmeow_wrote_down(tmp_path: Path) -> None:
    path = tmp_path / "device.db"
    assert seal.id_for(path, b"x") is None
    assert not seal.paired(path)
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE whatsmeow_device (jid TEXT)")
        db.execute("CREATE TABLE whatsmeow_message_secrets (message_id TEXT, key BLOB)")
        db.execute("INSERT INTO whatsmeow_message_secrets VALUES ('3EB0', ?)", (b"x",))
    assert not seal.paired(path)
    assert seal.id_for(path, b"x") == "3EB0"
    assert seal.id_for(path, b"y") is None
    assert seal.secrets_of(path, "3EB0") == [b"x"]
    path.write_bytes(b"not a database at all" * 100)
    assert seal.paired(path)
    with pytest.raises(sqlite3.Error):
        seal.id_for(path, b"x")


def test_the_spool_keeps_what_was_not_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "x" / "events.spool"
    spool = Spool(path)
    threads = [threading.Thread(target=lambda: spool.append(17, b"event", sync=False)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spool.ack(18)
    spool.close()
    with path.open("ab") as file:
        file.write(b"half a record")
    again = Spool(path)
    assert [seq for seq, _, _ in again.left][-2:] == [19, 20]
    assert again.append(17, b"next", sync=True) == 21
    again.ack(21)
    assert path.read_bytes() == b""
    again.close()
    assert Spool(path).left == []


def test_the_breaker() -> None:
    memory = Memory.load(b"")
    breaker = Breaker(memory, hours=1)
    assert breaker.is_stranger("49151", None)
    assert not breaker.is_stranger("49151", "3EB0")
    assert not breaker.is_stranger("1@g.us", None)
    breaker.wrote("49151")
    assert not breaker.is_stranger("49151", None)
    assert not breaker.open
    breaker.trip()
    assert breaker.open
    again = Memory.load(breaker.save_into().dump())
    assert Breaker(again, hours=1).open
    assert again.seal_key == memory.seal_key
    again.restricted_until = 0
    assert not Breaker(again, hours=1).open
    assert len(Memory.load(b"broken").seal_key) == 32


def test_reports_and_errors_cross_the_link() -> None:
    reports = [
        LoginChanged(step=ShowQr(code="2@x", expires_at=1)),
        Disconnected(reason="gone", permanent=True),
        GroupChanged(group=GroupInfo(address="1@g.us", name="Team")),
        AccountNotice(kind="k", message="m"),
    ]
    assert unpack(pack(reports)) == reports
    throttled = error_of(failure_of(Throttled("429", "slow", 7.0)))
    assert isinstance(throttled, Throttled)
    assert throttled.retry_after == 7.0


def test_addresses() -> None:
    assert jids.show(jids.parse("+4915120000001")) == "4915120000001"
    assert jids.show(jids.parse("77@lid")) == "77@lid"
    assert jids.full(jids.parse("120363-1@g.us")) == "120363-1@g.us"
    assert jids.split("3EB0") == ("3EB0", None)
    for wrong in ("", "abc", "12", "49151@example.com", "x@g.us"):
        with pytest.raises(Rejected):
            jids.parse(wrong)


def test_requests_that_fail_read_as_words() -> None:
    assert of_request(ValueError("info query returned status 403: forbidden")).code == "403"
    assert of_request(ValueError("404: item-not-found")).code == "404"
    assert isinstance(of_request(ValueError("429: rate-overlimit")), Throttled)
    assert of_request(ValueError("websocket not connected")).code == "DISCONNECTED"


def test_a_card_cannot_smuggle_lines() -> None:
    from jackfield.core.port.content import ContactCard

    card = vcard(ContactCard(name="Max\nTEL:666", phones=["+49 1"]))
    assert "Max\\nTEL:666" in card
    assert sum(line.startswith("TEL") for line in card.split("\n")) == 1


# -- neonize itself ----------------------------------------------------------------------------------


def test_the_boundary_is_neonizes_own() -> None:
    """Every method of the boundary is one of neonize's client, but for the three that gather its callbacks."""
    own = {"listen", "start"}
    wanted = {name for name in vars(Phone) if not name.startswith("_")} - own
    assert sorted(name for name in wanted if not callable(getattr(NewAClient, name, None))) == []


def test_the_server_process_never_loads_neonize() -> None:
    program = (
        "import sys; from jackfield.engines.whatsapp_web.engine import WhatsAppWebEngine; WhatsAppWebEngine(); "
        "assert 'neonize' not in sys.modules, 'loaded'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, env={"PYTHONPATH": ":".join(sys.path)})


def test_codes_are_those_of_the_events() -> None:
    """neonize numbers its events in a table of its own; ours are read from it, these are the ones relied on."""
    from neonize.events import EVENT_TO_INT

    from jackfield.engines.whatsapp_web.incoming import KEPT, MESSAGE

    assert EVENT_TO_INT[nz.Message] == MESSAGE == 17
    assert {18, 21, 22, 36, 42} < KEPT


def test_neonizes_own_database_has_what_the_seal_reads(tmp_path: Path) -> None:
    """neonize makes its tables when a file is first opened, which needs no network."""
    from neonize.aioze.client import ClientFactory

    path = tmp_path / "device.db"
    assert ClientFactory.get_all_devices_from_db(str(path)) == []
    assert not seal.paired(path)
    assert seal.id_for(path, b"x" * 32) is None
    with sqlite3.connect(path) as db:
        row = ("4915100000001:1@s.whatsapp.net", "1@s.whatsapp.net", "4915100000001@s.whatsapp.net", "3EB0", b"x" * 32)
        db.execute(
            "INSERT INTO whatsmeow_message_secrets (our_jid, chat_jid, sender_jid, message_id, key) "
            "VALUES (?, ?, ?, ?, ?)",
            row,
        )
    assert seal.id_for(path, b"x" * 32) == "3EB0"
    assert seal.secrets_of(path, "3EB0") == [b"x" * 32]


def test_a_picture_of_too_many_pixels_is_never_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    Image.new("1", (20, 10)).save(out, "PNG")
    assert outgoing._preview(out.getvalue())[:2] == (20, 10)
    monkeypatch.setattr(outgoing, "MOST_PIXELS", 199)
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("it was unpacked"))
    assert outgoing._preview(out.getvalue()) == (0, 0, b"")
    with pytest.raises(Rejected):
        outgoing._as_sticker(outgoing.File(out.getvalue(), "image/png", "a.png"))
