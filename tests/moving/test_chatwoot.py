"""`migrate-from chatwoot`, against answers in the shape of Chatwoot's OpenAPI.

Shapes: swagger/ of chatwoot/chatwoot (contacts_list_response, contact_list_item, label, webhook, canned_response, agent,
inbox, team, profile). The people are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jackfield.core import Core
from jackfield.moving import SourceError

from .recorded import Answer, Home, Peer, counted, home, outcome

PAGE = 15
SECRET = "provider-secret"


def contact(id_: int, name: str, phone: str | None, **more: Any) -> dict[str, Any]:
    """A row of the list of contacts."""
    return {
        "additional_attributes": {},
        "availability_status": "offline",
        "email": None,
        "id": id_,
        "name": name,
        "phone_number": phone,
        "blocked": False,
        "identifier": None,
        "thumbnail": "",
        "custom_attributes": {},
        "last_activity_at": 1767225600,
        "created_at": 1767225600,
        "contact_inboxes": [],
        **more,
    }


def inbox_of(kind: str, source: str) -> dict[str, Any]:
    """Where a contact is known."""
    inbox = {"id": 1, "avatar_url": "", "channel_id": 1, "name": "Front", "channel_type": kind, "provider": None}
    return {"source_id": source, "inbox": inbox}


CONTACTS: list[dict[str, Any]] = [
    *(contact(n, f"Person {n:03}", f"+62812340{n:05}") for n in range(1, 61)),
    contact(
        61,
        "Ana",
        "+5511987654321",
        email="ana@example.com",
        blocked=True,
        identifier="crm-7",
        custom_attributes={"plan": "gold", "seats": 3, "empty": None},
        additional_attributes={
            "city": "São Paulo",
            "country": "Brazil",
            "country_code": "BR",
            "company_name": "Ana Ltda",
            "created_at_ip": "192.0.2.1",
        },
    ),
    contact(62, "By e-mail", None, email="mail@example.com"),
    contact(63, "By WhatsApp", None, contact_inboxes=[inbox_of("Channel::Whatsapp", "12125550103")]),
    contact(64, "By Telegram", None, contact_inboxes=[inbox_of("Channel::Telegram", "700000001")]),
    contact(65, "By identifier", None, identifier="crm-9"),
    # No number of anybody, and part of Ana's.
    contact(66, "By half a number", "+5511987"),
]
LABELS = {"vip": {3, 61, 64}, "unused": set[int]()}
HOOKS = [
    {
        "id": 1,
        "url": "https://shop.example/chatwoot",
        "account_id": 2,
        "subscriptions": ["message_created", "conversation_updated", "webwidget_triggered"],
    }
]
CANNED = [
    {"id": 1, "account_id": 2, "short_code": "opening hours", "content": "Hi {{ contact.first_name }}, 9 to 5."},
    {"id": 2, "account_id": 2, "short_code": "case", "content": "Your case is {{conversation.id}}."},
]
AGENTS = [
    {"id": 1, "account_id": 2, "email": "boss@example.com", "name": "Boss", "role": "administrator", "confirmed": True},
    {"id": 2, "account_id": 2, "email": "agent@example.com", "name": "Agent", "role": "agent", "confirmed": True},
]
ACCOUNTS = [{"id": 2, "name": "Shop", "role": "administrator"}, {"id": 3, "name": "Other", "role": "agent"}]


def listed(rows: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    """A page of contacts, with how many there are."""
    page = int(query.get("page", 1))
    meta = {"count": len(rows), "current_page": str(page)}
    return {"meta": meta, "payload": rows[(page - 1) * PAGE : page * PAGE]}


def filtered(query: dict[str, str], body: Any) -> Any:
    """Contacts with a label."""
    (rule,) = body["payload"]
    assert (rule["attribute_key"], rule["filter_operator"]) == ("labels", "equal_to")
    return listed([one for one in CONTACTS if one["id"] in LABELS[rule["values"][0]]], query)


BASE = "/api/v1/accounts/2"
CALLS: dict[str, Answer] = {
    "GET /api/v1/profile": lambda *_: {"id": 1, "name": "Boss", "accounts": ACCOUNTS},
    f"GET {BASE}/contacts": lambda query, _: listed(CONTACTS, query) if query["sort"] == "phone_number" else (400, {}),
    f"GET {BASE}/labels": lambda *_: {"payload": [{"id": 1, "title": one, "color": "#1f93ff"} for one in LABELS]},
    f"POST {BASE}/contacts/filter": filtered,
    f"GET {BASE}/webhooks": lambda *_: {"payload": {"webhooks": HOOKS}},
    f"GET {BASE}/canned_responses": lambda *_: CANNED,
    f"GET {BASE}/agents": lambda *_: AGENTS,
    f"GET {BASE}/teams": lambda *_: [{"id": 1, "name": "sales", "account_id": 2}],
    f"GET {BASE}/inboxes": lambda *_: {
        "payload": [{"id": 1, "name": "Front", "channel_type": "Channel::Whatsapp", "provider_config": SECRET}]
    },
}
NOTES = {
    61: [
        {"id": 2, "content": "Prefers mornings.", "user": {"id": 2, "name": "Agent"}, "created_at": 1767312000},
        {"id": 1, "content": "Asked for a quote.", "user": {"id": 1, "name": "Boss"}, "created_at": 1767225600},
    ],
    62: [{"id": 3, "content": "By post only.", "user": None, "created_at": None}],
    66: [{"id": 5, "content": "Not about Ana.", "user": None, "created_at": 1767225600}],
    65: [{"id": 4, "content": "Nobody here.", "user": None, "created_at": 1767225600}],
}
for _one in CONTACTS:
    CALLS[f"GET {BASE}/contacts/{_one['id']}/notes"] = lambda *_, id_=_one["id"]: NOTES.get(id_, [])
REFUSAL = {"error": "Invalid Access Token"}


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """A Chatwoot."""
    running = Peer("api_access_token", CALLS, REFUSAL)
    yield running
    running.close()


@pytest.fixture
async def here(lite: Core, tmp_path: Path) -> Home:
    """An installation to move to."""
    return await home(lite, tmp_path)


async def test_what_chatwoot_shows_comes_once(peer: Peer, here: Home) -> None:
    url = f"{peer.url}/app/accounts/2/contacts"
    first = await here.move("chatwoot", url, team=True)
    assert counted(first, "contacts") == (66, 64, 0, 2)
    found = await here.contacts()
    assert {phone: one for phone, one in found.items() if not phone.startswith("62812340")} == {
        "5511987654321": ("Ana", ["vip"], True),
        "mail@example.com": ("By e-mail", [], False),
        "12125550103": ("By WhatsApp", [], False),
        "700000001": ("By Telegram", ["vip"], False),
    }
    assert [phone for phone, one in found.items() if one[1] == ["vip"] and phone.startswith("628")] == ["6281234000003"]
    (ana,) = [one for one in await here.rows("/contacts") if one["name"] == "Ana"]
    assert (ana["email"], ana["country"]) == ("ana@example.com", "BR")
    assert ana["attributes"] == {
        "identifier": "crm-7",
        "city": "São Paulo",
        "company_name": "Ana Ltda",
        "plan": "gold",
        "seats": "3",
    }
    assert {one["name"] for one in await here.rows("/tags")} == {"vip", "unused"}
    (hook,) = await here.rows("/webhooks")
    assert (hook["url"], hook["enabled"], hook["profileId"]) == (HOOKS[0]["url"], False, None)
    assert hook["events"] == ["message.received", "message.sent", "chat.updated"]
    (reply,) = await here.rows("/canned-replies")
    assert (reply["shortcut"], reply["text"]) == ("opening-hours", "Hi {first_name}, 9 to 5.")
    invited = {(one["email"], one["role"]) for one in await here.rows("/team/invitations")}
    assert invited == {("boss@example.com", "admin"), ("agent@example.com", "agent")}
    assert counted(first, "notes") == (5, 3, 0, 2)
    notes = await here.rows(f"/contacts/{ana['id']}/notes")
    assert [(one["title"], one["text"]) for one in notes] == [
        ("Agent, 2026-01-02", "Prefers mornings."),
        ("Boss, 2026-01-01", "Asked for a quote."),
    ]
    assert {one.id for one in first.refusals if one.kind == "contacts"} == {"65", "66"}
    assert {(one.kind, one.id, one.reason) for one in first.refusals if (one.kind, one.id) != ("contacts", "66")} == {
        ("notes", "65", "Its contact is not here."),
        ("notes", "66", "Its contact is not here."),
        ("contacts", "65", "It has no phone number, e-mail or other address."),
        ("canned replies", "2", "It has placeholders without an equal here: conversation.id."),
    }
    said = "\n".join(first.not_moved)
    assert "webwidget_triggered" in said
    assert "inboxes: connect their channels here; there are Front" in said
    assert "teams: departments are made here by hand; there are sales" in said
    assert SECRET not in repr(first.told()) + here.file.read_text()

    ended = await here.everything()
    again = await here.move("chatwoot", url, team=True)
    assert counted(again, "contacts") == (66, 0, 64, 2)
    assert (counted(again, "webhooks"), counted(again, "team")) == ((1, 0, 1, 0), (2, 0, 2, 0))
    assert (counted(again, "canned replies"), counted(again, "notes")) == ((2, 0, 1, 1), (5, 0, 3, 2))
    assert await here.everything() == ended


async def test_a_move_that_breaks_midway_goes_on_there(
    peer: Peer, here: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jackfield.moving.mover.AT_ONCE", PAGE)
    url = f"{peer.url}/app/accounts/2"
    peer.once["page=4"] = [(500, {})]
    peer.once["/contacts/62/notes"] = [(500, {})]
    with pytest.raises(SourceError, match="answered 500 to GET /contacts"):
        await here.move("chatwoot", url)
    assert 0 < len(await here.contacts()) < 64
    with pytest.raises(SourceError, match="answered 500 to GET /contacts/62/notes"):
        await here.move("chatwoot", url)
    assert len(await here.contacts()) == 64
    peer.once["/webhooks"] = [(429, {"Retry-After": "0"})]
    peer.asked.clear()
    report = await here.move("chatwoot", url)
    assert counted(report, "contacts") == (66, 64, 0, 2)
    assert not any("page=1&sort" in one for one in peer.asked), "what was written is not read again"
    whole = await here.beside(tmp_path / "whole")
    assert outcome(await whole.move("chatwoot", url)) == outcome(report)
    assert await whole.everything() == await here.everything()
    assert "team members: give --invitations FILE" in "\n".join(report.not_moved)


async def test_an_agents_key_and_an_older_chatwoot_give_what_they_show(here: Home) -> None:
    refused = {"error": "You are not authorized to do this action"}
    calls: dict[str, Answer] = {
        **{
            name: call
            for name, call in CALLS.items()
            if not name.endswith(("/filter", "/webhooks", "/contacts", "/notes"))
        },
        "GET /api/v1/profile": lambda *_: {"id": 2, "accounts": [{"id": 2, "name": "Shop", "role": "agent"}]},
        f"GET {BASE}/contacts": lambda query, _: listed(CONTACTS[2:5], query),
        f"GET {BASE}/webhooks": lambda *_: (401, refused),
        **{
            f"GET {BASE}/contacts/{id_}/labels": lambda *_, id_=id_: {"payload": ["vip"] if id_ == 3 else []}
            for id_ in (3, 4, 5)
        },
    }
    older = Peer("api_access_token", calls, REFUSAL)
    try:
        report = await here.move("chatwoot", older.url)
    finally:
        older.close()
    assert {phone: one[1] for phone, one in (await here.contacts()).items()} == {
        "6281234000003": ["vip"],
        "6281234000004": [],
        "6281234000005": [],
    }
    said = "\n".join(report.not_moved)
    assert "take that of an administrator" in said
    assert "notes of contacts: this Chatwoot does not show them" in said


async def test_which_account_a_wrong_key_and_another_program_are_said(peer: Peer, here: Home) -> None:
    with pytest.raises(SourceError, match=r"/app/accounts/2 \(Shop\), .*/app/accounts/3 \(Other\)"):
        await here.move("chatwoot", peer.url)
    with pytest.raises(SourceError, match="write the account into the address"):
        await here.move("chatwoot", f"{peer.url}/app/accounts/9")
    with pytest.raises(SourceError, match="does not know this key or login \\(Invalid Access Token\\)"):
        await here.move("chatwoot", f"{peer.url}/api/v1/accounts/2", key="another")
    other = Peer("api_access_token", {"GET /api/v1/profile": lambda *_: {"name": "somebody"}}, {})
    try:
        with pytest.raises(SourceError, match="does not answer as Chatwoot does"):
            await here.move("chatwoot", other.url)
    finally:
        other.close()
