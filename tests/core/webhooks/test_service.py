"""Subscriptions, the log, replay and retention, on a real database."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update

from jackfield.core.egress import AllowList
from jackfield.core.ground.errors import Conflict, Invalid, LimitReached, NotFound
from jackfield.core.ground.events import CampaignPaused, ContactCreated, SessionQr
from jackfield.core.models import Automation, AutomationMatch, Delivery, Endpoint, Event
from jackfield.core.webhooks import URGENT
from jackfield.core.webhooks import service as service_module
from jackfield.db.base import now_ms
from jackfield.dialects.native.webhook import NativeFormat

URL = "https://example.com/hook"


OWN = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


async def test_made_with_sensible_defaults(home: Any, ws: int) -> None:
    made = await home.webhooks.create(ws, url=URL)
    found = await home.webhooks.get(ws, made.id)
    assert (found.url, found.events, found.format, found.enabled) == (URL, ["*"], "native", True)
    assert found.secret.startswith("whsec_")
    assert len(found.secret) > 40
    assert found.secret == made.secret


async def test_a_given_secret_is_kept(home: Any, ws: int) -> None:
    made = await home.webhooks.create(ws, url=URL, secret=OWN)
    assert (await home.webhooks.get(ws, made.id)).secret == OWN


@pytest.mark.parametrize(
    "secret",
    [
        "whsec_not base64 at all!!",
        "whsec_c2hvcnQ=",
        "whsec_" + "QUFB" * 22,
    ],
    ids=["no base64", "five bytes", "sixty-six bytes"],
)
async def test_a_secret_that_no_standard_webhooks_library_could_verify_is_refused(
    home: Any, ws: int, secret: str
) -> None:
    with pytest.raises(Invalid, match="After whsec_ must come the base64 of 24 to 64 bytes") as caught:
        await home.webhooks.create(ws, url=URL, secret=secret)
    assert list(caught.value.details) == ["secret"]
    made = await home.webhooks.create(ws, url=URL)
    with pytest.raises(Invalid, match="whsec_"):
        await home.webhooks.rotate(ws, made.id, secret)
    assert (await home.webhooks.get(ws, made.id)).secret == made.secret


@pytest.mark.parametrize("secret", ["my own secret", OWN.removeprefix("whsec_"), "a" * 256])
async def test_any_other_text_is_taken_as_it_is_written(home: Any, ws: int, secret: str) -> None:
    made = await home.webhooks.create(ws, url=URL, secret=secret)
    assert (await home.webhooks.get(ws, made.id)).secret == secret
    rotated = await home.webhooks.rotate(ws, made.id, secret[::-1])
    assert rotated.secret == secret[::-1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://example.com"),
        ("url", "https://user:pass@example.com/"),
        ("url", 5),
        ("url", None),
        ("events", []),
        ("events", ["message.received", "message.eaten"]),
        ("events", [1]),
        ("events", {"message.received": True}),
        ("events", 7),
        ("secret", "short"),
        ("secret", "not\nprintable"),
        ("secret", 12345678),
        ("format", "smoke signals"),
        ("format", "chatly"),
        ("settings", ["x"]),
        ("settings", {"x": "y" * 20000}),
    ],
)
async def test_what_is_wrong_is_named(home: Any, ws: int, field: str, value: Any) -> None:
    home.webhooks.use({"native": NativeFormat()})
    with pytest.raises(Invalid) as caught:
        await home.webhooks.create(ws, **{"url": URL, field: value})
    assert field in caught.value.details
    assert (await home.webhooks.list(ws)).items == []


async def test_private_addresses_are_refused_unless_allowed(home: Any, ws: int) -> None:
    assert await home.webhooks.create(ws, url="http://127.0.0.1:9/x")
    home.options.egress_allow = AllowList()
    with pytest.raises(Invalid, match="loopback"):
        await home.webhooks.create(ws, url="http://127.0.0.1:9/x")
    made = await home.webhooks.create(ws, url="https://8.8.8.8/x")
    with pytest.raises(Invalid, match="loopback"):
        await home.webhooks.update(ws, made.id, url="http://127.0.0.1:9/x")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("*", ["*"]),
        (["message.received", "*"], ["*"]),
        (
            ["message_received", "Message-Sent", "CONTACT.CREATED"],
            ["message.received", "message.sent", "contact.created"],
        ),
        (["contact.opted_out", "contactOptedOut"], ["contact.opted_out"]),
        (["session.*"], ["session.connected", "session.disconnected", "session.qr"]),
        (["message.ack"], ["message.sent", "message.delivered", "message.read", "message.failed"]),
    ],
)
async def test_events_are_understood_in_many_spellings(home: Any, ws: int, given: Any, kept: list[str]) -> None:
    home.webhooks.use({"native": NativeFormat()})
    assert (await home.webhooks.create(ws, url=URL, events=given)).events == kept


async def test_another_workspaces_webhook_is_not_found(home: Any, ws: int, other_ws: int, channel: int) -> None:
    made = await home.webhooks.create(ws, url=URL)
    delivery = await home.webhooks.test(ws, made.id)
    calls = home.webhooks, home.webhooks.deliveries
    for call in (
        lambda: calls[0].get(other_ws, made.id),
        lambda: calls[0].update(other_ws, made.id, url=URL),
        lambda: calls[0].delete(other_ws, made.id),
        lambda: calls[0].rotate(other_ws, made.id),
        lambda: calls[0].enable(other_ws, made.id),
        lambda: calls[0].disable(other_ws, made.id),
        lambda: calls[0].test(other_ws, made.id),
        lambda: calls[0].create(other_ws, url=URL, channel_id=channel),
        lambda: calls[1].list(other_ws, endpoint_id=made.id),
        lambda: calls[1].get(other_ws, delivery),
        lambda: calls[1].replay(other_ws, delivery),
        lambda: calls[1].replay_failed(other_ws, made.id),
    ):
        with pytest.raises(NotFound):
            await call()
    assert (await home.webhooks.list(other_ws)).items == []
    assert (await calls[1].list(other_ws)).items == []
    assert (await home.webhooks.get(ws, made.id)).enabled


async def test_ids_that_nobody_has_are_not_found(home: Any, ws: int) -> None:
    for id_ in (0, -1, 999, 2**63, 2**80):
        with pytest.raises(NotFound):
            await home.webhooks.get(ws, id_)
        with pytest.raises(NotFound):
            await home.webhooks.deliveries.get(ws, id_)
        with pytest.raises(NotFound):
            await home.webhooks.delete(ws, id_)


async def test_changed_switched_and_forgotten(home: Any, ws: int, channel: int) -> None:
    made = await home.webhooks.create(ws, url=URL, events=["session.qr"])
    changed = await home.webhooks.update(ws, made.id, url=URL + "2", events=["contact.created"], channel_id=channel)
    assert (changed.url, changed.events, changed.channel_id) == (URL + "2", ["contact.created"], channel)
    assert (await home.webhooks.update(ws, made.id, channel_id=None)).channel_id is None
    await home.webhooks.disable(ws, made.id)
    await home.happen(ws, ContactCreated(id=1))
    with pytest.raises(Conflict):
        await home.webhooks.test(ws, made.id)
    await home.webhooks.enable(ws, made.id)
    await home.happen(ws, ContactCreated(id=2))
    assert len(await home.rows()) == 1
    await home.webhooks.delete(ws, made.id)
    assert await home.rows() == []
    with pytest.raises(NotFound):
        await home.webhooks.get(ws, made.id)


async def test_enabling_begins_with_a_clean_slate(home: Any, ws: int) -> None:
    made = await home.webhooks.create(ws, url=URL)
    async with home.unit() as unit:
        await unit.conn.execute(update(Endpoint).values(enabled=False, disabled_reason="was dead", failing_since=5))
    found = await home.webhooks.enable(ws, made.id)
    assert (found.enabled, found.disabled_reason, found.failing_since) == (True, None, None)


async def test_the_scope_decides_what_is_owed(home: Any, ws: int, other_ws: int, channel: int) -> None:
    everything = await home.webhooks.create(ws, url=URL)
    of_channel = await home.webhooks.create(ws, url=URL, channel_id=channel)
    qr_only = await home.webhooks.create(ws, url=URL, events=["session.qr"])
    theirs = await home.webhooks.create(other_ws, url=URL)
    await home.happen(ws, SessionQr(code="1"), channel_id=channel)
    await home.happen(ws, SessionQr(code="2"), channel_id=channel + 1)
    await home.happen(ws, CampaignPaused(id=1, name="x"))
    count = {one.id: 0 for one in (everything, of_channel, qr_only, theirs)}
    for row in await home.rows():
        count[row.endpoint_id] += 1
    assert count == {everything.id: 3, of_channel.id: 2, qr_only.id: 2, theirs.id: 0}


async def test_what_is_told_is_due_when_it_was_written_not_when_its_transaction_began(home: Any, ws: int) -> None:
    """A transaction that began first and waited for another's rows writes after it: its event is told after, too."""
    await home.webhooks.create(ws, url=URL)
    await home.happen(ws, SessionQr(code="1"))
    async with home.core.unit() as unit:
        unit.now -= 60_000
        unit.emit(ws, SessionQr(code="2"))
    first, second = sorted(await home.rows(), key=lambda row: row.event_id)
    assert (first.due_at, first.id) < (second.due_at, second.id)


