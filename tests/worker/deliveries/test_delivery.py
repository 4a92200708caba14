"""Deliveries to real receivers on loopback: what arrives, signed how, in which order, and what failures lead to."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
import zlib
from typing import Any

import msgspec
import pytest
from aiohttp import web
from sqlalchemy import func, select

from jackfield.core.egress import AllowList
from jackfield.core.ground.events import CampaignFinished, ContactCreated, MessageFailed, MessageSent, SessionQr
from jackfield.core.models import AuditEntry, Delivery, Endpoint, Event
from jackfield.core.webhooks import BaseFormat, Fact, Rendered, Target
from jackfield.db.base import now_ms
from jackfield.dialects.native.webhook import NativeFormat

BOTH = pytest.mark.parametrize("home_url", ["sqlite", "postgresql"], indirect=True)


def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """The receiver's half of Standard Webhooks, written from the specification and not from our code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 300
    return any(
        version == "v1" and hmac.compare_digest(value, expected)
        for version, _, value in (one.partition(",") for one in headers["webhook-signature"].split(" "))
    )


def by_peer(bodies: list[dict[str, Any]]) -> list[list[int]]:
    """The messages of each peer in the order in which they arrived; of a repeated one the last counts."""
    seen: dict[str, dict[int, None]] = {}
    for body in bodies:
        numbers = seen.setdefault(body["data"]["from"], {})
        numbers.pop(int(body["data"]["id"]), None)
        numbers[int(body["data"]["id"])] = None
    return [list(numbers) for numbers in seen.values()]


async def test_an_event_arrives_signed(
    home: Any, ws: int, channel: int, receiver: Any, make_worker: Any, message: Any
) -> None:
    endpoint = await home.webhooks.create(ws, url=receiver.url)
    await make_worker()
    await home.happen(ws, message(7, sender_name="Ada"), channel_id=channel)
    (body,) = await receiver.wait(1)
    headers, raw = receiver.got[0]
    assert headers["x-multiwa-event"] == "message.received"
    expected = "sha256=" + hmac.new(endpoint.secret.encode(), raw, hashlib.sha256).hexdigest()
    assert headers["x-multiwa-signature"] == expected
    assert headers["content-type"] == "application/json"
    assert verify(endpoint.secret, headers, raw)
    assert body["event"] == "message.received"
    assert body["profileId"] == str(channel)
    assert body["timestamp"].endswith("Z")
    assert len(body["timestamp"]) == 24
    data = body["data"]
    assert data["from"] == data["chatId"] == "4915112345678@c.us"
    assert data["to"] == "491700000001@c.us"
    assert (data["id"], data["messageId"], data["body"], data["type"]) == ("7", "7", "message 7", "chat")
    assert (data["hasMedia"], data["fromMe"], data["senderName"]) == (False, False, "Ada")
    assert data["timestamp"] == "2023-11-14T22:13:20.007Z"
    (row,) = await home.settled()
    assert (row.state, row.status, row.excerpt, row.attempts) == ("delivered", 200, "ok", 1)
    assert row.finished_at
    assert row.duration_ms is not None


async def test_payloads_of_other_events(home: Any, ws: int, channel: int, receiver: Any, make_worker: Any) -> None:
    await home.webhooks.create(ws, url=receiver.url)
    await make_worker()
    failed = MessageFailed(id=9, peer="4915", kind="text", timestamp=1, code="131047", error="Re-engagement message")
    await home.happen(ws, failed, channel_id=channel)
    await home.happen(ws, MessageSent(id=8, peer="1-2@g.us", chat_kind="group", kind="image", timestamp=1))
    await home.happen(ws, SessionQr(code="2@abc", expires_at=1_700_000_000_000), channel_id=channel)
    await home.happen(ws, ContactCreated(id=3, name="Ada", phone="4915"))
    await home.happen(ws, CampaignFinished(id=4, name="May", state="finished", counts={"sent": 2}))
    await receiver.wait(5)
    by_event = {body["event"]: body["data"] for body in receiver.bodies}
    assert by_event["message.failed"]["error"]["code"] == "131047"
    assert by_event["message.failed"]["error"]["remedy"]
    assert by_event["message.failed"]["from"] == "491700000001@c.us"
    assert by_event["message.sent"]["to"] == "1-2@g.us"
    assert by_event["message.sent"]["status"] == "sent"
    assert by_event["session.qr"] | {"kind": 0} == {
        "code": "2@abc",
        "qr": "2@abc",
        "kind": 0,
        "expiresAt": "2023-11-14T22:13:20.000Z",
    }
    assert by_event["contact.created"]["id"] == "3"
    assert by_event["campaign.finished"]["counts"] == {"sent": 2}


