"""Every callback that is answered 200 is applied, or kept raw with the reason, visible and replayable."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jackfield.core.networks.inbound import problems, receipts
from jackfield.core.networks.intake import service
from jackfield.engines.whatsapp_cloud import incoming

from .conftest import KEY, NUMBER, PERSON, Door, text, value, webhook


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"this is no JSON", "unreadable"),
        (b"\xff\xfe\x00", "unreadable"),
        (b"[" * 5000, "unreadable"),
        (b"[]", "not_understood"),
        (b'{"entry": []}', "not_understood"),
        (b'{"entry": [{"id": "1", "changes": []}]}', "not_understood"),
    ],
    ids=["not JSON", "not UTF-8", "nested without end", "no object", "no entry", "no change"],
)
async def test_a_body_that_cannot_be_read_is_kept_as_it_came(door: Door, body: bytes, reason: str) -> None:
    channel = await door.number()
    answer = await door.post(channel.id, body)
    assert answer.status_code == 200
    (problem,) = await door.problems()
    assert (problem["reason"], problem["profileId"], problem["status"]) == (reason, str(channel.id), "open")
    shown = (await door.api("GET", f"/inbound/problems/{problem['id']}"))["raw"]
    if body.isascii() and not body.startswith(b"["):
        assert shown == (body.decode() if reason == "unreadable" else json.loads(body))
    assert [data["reason"] for _, data in await door.events("inbound.problem")] == [reason]


async def test_what_is_not_understood_is_kept_and_takes_nothing_good_with_it(door: Door) -> None:
    channel = await door.number()
    good, bad = text("wamid.good"), {"id": "wamid.bad", "type": "edit", "from": "16505551234"}
    assert (await door.post(channel.id, webhook(value(bad, good)))).status_code == 200
    assert [one["text"] for one in await door.messages(channel)] == ["Hi"]
    (problem,) = await door.problems()
    assert (problem["reason"], problem["kind"]) == ("not_understood", "messages")
    raw = (await door.api("GET", f"/inbound/problems/{problem['id']}"))["raw"]
    assert raw["entry"][0]["changes"][0]["value"]["messages"] == [bad]


async def test_the_same_callback_again_is_no_second_problem(door: Door) -> None:
    channel = await door.number()
    for _ in range(3):
        await door.post(
            channel.id, webhook({"metadata": {"phone_number_id": NUMBER}, "news": 1}, field="something_new")
        )
    assert len(await door.problems()) == 1
    assert len(await door.events("inbound.problem")) == 1


async def test_a_replay_applies_what_is_understood_by_now_and_a_second_one_changes_nothing(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await door.number()
    with monkeypatch.context() as earlier:

        def not_yet(*_: Any) -> Any:
            raise KeyError("a version that does not know this")

        earlier.setattr(incoming, "content_of", not_yet)
        await door.post(channel.id, webhook(value(text("wamid.later"))))
        (problem,) = await door.problems()
        path = f"/inbound/problems/{problem['id']}/replay"
        assert (await door.api("POST", path))["status"] == "open"
        assert await door.messages(channel) == []
    replayed = await door.api("POST", path)
    assert (replayed["status"], replayed["attempts"]) == ("resolved", 2)
    assert [one["text"] for one in await door.messages(channel)] == ["Hi"]
    assert (await door.api("POST", path))["attempts"] == 2
    assert len(await door.messages(channel)) == 1
    assert await door.problems() == []
    assert [one["id"] for one in await door.problems(status="resolved")] == [problem["id"]]


async def test_what_cannot_be_stored_is_kept_and_not_asked_for_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that no database can hold would be sent again for a week, with all that came beside it."""
    channel = await door.number()
    real = service.incoming_batch

    async def one_is_poison(unit: Any, items: Any) -> Any:
        if any(item.message.provider_id == "wamid.poison" for item in items):
            raise ValueError("secret words of a person")
        return await real(unit, items)

    with monkeypatch.context() as broken:
        broken.setattr(service, "incoming_batch", one_is_poison)
        answer = await door.post(channel.id, webhook(value(text("wamid.poison", "bad"), text("wamid.good", "good"))))
    assert answer.status_code == 200
    assert [one["text"] for one in await door.messages(channel)] == ["good"]
    (problem,) = await door.problems(reason="not_applied")
    assert problem["kind"] == "Incoming"
    assert "secret words" not in str(problem)
    assert (await door.api("POST", f"/inbound/problems/{problem['id']}/replay"))["status"] == "resolved"
    assert [one["text"] for one in await door.messages(channel)] == ["good", "bad"]


