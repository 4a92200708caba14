"""Log lines: of what happened and of requests, with ids and without a word of anybody."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import structlog
from structlog.testing import capture_logs

from jackfield.app import build_app
from jackfield.core import Core, Stored
from jackfield.core.ground.bus import LocalBus
from jackfield.core.ground.events import BY_TYPE
from jackfield.server import event_lines
from jackfield.server.event_lines import LINES, EventLines, code_in
from jackfield.server.log import configure_logging
from jackfield.server.startup import open_core
from jackfield.settings import Settings

from .test_request_ids import logging_as_served as logging_as_served

PRIVATE = ("628123456789", "Kim", "Your code is 4711")


def stored(type_: str, channel_id: int | None = 3, **data: Any) -> Stored:
    event = BY_TYPE[type_](**data)
    return Stored(
        id=1, workspace_id=7, channel_id=channel_id, type=type_, data=msgspec.json.encode(event).decode(), created_at=0
    )


@pytest.fixture
def bus() -> LocalBus:
    made = LocalBus()
    EventLines(made)
    return made


def message(type_: str, id_: int, code: str = "131026", **more: Any) -> Stored:
    facts = {
        "id": id_, "peer": PRIVATE[0], "kind": "text", "timestamp": 0, "body": PRIVATE[2], "state": "failed",
        "code": code, "error": f"{PRIVATE[0]} has no WhatsApp",
    }  # fmt: skip
    return stored(type_, **{**facts, **more})


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            stored("session.connected", address=PRIVATE[0], name="Kim"),
            {"event": "channel connected", "log_level": "info", "workspace": 7, "channel": 3},
        ),
        (
            stored("session.disconnected", reason="190: the token of Kim is over", permanent=True),
            {"event": "channel is down", "log_level": "warning", "workspace": 7, "channel": 3, "code": "190",
             "permanent": True},
        ),
        (
            stored("session.disconnected", reason="Kim logged out on the phone"),
            {"event": "channel is down", "log_level": "warning", "workspace": 7, "channel": 3},
        ),
        (
            stored("campaign.finished", id=9, name="For Kim", state="finished", counts={"sent": 4}),
            {"event": "campaign finished", "log_level": "info", "workspace": 7, "channel": 3, "campaign": 9,
             "counts": {"sent": 4}},
        ),
        (
            stored("import.progress", channel_id=None, filename="Kim.csv", rows=3, created=2, refused=1, done=True),
            {"event": "contacts imported", "log_level": "info", "workspace": 7, "rows": 3, "created": 2, "refused": 1},
        ),
        (
            message("message.failed", 5),
            {"event": "message failed", "log_level": "warning", "workspace": 7, "channel": 3, "message": 5,
             "code": "131026"},
        ),
    ],
)  # fmt: skip
def test_what_happened_is_logged_with_ids_and_codes(bus: LocalBus, event: Stored, line: dict[str, Any]) -> None:
    with capture_logs() as lines:
        bus.publish("events", [event])
    assert lines == [line]


def test_what_comes_in_masses_is_not_logged(bus: LocalBus) -> None:
    with capture_logs() as lines:
        bus.publish("events", [message("message.sent", 5), stored("import.progress", rows=500)])
    assert lines == []


def test_failures_by_the_thousand_are_one_line_in_ten_seconds(bus: LocalBus, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(event_lines.time, "monotonic", lambda: clock[0])
    with capture_logs() as lines:
        bus.publish("events", [message("message.failed", id_) for id_ in range(50)])
        bus.publish("events", [message("message.failed", 90, code="131047")])
        clock[0] += event_lines.EVERY_S
        bus.publish("events", [message("message.failed", 99)])
    assert [(line["message"], line["code"], line.get("not_logged")) for line in lines] == [
        (0, "131026", None),
        (90, "131047", None),
        (99, "131026", 49),
    ]


def test_every_line_is_of_an_event_and_its_fields() -> None:
    for type_, line in LINES.items():
        assert set(line.fields.values()) <= set(BY_TYPE[type_].__struct_fields__), type_
        assert not {"name", "body", "peer", "error", "filename", "address"} & set(line.fields.values()), type_


def test_of_a_reason_only_the_code_is_logged() -> None:
    assert code_in("LOGGED_OUT: unlinked on the phone") == "LOGGED_OUT"
    assert code_in("131026") == "131026"
    assert [code_in(one) for one in ("Kim logged out", "", None, "x" * 61)] == [None] * 4


@pytest.fixture
async def core(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Core]:
    async with open_core(Settings(data_dir=tmp_path, database_url=migrated_sqlite)) as core:
        await core.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
        yield core


async def lines_of(core: Core, capsys: pytest.CaptureFixture[str], path: str, **settings: Any) -> list[dict[str, Any]]:
    """The log lines of one request, as a server writes them."""
    chosen = Settings(log_format="json", **settings)
    configure_logging(chosen)
    transport = httpx.ASGITransport(app=build_app(core, chosen))
    headers = {"X-API-Key": "test-key-0123456789", "X-Request-Id": "job-7"}
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test", headers=headers) as client:
        await client.get(path)
    return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]


@pytest.fixture
def served(logging_as_served: None) -> Iterator[None]:
    yield
    structlog.contextvars.clear_contextvars()


async def test_a_slow_request_is_logged(served: None, core: Core, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = await lines_of(core, capsys, "/api/contacts/628123456789", slow_request_seconds=1e-9)
    assert line.pop("timestamp")
    assert line.pop("seconds") > 0
    assert line == {
        "event": "slow request",
        "level": "info",
        "method": "GET",
        "route": "/api/contacts/{id}",
        "status": 404,
        "request_id": "job-7",
        "workspace": 1,
    }


async def test_others_are_logged_as_a_sample(served: None, core: Core, capsys: pytest.CaptureFixture[str]) -> None:
    assert await lines_of(core, capsys, "/api/contacts") == []
    (line,) = await lines_of(core, capsys, "/api/contacts", log_requests=1)
    assert (line["event"], line["route"], line["workspace"]) == ("request", "/api/contacts", 1)


async def test_what_waits_on_purpose_is_not_slow(served: None, core: Core, capsys: pytest.CaptureFixture[str]) -> None:
    assert await lines_of(core, capsys, "/api/contacts?wait=20", slow_request_seconds=1e-9) == []


async def test_a_failed_request_is_logged(
    served: None, core: Core, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(core.contacts, "get", fail)
    lines = await lines_of(core, capsys, "/api/contacts/5")
    assert [line["event"] for line in lines] == ["unexpected failure", "failed request"]
    assert [(line["request_id"], line["workspace"]) for line in lines] == [("job-7", 1)] * 2
    assert lines[1]["status"] == 500