async def test_both_secrets_sign_after_a_rotation(home: Any, ws: int, receiver: Any, make_worker: Any) -> None:
    made = await home.webhooks.create(ws, url=receiver.url)
    first = made.secret
    second = (await home.webhooks.rotate(ws, made.id)).secret
    await make_worker()
    await home.happen(ws, ContactCreated(id=1))
    await receiver.wait(1)
    headers, raw = receiver.got[0]
    assert first != second
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert verify(first, headers, raw)
    assert verify(second, headers, raw)
    assert headers["x-multiwa-signature"].endswith(hmac.new(second.encode(), raw, hashlib.sha256).hexdigest())
    async with home.unit() as unit:
        (await unit.session.get(Endpoint, made.id)).old_secret_until = now_ms() - 1
    await home.happen(ws, ContactCreated(id=2))
    await receiver.wait(2)
    headers, raw = receiver.got[1]
    assert verify(second, headers, raw)
    assert not verify(first, headers, raw)


async def test_a_failed_delivery_is_tried_again_under_the_same_id(
    home: Any, ws: int, receiver: Any, make_worker: Any
) -> None:
    # At its time, however seldom work is looked for.
    home.options.poll_seconds = 3600
    answers = [500, 404, 200]
    receiver.reply = lambda request, body: web.Response(status=answers.pop(0), text="no\x00\x1b[31m")
    await home.webhooks.create(ws, url=receiver.url)
    await make_worker()
    await home.happen(ws, ContactCreated(id=1))
    (row,) = await home.settled()
    assert (row.state, row.attempts, row.status, row.excerpt) == ("delivered", 3, 200, "no[31m")
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1


async def test_given_up_after_the_whole_schedule_and_replayed(
    home: Any, ws: int, receiver: Any, make_worker: Any, pace: Any
) -> None:
    receiver.reply = lambda request, body: web.Response(status=400, text="bad " * 1000)
    endpoint = await home.webhooks.create(ws, url=receiver.url)
    worker = await make_worker()
    await home.happen(ws, ContactCreated(id=1))
    (row,) = await home.settled()
    assert (row.state, row.attempts, row.status, len(row.excerpt)) == ("parked", len(pace.retries), 400, 500)
    assert (worker.parked, worker.failed, worker.delivered) == (1, 4, 0)
    receiver.reply = lambda request, body: web.Response()
    assert await home.webhooks.deliveries.replay_failed(ws, endpoint.id) == 1
    (row,) = await home.settled()
    assert (row.state, row.attempts, row.error) == ("delivered", 1, None)
    await home.webhooks.deliveries.replay(ws, row.id)
    await receiver.wait(len(pace.retries) + 2)


@BOTH
async def test_events_of_a_peer_keep_their_order(
    home: Any, ws: int, receiver: Any, make_worker: Any, message: Any
) -> None:
    """Several peers at once, each in its order, though the receiver dawdles and slips."""
    slips = {"message 13": 2, "message 22": 1}

    async def dawdle(request: web.Request, body: dict[str, Any]) -> web.Response:
        await asyncio.sleep(0.001 * (zlib.crc32(body["data"]["body"].encode()) % 7))
        if slips.get(body["data"]["body"], 0):
            slips[body["data"]["body"]] -= 1
            return web.Response(status=500)
        return web.Response()

    receiver.reply = dawdle
    await home.webhooks.create(ws, url=receiver.url)
    await make_worker()
    slips.pop("message 13")  # a second failure lets the others pass, by design
    for start in range(0, 200, 20):
        await home.happen(ws, *(message(n, peer=f"49{n % 10}") for n in range(start, start + 20)))
    await home.settled()
    seen = by_peer(receiver.bodies)
    assert sum(map(len, seen)) == 200
    assert all(numbers == sorted(numbers) for numbers in seen)
    assert 4 <= receiver.most_flying <= 8


@BOTH
async def test_gone_disables_the_endpoint(home: Any, ws: int, receiver: Any, make_worker: Any) -> None:
    receiver.reply = lambda request, body: web.Response(status=410)
    made = await home.webhooks.create(ws, url=receiver.url)
    await make_worker()
    for n in range(5):
        await home.happen(ws, ContactCreated(id=n))

    async def disabled() -> Any:
        found = await home.webhooks.get(ws, made.id)
        return None if found.enabled else found

    found = await home.until(disabled)
    assert found.disabled_reason == "it answered 410 Gone"
    async with home.db.read() as session:
        entry = (await session.scalars(select(AuditEntry))).one()
        assert (entry.action, entry.target) == ("webhook.disabled", f"webhook:{made.id}")
        assert await session.scalar(select(func.count()).where(Event.type == "account.notice")) == 1
    count = len(receiver.got)
    await home.happen(ws, ContactCreated(id=9))
    assert {row.state for row in await home.rows()} <= {"parked", "pending"}
    assert len(receiver.got) == count
    receiver.reply = lambda request, body: web.Response()
    await home.webhooks.enable(ws, made.id)
    await home.settled()