async def test_what_the_database_refuses_for_now_is_asked_for_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await door.number()

    async def busy(*_: Any) -> Any:
        raise OSError("the database is out of reach")

    with monkeypatch.context() as down:
        down.setattr(service, "incoming_batch", busy)
        assert (await door.post(channel.id, webhook(value(text("wamid.1"))))).status_code == 503
    assert await door.problems() == []
    assert (await door.post(channel.id, webhook(value(text("wamid.1"))))).status_code == 200
    assert len(await door.messages(channel)) == 1


async def test_a_receipt_of_a_message_that_is_not_ours_is_kept(door: Door) -> None:
    channel = await door.number()
    receipt = {"id": "wamid.elsewhere", "status": "read", "timestamp": "1790000000", "recipient_id": "16505551234"}
    await door.post(channel.id, webhook(value(statuses=[receipt])))
    (problem,) = await door.problems()
    assert (problem["reason"], problem["kind"]) == ("unknown_message", "Status")


def receipt(id_: str, state: str = "read") -> dict[str, Any]:
    """A receipt as Meta sends it."""
    return {"id": id_, "status": state, "timestamp": "1790000000", "recipient_id": "16505551234"}


async def test_receipts_of_another_program_are_counted_by_channel_and_push_nothing_out(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also: states of one message, receipts within one callback, and another channel, whose own are untouched."""
    monkeypatch.setattr(receipts, "MAX_RECEIPTS", 3)
    monkeypatch.setattr(problems, "MAX_ROWS", 8)
    monkeypatch.setattr(problems, "TRIM_EVERY", 1)
    channel, other = await door.number(), await door.number("999")
    await door.post(channel.id, b"what a person has to look at")
    await door.post(other.id, webhook(value(statuses=[receipt("wamid.other")], number="999")))
    for place in range(10):
        many = [receipt(f"wamid.{place}", state) for state in ("sent", "delivered")]
        await door.post(channel.id, webhook(value(statuses=many)))
    found = await door.problems(profileId=channel.id)
    assert [one["reason"] for one in found].count("unreadable") == 1
    assert [one["kind"] for one in found if one["reason"] == "unknown_message"].count("Status") == 3
    (counting,) = [one for one in found if one["kind"] == "Receipts"]
    assert counting["detail"].startswith("17 more receipts")
    shown = await door.api("GET", f"/inbound/problems/{counting['id']}")
    assert shown["raw"]["receipts"]["count"] == 17
    assert [one["kind"] for one in await door.problems(profileId=other.id)] == ["Status"]
    kinds = [data["kind"] for _, data in await door.events("inbound.problem")]
    assert kinds.count("Receipts") == 1
    assert kinds.count("Status") <= 5, "the other channel's, and this one's until there were too many"


async def test_a_count_of_receipts_is_not_replayed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "MAX_RECEIPTS", 1)
    channel = await door.number()
    await door.post(channel.id, webhook(value(statuses=[receipt("wamid.1"), receipt("wamid.2")])))
    (counting,) = [one for one in await door.problems() if one["kind"] == "Receipts"]
    again = await door.api("POST", f"/inbound/problems/{counting['id']}/replay")
    assert (again["status"], again["detail"]) == ("open", counting["detail"])


async def test_the_newest_receipts_wait_for_the_echo_of_their_message(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "MAX_RECEIPTS", 2)
    channel = await door.number()
    for id_ in ("wamid.1", "wamid.2", "wamid.3", "wamid.ours"):
        await door.post(channel.id, webhook(value(statuses=[receipt(id_)])))
    echo = {"from": "15550783881", "to": PERSON, "id": "wamid.ours", "timestamp": "1790000000", "type": "text",
            "text": {"body": "Hi"}}  # fmt: skip
    metadata = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
    await door.post(channel.id, webhook({"metadata": metadata, "message_echoes": [echo]}, field="smb_message_echoes"))
    assert [one["status"] for one in await door.messages(channel)] == ["read"]


@pytest.mark.parametrize("body", [b"no JSON", b"[]", b'{"update_id": 1, "message": "\xff"}', b'{"update_id": 7}'])
async def test_a_telegram_update_that_cannot_be_read_is_kept(door: Door, body: bytes) -> None:
    """Telegram would send it again and again, and nothing else until it is taken."""
    channel, headers = await door.bot()
    answer = await door.client.post(f"/hooks/{channel.id}", content=body, headers=headers)
    assert answer.status_code == 200
    assert len(await door.problems(profileId=channel.id)) == 1


async def test_problems_are_filtered_and_paged(door: Door) -> None:
    one, other = await door.number(), await door.number("999")
    for place in range(3):
        await door.post(one.id, f"broken {place}".encode())
    await door.post(other.id, webhook({"metadata": {"phone_number_id": "999"}, "x": 1}, field="new"))
    assert {row["profileId"] for row in await door.problems(profileId=other.id)} == {str(other.id)}
    assert len(await door.problems(reason="unreadable")) == 3
    assert await door.problems(until="2020-01-01T00:00:00Z") == []
    assert len(await door.problems(**{"from": "2020-01-01T00:00:00Z"})) == 4
    seen, cursor = [], None
    while True:
        params = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        answer = await door.client.get("/api/inbound/problems", params=params, headers={"X-API-Key": KEY})
        seen += [row["id"] for row in answer.json()["data"]]
        cursor = answer.json()["meta"]["cursor"]
        if cursor is None:
            break
    assert seen == sorted(seen, key=int, reverse=True)
    assert len(seen) == 4
    refused = await door.client.get("/api/inbound/problems", params={"reason": "x"}, headers={"X-API-Key": KEY})
    assert refused.status_code == 400


async def test_many_are_replayed_at_once(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = await door.number()
    with monkeypatch.context() as earlier:
        earlier.setattr(incoming, "content_of", lambda _: {}["no such word"])
        for place in range(3):
            await door.post(channel.id, webhook(value(text(f"wamid.{place}"))))
    await door.post(channel.id, b"never readable")
    monkeypatch.setattr("jackfield.core.networks.inbound.service.REPLAYED_AT_ONCE", 3)
    first = await door.api("POST", "/inbound/problems/replay", json={})
    assert (first["tried"], first["resolved"]) == (3, 3)
    second = await door.api("POST", "/inbound/problems/replay", json={"cursor": first["cursor"]})
    assert second == {"tried": 1, "resolved": 0, "cursor": None}
    assert len(await door.messages(channel)) == 3


async def test_the_metrics_count_problems_by_reason(door: Door) -> None:
    channel = await door.number()
    await door.post(channel.id, b"broken")
    await door.post(channel.id, b"broken too")
    page = (await door.client.get("/metrics")).text
    assert 'jackfield_inbound_problems_total{reason="unreadable"} 2.0' in page


async def test_kept_problems_are_bounded(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "MAX_ROWS", 4)
    monkeypatch.setattr(problems, "TRIM_EVERY", 5)
    channel = await door.number()
    for place in range(10):
        await door.post(channel.id, f"broken {place}".encode())
    assert len(await door.problems()) == 4
    monkeypatch.setattr(problems, "LARGE", 100)
    monkeypatch.setattr(problems, "MAX_SIZE", 1000)
    await door.post(channel.id, b"x" * 985)
    assert len(await door.problems()) == 1


async def test_old_problems_are_removed(door: Door) -> None:
    channel = await door.number()
    await door.post(channel.id, b"broken")
    (problem,) = (await door.core.inbound.list(door.workspace_id)).items
    assert await door.core.inbound.prune(problem.created_at) == 0
    assert await door.core.inbound.prune(problem.created_at + 1) == 1
    assert await door.problems() == []


async def test_what_was_kept_is_encrypted_at_rest(door: Door) -> None:
    from sqlalchemy import text as sql

    channel = await door.number()
    await door.post(channel.id, b"words of a person")
    async with door.core.db.read() as session:
        stored = (await session.execute(sql("SELECT payload FROM inbound_problems"))).scalar_one()
    assert b"words" not in bytes(stored)
