"""Who may call, what is wrong with what is sent, and requests of every shape."""

from __future__ import annotations

import http.client
import json
import random
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer, until

from .conftest import Chatly, multipart

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def error(answer: Answer, status: int, message: str) -> dict[str, list[str]]:
    """The error's fields; it must be this one."""
    assert answer.status == status, answer
    got = answer.json
    assert set(got) == {"success", "message", "data"}
    assert (got["success"], got["message"]) == (False, message), got
    data: dict[str, list[str]] = got["data"]
    assert all(isinstance(texts, list) and texts for texts in data.values())
    return data


def test_who_may_call(chatly_server: JackfieldServer, chatly: Chatly) -> None:
    nobody = Chatly(chatly_server)
    error(nobody.get("/profile"), 401, "token_missing")
    del nobody.headers["apikey"]
    error(nobody.get("/profile"), 401, "api_key_missing")
    error(nobody.post("/login", {"email": "x", "password": "y"}), 401, "api_key_missing")
    nobody.headers["apikey"] = "not-a-key-of-anybody"
    error(nobody.get("/profile"), 403, "invalid_api_key")
    error(nobody.post("/login", {"email": "x", "password": "y"}), 403, "invalid_api_key")
    nobody.headers = {**chatly.headers, "Authorization": "Bearer eyJ.eyJ.x"}
    error(nobody.get("/profile"), 401, "invalid_token")
    # An API key is no JWT.
    nobody.headers["Authorization"] = f"Bearer {chatly_server.key}"
    error(nobody.get("/profile"), 401, "invalid_token")
    wrong = Chatly(chatly_server).post("/login", {"email": chatly_server.email, "password": "wrong"})
    error(wrong, 401, "invalid_credentials")


def test_what_a_key_or_a_member_may_not(chatly: Chatly) -> None:
    server = chatly.server
    narrow = server.api("POST", "/keys", json={"name": "narrow", "scopes": ["contacts:read"]}).data
    other = Chatly(server)
    other.headers = {**chatly.headers, "apikey": narrow["secret"] if "secret" in narrow else narrow["key"]}
    assert other.get("/whatsapp-contact").status == 200
    error(other.post("/tags", {"name": "x"}), 403, "forbidden")
    fields = {"first_name": "Ag", "last_name": "Ent", "email": "agent@example.com"}
    both = {"password": "a long password", "password_confirmation": "a long password"}
    assert chatly.post("/team-store", {**fields, **both}).status == 200
    agent = Chatly(server).login("agent@example.com", "a long password")
    assert agent.get("/whatsapp-contact").status == 200
    error(agent.post("/team-store", {**fields, **both}), 403, "forbidden")
    error(agent.get("/whatsapp-campaign-store"), 405, "method_not_allowed")


def test_another_tenants_ids(chatly: Chatly, tmp_path_factory: pytest.TempPathFactory) -> None:
    for path in (
        "/message/999999",
        "/message/x",
        "/contact-messages/999999",
        "/contact-messages/99999999999999999999",
        "/chat/clear/999999",
    ):
        assert chatly.get(path).status == 404
        assert chatly.get(path).json["message"].endswith("not_found")
    assert chatly.call("DELETE", "/chat/delete/999999").status == 404
    ok = {"campaign_name": "x"}
    assert chatly.post("/whatsapp-campaign-update/999999", ok).status == 404
    assert chatly.post("/whatsapp-contact-list-update/999999", {"name": "Nobody's"}).status == 404
    names = {"first_name": "A", "last_name": "B", "email": "ab@example.com"}
    assert chatly.post("/team-update/999999", names).status == 404
    for path, fields in (
        ("/send-message", {"receiver_id": "999999", "message": "x"}),
        ("/whatsapp/send-template", {"template_id": "999999", "contact_id": "999999"}),
        ("/assign-staff", {"contact_id": "999999", "staff_id": "999999"}),
        ("/assign-staff", {"chat_room_id": "999999", "staff_id": "1"}),
        ("/notes", {"contact_id": "999999", "note": "x"}),
        ("/tags/store/contact-tag", {"contact_id": "999999", "tag_id": "999999"}),
        ("/ticket-store", {"department_id": "999999", "subject": "x", "priority": "low"}),
        ("/ticket-reply", {"ticket_id": "999999", "reply": "x"}),
        ("/telegram-campaign-store", {"campaign_name": "x", "message": "x", "group_id": "999999"}),
    ):
        data = error(chatly.post(path, fields), 422, "validation_failed")
        wrong = [name for name, value in fields.items() if value == "999999"]
        assert set(data) == set(wrong), (path, data)
    form = {"campaign_name": "x", "template_id": "999999", "contact_list_id": "999999", "segment_id": "999999"}
    data = error(chatly.post("/whatsapp-campaign-store", form), 422, "validation_failed")
    assert set(data) == {"template_id", "contact_list_id", "segment_id"}