async def test_a_redirect_is_a_failure(home: Any, ws: int, receiver: Any, receivers: Any, make_worker: Any) -> None:
    elsewhere = await receivers()

    def redirect(request: web.Request, body: Any) -> web.Response:
        return web.Response(status=307, headers={"Location": elsewhere.url})

    receiver.reply = redirect
    await home.webhooks.create(ws, url=receiver.url)
    await make_worker()
    await home.happen(ws, ContactCreated(id=1))
    (row,) = await home.settled()
    assert (row.state, row.status, row.error) == ("parked", 307, "answered 307: redirects are not followed")
    assert elsewhere.got == []


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_retry_after_is_honoured_and_bounded(
    home: Any, ws: int, receiver: Any, make_worker: Any, pace: Any, form: str
) -> None:
    times: list[float] = []
    value = "1" if form == "seconds" else time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 99999))

    def busy(request: web.Request, body: Any) -> web.Response:
        times.append(time.monotonic())
        if len(times) == 1:
            return web.Response(status=429, headers={"Retry-After": value})
        return web.Response()

    receiver.reply = busy
    await home.webhooks.create(ws, url=receiver.url)
    await make_worker(msgspec.structs.replace(pace, most_wait=1))
    await home.happen(ws, ContactCreated(id=1))
    await home.happen(ws, ContactCreated(id=2))
    await home.settled()
    assert 0.95 < times[1] - times[0] < 60


async def test_silence_is_a_timeout_and_is_tried_again(home: Any, ws: int, receiver: Any, make_worker: Any) -> None:
    class Hurried(NativeFormat):
        def timeout(self, event: Fact) -> float:
            return 0.1

    calls = 0

    async def sleepy(request: web.Request, body: Any) -> web.Response:
        nonlocal calls
        calls += 1
        if calls == 1:
            await asyncio.sleep(5)
        return web.Response()

    receiver.reply = sleepy
    await home.webhooks.create(ws, url=receiver.url)
    await make_worker(formats={"native": Hurried()})
    await home.happen(ws, ContactCreated(id=1))
    (row,) = await home.settled()
    assert (row.state, row.attempts) == ("delivered", 2)


async def test_a_huge_answer_is_cut(home: Any, ws: int, receiver: Any, make_worker: Any) -> None:
    async def endless(request: web.Request, body: Any) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"spam " * 10000)
        except ConnectionError:
            return response

    receiver.reply = endless
    await home.webhooks.create(ws, url=receiver.url)
    await make_worker()
    await home.happen(ws, ContactCreated(id=1))
    (row,) = await home.settled()
    assert (row.state, len(row.excerpt)) == ("delivered", 500)


async def test_a_test_is_tried_once(home: Any, ws: int, receiver: Any, make_worker: Any) -> None:
    receiver.reply = lambda request, body: web.Response(status=500, text="broken")
    made = await home.webhooks.create(ws, url=receiver.url, events=["session.qr"])
    await make_worker()
    delivery = await home.webhooks.test(ws, made.id)
    await home.settled()
    view = await home.webhooks.deliveries.get(ws, delivery)
    assert (view.state, view.status, view.excerpt, view.error) == ("parked", 500, "broken", "answered 500")
    assert receiver.bodies[0]["event"] == "webhook.test"
    assert receiver.bodies[0]["data"]["message"].startswith("This is a test")
    assert len(receiver.got) == 1


async def test_an_address_inside_is_never_dialled(home: Any, ws: int, receiver: Any, make_worker: Any) -> None:
    """An endpoint saved while private addresses were allowed, served when they are not."""
    await home.webhooks.create(ws, url=receiver.url)
    home.options.egress_allow = AllowList()
    await make_worker()
    await home.happen(ws, ContactCreated(id=1))

    async def said() -> Any:
        (row,) = await home.rows()
        return row.error

    assert "refused to connect" in await home.until(said)
    assert receiver.got == []


