"""What a server tells Prometheus: what is counted, by which names and labels, and that addresses are never among them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from jackfield.app import build_app
from jackfield.core import Claimed, Core, Meters, OutcomeUnknown, Rejected
from jackfield.core.ground import meters
from jackfield.core.port import Sent
from jackfield.server import metrics as server_metrics
from jackfield.server.metrics import LoopLag
from jackfield.server.startup import open_core
from jackfield.settings import Settings
from jackfield.worker.channel.sends import Sends

CLAIMED = Claimed(
    id=1, workspace_id=1, campaign_id=0, peer="62812", kind="text", content=None, variables=None, category="service",
    lane=0, tag=None, template=None, source=None, reply_to=None, contact_id=None, attempts=1, provider_id=None, due_at=0,
    created_at=0,
)  # fmt: skip


class Watched:
    """A server's app, and what it tells."""

    def __init__(self, core: Core, client: httpx.AsyncClient) -> None:
        self.core, self.client = core, client

    async def samples(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        page = (await self.client.get("/metrics")).text
        families = text_string_to_metric_families(page)
        return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}

    async def value(self, name: str, **labels: str) -> float | None:
        return (await self.samples()).get((f"jackfield_{name}", frozenset(labels.items())))


@pytest.fixture
async def watched(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Watched]:
    settings = Settings(data_dir=tmp_path, database_url=migrated_sqlite)
    async with open_core(settings) as core:
        transport = httpx.ASGITransport(app=build_app(core, settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
            yield Watched(core, client)


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/api/contacts/628123456789", "/api/contacts/{id}", "401"),
        ("POST", "/api/messages/text", "/api/messages/text", "401"),
        ("HEAD", "/api/contacts/", "/api/contacts", "401"),
        ("PATCH", "/api/v1/profiles/4/", "/api/v1/profiles/{id}", "401"),
        ("POST", "/hooks/628123456789", "/hooks/{profile}", "404"),
        ("GET", "/hooks/628123456789", "/hooks/{profile}", "404"),
        ("GET", "/l/628123456789", "/l/{code}", "404"),
        ("GET", "/chattu/api/clients", "/chattu/api/clients", "401"),
        ("GET", "/api/nowhere/628123456789", "/api/*", "404"),
        ("GET", "/pabbly/nowhere/628123456789", "/pabbly/*", "404"),
        ("GET", "/nowhere/628123456789", "none", "404"),
        ("GET", "/healthz", "/healthz", "200"),
    ],
)
async def test_requests_are_counted_by_the_template_of_their_route(
    watched: Watched, method: str, path: str, route: str, status: str
) -> None:
    await watched.client.request(method, path)
    found = await watched.samples()
    labels = {("method", method), ("route", route)}
    assert found["jackfield_http_requests_total", frozenset(labels | {("status", status)})] == 1
    assert found["jackfield_http_request_seconds_count", frozenset(labels)] == 1
    assert "628123456789" not in (await watched.client.get("/metrics")).text


async def test_what_lasts_on_purpose_is_counted_and_not_timed(watched: Watched) -> None:
    for path in ("/api/contacts?wait=5", "/api/events"):
        await watched.client.get(path)
    found = await watched.samples()
    counted = {dict(labels)["route"] for name, labels in found if name == "jackfield_http_requests_total"}
    timed = {dict(labels)["route"] for name, labels in found if name == "jackfield_http_request_seconds_count"}
    assert counted == {"/api/contacts", "/api/events"}
    assert timed == set()


async def test_a_method_that_nobody_knows_makes_no_label(watched: Watched) -> None:
    await watched.client.request("SPILL", "/api/contacts")
    assert await watched.value("http_requests_total", method="none", route="/api/*", status="405") == 1


async def test_a_request_that_fails_in_an_unforeseen_way_counts_as_500(watched: Watched) -> None:
    transport = httpx.ASGITransport(app=build_app(watched.core, Settings()), raise_app_exceptions=False)

    async def fail() -> bytes:
        raise ZeroDivisionError

    watched.core.backlog.look = fail  # type: ignore[assignment,method-assign]
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
        page = (await client.get("/metrics")).text
    assert "jackfield_database_up 0.0" in page
    assert "jackfield_http_requests_total" in page
    assert "jackfield_queue_messages{" not in page


async def test_the_queues_are_told(watched: Watched) -> None:
    assert await watched.value("database_up") == 1
    assert await watched.value("queue_messages", lane="service") == 0
    assert await watched.value("queue_oldest_seconds", lane="marketing") == 0
    assert await watched.value("backlog_items", queue="webhooks") == 0
    assert await watched.value("db_connections_max", pool="writer") == 1
    assert await watched.value("db_connections", pool="reader", state="in_use") is not None


def test_sends_are_counted_by_what_came_of_them() -> None:
    counted = Meters()
    sends = Sends(counted, "whatsapp_cloud")
    sends.note(CLAIMED, Sent(provider_id="a"), 0.03)
    sends.note(CLAIMED, Rejected("131026", "no WhatsApp there"), 0.2)
    sends.note_many(
        [CLAIMED] * 3, [Sent(provider_id="b"), OutcomeUnknown("timeout", "no answer"), ZeroDivisionError()], 40.0
    )
    told = {outcome: number for (_, outcome), number in counted.sends.values.items()}
    assert told == {"sent": 2, "rejected": 1, "unknown": 1, "failed": 1}
    ((labels, row),) = counted.send_seconds.values.items()
    assert labels == ("whatsapp_cloud",)
    assert row[0] == pytest.approx(0.23 + 120)
    assert row[1:] == [0, 1, 1, 0, 0, 0, 0, 0, 3]


def test_a_meter_is_bounded_whatever_its_labels_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meters, "MOST_LABELS", 2)
    count, times = meters.Count("c", "", "id"), meters.Times("t", "", "id", bounds=(1,), most=2)
    for number in range(5):
        count.add((str(number),))
        times.observe((str(number),), 0.5)
    count.add(("0",))
    assert count.values == {("0",): 2, ("1",): 1, ("other",): 3}
    assert {labels: row[1] for labels, row in times.values.items()} == {("0",): 1, ("1",): 1, ("other",): 3}


async def test_a_loop_that_is_held_up_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_metrics, "TICK_S", 0.01)
    counted = Meters()
    lag = LoopLag(counted)
    lag.start()
    try:
        loop = asyncio.get_running_loop()
        until = loop.time() + 0.06
        while loop.time() < until:  # what holds up the loop is just this
            pass
        while not counted.loop_lag.values:
            await asyncio.sleep(0)
    finally:
        lag.stop()
    assert lag.most > 0.03
    assert counted.loop_lag.values[()][0] > 0.03
