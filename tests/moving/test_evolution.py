"""`migrate-from evolution`, against answers in the shape of Evolution API's documentation and source code.

Shapes: doc.evolution-api.com/v2 (fetchInstances, findContacts, findChats, webhook/find) and EvolutionAPI/evolution-api
(src/api/services/channel.service.ts; label.router.ts). The people are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jackfield.core import Core
from jackfield.moving import SourceError

from .recorded import Answer, Home, Peer, counted, home, outcome

TOKEN = "B3844804-TOKEN-OF-THE-INSTANCE"


def contact(jid: str, name: str | None, kind: str = "contact") -> dict[str, Any]:
    """A row of findContacts."""
    return {
        "id": f"c{jid[:6]}",
        "remoteJid": jid,
        "pushName": name,
        "profilePicUrl": None,
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:00.000Z",
        "instanceId": "421a4121-a3d9-40cc-a8db-c3a1df353126",
        "isGroup": kind == "group",
        "isSaved": kind == "contact",
        "type": kind,
    }


SHOP: list[dict[str, Any]] = [
    *(contact(f"62812340{n:05}@s.whatsapp.net", f"Person {n:03}") for n in range(120)),
    contact("5511987654321@s.whatsapp.net", "Ana"),
    contact("12125550100@s.whatsapp.net", "The shop"),
    contact("12125550101@s.whatsapp.net", None, "group_member"),
    contact("12125550102@s.whatsapp.net", None, "group_member"),
    contact("99000000000001@lid", "Hidden, known"),
    contact("99000000000002@lid", "Hidden, unknown"),
    contact("120363000000000001@g.us", "Family", "group"),
]


def chat(jid: str, name: str | None, **more: Any) -> dict[str, Any]:
    """A row of findChats."""
    key = {"id": "3EB0", "fromMe": False, "remoteJid": jid, **more.pop("key", {})}
    last = {"id": "m1", "key": key, "pushName": "Somebody", "messageType": "conversation", "message": {}}
    return {"id": "c1", "remoteJid": jid, "pushName": name, "lastMessage": last, "isSaved": True, **more}


CHATS = [
    chat("12125550102@s.whatsapp.net", "Wrote once"),
    chat("12125550103@s.whatsapp.net", "In no address book", labels=["2"]),
    chat("99000000000001@lid", None, key={"remoteJidAlt": "12125550104@s.whatsapp.net"}, labels=["1"]),
    chat("120363000000000001@g.us", "Family"),
]
# As the documentation prints it, and as 2.x answers.
INSTANCES = [
    {
        "instance": {
            "instanceName": "my shop",
            "instanceId": "421a4121-a3d9-40cc-a8db-c3a1df353126",
            "owner": "12125550100@s.whatsapp.net",
            "profileName": "The shop",
            "status": "open",
            "apikey": TOKEN,
        }
    },
    {"id": "af6c5b7c", "name": "quiet", "connectionStatus": "close", "ownerJid": None, "token": TOKEN},
]
LABELS = [
    {"color": "1", "name": "New customer", "id": "1", "predefinedId": "1"},
    {"color": "2", "name": "Paid", "id": "2", "predefinedId": None},
]
HOOK = {
    "id": "clx",
    "enabled": True,
    "url": "https://shop.example/evolution",
    "headers": {"Authorization": f"Bearer {TOKEN}"},
    "webhookByEvents": False,
    "events": ["MESSAGES_UPSERT", "CONNECTION_UPDATE", "TYPEBOT_START"],
}


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """An Evolution API."""
    calls: dict[str, Answer] = {
        "GET /instance/fetchInstances": lambda *_: INSTANCES,
        "POST /chat/findContacts/my%20shop": lambda _, body: SHOP if body == {"where": {}} else (400, {}),
        "POST /chat/findChats/my%20shop": lambda *_: CHATS,
        "GET /label/findLabels/my%20shop": lambda *_: LABELS,
        "GET /webhook/find/my%20shop": lambda *_: HOOK,
        "POST /chat/findContacts/quiet": lambda *_: [contact("5511987654321@s.whatsapp.net", "Ana, elsewhere")],
        "POST /chat/findChats/quiet": lambda *_: [],
        "GET /webhook/find/quiet": lambda *_: None,
    }
    running = Peer("apikey", calls, {"status": 401, "error": "Unauthorized", "response": {"message": "Unauthorized"}})
    yield running
    running.close()


@pytest.fixture
async def here(lite: Core, tmp_path: Path) -> Home:
    """An installation to move to."""
    return await home(lite, tmp_path)


async def test_people_labels_and_webhooks_come_once(peer: Peer, here: Home) -> None:
    made = await here.desk.api.post("/profiles", {"name": "Shop", "engine": "simulator"})
    first = await here.move("evolution", f"{peer.url}/manager/", mapping={"my shop": made["id"]})
    assert counted(first, "contacts") == (126, 125, 1, 0)
    found = await here.contacts()
    assert {phone: one for phone, one in found.items() if not phone.startswith("62812340")} == {
        "5511987654321": ("Ana", [], False),
        "12125550102": ("Wrote once", [], False),
        "12125550103": ("In no address book", ["Paid"], False),
        "12125550104": ("Hidden, known", ["New customer"], False),
        "99000000000002": ("Hidden, unknown", [], False),
    }
    assert {one["name"] for one in await here.rows("/tags")} == {"New customer", "Paid"}
    (hook,) = await here.rows("/webhooks")
    assert (hook["url"], hook["enabled"], hook["profileId"]) == (HOOK["url"], False, made["id"])
    assert hook["events"] == ["message.received", "session.connected", "session.disconnected"]
    said = "\n".join(first.not_moved)
    assert "events of webhooks that have no equal here: TYPEBOT_START" in said
    assert "labels of the instance quiet" in said
    assert "people of shared groups" in said
    assert TOKEN not in repr(first.told()) + here.file.read_text()

    ended = await here.everything()
    again = await here.move("evolution", peer.url, mapping={"my shop": made["id"]})
    assert counted(again, "contacts") == (126, 0, 126, 0)
    assert (counted(again, "tags"), counted(again, "webhooks")) == ((2, 0, 2, 0), (1, 0, 1, 0))
    assert await here.everything() == ended


async def test_a_move_that_breaks_midway_goes_on_there(
    peer: Peer, here: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jackfield.moving.mover.AT_ONCE", 50)
    peer.once["findContacts/quiet"] = [(500, {})]
    with pytest.raises(SourceError, match="answered 500 to POST /chat/findContacts/quiet"):
        await here.move("evolution", peer.url)
    assert 0 < len(await here.contacts()) < 125
    peer.once["findChats"] = [(429, {"Retry-After": "0"})]
    report = await here.move("evolution", peer.url)
    assert counted(report, "contacts") == (126, 125, 1, 0)
    whole = await here.beside(tmp_path / "whole")
    assert outcome(await whole.move("evolution", peer.url)) == outcome(report)
    assert await whole.everything() == await here.everything()
    # Without --map nothing here stands for the instance.
    (refused,) = report.refusals
    assert refused.reason == "No channel here stands for my shop: --map my shop=CHANNEL."


async def test_an_address_of_something_else_and_a_wrong_key_are_said(peer: Peer, here: Home) -> None:
    with pytest.raises(SourceError, match="does not know this key or login \\(Unauthorized\\)"):
        await here.move("evolution", peer.url, key="another")
    with pytest.raises(SourceError, match="answered 404"):
        await here.move("evolution", f"{peer.url}/elsewhere")
    empty = Peer("apikey", {"GET /instance/fetchInstances": lambda *_: []}, {})
    try:
        with pytest.raises(SourceError, match="no instance that this key sees"):
            await here.move("evolution", empty.url)
    finally:
        empty.close()