async def test_a_test_is_owed_to_its_endpoint_only(home: Any, ws: int) -> None:
    made = await home.webhooks.create(ws, url=URL, events=["session.qr"])
    await home.webhooks.create(ws, url=URL)
    delivery = await home.webhooks.test(ws, made.id)
    (row,) = await home.rows()
    assert (row.id, row.endpoint_id, row.due_at) == (delivery, made.id, URGENT)
    view = await home.webhooks.deliveries.get(ws, delivery)
    assert (view.event_type, view.state) == ("webhook.test", "pending")
    assert view.webhook_id == f"evt_{row.event_id}_{made.id}"


async def test_a_workspace_has_a_bound(home: Any, ws: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "MAX_ENDPOINTS", 2)
    await home.webhooks.create(ws, url=URL)
    await home.webhooks.create(ws, url=URL)
    with pytest.raises(LimitReached):
        await home.webhooks.create(ws, url=URL)


async def test_lists_come_in_pages(home: Any, ws: int) -> None:
    made = [(await home.webhooks.create(ws, url=f"{URL}{n}")).id for n in range(5)]
    first = await home.webhooks.list(ws, limit=3)
    rest = await home.webhooks.list(ws, limit=3, cursor=first.cursor)
    assert [one.id for one in first.items + rest.items] == made[::-1]
    assert rest.cursor is None


