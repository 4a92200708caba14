"""What a newcomer tries after the first calls: pages, filters, replies of any kind, files that are not there."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, until

from .conftest import multipart, number

BODY = {"type": "buttons", "body": "B", "buttons": [{"id": "y", "title": "Yes"}]}
INTERACTIVE: list[tuple[dict[str, Any], str]] = [
    ({**BODY, "buttons": []}, "buttons"),
    ({**BODY, "buttons": None}, "buttons"),
    ({**BODY, "body": " "}, "body"),
    ({**BODY, "buttons": [{"title": "Yes"}]}, "buttons.0.id"),
    ({**BODY, "buttons": [{"id": "", "title": "Yes"}]}, "buttons.0.id"),
    ({**BODY, "header": {"type": "image"}}, "header.url"),
    ({"type": "list", "body": "B", "button": "x", "sections": []}, "sections"),
    ({"type": "list", "body": "B", "button": "x", "sections": [{"title": "S", "rows": []}]}, "sections.0.rows"),
    ({"type": "list", "body": "B", "button": "x", "sections": [{"rows": [{"id": "1"}]}]}, "title"),
    ({"type": "list", "body": "B", "sections": [{"title": "S", "rows": [{"id": "1", "title": "R"}]}]}, "button"),
    ({"type": "cta_url", "body": "B", "title": "Go"}, "url"),
    ({"type": "cta_url", "body": "B", "title": "Go", "url": "javascript:alert(1)"}, "url"),
    ({"type": "product", "catalogId": "1"}, "productId"),
    ({"type": "product_list", "body": "B", "catalogId": "1", "sections": [{"title": "S"}]}, "sections.0.productIds"),
    ({"type": "catalog"}, "body"),
    ({"type": "address", "body": "B"}, "country"),
    ({"type": "location_request"}, "body"),
    ({"type": "contact_request"}, "body"),
    ({"type": "flow", "body": "B", "flowId": "1"}, "button"),
]


@pytest.mark.parametrize(("fields", "field"), INTERACTIVE)
def test_an_incomplete_interactive_message_is_refused_by_its_field(
    native: JackfieldServer, fields: dict[str, Any], field: str
) -> None:
    answer = native.api("POST", "/messages/interactive", json={"to": number(300), **fields})
    assert answer.status == 400, answer
    assert answer.json["error"]["code"] == "VALIDATION_ERROR"
    assert any(field in name for name in answer.json["error"]["details"]), answer


KINDS: list[dict[str, Any]] = [
    BODY,
    {"type": "list", "body": "B", "button": "x", "sections": [{"title": "S", "rows": [{"id": "1", "title": "R"}]}]},
    {"type": "cta_url", "body": "B", "title": "Go", "url": "https://example.com/"},
    {"type": "product", "catalogId": "1", "productId": "2"},
    {
        "type": "product_list",
        "body": "B",
        "header": "H",
        "catalogId": "1",
        "sections": [{"title": "S", "productIds": ["a"]}],
    },
    {"type": "catalog", "body": "B", "footer": "F"},
    {"type": "address", "body": "B", "country": "IN"},
    {"type": "location_request", "body": "B"},
    {"type": "contact_request", "body": "B"},
]


@pytest.mark.parametrize("fields", KINDS, ids=[one["type"] for one in KINDS])
def test_every_interactive_kind_is_sent(native: JackfieldServer, fields: dict[str, Any]) -> None:
    sent = native.api("POST", "/messages/interactive?wait=10", json={"to": number(301), **fields}).data
    assert sent["status"] in ("sent", "delivered", "read")
    shown = native.api("GET", f"/messages/{sent['id']}").data
    assert (shown["type"], shown["content"]["type"]) == (fields["type"], fields["type"])


def test_lists_by_page_and_by_cursor_agree(native: JackfieldServer) -> None:
    to, made = number(302), []
    for i in range(5):
        made.append(native.api("POST", "/messages/text", json={"to": to, "text": f"{i}", "tag": "paged"}).data["id"])
    first = native.api("GET", f"/messages?to={to}&limit=2&page=1").json
    second = native.api("GET", f"/messages?to={to}&limit=2&page=2").json
    assert [row["id"] for row in first["data"] + second["data"]] == made[::-1][:4]
    assert first["meta"]["total"] == second["meta"]["total"] == 5
    assert native.api("GET", f"/messages?to={to}&limit=2&page=4").data == []
    cursor = native.api("GET", f"/messages?tag=paged&limit=2&cursor={first['meta']['cursor']}").json
    assert [row["id"] for row in cursor["data"]] == made[::-1][2:4]
    oldest = native.api("GET", f"/messages?to={to}&sort=createdAt&limit=2&total=true").json
    assert ([row["id"] for row in oldest["data"]], oldest["meta"]["total"]) == (made[:2], 5)
    for path in ("/campaigns", "/bulk/batches", "/media", "/chats"):
        shown = native.api("GET", f"{path}?page=1&limit=1").json
        assert isinstance(shown["meta"]["total"], int), path
        if shown["meta"]["total"] > 1:
            assert native.api("GET", f"{path}?page=2&limit=1").data[0]["id"] != shown["data"][0]["id"], path
    # A list that has no numbers says so, and does not show its first page for ever.
    for path in ("/schedules", "/logs", "/team/invitations"):
        answer = native.api("GET", f"{path}?page=2")
        assert (answer.status, list(answer.json["error"]["details"])) == (400, ["page"]), path


def test_a_reply_may_be_of_any_kind(native: JackfieldServer) -> None:
    until(lambda: native.api("GET", "/templates?name=summer_time").data)
    sent = native.api("POST", "/messages/text?wait=10", json={"to": number(303), "text": "x"}).data
    template = {"name": "summer_time", "language": "en", "header": ["A"], "body": ["S", "20%"]}
    reply = {"type": "template", "content": template}
    chat = native.api("GET", f"/chats?q={number(303)}").data[0]
    for path in (f"/messages/{sent['id']}/reply", f"/chats/{chat['id']}/messages"):
        made = native.api("POST", f"{path}?wait=10", json=reply).data
        assert native.api("GET", f"/messages/{made['id']}").data["template"] == "summer_time"
        short = {"type": "template", "content": {"name": "summer_time", "language": "en"}}
        assert native.api("POST", path, json=short).json["error"]["code"] == "TEMPLATE_PARAMS"
        assert native.api("POST", path, json={}).status == 400
    quoted = native.api("POST", f"/messages/{sent['id']}/reply?wait=10", json={"text": "y", "replyTo": "9"}).data
    shown = native.api("GET", f"/messages/{quoted['id']}").data
    assert shown["replyTo"] == native.api("GET", f"/messages/{sent['id']}").data["providerId"]


def test_what_was_edited_or_deleted_shows_it(native: JackfieldServer) -> None:
    sent = native.api("POST", "/messages/text?wait=10", json={"to": number(304), "text": "x"}).data["id"]
    assert native.api("GET", f"/messages/{sent}").data["editedAt"] is None
    assert native.api("PATCH", f"/messages/{sent}", json={"text": "y"}).data["editedAt"] is not None
    assert native.api("GET", f"/messages/{sent}").data["deletedAt"] is None
    assert native.api("DELETE", f"/messages/{sent}").data["deleted"] is True
    shown = native.api("GET", f"/messages/{sent}").data
    assert shown["text"] == "y"
    assert shown["deletedAt"].endswith("Z")


def test_schedules_take_text_and_lie_ahead(native: JackfieldServer) -> None:
    body = {"to": number(305), "text": "later", "scheduledAt": "2030-01-01T08:00:00+07:00"}
    made = native.api("POST", "/schedules", json=body)
    assert (made.status, made.data["status"], made.data["scheduledAt"]) == (
        201,
        "scheduled",
        "2030-01-01T01:00:00.000Z",
    )
    assert made.data["id"] in [one["id"] for one in native.api("GET", "/schedules?limit=200").data]
    assert native.api("POST", f"/schedules/{made.data['id']}/cancel").data["status"] == "cancelled"
    for wrong in ("2020-01-01T00:00:00Z", None, "soon"):
        answer = native.api("POST", "/schedules", json={**body, "scheduledAt": wrong})
        assert (answer.status, list(answer.json["error"]["details"])) == (400, ["scheduledAt"]), wrong


def test_a_file_must_be_ones_own(native: JackfieldServer, foreign_key: str) -> None:
    data, headers = multipart(file=("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * 64))
    theirs = native.api("POST", "/media", key=foreign_key, body=data, headers=headers).data["id"]
    ours = native.api("POST", "/media", body=data, headers=headers).data["id"]
    assert native.api("POST", "/messages/image", json={"to": number(306), "mediaId": ours}).status == 200
    for id_ in (theirs, "999999999", "99999999999999999999"):
        header = {"type": "image", "mediaId": id_}
        for path, body in (
            ("/messages/image", {"mediaId": id_}),
            ("/messages/image", {"url": f"media:{id_}"}),
            ("/messages/interactive", {**BODY, "header": header}),
            ("/schedules", {"type": "image", "content": {"mediaId": id_}, "scheduledAt": "2030-01-01"}),
        ):
            answer = native.api("POST", path, json={"to": number(306), **body})
            assert (answer.status, answer.json["error"]["code"]) == (404, "MEDIA_NOT_FOUND"), (path, body)
        bulk = {"messages": [{"to": number(306), "type": "image", "content": {"mediaId": id_}}]}
        assert native.api("POST", "/bulk/send", json=bulk).json["error"]["code"] == "MEDIA_NOT_FOUND"
        campaign = {"name": "x", "type": "image", "content": {"mediaId": id_}, "start": False}
        assert native.api("POST", "/campaigns", json=campaign).json["error"]["code"] == "MEDIA_NOT_FOUND"
    native.api("DELETE", f"/media/{theirs}", key=foreign_key).data  # noqa: B018


def test_a_contact_is_known_by_its_number_wherever_it_appears(native: JackfieldServer) -> None:
    to = number(307)
    sent = native.api("POST", "/messages/text", json={"to": to, "text": "before"}).data["id"]
    assert native.api("GET", f"/messages/{sent}").data["contactId"] is None
    contact = native.api("POST", "/contacts", json={"name": "Wulan Sari", "phone": to}).data["id"]
    assert native.api("GET", f"/messages/{sent}").data["contactId"] == contact
    for query in (f"q={to}", "search=wulan"):
        (chat,) = native.api("GET", f"/chats?{query}").data
        assert (chat["name"], chat["contactId"], chat["contact"]["name"]) == ("Wulan Sari", contact, "Wulan Sari")
        assert chat["lastMessage"]["contactId"] == contact
    assert native.api("GET", "/chats?q=nobody%20is%20called%20so").data == []
    native.api("DELETE", f"/contacts/{contact}").data  # noqa: B018
    assert native.api("GET", f"/messages/{sent}").data["contactId"] is None


def test_numbers_are_checked_one_by_one(native: JackfieldServer) -> None:
    asked = ["+62 812-3456-789", "no number", "628123456789", 628123456789]
    found = native.api("POST", "/contacts/check", json={"phones": asked}).data
    assert [one["input"] for one in found] == [str(one) for one in asked]
    assert [one["phone"] for one in found] == ["628123456789", None, "628123456789", "628123456789"]
    assert found[1] == {"input": "no number", "phone": None, "exists": False, "chatId": None}
    assert found[0]["chatId"] == "628123456789@c.us"


def test_filters_in_the_api_s_own_spelling(native: JackfieldServer) -> None:
    tag = f"spelt {number(308)}"
    native.api("POST", "/contacts", json={"name": "S", "phone": number(308), "tags": [tag], "optin": True}).data  # noqa: B018
    for filter_ in (
        {"anyTags": [tag], "createdSince": "2020-01-01T00:00:00Z"},
        {"any_tags": [tag], "created_since": 1577836800000},
        {"tags": [tag], "createdSince": 1577836800, "hasPhone": True, "optin": True},
    ):
        assert native.api("POST", "/segments/preview", json={"filter": filter_}).data["count"] == 1, filter_
        assert native.api("POST", "/campaigns/audience", json={"audience": filter_}).data["contacts"] == 1
    made = native.api("POST", "/segments", json={"name": tag, "filter": {"anyTags": [tag], "notTags": ["no"]}}).data
    assert (made["filter"], made["contacts"]) == ({"any_tags": [tag], "not_tags": ["no"]}, 1)
    for wrong, field in (({"createdSince": "soon"}, "filter.createdSince"), ({"nonsense": 1}, "filter.nonsense")):
        answer = native.api("POST", "/segments/preview", json={"filter": wrong})
        assert (answer.status, list(answer.json["error"]["details"])) == (400, [field])


def test_a_campaign_s_messages_read_as_they_were_sent_and_who_replied_is_counted(native: JackfieldServer) -> None:
    tag, people = f"replies {number(309)}", [number(309), number(310)]
    for name, phone in zip(("Ana", "Budi"), people, strict=True):
        native.api("POST", "/contacts", json={"name": name, "phone": phone, "tags": [tag]}).data  # noqa: B018
    body = {"name": "Replies", "content": {"text": "Hi {name}!"}, "audience": {"tags": [tag]}}
    campaign = native.api("POST", "/campaigns", json=body).data["id"]
    path = f"/campaigns/{campaign}"
    until(lambda: native.api("GET", path).data["status"] == "finished")
    rows = native.api("GET", f"{path}/recipients").data
    assert [row["text"] for row in rows] == ["Hi Ana!", "Hi Budi!"]
    assert native.api("GET", f"/messages/{rows[0]['id']}").data["content"] == {"type": "text", "text": "Hi Ana!"}
    assert native.api("GET", f"{path}/stats").data["replied"] == 0
    native.request("POST", "/simulator/1/inbound", json={"from": people[1], "text": "Yes!"})
    until(lambda: native.api("GET", f"{path}/stats").data["replied"] == 1)
    for replied, name in (("true", "Budi"), ("false", "Ana")):
        (row,) = native.api("GET", f"{path}/recipients?replied={replied}").data
        assert row["text"] == f"Hi {name}!"
    assert native.api("GET", f"{path}/recipients?replied=perhaps").status == 400
    for replied, name in ((True, "Budi"), (False, "Ana")):
        filter_ = {"campaign": {"id": campaign, "status": ["sent", "delivered", "read"], "replied": replied}}
        found = native.api("POST", "/segments/preview", json={"filter": filter_}).data
        assert [one["name"] for one in found["contacts"]] == [name]
    spans = native.api("GET", f"{path}/timeline?bucket=minute").data
    assert sum(one["sent"] for one in spans) == 2
    assert (sum(one["failed"] for one in spans), spans[0]["at"][16:]) == (0, ":00.000Z")
    assert native.api("GET", f"{path}/timeline?bucket=year").status == 400
    history = native.api("GET", f"/chats/{native.api('GET', f'/chats?q={people[1]}').data[0]['id']}/messages").data
    assert [row["text"] for row in history] == ["Yes!", "Hi Budi!"]
    for verb in ("start", "resume", "pause", "cancel", "schedule"):
        body = {"scheduledAt": "2030-01-01"} if verb == "schedule" else None
        answer = native.api("POST", f"{path}/{verb}", json=body)
        assert (answer.status, answer.json["error"]["code"]) == (409, "CAMPAIGN_STATE"), verb
    assert native.api("GET", "/campaigns?status=nonsense").status == 400


def test_failures_speak_the_api_s_language(native: JackfieldServer) -> None:
    native.api("POST", "/contacts", json={"name": "D", "phone": number(311)}).data  # noqa: B018
    again = native.api("POST", "/contacts", json={"name": "D", "phone": number(311)}).json["error"]
    assert (again["code"], isinstance(again["details"]["id"], str)) == ("CONTACT_EXISTS", True)
    country = native.api("PATCH", "/workspaces/1", json={"defaultCountry": "XX"}).json["error"]
    assert list(country["details"]) == ["defaultCountry"]
    assert country["message"].startswith("defaultCountry: ")
    name = native.api("POST", "/lists", json={"name": ""}).json["error"]
    assert name["details"] == {"name": ["Must not be empty."]}
    role = native.api("POST", "/team/invitations", json={"email": "a@example.com", "role": "boss"}).json["error"]
    assert role["details"] == {"role": ["Must be one of owner, admin, agent."]}
    body = {"name": "Wrong Name", "language": "en", "components": [{"type": "BODY", "text": "x"}]}
    refused = native.api("POST", "/templates", json=body).json["error"]
    assert (refused["code"], refused["details"]) == ("TEMPLATE_REJECTED", {"providerCode": "100"})


def test_requests_are_counted_by_call(native: JackfieldServer) -> None:
    native.api("GET", "/tags").data  # noqa: B018
    native.api("POST", "/messages/text", json={"to": number(312), "text": "x"}).data  # noqa: B018

    def counted() -> set[str] | None:
        shown = native.api("GET", "/usage/requests?api=native").data
        calls = {row["call"] for row in shown["rows"]}
        assert shown["sum"] == sum(row["count"] for row in shown["rows"])
        return calls if {"GET /tags", "POST /messages/text"} <= calls else None

    until(counted)
    assert native.api("GET", "/usage/requests?api=chattu").data["rows"] == []
    assert native.api("GET", "/usage?by=channel").data["rows"][0]["key"] == "1"


LONG: list[tuple[dict[str, Any], str]] = [
    ({**BODY, "buttons": [{"id": str(i), "title": str(i)} for i in range(4)]}, "buttons"),
    ({**BODY, "buttons": [{"id": "a", "title": "x" * 21}]}, "buttons.0.title"),
    ({**BODY, "buttons": [{"id": "a", "title": "x"}, {"id": "a", "title": "y"}]}, "buttons"),
    ({**BODY, "body": "x" * 1025}, "body"),
    ({**BODY, "header": "x" * 61}, "header"),
    ({**BODY, "footer": "x" * 61}, "footer"),
    (
        {
            "type": "list",
            "body": "B",
            "button": "x",
            "sections": [{"title": "S", "rows": [{"id": str(i), "title": "R"} for i in range(11)]}],
        },
        "rows",
    ),
    (
        {"type": "list", "body": "B", "button": "x" * 21, "sections": [{"rows": [{"id": "1", "title": "R"}]}]},
        "button",
    ),
    (
        {
            "type": "product_list",
            "body": "B",
            "catalogId": "1",
            "sections": [{"title": "S", "productIds": [str(i) for i in range(31)]}],
        },
        "products",
    ),
]


@pytest.mark.parametrize(("fields", "field"), LONG, ids=[f"{one['type']}-{name}" for one, name in LONG])
def test_more_than_the_network_shows_is_refused_at_once(
    native: JackfieldServer, fields: dict[str, Any], field: str
) -> None:
    content = {name: value for name, value in fields.items() if name != "type"}
    for path, body in (
        ("/messages/interactive", {"to": number(313), **fields}),
        ("/bulk/send", {"messages": [{"to": number(313), "type": fields["type"], "content": content}]}),
        ("/campaigns", {"name": "x", "type": fields["type"], "content": content, "start": False}),
    ):
        answer = native.api("POST", path, json=body)
        assert answer.status == 400, answer
        assert field in answer.json["error"]["details"], answer


def test_names_that_others_use(native: JackfieldServer) -> None:
    assert native.api("POST", "/tickets", json={"name": "By name"}).data["subject"] == "By name"
    made = native.api("POST", "/attributes", json={"name": f"n {number(314)}", "type": "number"}).data
    assert made["kind"] == "number"
    sent = native.api("POST", "/messages/text?wait=10", json={"to": number(314), "text": "x"}).data["id"]
    chat = native.api("GET", f"/chats/{number(314)}@c.us").data
    assert (chat["chatId"], chat["lastMessage"]["id"]) == (f"{number(314)}@c.us", sent)
    assert native.api("GET", f"/chats/{number(314)}@c.us/messages").data[0]["id"] == sent
    assert native.api("GET", f"/chats/{number(399)}@c.us").json["error"]["code"] == "CHAT_NOT_FOUND"
    for type_ in ("nonsense", "Text", ""):
        body = {"to": number(314), "type": type_, "content": {"text": "x"}}
        assert list(native.api("POST", "/messages", json=body).json["error"]["details"]) == ["type"]
    bulk = {"messages": [{"to": number(314), "type": "nonsense", "content": {"a": 1}}]}
    assert list(native.api("POST", "/bulk/send", json=bulk).json["error"]["details"]) == ["messages.0.type"]
    group = native.api("POST", "/groups", json={"name": "G", "participants": [number(1), "abc"]}).json["error"]
    assert (group["code"], list(group["details"])) == ("INVALID_RECIPIENT", ["participants.1"])
    assert list(native.api("GET", "/groups/zzz").json["error"]["details"]) == ["groupId"]


def test_a_tenant_is_made_whole_or_not_at_all(native: JackfieldServer) -> None:
    plain = native.api("POST", "/workspaces", json={"name": "Keys only"}).data
    assert native.api("GET", "/workspaces", key=plain["apiKey"]).data[0]["name"] == "Keys only"
    assert native.api("GET", "/team", key=plain["apiKey"]).data == []
    assert native.api("GET", "/profiles", key=plain["apiKey"]).data == []
    owner = {"ownerEmail": "tenant@example.com", "ownerPassword": "correct horse battery"}
    made = native.api("POST", "/workspaces", json={"name": "Owned", **owner}).data
    assert native.api("GET", "/team", key=made["apiKey"]).data[0]["role"] == "owner"
    again = native.api("POST", "/workspaces", json={"name": "Again", **owner})
    assert (again.status, again.json["error"]["code"]) == (409, "EMAIL_EXISTS")
    after = native.api("POST", "/workspaces", json={"name": "After"}).data
    # Nothing is left of the one that failed, except perhaps its number.
    assert int(after["id"]) - int(made["id"]) in (1, 2)
    for field in owner:
        half = native.api("POST", "/workspaces", json={"name": "Half", field: owner[field]})
        assert (half.status, len(half.json["error"]["details"])) == (400, 1)
    accept = native.request("POST", "/api/auth/invitations/accept", json={"token": "x", "password": "correct horse"})
    assert (accept.status, accept.json["error"]["code"]) == (404, "INVITATION_NOT_FOUND")


def test_a_failure_explains_itself_wherever_it_is_read(native: JackfieldServer, receiver: Any) -> None:
    """In the message, in the campaign's figures, in its file, in the webhook: code, cause, remedy, retryable, link."""
    to, tag = number(315), f"fails {number(315)}"
    native.api("POST", "/contacts", json={"name": "F", "phone": to, "tags": [tag]}).data  # noqa: B018
    native.request("POST", "/simulator/1/faults", json={"code": 131026, "rate": 1, "to": to})
    hook = native.api("POST", "/webhooks", json={"url": receiver.url, "events": ["message.failed"]}).data["id"]
    body = {"name": tag, "content": "x", "audience": {"tags": [tag]}, "category": "utility"}
    campaign = native.api("POST", "/campaigns", json=body).data["id"]
    until(lambda: native.api("GET", f"/campaigns/{campaign}").data["failed"] == 1)
    (row,) = native.api("GET", f"/campaigns/{campaign}/recipients?status=failed").data
    assert native.api("GET", f"/campaigns/{campaign}/recipients?reason=131026").data == [row]
    assert native.api("GET", f"/campaigns/{campaign}/recipients?reason=131047").data == []
    error = row["error"]
    assert {"code", "message", "title", "cause", "remedy", "retryable", "link"} <= set(error)
    assert (error["code"], error["retryable"], error["link"][:8]) == ("131026", False, "https://")
    (reason,) = native.api("GET", f"/campaigns/{campaign}/stats").data["reasons"]
    assert (reason["code"], reason["count"], reason["remedy"]) == ("131026", 1, error["remedy"])
    file = native.api("GET", f"/campaigns/{campaign}/export").body.decode()
    assert error["cause"] in file
    assert error["remedy"] in file
    told = receiver.wait(lambda one: one.json["data"]["id"] == row["id"]).json["data"]["error"]
    assert told == error
    native.request("POST", "/simulator/1/faults", json={"reset": True})
    native.api("DELETE", f"/webhooks/{hook}").data  # noqa: B018
    # Who is left out is told apart from who failed, and why.
    native.api("POST", "/suppressions", json={"address": to}).data  # noqa: B018
    again = native.api("POST", "/campaigns", json={**body, "category": "marketing"}).data["id"]
    until(lambda: native.api("GET", f"/campaigns/{again}").data["skipped"] == 1)
    (left,) = native.api("GET", f"/campaigns/{again}/recipients").data
    assert (left["status"], left["error"]["code"]) == ("skipped", "suppressed")
    assert "suppression list" in left["error"]["cause"]