async def test_formats_have_their_say(home: Any, ws: int, receiver: Any, make_worker: Any) -> None:
    answers: list[Any] = []

    class Terse(BaseFormat):
        name = "terse"
        reads_answers = True

        def render(self, event: Fact, endpoint: Target) -> Rendered | None:
            if event.type == "session.qr":
                return None
            if event.type == "campaign.finished":
                raise KeyError("a fault of ours")
            return Rendered({"X-Terse": endpoint.settings["mood"]}, b'"' + event.type.encode() + b'"')

        async def answer(self, event: Fact, endpoint: Target, status: int, body: bytes) -> None:
            answers.append((event.type, endpoint.id, status, body))
            raise RuntimeError("must not matter")

    receiver.reply = lambda request, body: web.json_response({"response": "Thank you"})
    made = await home.webhooks.create(ws, url=receiver.url, format="terse", settings={"mood": "calm"})
    await make_worker(formats={"terse": Terse()})
    await home.happen(ws, ContactCreated(id=1), SessionQr(code="x"))
    await home.happen(ws, CampaignFinished(id=4, name="May", state="finished"))
    rows = {row.event_id: row for row in await home.settled()}
    assert answers == [("contact.created", made.id, 200, b'{"response": "Thank you"}')]
    assert receiver.got[0][0]["x-terse"] == "calm"
    assert (rows[2].state, rows[2].status, rows[2].attempts) == ("delivered", None, 0)
    assert "no such event" in rows[2].excerpt
    assert (rows[3].state, rows[3].error) == ("parked", "could not be rendered: KeyError")
    assert len(receiver.got) == 1


async def test_closing_finishes_what_is_in_flight(
    home: Any, ws: int, receiver: Any, make_worker: Any, message: Any
) -> None:
    go = asyncio.Event()

    async def slow(request: web.Request, body: Any) -> web.Response:
        await go.wait()
        return web.Response()

    receiver.reply = slow
    await home.webhooks.create(ws, url=receiver.url)
    worker = await make_worker()
    await home.happen(ws, *(message(n, peer=str(n)) for n in range(30)))
    await receiver.wait(1)
    closing = asyncio.create_task(worker.close())
    await asyncio.sleep(0)
    go.set()
    await closing
    rows = await home.rows()
    assert sum(row.state == "delivered" for row in rows) == len(receiver.got)
    assert all(row.claimed_until == 0 for row in rows)
    receiver.reply = lambda request, body: web.Response()
    await make_worker()
    await home.settled()
    assert sorted(int(body["data"]["id"]) for body in receiver.bodies) == list(range(30))


@BOTH
async def test_what_a_dead_process_had_in_hand_is_delivered_again(
    home: Any, ws: int, receiver: Any, make_worker: Any, pace: Any, message: Any
) -> None:
    stuck = asyncio.Event()

    async def hang(request: web.Request, body: Any) -> web.Response:
        await stuck.wait()
        return web.Response()

    receiver.reply = hang
    await home.webhooks.create(ws, url=receiver.url)
    short = msgspec.structs.replace(pace, claim=16.2)  # just above a request's 15 s and the margin
    first = await make_worker(short)
    await home.happen(ws, *(message(n, peer=str(n)) for n in range(10)))
    await receiver.wait(1)
    # As kill -9 would: no result is recorded, nothing is released.
    for task in (first._seeker, *first._tasks.values()):
        task.cancel()
    first._turns.clear()
    home.writer.submit = lambda *_: asyncio.get_running_loop().create_future()
    await asyncio.sleep(0)
    del home.writer.submit
    assert any(row.claimed_until > now_ms() for row in await home.rows())
    receiver.reply = lambda request, body: web.Response()
    stuck.set()
    home.options.exclusive = True
    await make_worker(short)
    rows = await home.settled()
    assert {row.state for row in rows} == {"delivered"}
    assert {int(body["data"]["id"]) for body in receiver.bodies} == set(range(10))


@BOTH
async def test_an_endpoint_deleted_in_the_middle(
    home: Any, ws: int, receiver: Any, make_worker: Any, message: Any
) -> None:
    made = await home.webhooks.create(ws, url=receiver.url)
    await make_worker()
    await home.happen(ws, *(message(n, peer=str(n)) for n in range(300)))
    await receiver.wait(5)
    await home.webhooks.delete(ws, made.id)
    async with home.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Delivery)) == 0


@BOTH
async def test_claims_that_would_lapse_are_given_back(
    home: Any, ws: int, receiver: Any, make_worker: Any, pace: Any, message: Any
) -> None:
    """A slow endpoint does not begin what its claim would not outlast, and loses nothing by it."""

    class Hurried(NativeFormat):
        def timeout(self, event: Fact) -> float:
            return 1.0

    async def slow(request: web.Request, body: Any) -> web.Response:
        await asyncio.sleep(0.05)
        return web.Response()

    receiver.reply = slow
    await home.webhooks.create(ws, url=receiver.url)
    await home.happen(ws, *(message(n, peer=str(n % 3)) for n in range(40)))
    await make_worker(msgspec.structs.replace(pace, claim=2.2), formats={"native": Hurried()})
    await home.settled()
    seen = by_peer(receiver.bodies)
    assert sum(map(len, seen)) == 40
    assert all(numbers == sorted(numbers) for numbers in seen)