@pytest.mark.parametrize(
    ("phone", "words"),
    [
        ("abc", "must be a number"),
        ("9999999999", "at least 11 digits"),
        ("9" * 16, "not be greater than 15"),
        ("91 99999 99999", "must be a number"),
        ("00000000000", "phone"),
    ],
)
def test_phones(chatly: Chatly, phone: str, words: str) -> None:
    data = error(chatly.post("/whatsapp-contact-store", {"phone": phone, "country_id": 101}), 422, "validation_failed")
    assert words in data["phone"][0]


def test_contacts_and_countries(chatly: Chatly) -> None:
    first = {"phone": "+918888888801", "country_id": 101}
    assert chatly.data(chatly.json("/whatsapp-contact-store", first))["phone"] == "918888888801"
    again = error(chatly.post("/whatsapp-contact-store", first), 422, "validation_failed")
    assert "taken" in again["phone"][0]
    # A number as it is dialled inside the country.
    local = {"phone": "08888888802", "country_id": 101}
    assert chatly.data(chatly.encoded("/whatsapp-contact-store", local))["phone"] == "918888888802"
    for country in ("0", "70", "9999", "IN", "-1"):
        answer = chatly.post("/whatsapp-contact-store", {"phone": "918888888803", "country_id": country})
        assert "country_id" in error(answer, 422, "validation_failed")


def test_files(chatly: Chatly) -> None:
    contact = chatly.contact("918888888810")
    form = {"receiver_id": contact}
    for name, file in (
        ("image", ("a.png", b"not a picture", "image/png")),
        ("image", ("a.pdf", b"%PDF-1.4", "application/pdf")),
        ("image", ("big.png", PNG + b"0" * (5 * 1024 * 1024), "image/png")),
        ("image", ("empty.png", b"", "image/png")),
        ("document", ("run.exe", b"MZ...", "application/octet-stream")),
        ("document", ("page.html", b"<html>", "text/html")),
        ("document", ("empty.pdf", b"", "application/pdf")),
        ("video", ("a.mp4", b"no film", "text/plain")),
    ):
        if file[1] == b"not a picture":
            file = (file[0], file[1], "text/plain")
        data = error(chatly.post("/send-message", form, {name: file}), 422, "validation_failed")
        assert name in data, (file[0], data)
    done = chatly.data(
        chatly.post(
            "/send-message", {**form, "message": "Here"}, {"document": ("bill.pdf", b"%PDF-1.4 x", "application/pdf")}
        )
    )
    assert (done["file_name"], done["file_type"], done["message"]) == ("bill.pdf", "application/pdf", "Here")
    # Nothing vanishes: of two files the second is refused by its name.
    two = {"image": "https://example.com/a.jpg", "document": "https://example.com/a.pdf"}
    assert "document" in error(chatly.json("/send-message", {**form, **two}), 422, "validation_failed")
    link = chatly.data(chatly.json("/send-message", {**form, "image": "https://example.com/a.jpg"}))
    assert link["file"] == "https://example.com/a.jpg"
    for bad in ("ftp://example.com/a.jpg", "a.jpg", 7, ["x"]):
        assert "image" in error(chatly.json("/send-message", {**form, "image": bad}), 422, "validation_failed")


