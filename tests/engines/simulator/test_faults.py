"""Faults from JSON: liberal in what they take, clear in what they refuse."""

from __future__ import annotations

import re
from typing import Any

import pytest

from jackfield.core.port import Status
from jackfield.engines.simulator.faults import TABLE, Faults, Rule, fault
from jackfield.engines.simulator.world import Parcel, Refusal, Taken, World

# fmt: off
FIELD_GUIDE = [
    "130429", "4", "80007", "1", "2", "131000", "131016", "131057", "135000",
    "131056", "131049", "130472", "0", "190", "3", "10", "200", "299",
    "368", "131031", "131048", "131042", "133010", "133016", "131064", "131063", "132015",
    "132016", "132007", "132068", "132069", "131026", "131047", "131050", "131021", "131030",
    "131062", "130497", "132000", "132001", "132005", "132008", "132012", "131008", "131009",
    "131051", "131052", "131053", "463",
]
# fmt: on


def test_every_code_of_the_field_guide_is_known() -> None:
    for code in FIELD_GUIDE:
        row = fault(code)
        assert row.message
        assert row.refused in ("rejected", "throttled", "unavailable", "login")
    assert set(FIELD_GUIDE) <= set(TABLE)
    assert fault(250).refused == "login"
    assert fault("telegram:429").refused == "throttled"


def test_the_long_form() -> None:
    body = {
        "errors": [131026, {"code": 130429, "rate": 0.1, "count": 5, "to": "+62"}],
        "code": 131047,
        "rate": 1,
        "latency": 100,
        "drop": 0.1,
        "duplicate": True,
        "disorder": 0.5,
        "silence": True,
    }
    faults = Faults.from_json(body)
    assert faults.rules == [
        Rule(code="131026"),
        Rule(code="130429", rate=0.1, count=5, to="62"),
        Rule(code="131047", rate=1.0),
    ]
    assert faults.latency_ms == (100, 100)
    assert (faults.drop, faults.duplicate_statuses, faults.disorder, faults.silence) == (0.1, 1.0, 0.5, True)


def test_changes_only_what_is_named_unless_reset() -> None:
    before = Faults.from_json({"drop": 0.5, "latencyMs": [200, 50]})
    after = Faults.from_json({"code": "131026"}, before)
    assert (after.drop, after.latency_ms) == (0.5, (50, 200))
    assert Faults.from_json({"reset": True, "offline": True}, before) == Faults(offline=True)
    assert Faults.from_json({}, before) == Faults()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"code": 999999}, "unknown error code"),
        ({"code": True}, "code"),
        ({"rate": 0.5}, "needs a code"),
        ({"errors": 131026}, "list"),
        ({"errors": [None]}, "errors"),
        ({"errors": [{"code": 1, "color": "red"}]}, "color"),
        ({"errors": [{"code": 1, "rate": 2}]}, "between 0 and 1"),
        ({"errors": [{"code": 1, "count": -1}]}, "count"),
        ({"errors": [{"code": 1, "kind": "maybe"}]}, "kind"),
        ({"errors": [{"code": 1, "retryAfter": "soon"}]}, "retryAfter"),
        ({"latency": "slow"}, "latency"),
        ({"latency": [1, 2, 3]}, "latency"),
        ({"drop": "often"}, "drop"),
        ({"silence": "please"}, "silence"),
        ({"offline": 1}, "offline"),
        ({"pausedTemplates": "all"}, "pausedTemplates"),
        ({"frobnicate": True}, "frobnicate"),
    ],
)
def test_refuses_with_clear_words(body: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        Faults.from_json(body)


def parcels(count: int) -> list[Parcel]:
    return [Parcel(ref=f"r{n}", to=f"6281{n:06d}", kind="text", payload={"text": "x"}) for n in range(count)]


def test_rates_counts_and_prefixes() -> None:
    account = World(5, behaviour=None, scale=0).account("1", paired=True)
    account.set_faults(Faults.from_json({"errors": [{"code": 130429, "rate": 0.1}]}))
    answers = account.take(parcels(5000))
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert 400 < len(refused) < 600
    assert len(account.outbox) == 5000 - len(refused)
    account.set_faults(Faults.from_json({"errors": [{"code": 131008, "count": 3, "to": "6281"}]}))
    assert [isinstance(answer, Taken) for answer in account.take(parcels(5))] == [False, False, False, True, True]
    account.set_faults(Faults.from_json({"errors": [{"code": 131008, "to": "49"}]}))
    assert all(isinstance(answer, Taken) for answer in account.take(parcels(5)))


def test_the_manner_can_be_turned_round() -> None:
    account = World(scale=0).account("1", paired=True)
    account.set_faults(Faults.from_json({"code": 131026, "kind": "reject"}))
    (answer,) = account.take(parcels(1))
    assert isinstance(answer, Refusal)
    assert answer.message == "Message undeliverable"
    account.set_faults(Faults.from_json({"code": 132015, "kind": "async"}))
    (answer,) = account.take(parcels(1))
    assert isinstance(answer, Taken)


async def test_statuses_twice_and_out_of_order() -> None:
    heard: list[Status] = []

    async def hear(reports: list[Any]) -> None:
        heard.extend(report for report in reports if isinstance(report, Status))

    account = World(2, scale=0).account("1", paired=True)
    account.subscribe(hear)
    account.set_faults(Faults.from_json({"duplicateStatuses": 0.3, "disorder": 0.3}))
    account.take(parcels(200))
    await account.settle()
    assert 480 < len(heard) < 600
    order: dict[str, list[str]] = {}
    for status in heard:
        order.setdefault(status.provider_id, []).append(status.state)
    assert any(states.index("read") < states.index("delivered") for states in order.values())
    assert all({"read", "delivered"} <= set(states) for states in order.values())
    assert all(entry.state == "read" for entry in account.outbox.entries)
