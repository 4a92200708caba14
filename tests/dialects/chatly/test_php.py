"""PHP's arrays, and the pure parts of payloads."""

from __future__ import annotations

import pytest

from jackfield.core.webhooks import Fact
from jackfield.dialects.chatly import countries
from jackfield.dialects.chatly.form import Form
from jackfield.dialects.chatly.php import TooMuch, parse
from jackfield.dialects.chatly.webhook import event_name


@pytest.mark.parametrize(
    ("pairs", "data"),
    [
        ([("a", "1"), ("a", "2")], {"a": "2"}),
        ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
        ([("a[1]", "y"), ("a[0]", "x")], {"a": ["x", "y"]}),
        ([("a[5]", "x"), ("a[]", "y")], {"a": ["x", "y"]}),
        ([("a[x]", "1"), ("a[y]", "2")], {"a": {"x": "1", "y": "2"}}),
        ([("a[0][text]", "1"), ("a[1][text]", "2")], {"a": [{"text": "1"}, {"text": "2"}]}),
        ([("a[][]", "1")], {"a": [["1"]]}),
        ([("a", "1"), ("a[]", "2")], {"a": ["2"]}),
        ([("[]", "1"), ("a[", "2"), ("]", "3")], {"[]": "1", "a[": "2", "]": "3"}),
        ([("0", "1")], {"0": "1"}),
    ],
)
def test_arrays(pairs: list[tuple[str, str]], data: dict[str, object]) -> None:
    assert parse(pairs) == data


def test_what_is_too_much() -> None:
    with pytest.raises(TooMuch):
        parse([("a[b][c][d][e][f][g]", "1")])
    with pytest.raises(TooMuch):
        parse([(f"a{n}", "1") for n in range(2001)])


def test_values() -> None:
    form = Form({"a": '["x", "y"]', "b": {"1": "x"}, "c": [{"text": "x"}, 2], "d": "plain", "e": [[1]], "f": [None]})
    assert form.values("a") == ["x", "y"]
    assert form.values("b") == {"1": "x"}
    assert form.values("c") == ["x", "2"]
    assert form.values("d") == ["plain"]
    assert form.values("g") == []
    assert not form.errors
    assert form.values("e") == form.values("f") == []
    assert set(form.errors) == {"e", "f"}


def test_country_names() -> None:
    assert countries.name("IN") == "India"
    assert countries.name("IN", "de") == "Indien"
    assert countries.name("IN", "xx") == "India"
    assert countries.id_of("IN") == 101
    assert countries.id_of(None) is None
    assert countries.dial_code("AQ") == ""


def fact(type_: str, network: str = "whatsapp") -> Fact:
    return Fact(
        id=1,
        workspace_id=1,
        channel_id=1,
        type=type_,
        data="{}",
        created_at=0,
        channel_key=None,
        channel_network=network,
    )


@pytest.mark.parametrize(
    ("type_", "network", "facts", "part", "name"),
    [
        ("message.sent", "whatsapp", {"source": "api"}, None, "message.sent"),
        ("message.sent", "whatsapp", {"source": "api"}, "status", "whatsapp.status"),
        ("message.sent", "whatsapp", {"source": "api"}, "sent", "message.sent"),
        ("message.sent", "whatsapp", {"source": "dashboard"}, "sent", None),
        ("message.sent", "whatsapp", {"source": "api", "campaign_id": 7}, "sent", None),
        ("message.sent", "whatsapp", {"source": "api", "campaign_id": 7}, "status", "whatsapp.status"),
        ("message.sent", "telegram", {"source": "api"}, "status", None),
        ("message.read", "whatsapp", {}, "sent", None),
        ("message.read", "whatsapp", {}, None, "whatsapp.status"),
        ("message.read", "telegram", {}, None, None),
        ("message.received", "whatsapp", {}, None, "whatsapp.incoming"),
        ("message.received", "telegram", {}, "status", "telegram.incoming"),
        ("message.received", "whatsapp", {"from_me": True}, None, None),
        ("contact.created", "whatsapp", {"source": "api"}, None, "contact.created"),
        ("contact.created", "whatsapp", {"source": "wa"}, None, None),
        ("ticket.created", "whatsapp", {}, None, "ticket.created"),
        ("session.qr", "whatsapp", {}, None, None),
    ],
)
def test_names_of_events(
    type_: str, network: str, facts: dict[str, object], part: str | None, name: str | None
) -> None:
    assert event_name(fact(type_, network), facts, part) == name