def test_teams_tickets_and_campaigns(chatly: Chatly) -> None:
    names = {"first_name": "A", "last_name": "B", "email": "team@example.com"}
    for change, field in (
        ({"password": "long password", "password_confirmation": "other"}, "password"),
        ({"password": "short", "password_confirmation": "short"}, "password"),
        ({"email": "nobody", "password": "long password", "password_confirmation": "long password"}, "email"),
        (
            {"email": chatly.server.email, "password": "long password", "password_confirmation": "long password"},
            "email",
        ),
    ):
        assert field in error(chatly.post("/team-store", {**names, **change}), 422, "validation_failed")
    staff = {**names, "password": "a long password", "password_confirmation": "a long password"}
    made = chatly.data(chatly.post("/team-store", staff))["id"]
    alone = {**names, "password_confirmation": "another password"}
    assert "password" in error(chatly.post(f"/team-update/{made}", alone), 422, "validation_failed"), "not dropped"
    department = chatly.data(chatly.get("/ticket"))["departments"][0]["id"]
    ticket = {"department_id": department, "subject": "x", "priority": "whenever"}
    assert "priority" in error(chatly.post("/ticket-store", ticket), 422, "validation_failed")
    assert "send" not in error(chatly.post("/tags", {"name": "x" * 101}), 422, "validation_failed")
    chatly.post("/tags", {"name": "Twice"})
    assert "name" in error(chatly.post("/tags", {"name": "twice"}), 422, "validation_failed")
    data = error(chatly.post("/whatsapp-campaign-store", {"send_scheduled": "1"}), 422, "validation_failed")
    assert "schedule_time" in data
    data = error(
        chatly.post("/whatsapp-campaign-store", {"send_scheduled": "1", "schedule_time": "2020-01-01 10:00:00"}),
        422,
        "validation_failed",
    )
    assert "after now" in data["schedule_time"][0]


def test_marketing_to_somebody_who_refused_it(chatly: Chatly) -> None:
    """A single template is refused, a campaign leaves the person out; a text, an answer to the person, goes."""
    server, phone = chatly.server, "918888888831"
    made = server.api("POST", "/contacts", json={"phone": phone, "name": "Refused", "optin": False}).data
    template = {"template_id": chatly.template("demo_text"), "body_values[]": "x"}
    answer = chatly.post("/whatsapp/send-template", {**template, "contact_id": made["id"]})
    assert error(answer, 403, "skipped") == {"error": ["The contact has opted out of marketing."]}

    people = chatly.data(chatly.post("/whatsapp-contact-list-store", {"name": "Refusals"}))["id"]
    fields = {"name": "Refusals", "contact_ids[]": made["id"]}
    chatly.data(chatly.post(f"/whatsapp-contact-list-update/{people}", fields))
    segment = server.api("POST", "/segments", json={"name": "Refused", "filter": {"name": "Refused"}}).data["id"]
    plan = {"campaign_name": "Refusals", "contact_list_id": people, "segment_id": segment}
    campaign = chatly.data(chatly.post("/whatsapp-campaign-store", {**template, **plan}))["id"]

    def over() -> dict[str, Any] | None:
        rows = chatly.data(chatly.get("/whatsapp-campaign"))["campaigns"]
        return next((one for one in rows if one["id"] == campaign and one["status"] == "finished"), None)

    shown = until(over, what="the campaign")
    assert (shown["total_contact"], shown["total_skipped"], shown["total_sent"]) == (1, 1, 0)
    assert chatly.outbox(phone) == []


