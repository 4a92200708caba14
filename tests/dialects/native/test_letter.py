"""What MultiWA's page and its clients say, sentence by sentence."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.dialects.native.routes.profiles import prefers_picture
from jackfield.testing.server import JackfieldServer, until

PNG = b"\x89PNG\r\n\x1a\n"
IMG = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
"""What a browser sends for <img>."""


@pytest.mark.parametrize(
    ("accept", "picture"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("image/png", True),
        ("image/*", True),
        (IMG, True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", False),
        ("application/json;q=0.5, image/png", True),
        ("image/png;q=0.1, application/json", False),
        ("image/png;q=0", False),
        ("image/png;q=x", False),
    ],
)
def test_get_qr_code_as_a_picture_for_who_prefers_one(accept: str, picture: bool) -> None:
    assert prefers_picture(accept) is picture


def test_get_qr_code_in_an_img_element(native: JackfieldServer) -> None:
    made = native.api("POST", "/profiles", json={"name": "Picture", "engine": "simulator"}).data["id"]
    native.api("POST", f"/profiles/{made}/connect")
    answer = native.api("GET", f"/profiles/{made}/qr", headers={"Accept": IMG})
    assert (answer.headers["content-type"], answer.body[:8]) == ("image/png", PNG)
    native.api("DELETE", f"/profiles/{made}")


def test_get_batch_status_of_an_unknown_batch_speaks_of_a_batch(native: JackfieldServer) -> None:
    for method, path in (("GET", "/bulk/batch/999999"), ("POST", "/bulk/batch/999999/cancel")):
        answer = native.api(method, path)
        assert (answer.status, answer.json["error"]["code"]) == (404, "BATCH_NOT_FOUND")
        assert answer.json["message"] == "There is no batch 999999."


def test_get_batch_status_has_the_counts_that_multiwa_s_clients_read_beside_the_percentage(
    native: JackfieldServer,
) -> None:
    messages = [{"chatId": f"62811100010{n}@c.us", "type": "text", "content": {"text": "x"}} for n in range(2)]
    batch = native.api("POST", "/bulk/send", json={"profileId": "1", "messages": messages}).data

    def shown() -> dict[str, Any]:
        found: dict[str, Any] = native.api("GET", f"/bulk/batch/{batch['batchId']}").data
        return found

    assert (batch["totalMessages"], batch["total"], batch["progress"]) == (2, 2, 0)
    done = until(lambda: (one := shown())["status"] == "completed" and one["pending"] == 0 and one, what="the batch")
    assert done
    assert (done["progress"], done["sent"], done["failed"]) == (100, 2, 0), "sent counts all that went out"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/messages", {"to": "628111000001", "type": "image", "content": {"base64": "aGVsbG8="}}, "content.base64"),
        ("/messages/text", {"to": "628111000001", "text": "x", "messageDelayMs": 10}, "messageDelayMs"),
        ("/profiles", {"name": "x", "dailyMessageLimit": 10}, "dailyMessageLimit"),
        ("/bulk/send", {"messages": [{"chatId": "628111000001", "content": {"text": "x"}}], "batchId": "b"}, "batchId"),
        (
            "/bulk/send",
            {"messages": [{"chatId": "628111000001", "content": {"text": "x"}}], "options": {"stopOnError": True}},
            "options.stopOnError",
        ),
    ],
)
def test_what_multiwa_has_and_we_have_not_is_refused_by_name(
    native: JackfieldServer, path: str, body: dict[str, object], field: str
) -> None:
    answer = native.api("POST", path, json=body)
    assert answer.status == 400
    assert field in answer.json["error"]["details"]


def test_session_status_of_a_webhook_means_all_changes_of_a_session(native: JackfieldServer) -> None:
    made = native.api("POST", "/webhooks", json={"url": "https://example.com/h", "events": ["session.status"]}).data
    assert made["events"] == ["session.connected", "session.disconnected", "session.qr"]
    native.api("DELETE", f"/webhooks/{made['id']}")


def test_a_recipient_has_one_address_under_both_its_names(native: JackfieldServer) -> None:
    number = "628120000777"
    same = {"to": number, "chatId": f"{number}@c.us", "text": "x"}
    item = {"type": "text", "content": {"text": "x"}}
    for path, body, field in (
        ("/messages/text", {"to": number, "chatId": "628120000778@c.us", "text": "x"}, "chatId"),
        ("/messages/text", {"chatId": "nobody", "text": "x"}, "chatId"),
        ("/messages/image", {"chatId": "nobody", "url": "https://example.com/a.jpg"}, "chatId"),
        ("/bulk/send", {"messages": [{**item, "chatId": number, "to": "628120000778"}]}, "messages.0.to"),
        ("/bulk/send", {"messages": [{**item, "to": "nobody"}]}, "messages.0.to"),
        ("/profiles/1/connect", {"phone": "nobody"}, "phone"),
    ):
        answer = native.api("POST", path, json=body)
        assert (answer.status, [*answer.json["error"]["details"]]) == (400, [field]), (path, answer)
    assert native.api("POST", "/messages/text", json=same).status < 300
    answer = native.api("GET", "/contacts?q=a&search=b")
    assert (answer.status, [*answer.json["error"]["details"]]) == (400, ["search"])
