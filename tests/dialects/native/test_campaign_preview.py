"""What a campaign would reach is told before it is made; groups, topics and formatting are taken or refused in words."""

from __future__ import annotations

from typing import Any

from jackfield.testing.server import JackfieldServer

from .conftest import number


def preview(native: JackfieldServer, **body: Any) -> Any:
    return native.api("POST", "/campaigns/preview", json=body)


def test_who_lacks_what_is_told_before_the_start(native: JackfieldServer) -> None:
    native.api(
        "POST", "/contacts", json={"phone": number(1), "name": "Ana", "tags": ["pv"], "attributes": {"pv size": "L"}}
    )
    native.api("POST", "/contacts", json={"phone": number(2), "tags": ["pv"]})
    asked: dict[str, Any] = {"content": {"text": "Hi {name}, {pv size}"}, "audience": {"tags": ["pv"]}}
    seen = preview(native, **asked)
    assert seen.data == {
        "contacts": 2,
        "groups": 0,
        "placeholders": [{"name": "name", "lacking": 1}, {"name": "pv size", "lacking": 1}],
        "incomplete": 1,
        "missing": "blank",
    }
    assert preview(native, **asked, fallbacks={"name": "friend", "pv size": "M"}).data["incomplete"] == 0
    refused = preview(native, content={"text": "Hi {nmae}"}, audience={"tags": ["pv"]})
    assert refused.status == 400
    assert "{nmae}" in str(refused.json)
    assert "fallback" in str(preview(native, **asked, missing="fallback").json)
    made = native.api("POST", "/campaigns", json={"name": "P", "start": False, **asked, "missing": "skip"})
    assert made.status == 201
    unknown = native.api("PATCH", f"/campaigns/{made.data['id']}", json={"content": {"text": "{nmae}"}})
    assert unknown.status == 400


def test_a_group_that_there_is_not_is_refused_by_name(native: JackfieldServer) -> None:
    refused = preview(native, content={"text": "Hi"}, audience={"groups": ["Nobody knows it"]})
    assert refused.status == 400
    assert "Nobody knows it" in str(refused.json)


def test_what_a_network_does_not_have_is_refused_and_not_ignored(native: JackfieldServer) -> None:
    to = number(3)
    for body in (
        {"to": to, "text": "<b>Hi</b>", "format": "html"},
        {"to": to, "text": "Hi", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
        {"to": to, "text": "Hi", "threadId": 45},
        {"to": to, "text": "Hi", "format": "rtf"},
    ):
        assert native.api("POST", "/messages/text", json=body).status == 400, body
    album = {"to": to, "items": [{"url": "https://example.com/a.jpg"}, {"url": "https://example.com/b.jpg"}]}
    assert native.api("POST", "/messages/album", json=album).json["error"]["code"] == "UNSUPPORTED"