def test_templates_and_their_values(chatly: Chatly) -> None:
    contact = chatly.contact("918888888820")
    summer = {"template_id": chatly.template("summer_time"), "contact_id": contact}
    data = error(chatly.post("/whatsapp/send-template", summer), 422, "validation_failed")
    assert set(data) == {"header_values"}
    data = error(chatly.post("/whatsapp/send-template", {**summer, "header_values[]": "Ann"}), 422, "validation_failed")
    assert set(data) == {"body_values"}
    data = error(chatly.post("/whatsapp/send-template", {**summer, "button_values[]": "x"}), 422, "validation_failed")
    assert set(data) == {"button_values"}
    audio = {"audio": ("a.mp3", b"ID3" + b"0" * 20, "audio/mpeg")}
    assert "audio" in error(chatly.post("/whatsapp/send-template", summer, audio), 422, "validation_failed")

    full = [*summer.items(), ("header_values[0]", "Ann"), ("body_values[1]", "20%"), ("body_values[0]", "Sunday")]
    assert chatly.data(chatly.post("/whatsapp/send-template", full))["status"] in ("sent", "delivered", "read")
    content = chatly.outbox("918888888820")[-1]["content"]
    assert [one["text"] for one in content["body"]] == ["Sunday", "20%"]
    assert [one["text"] for one in content["header"]["text"]] == ["Ann"]

    offer = {"template_id": chatly.template("cta_offer"), "contact_id": contact, "body_values": ["Ann"]}
    assert chatly.json("/whatsapp/send-template", {**offer, "button_values": ["summer", "CODE20"]}).status == 200
    content = chatly.outbox("918888888820")[-1]["content"]
    assert {one["kind"]: one["text"] for one in content["buttons"]} == {"url": "summer", "copy_code": "CODE20"}
    form = [("template_id", offer["template_id"]), ("contact_id", contact), ("body_values[]", "Ann")]
    form += [("button_values[]", "summer"), ("button_values[]", "CODE20")]
    assert chatly.encoded("/whatsapp/send-template", form).status == 200


def test_the_network_says_no(chatly: Chatly) -> None:
    server = chatly.server
    contact = chatly.contact("918888888830")
    form = {"receiver_id": contact, "message": "x"}
    server.request("POST", "/simulator/1/faults", json={"codes": ["131009"]})
    data = error(chatly.post("/send-message", form), 422, "validation_failed")
    assert data["code"] == ["131009"]
    server.request("POST", "/simulator/1/faults", json={"reset": True})
    server.api("PATCH", "/profiles/1", json={"pacing": {"dailyCap": 1}})
    error(chatly.post("/send-message", form), 403, "user_limit_reached")
    server.api("PATCH", "/profiles/1", json={"pacing": {}})
    server.api("POST", "/profiles/1/disconnect")
    error(chatly.post("/send-message", form), 500, "whatsapp_not_connected")
    server.api("POST", "/profiles/1/connect")
    until(lambda: server.api("GET", "/profiles/1/status").data["connected"], what="connected again")
    assert chatly.post("/send-message", form).status == 200


