"""The specification's endpoints (seed 004, section 7.4), each called over HTTP against a running server.

`ROWS` is the list as published; a row without a call here fails, and so does a call that is not answered as the
specification says. `test_contract` looks closer at what each of them does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer

from .conftest import number

ROWS = (
    "POST /messages/text",
    "POST /messages/image",
    "POST /messages/video",
    "POST /messages/document",
    "POST /messages/location",
    "POST /messages/contact",
    "POST /messages/poll",
    "POST /bulk/send",
    "GET /bulk/batches",
    "GET /bulk/batch/{batchId}",
    "POST /bulk/batch/{batchId}/cancel",
    "GET /groups/profile/{profileId}",
    "GET /groups/{groupId}",
    "POST /groups",
    "PATCH /groups/{groupId}",
    "POST /groups/{groupId}/participants/add",
    "POST /groups/{groupId}/participants/remove",
    "POST /groups/{groupId}/participants/promote",
    "POST /groups/{groupId}/participants/demote",
    "POST /groups/{groupId}/leave",
    "GET /groups/{groupId}/invite-link",
    "GET /profiles",
    "POST /profiles",
    "GET /profiles/{id}",
    "DELETE /profiles/{id}",
    "POST /profiles/{id}/connect",
    "GET /profiles/{id}/qr",
    "POST /profiles/{id}/disconnect",
    "GET /contacts",
    "POST /contacts",
    "GET /contacts/{id}",
    "PATCH /contacts/{id}",
    "DELETE /contacts/{id}",
    "POST /contacts/{id}/tags",
    "GET /webhooks",
    "POST /webhooks",
    "DELETE /webhooks/{id}",
)

_numbers = itertools.count(500)


class Caller:
    """Calls a row under one of the two bases, and makes what a call needs to be there."""

    def __init__(self, server: JackfieldServer, base: str) -> None:
        self.server, self.base = server, base
        self.number = number(next(_numbers))

    def __call__(self, row: str, json: Any = None, **names: str) -> Answer:
        method, _, path = row.partition(" ")
        query = names.pop("query", "")
        headers = {"X-API-Key": self.server.key}
        return self.server.request(method, self.base + path.format(**names) + query, json=json, headers=headers)

    def send(self, row: str, **fields: Any) -> None:
        data = self(row, {"profileId": "1", "to": f"{self.number}@c.us", **fields}).data
        assert set(data) >= {"messageId", "status", "timestamp"}
        assert isinstance(data["messageId"], str)

    def group(self) -> str:
        body = {"profileId": "1", "name": "Row", "participants": [self.number], "description": "d"}
        return str(self("POST /groups", body).data["id"])

    def profile(self) -> str:
        body = {"name": "Row", "engine": "simulator", "config": {"autoScan": False}}
        return str(self("POST /profiles", body).data["id"])

    def contact(self) -> str:
        return str(self("POST /contacts", {"name": "Row", "phone": self.number}).data["id"])

    def webhook(self) -> str:
        return str(self("POST /webhooks", {"url": f"{self.server.url}/healthz", "events": ["*"]}).data["id"])

    def batch(self) -> str:
        messages = [{"chatId": self.number, "type": "text", "content": {"text": "Hi {name}"}, "variables": {"name": i}}
                    for i in range(2)]  # fmt: skip
        body = {"profileId": "1", "messages": messages, "options": {"delayBetweenMessages": 60_000}}
        return str(self("POST /bulk/send", body).data["batchId"])


def _sends(row: str, **fields: Any) -> Callable[[Caller], None]:
    return lambda call: call.send(row, **fields)


def _bulk(call: Caller) -> None:
    batch = call.batch()
    assert batch.isdigit()


def _batches(call: Caller) -> None:
    batch = call.batch()
    assert batch in [one["batchId"] for one in call("GET /bulk/batches").data]


def _batch(call: Caller) -> None:
    batch = call.batch()
    shown = call("GET /bulk/batch/{batchId}", batchId=batch).data
    assert (shown["batchId"], shown["totalMessages"], sum(shown["counts"].values())) == (batch, 2, 2)


def _cancel(call: Caller) -> None:
    shown = call("POST /bulk/batch/{batchId}/cancel", batchId=call.batch()).data
    assert (shown["status"], shown["cancelled"] >= 1) == ("cancelled", True)


def _groups(call: Caller) -> None:
    group = call.group()
    assert group in [one["id"] for one in call("GET /groups/profile/{profileId}", profileId="1").data]


def _group(call: Caller) -> None:
    group = call.group()
    shown = call("GET /groups/{groupId}", groupId=group, query="?profileId=1").data
    names = {"id", "name", "description", "owner", "createdAt", "participantsCount", "participants"}
    assert names <= set(shown)


def _create_group(call: Caller) -> None:
    assert call.group().endswith("@g.us")


def _update_group(call: Caller) -> None:
    body = {"profileId": "1", "name": "Other", "description": "Another"}
    shown = call("PATCH /groups/{groupId}", body, groupId=call.group()).data
    assert (shown["name"], shown["description"]) == ("Other", "Another")


def _participants(action: str, *, before: str | None = None) -> Callable[[Caller], None]:
    def act(call: Caller) -> None:
        group = call.group()
        body = {"profileId": "1", "participants": [f"{call.number}@c.us"]}
        if before is not None:
            call(f"POST /groups/{{groupId}}/participants/{before}", body, groupId=group).data  # noqa: B018
        shown = call(f"POST /groups/{{groupId}}/participants/{action}", body, groupId=group).data
        mine = [one for one in shown["participants"] if one["phone"] == call.number]
        assert bool(mine) == (action != "remove")
        if mine:
            assert mine[0]["isAdmin"] == (action == "promote")

    return act


def _leave(call: Caller) -> None:
    group = call.group()
    assert call("POST /groups/{groupId}/leave", {"profileId": "1"}, groupId=group).data["left"] is True
    assert call("GET /groups/{groupId}", groupId=group, query="?profileId=1").status == 404


def _invite(call: Caller) -> None:
    link = call("GET /groups/{groupId}/invite-link", groupId=call.group(), query="?profileId=1").data["link"]
    assert link.startswith("https://")


def _profiles(call: Caller) -> None:
    assert "1" in [one["id"] for one in call("GET /profiles").data]


def _with_profile(row: str, check: Callable[[Caller, Answer], None]) -> Callable[[Caller], None]:
    def act(call: Caller) -> None:
        profile = call.profile()
        if row.endswith(("/qr", "/disconnect")):
            call("POST /profiles/{id}/connect", id=profile).data  # noqa: B018
        check(call, call(row, id=profile))
        if not row.startswith("DELETE"):
            call("DELETE /profiles/{id}", id=profile).data  # noqa: B018
        assert call("GET /profiles/{id}", id=profile).status == 404

    return act


def _contacts(call: Caller) -> None:
    contact = call.contact()
    assert contact in [one["id"] for one in call("GET /contacts", query="?limit=200").data]


def _contact(row: str, json: Any, **expected: Any) -> Callable[[Caller], None]:
    def act(call: Caller) -> None:
        contact = call.contact()
        shown = call(row, json, id=contact).data
        assert {name: shown[name] for name in expected} == expected
        assert shown["id"] == contact
        assert (call("GET /contacts/{id}", id=contact).status == 404) == row.startswith("DELETE")

    return act


def _webhooks(call: Caller) -> None:
    hook = call.webhook()
    assert hook in [one["id"] for one in call("GET /webhooks").data]
    call("DELETE /webhooks/{id}", id=hook).data  # noqa: B018


def _delete_webhook(call: Caller) -> None:
    hook = call.webhook()
    assert call("DELETE /webhooks/{id}", id=hook).data == {"id": hook, "deleted": True}
    assert hook not in [one["id"] for one in call("GET /webhooks").data]


URL = "https://example.com/file"
CALLS: dict[str, Callable[[Caller], None]] = {
    "POST /messages/text": _sends("POST /messages/text", text="Hello!"),
    "POST /messages/image": _sends("POST /messages/image", url=URL, caption="A"),
    "POST /messages/video": _sends("POST /messages/video", url=URL, caption="A"),
    "POST /messages/document": _sends("POST /messages/document", url=URL, filename="a.pdf", caption="A"),
    "POST /messages/location": _sends("POST /messages/location", latitude=-6.2, longitude=106.8, description="A"),
    "POST /messages/contact": _sends("POST /messages/contact", name="Siti", phone="+62 811"),
    "POST /messages/poll": _sends("POST /messages/poll", question="?", options=["a", "b"], allowMultiple=True),
    "POST /bulk/send": _bulk,
    "GET /bulk/batches": _batches,
    "GET /bulk/batch/{batchId}": _batch,
    "POST /bulk/batch/{batchId}/cancel": _cancel,
    "GET /groups/profile/{profileId}": _groups,
    "GET /groups/{groupId}": _group,
    "POST /groups": _create_group,
    "PATCH /groups/{groupId}": _update_group,
    "POST /groups/{groupId}/participants/add": _participants("add", before="remove"),
    "POST /groups/{groupId}/participants/remove": _participants("remove"),
    "POST /groups/{groupId}/participants/promote": _participants("promote"),
    "POST /groups/{groupId}/participants/demote": _participants("demote", before="promote"),
    "POST /groups/{groupId}/leave": _leave,
    "GET /groups/{groupId}/invite-link": _invite,
    "GET /profiles": _profiles,
    "POST /profiles": lambda call: call("DELETE /profiles/{id}", id=call.profile()).data and None,
    "GET /profiles/{id}": _with_profile("GET /profiles/{id}", lambda _, got: _is(got.data["name"], "Row")),
    "DELETE /profiles/{id}": _with_profile("DELETE /profiles/{id}", lambda _, got: _is(got.data["deleted"], True)),
    "POST /profiles/{id}/connect": _with_profile(
        "POST /profiles/{id}/connect", lambda _, got: _is(got.data["status"], "pairing")
    ),
    "GET /profiles/{id}/qr": _with_profile(
        "GET /profiles/{id}/qr", lambda _, got: _is(got.data["qr"][:22], "data:image/png;base64,")
    ),
    "POST /profiles/{id}/disconnect": _with_profile(
        "POST /profiles/{id}/disconnect", lambda _, got: _is(got.data["status"], "disconnected")
    ),
    "GET /contacts": _contacts,
    "POST /contacts": lambda call: _is(call.contact().isdigit(), True),
    "GET /contacts/{id}": _contact("GET /contacts/{id}", None, name="Row"),
    "PATCH /contacts/{id}": _contact("PATCH /contacts/{id}", {"name": "Other"}, name="Other"),
    "DELETE /contacts/{id}": _contact("DELETE /contacts/{id}", None, deleted=True),
    "POST /contacts/{id}/tags": _contact("POST /contacts/{id}/tags", {"tags": ["row"]}, tags=["row"]),
    "GET /webhooks": _webhooks,
    "POST /webhooks": _webhooks,
    "DELETE /webhooks/{id}": _delete_webhook,
}


def _is(got: Any, wanted: Any) -> None:
    assert got == wanted


@pytest.mark.parametrize("base", ["/api", "/api/v1"])
@pytest.mark.parametrize("row", ROWS)
def test_the_row_is_answered(native: JackfieldServer, row: str, base: str) -> None:
    assert row in CALLS, "no call of this row is tested"
    CALLS[row](Caller(native, base))


def test_no_row_is_forgotten_or_made_up(native: JackfieldServer) -> None:
    assert len(ROWS) == 37
    assert sorted(CALLS) == sorted(ROWS)
    paths = native.request("GET", "/api/openapi.json").json["paths"]
    described = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert sorted(set(ROWS) - described) == []
    assert native.request("GET", "/api/docs").status == 200
