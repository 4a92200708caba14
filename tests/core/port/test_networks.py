"""What engines say of their networks: addresses, kinds and limits, without loading the engines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest

import jackfield
from jackfield.core.ground.errors import Invalid, Unsupported
from jackfield.core.port import Addressing, Network, Networks, bad_recipient
from jackfield.core.port.content import ButtonReply, Buttons, ReplyButton, Text
from jackfield.engines import ENGINES, Engines, load_engines


class _Letters(Addressing):
    identity_kinds: ClassVar[tuple[str, ...]] = ("loft",)

    def read(self, text: str) -> tuple[str, str]:
        if not text.isalpha():
            raise bad_recipient(text, "Letters only.")
        return text.upper(), "private"


class _Pigeons(Network):
    engine: ClassVar[str] = "pigeon"
    name: ClassVar[str] = "pigeon"
    addressing: ClassVar[Addressing] = _Letters()
    kinds: ClassVar[frozenset[str]] = frozenset({"text"})


class _PigeonEngine:
    network: ClassVar[Network] = _Pigeons()


@pytest.mark.slow
def test_networks_need_no_vendor_library() -> None:
    """Addresses, kinds and checks of every engine are there before any engine is."""
    script = (
        "import sys; from jackfield.core.port import Networks; from jackfield.engines import load_engines\n"
        "networks = Networks(load_engines()).all()\n"
        "assert len(networks) >= 4 and all(one.kinds for one in networks)\n"
        "engines = [one for one in sys.modules if one.startswith('jackfield.engines.') and one.endswith('.engine')]\n"
        "loaded = [*engines, *({'aiogram', 'neonize'} & set(sys.modules))]\n"
        "assert not loaded, loaded\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(jackfield.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]


def test_an_engine_of_ones_own_is_asked_itself() -> None:
    networks = Networks({"pigeon": _PigeonEngine()})
    assert networks.parse("pigeon", " alice ") == ("ALICE", "private")
    networks.check("pigeon", Text(text="Coo"))
    with pytest.raises(Unsupported) as refused:
        networks.check("pigeon", Buttons(body="?", buttons=[ReplyButton(id="y", title="Yes")]))
    assert refused.value.details == {"capability": "buttons", "supported": ["text"]}
    with pytest.raises(Invalid, match="button_reply cannot be sent"):
        networks.check("pigeon", ButtonReply(id="y", title="Yes"))


def test_without_a_channel_the_first_network_that_takes_an_address_counts() -> None:
    engines = load_engines()
    networks = Networks({**{name: engines[name] for name in ("simulator", "telegram_bot")}, "pigeon": _PigeonEngine()})
    assert networks.parse_any("+62 811-122-333") == ("62811122333", "private")
    assert networks.parse_any("@shop_news") == ("@shop_news", "newsletter")
    assert networks.parse_any("alice") == ("ALICE", "private")
    with pytest.raises(Invalid, match="Unknown kind of chat id"):
        networks.parse_any("alice@nowhere")


def test_a_missing_engine_hides_nothing_and_sends_nothing() -> None:
    """A channel whose engine was taken out of the registry can still be listed, with its chats."""
    networks = Networks({})
    assert networks.of("gone").name == "unknown"
    assert networks.parse("gone", "ALICE") == ("ALICE", "private")
    assert networks.of("gone").addressing.identity("ALICE") is None
    with pytest.raises(Unsupported):
        networks.check("gone", Text(text="Coo"))


def test_a_network_that_cannot_be_loaded_costs_only_its_own_channels() -> None:
    networks = Networks(Engines({**ENGINES, "broken": "no_such_package"}))
    assert networks.of("broken").name == "unknown"
    assert [one.name for one in networks.all()].count("unknown") == 1


@pytest.mark.parametrize(
    ("engine", "given", "address", "kind"),
    [
        ("simulator", "628111222333", "628111222333", "private"),
        ("simulator", 628111222333, "628111222333", "private"),
        ("simulator", "+62 (811) 122-2333", "628111222333", "private"),
        ("simulator", "00 62 811 122 2333", "628111222333", "private"),
        ("simulator", "tel:+628111222333", "628111222333", "private"),
        ("simulator", "٦٢٨١١١٢٢٢٣٣٣", "628111222333", "private"),
        ("simulator", "628111222333:12@s.whatsapp.net", "628111222333", "private"),
        ("simulator", "120363000000000001@G.US", "120363000000000001@g.us", "group"),
        ("simulator", "120363000000000001@newsletter", "120363000000000001@newsletter", "newsletter"),
        ("simulator", "99887766554433@lid", "99887766554433@lid", "private"),
        ("whatsapp_cloud", "IN.abc123", "IN.abc123", "private"),
        ("telegram_bot", "1001", "1001", "private"),
        ("telegram_bot", "1001@c.us", "1001", "private"),
        ("telegram_bot", "tg:1001", "1001", "private"),
        ("telegram_bot", -1001234567890, "-1001234567890", "group"),
        ("telegram_bot", "@shop_news", "@shop_news", "newsletter"),
    ],
)
def test_recipients(engine: str, given: object, address: str, kind: str) -> None:
    assert Networks(load_engines()).parse(engine, given) == (address, kind)


@pytest.mark.parametrize(
    ("engine", "given"),
    [
        ("simulator", "123456"),
        ("simulator", "0812345678"),
        ("simulator", "hello"),
        ("simulator", "1@else"),
        ("simulator", True),
        ("simulator", 1.5),
        ("simulator", "1" * 161),
        ("telegram_bot", "@a"),
        ("telegram_bot", "Ana"),
    ],
)
def test_what_is_no_recipient(engine: str, given: object) -> None:
    with pytest.raises(Invalid) as refused:
        Networks(load_engines()).parse(engine, given)
    assert refused.value.code == "INVALID_RECIPIENT"


@pytest.mark.parametrize(
    ("engine", "address", "identity"),
    [
        ("whatsapp_web", "628111222333", ("phone", "628111222333")),
        ("whatsapp_web", "99887766554433@lid", ("lid", "99887766554433")),
        ("whatsapp_cloud", "IN.abc123", ("bsuid", "IN.abc123")),
        ("whatsapp_web", "120363000000000001@g.us", None),
        ("telegram_bot", "1001", ("telegram", "1001")),
        ("telegram_bot", "-1001234567890", None),
        ("telegram_bot", "@shop_news", None),
    ],
)
def test_whom_an_address_tells_of(engine: str, address: str, identity: tuple[str, str] | None) -> None:
    addressing = Networks(load_engines()).of(engine).addressing
    assert addressing.identity(address) == identity
    if identity is not None:
        assert addressing.address(*identity) == address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5511987654321", "551187654321"),
        ("5215512345678", "525512345678"),
        ("5491112345678", "541112345678"),
        ("628111222333", None),
        ("551132654321", None),
    ],
)
def test_spellings_of_the_same_phone(one: str, other: str | None) -> None:
    addressing = Networks(load_engines()).of("simulator").addressing
    assert addressing.spellings(one) == ((one,) if other is None else (one, other))
    if other is not None:
        assert addressing.spellings(other) == (other, one)


def test_phones_are_shown_with_their_plus() -> None:
    networks = Networks(load_engines())
    assert networks.of("simulator").addressing.show("628111222333") == "+628111222333"
    assert networks.of("telegram_bot").addressing.show("1001") == "1001"