async def test_the_log_filters_and_pages(home: Any, ws: int) -> None:
    made = await home.webhooks.create(ws, url=URL)
    other = await home.webhooks.create(ws, url=URL, events=["session.qr"])
    for n in range(6):
        await home.happen(ws, ContactCreated(id=n))
    await home.happen(ws, SessionQr(code="x"))
    async with home.unit() as unit:
        await unit.conn.execute(update(Delivery).where(Delivery.id.in_([1, 2])).values(state="parked", error="no"))
        await unit.conn.execute(update(Delivery).where(Delivery.id == 3).values(error="no", attempts=1))
    log = home.webhooks.deliveries
    assert [one.id for one in (await log.list(ws, endpoint_id=made.id, state="parked")).items] == [2, 1]
    assert [one.id for one in (await log.list(ws, state="failed")).items] == [3, 2, 1]
    assert [one.event_type for one in (await log.list(ws, endpoint_id=other.id)).items] == ["session.qr"]
    assert len((await log.list(ws, event_type="contact.created")).items) == 6
    first = await log.list(ws, limit=5)
    rest = await log.list(ws, limit=5, cursor=first.cursor)
    assert [one.id for one in first.items + rest.items] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert (await log.list(ws, since=now_ms() + 1000)).items == []
    for wrong in ({"state": "eaten"}, {"limit": 0}, {"cursor": "!"}):
        with pytest.raises(Invalid):
            await log.list(ws, **wrong)