ROUTES = [
    "/login", "/whatsapp-contact-store", "/whatsapp-contact-list-store", "/whatsapp-contact-list-update/{x}", "/send-message",
    "/whatsapp/send-template", "/whatsapp-campaign-store", "/whatsapp-campaign-update/{x}", "/telegram-campaign-store",
    "/assign-staff", "/ticket-store", "/ticket-reply", "/team-store", "/team-update/{x}", "/notes", "/tags",
    "/tags/store/contact-tag",
]  # fmt: skip
GETS = [
    "/profile", "/country/list", "/whatsapp-contact?page={x}&search={x}", "/whatsapp-contact-list?per_page={x}", "/segment",
    "/whatsapp-campaign?page={x}", "/telegram-group", "/telegram-contact?page={x}", "/telegram-campaign", "/chat-rooms?page={x}",
    "/message/{x}?page={x}", "/contact-messages/{x}", "/contacts-by-client?limit={x}", "/chat/clear/{x}", "/ticket?status={x}",
    "/team?page={x}", "/notes?contact_id={x}", "/tags", "/tags/contact-tags?contact_id={x}", "/template?search={x}",
    "/department", "/{x}",
]  # fmt: skip
FIELDS = [
    "email", "password", "password_confirmation", "name", "phone", "country_id", "contact_list_id", "segment_id", "receiver_id",
    "message", "image", "document", "template_id", "contact_id", "body_values[]", "body_values[0]", "body_values",
    "button_values",
    "button_values[x][y]", "campaign_name", "send_scheduled", "schedule_time", "group_id", "group_id[]", "staff_id", "ticket_id",
    "reply", "department_id", "subject", "priority", "first_name", "last_name", "note", "title", "tag_id", "channel_id", "status",
    "chat_room_id", "a[b][c][d][e][f][g]", "[]", "]x[",
]  # fmt: skip
VALUES: list[Any] = [
    "", " ", "0", "1", "2", "-1", "1.5", "x", "99999999999999999999", "\x00", "x" * 5000, "🌟", "1,2,3", "[1,2]", "{}", "true",
    "2027-01-01 10:00:00", "9999-99-99", "919999999999", "https://example.com/a.jpg", "' OR 1=1 --", "%", "high", "[" * 50,
]  # fmt: skip
JSONS: list[Any] = [
    *VALUES,
    None,
    True,
    False,
    0,
    1,
    -1,
    1.5,
    10**30,
    [],
    [1],
    ["a", None],
    {},
    {"0": "a"},
    {"a": [1]},
    "\ud800",
]
IDS = ["1", "0", "-1", "x", "99999999999999999999", "%F0%9F%98%80", "a%2Fb", "%ff", "x" * 300]


def test_nothing_makes_it_stumble(chatly: Chatly) -> None:
    dice = random.Random(11)
    for _ in range(300):
        if dice.random() < 0.3:
            path = dice.choice(GETS)
            while "{x}" in path:
                path = path.replace("{x}", dice.choice(IDS), 1)
            answer = chatly.call(dice.choice(["GET", "GET", "DELETE", "PUT"]), path)
            sent: Any = path
        else:
            path = dice.choice(ROUTES)
            while "{x}" in path:
                path = path.replace("{x}", dice.choice(IDS), 1)
            names = dice.sample(FIELDS, dice.randint(0, 9))
            way = dice.random()
            if way < 0.35:
                sent = [(name, dice.choice(VALUES)) for name in names]
                answer = chatly.encoded(path, sent)
            elif way < 0.7:
                sent = [(name, dice.choice(VALUES)) for name in names]
                file = (dice.choice(["a.png", "", "a\x00b", "x.exe"]), dice.choice([PNG, b"", b"text"]), "image/png")
                answer = chatly.post(path, sent, {dice.choice(["image", "document", "message"]): file})
            elif way < 0.95:
                sent = {name: dice.choice(JSONS) for name in names}
                answer = chatly.call(
                    "POST", path, body=json.dumps(sent).encode(), headers={"Content-Type": "application/json"}
                )
            else:
                sent = bytes(dice.randrange(256) for _ in range(60))
                kind = dice.choice(
                    ["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain"]
                )
                answer = chatly.call("POST", path, body=sent, headers={"Content-Type": kind})
        assert answer.status in (200, 401, 403, 404, 405, 415, 422, 429), (path, sent, answer)
        assert set(answer.json) == {"success", "message", "data"}
        assert isinstance(answer.json["data"], dict)


def test_bodies_that_are_too_large(chatly: Chatly) -> None:
    # Refused by its announced length, before it is sent.
    connection = http.client.HTTPConnection("127.0.0.1", chatly.server.port, timeout=20)
    headers = {**chatly.headers, "Content-Type": "application/json", "Content-Length": str(3 * 1024 * 1024)}
    connection.putrequest("POST", f"{chatly.base}/tags")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    with connection.getresponse() as response:
        error(Answer(response.status, dict(response.headers), response.read()), 422, "validation_failed")
    connection.close()
    fields = [(f"body_values[{n}]", "x") for n in range(3000)]
    error(chatly.encoded("/tags", fields), 422, "validation_failed")
    raw, kind = multipart([("name", "x")] * 2000)
    error(chatly.call("POST", "/tags", body=raw, headers={"Content-Type": kind}), 422, "validation_failed")
