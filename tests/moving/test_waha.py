"""`migrate-from waha`, against answers in the shape of WAHA's documentation.

Shapes: waha.devlike.pro/docs/how-to/{sessions,contacts,chats,labels,events}. The people are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jackfield.core import Core
from jackfield.core.ground.events import BY_TYPE
from jackfield.moving import SourceError, evolution, waha
from jackfield.moving.chatwoot import EVENTS as OF_CHATWOOT

from .recorded import KEY, Answer, Home, Peer, counted, home, outcome, paged

SECRET = "hook-secret-key"


def contact(number: str, name: str | None, **more: Any) -> dict[str, Any]:
    """A row of "Get all contacts"."""
    return {
        "id": f"{number}@c.us",
        "number": number,
        "name": name,
        "pushname": None,
        "shortName": None,
        "isMe": False,
        "isGroup": False,
        "isWAContact": True,
        "isMyContact": True,
        "isBlocked": False,
        **more,
    }


MANY = [contact(f"62812340{n:05}", f"Person {n:03}") for n in range(120)]
CONTACTS: list[dict[str, Any]] = sorted(
    [
        *MANY,
        contact("5511987654321", "Ana", isBlocked=True),
        contact("12125550100", "The shop", isMe=True),
        contact("12125550101", None, pushname="Stranger in a group", isMyContact=False),
        contact("12125550102", None, pushname="Wrote once", isMyContact=False),
        {"id": "120363000000000001@g.us", "name": "Family", "isGroup": True},
        {"id": "99000000000001@lid", "name": "Hidden, known", "isMyContact": True},
        {"id": "99000000000002@lid", "pushname": "Hidden, unknown", "isMyContact": True},
        {"id": "99000000000003@lid", "pushname": "Hidden stranger"},
    ],
    key=lambda one: str(one["id"]),
)
CHATS = [
    {"id": {"server": "c.us", "user": "12125550102", "_serialized": "12125550102@c.us"}, "name": "Wrote once"},
    {"id": "12125550103@c.us", "name": "In no address book"},
    {"id": "120363000000000001@g.us", "name": "Family"},
    {"id": "status@broadcast", "name": None},
]
HOOKS: list[dict[str, Any]] = [
    {
        "url": "https://shop.example/waha?token=hook-secret-key",
        "events": ["message", "message.ack", "presence.update"],
        "hmac": {"key": SECRET},
        "retries": {"policy": "constant", "delaySeconds": 2, "attempts": 15},
        "customHeaders": [{"name": "X-My-Custom-Header", "value": SECRET}],
    },
    {"url": f"https://user:{SECRET}@shop.example/polls", "events": ["poll.vote"]},
]
SESSIONS: list[dict[str, Any]] = [
    {
        "name": "default",
        "status": "WORKING",
        "config": {"metadata": {}, "webhooks": HOOKS},
        "me": {"id": "12125550100@c.us", "pushName": "The shop"},
        "engine": {"engine": "WEBJS"},
    },
    {"name": "old", "status": "STOPPED", "config": {}, "me": None, "engine": {"engine": "WEBJS"}},
]
LABELS = [
    {"id": "1", "name": "New Client", "color": 1, "colorHex": "#64c4ff"},
    {"id": "2", "name": "Unused", "color": 2, "colorHex": "#ffd429"},
]


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """A WAHA."""
    labelled = [{"id": {"_serialized": "5511987654321@c.us"}}, {"id": "99000000000001@lid"}]
    calls: dict[str, Answer] = {
        "GET /api/sessions": lambda query, _: SESSIONS if query.get("all") == "true" else SESSIONS[:1],
        "GET /api/contacts/all": lambda query, _: (
            paged(CONTACTS)(query, _) if query["session"] == "default" else (422, {})
        ),
        "GET /api/default/lids": paged([{"lid": "99000000000001@lid", "pn": "12125550104@c.us"}]),
        "GET /api/default/labels": lambda *_: LABELS,
        "GET /api/default/labels/1/chats": lambda *_: labelled,
        "GET /api/default/labels/2/chats": lambda *_: [],
        "GET /api/default/chats": paged(CHATS),
    }
    running = Peer("X-Api-Key", calls, {"message": "Unauthorized", "statusCode": 401})
    yield running
    running.close()


@pytest.fixture
async def here(lite: Core, tmp_path: Path) -> Home:
    """An installation to move to."""
    return await home(lite, tmp_path)


async def test_people_labels_and_webhooks_come_once(peer: Peer, here: Home) -> None:
    dry = await here.move("waha", f"{peer.url}/dashboard", dry=True)
    assert (counted(dry, "contacts")[0], await here.contacts()) == (125, {})

    made = await here.desk.api.post("/profiles", {"name": "Shop", "engine": "simulator"})
    first = await here.move("waha", peer.url, mapping={"default": made["id"]})
    assert counted(first, "contacts") == (125, 125, 0, 0)
    found = await here.contacts()
    assert {phone: one for phone, one in found.items() if not phone.startswith("62812340")} == {
        "5511987654321": ("Ana", ["New Client"], True),
        "12125550102": ("Wrote once", [], False),
        "12125550103": ("In no address book", [], False),
        "12125550104": ("Hidden, known", ["New Client"], False),
        "99000000000002": ("Hidden, unknown", [], False),
    }
    assert {one["name"] for one in await here.rows("/tags")} == {"New Client", "Unused"}
    (hook,) = await here.rows("/webhooks")
    assert (hook["url"], hook["enabled"], hook["profileId"]) == (HOOKS[0]["url"], False, made["id"])
    assert hook["events"] == ["message.received", *waha.STATES]
    (refused,) = first.refusals
    assert (refused.kind, refused.value) == ("webhooks", "https://shop.example/polls")
    assert refused.reason == "None of its events has an equal here: poll.vote."
    said = "\n".join(first.not_moved)
    assert "events of webhooks that have no equal here: presence.update" in said
    assert "the session old: it is STOPPED" in said
    assert "people of shared groups" in said
    assert SECRET not in repr(first.told()) + here.file.read_text()

    ended = await here.everything()
    again = await here.move("waha", peer.url, mapping={"default": made["id"]})
    assert counted(again, "contacts") == (125, 0, 125, 0)
    assert (counted(again, "tags"), counted(again, "webhooks")) == ((2, 0, 2, 0), (2, 0, 1, 1))
    assert await here.everything() == ended


async def test_a_move_that_breaks_midway_goes_on_there(
    peer: Peer, here: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jackfield.moving.mover.AT_ONCE", 50)
    peer.once["offset=100"] = [(500, {})]
    with pytest.raises(SourceError, match="answered 500 to GET /api/contacts/all"):
        await here.move("waha", peer.url)
    assert 0 < len(await here.contacts()) < 125
    peer.once["/labels"] = [(429, {"Retry-After": "0"})]
    report = await here.move("waha", peer.url)
    assert counted(report, "contacts") == (125, 125, 0, 0)
    whole = await here.beside(tmp_path / "whole")
    assert outcome(await whole.move("waha", peer.url)) == outcome(report)
    assert await whole.everything() == await here.everything()


async def test_an_address_of_something_else_and_a_wrong_key_are_said(peer: Peer, here: Home) -> None:
    with pytest.raises(SourceError, match="does not know this key") as found:
        await here.move("waha", peer.url, key="another")
    assert "another" not in str(found.value)
    with pytest.raises(SourceError, match="answered 404"):
        await here.move("waha", f"{peer.url}/elsewhere")


async def test_a_waha_without_labels_lids_and_chats_gives_its_address_book(here: Home) -> None:
    calls: dict[str, Answer] = {
        "GET /api/sessions": lambda *_: SESSIONS[:1],
        # An engine without pages gives all, however many are asked for.
        "GET /api/contacts/all": lambda *_: CONTACTS,
        "GET /api/default/labels": lambda *_: (501, {"message": "not implemented"}),
    }
    bare = Peer("X-Api-Key", calls, {})
    try:
        report = await here.move("waha", bare.url)
    finally:
        bare.close()
    found = await here.contacts()
    assert len(found) == 123
    assert found["5511987654321"] == ("Ana", [], True)
    assert {"99000000000001", "99000000000002"} <= found.keys()
    assert sum("WAHA shows n" in one for one in report.not_moved) == 3
    assert KEY not in repr(bare.asked)


def test_events_are_mapped_on_events_that_there_are() -> None:
    for table in (waha.EVENTS, evolution.EVENTS, OF_CHATWOOT):
        assert {name for names in table.values() for name in names} <= {*BY_TYPE, "*"}