async def test_replay_of_one_and_of_all_that_failed(home: Any, ws: int) -> None:
    made = await home.webhooks.create(ws, url=URL)
    for n in range(5):
        await home.happen(ws, ContactCreated(id=n))
    async with home.unit() as unit:
        changes = update(Delivery).values(state="parked", error="no", attempts=8, finished_at=1, due_at=1)
        await unit.conn.execute(changes.where(Delivery.id <= 3))
        await unit.conn.execute(update(Delivery).where(Delivery.id == 4).values(state="delivered", finished_at=1))
    log = home.webhooks.deliveries
    await log.replay(ws, 4)
    assert await log.replay_failed(ws, made.id, since=now_ms() + 1000) == 0
    assert await log.replay_failed(ws, made.id, chunk=2) == 3
    rows = await home.rows()
    assert {row.state for row in rows} == {"pending"}
    assert [row.attempts for row in rows] == [0] * 5
    assert [row.due_at == URGENT for row in rows] == [True, False, False, True, False]
    await home.webhooks.disable(ws, made.id)
    with pytest.raises(Conflict):
        await log.replay(ws, 1)
    with pytest.raises(Conflict):
        await log.replay_failed(ws, made.id)


async def test_retention_keeps_what_is_owed(home: Any, ws: int) -> None:
    on = await home.webhooks.create(ws, url=URL)
    off = await home.webhooks.create(ws, url=URL, events=["contact.created"])
    for n in range(10):
        await home.happen(ws, ContactCreated(id=n))
    await home.webhooks.disable(ws, off.id)
    async with home.unit() as unit:
        done = update(Delivery).where(Delivery.endpoint_id == on.id)
        await unit.conn.execute(done.values(state="delivered", finished_at=1))
        await unit.conn.execute(update(Delivery).values(created_at=1))
        await unit.conn.execute(update(Event).values(created_at=1))
        still = update(Delivery).where(Delivery.endpoint_id == on.id, Delivery.event_id == 3)
        await unit.conn.execute(still.values(state="pending", finished_at=None))
        lately = update(Delivery).where(Delivery.endpoint_id == on.id, Delivery.event_id == 5)
        await unit.conn.execute(lately.values(finished_at=now_ms()))
    await home.happen(ws, SessionQr(code="young"))
    async with home.unit() as unit:
        rule = Automation(
            workspace_id=ws,
            name="R",
            folded="r",
            kind="rule",
            enabled=True,
            version=1,
            document={},
            created_at=1,
            updated_at=1,
        )
        unit.session.add(rule)
        await unit.session.flush()
        unit.session.add_all([AutomationMatch(event_id=n, automation_id=rule.id) for n in (1, 3, 11)])
    assert await service_module.prune(home.core, now_ms() - 60_000, batch=4, pause=0) == 18 + 8
    assert sorted(row.event_id for row in await home.rows()) == [3, 5, 11]
    async with home.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Event)) == 3
        met = select(AutomationMatch.event_id).order_by(AutomationMatch.event_id)
        assert [*await session.scalars(met)] == [3, 11]


async def test_the_log_by_offset_is_counted_and_has_what_was_carried(home: Any, ws: int) -> None:
    made = await home.webhooks.create(ws, url=URL)
    ids = [await home.webhooks.test(ws, made.id) for _ in range(3)]
    page = await home.webhooks.deliveries.list(ws, endpoint_id=made.id, limit=1, offset=1, with_data=True)
    assert ([one.id for one in page.items], page.total) == ([ids[1]], 3)
    single = await home.webhooks.deliveries.get(ws, ids[1])
    assert page.items[0].data == single.data
    assert single.data is not None
    plain = await home.webhooks.deliveries.list(ws, endpoint_id=made.id)
    assert (plain.total, {one.data for one in plain.items}) == (None, {None})
