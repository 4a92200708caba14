"""Nothing of a request is passed over in silence: unknown fields and parameters, types, methods, addresses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer

from .conftest import multipart, number
from .test_walk import PUBLIC, document, example_of, operations

UNKNOWN = "unheardOf"


def refused(answer: Answer, status: int, field: str | None = None) -> None:
    assert answer.status == status, answer
    assert answer.json["success"] is False
    if field is not None:
        assert list(answer.json["error"]["details"]) == [field], answer
        assert field in answer.json["message"]


@pytest.fixture(scope="module")
def person(native: JackfieldServer) -> dict[str, str]:
    """Headers of the owner, logged in: some operations are for people only."""
    body = {"email": native.email, "password": native.password}
    return {"Authorization": f"Bearer {native.request('POST', '/api/auth/login', json=body).data['token']}"}


def walked(path: str) -> str:
    """The path with ids of nothing: a request is checked before anything is looked up."""
    return "/".join("999999" if part.startswith("{") else part for part in path.split("/"))


def test_every_operation_refuses_an_unknown_query_parameter_by_its_name(
    native: JackfieldServer, person: dict[str, str]
) -> None:
    schema = document(native)
    for method, path, operation in operations(schema):
        body, headers = example_of(schema, operation)
        answer = native.request(
            method.upper(), f"/api{walked(path)}?{UNKNOWN}=1", body=body, headers={**headers, **person}
        )
        try:
            refused(answer, 400, UNKNOWN)
        except AssertionError as error:
            raise AssertionError(f"{method} {path}: {answer}") from error


def test_every_operation_refuses_a_query_parameter_that_is_given_twice(
    native: JackfieldServer, person: dict[str, str]
) -> None:
    schema, seen = document(native), 0
    for method, path, operation in operations(schema):
        parameters = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
        lists = {
            one["name"]
            for one in parameters
            if any(kind.get("type") == "array" for kind in (one["schema"], *one["schema"].get("anyOf", ())))
        }
        if path == "/events":
            # Written as texts, because one may hold several with commas.
            lists |= {"type", "types"}
        names = {one["name"] for one in parameters} - lists
        if not names:
            continue
        query = "&".join(f"{name}=1&{name}=1" for name in sorted(names | lists))
        body, headers = example_of(schema, operation)
        answer = native.request(method.upper(), f"/api{walked(path)}?{query}", body=body, headers={**headers, **person})
        assert answer.status == 400, (method, path, answer)
        told = answer.json["error"]["details"]
        assert told == {name: ["Is given 2 times; give it once."] for name in names}, (method, path)
        seen += len(names)
    assert seen > 100


def test_what_is_no_part_of_the_document_is_given_once_too(native: JackfieldServer) -> None:
    refused(native.api("GET", "/chats?profileId=1&profileId=2"), 400, "profileId")
    refused(native.api("GET", "/contacts?q=ann&limit=5&q=ann"), 400, "q")
    refused(native.api("POST", "/messages/text?wait=0&wait=1", json={"to": number(77), "text": "Hi"}), 400, "wait")
    refused(native.api("GET", "/events?after=1&after=2"), 400, "after")
    # Lists stay lists.
    assert native.api("GET", "/contacts?tag=VIP&tag=Lynx").status == 200


def test_every_operation_refuses_an_unknown_body_field_by_its_name(
    native: JackfieldServer, person: dict[str, str]
) -> None:
    schema, seen = document(native), 0
    for method, path, operation in operations(schema):
        # The body of a hook is whatever its program sends.
        if path in ("/events", "/automations/hooks/{token}"):
            continue
        body, headers = example_of(schema, operation)
        if headers.get("Content-Type", "").startswith("multipart/"):
            body, headers = multipart(file=("a.csv", b"Name,Phone\nA,+6281234567890\n"), **{UNKNOWN: 1})
        else:
            body = json.dumps({**json.loads(body or b"{}"), UNKNOWN: 1}).encode()
            headers = {"Content-Type": "application/json"}
        answer = native.request(method.upper(), f"/api{walked(path)}", body=body, headers={**headers, **person})
        try:
            if (method, path) == ("post", "/messages/interactive"):
                # Its fields are those of its type.
                assert UNKNOWN in answer.json["error"]["details"]
            else:
                refused(answer, 400, UNKNOWN)
        except AssertionError as error:
            raise AssertionError(f"{method} {path}: {answer}") from error
        seen += 1
    assert seen > 150


def test_nested_fields_are_as_strict(native: JackfieldServer) -> None:
    to = number(701)
    for path, body, field in (
        ("/bulk/send", {"messages": [{"to": to, "content": {"text": "x", "size": 1}}]}, "messages.0.content.size"),
        ("/bulk/send", {"messages": [{"to": to, "content": "x"}], "options": {"stopOnError": True}},
         "options.stopOnError"),
        ("/messages", {"to": to, "type": "image", "content": {"base64": "AAAA", "url": "https://e.com/a.jpg"}},
         "content.base64"),
        ("/messages/interactive",
         {"to": to, "type": "buttons", "body": "B", "buttons": [{"id": "1", "title": "x", "colour": "red"}]},
         "buttons.0.colour"),
        ("/webhooks", {"url": "https://example.com/", "headers": {"X-A": "b"}}, "headers"),
    ):  # fmt: skip
        refused(native.api("POST", path, json=body), 400, field)


def test_names_that_multiwa_s_clients_use_are_obeyed(native: JackfieldServer) -> None:
    to = number(702)
    first = native.api("POST", "/messages/text?wait=10", json={"to": to, "text": "first"}).data
    quoted = native.api("POST", "/messages/text?wait=10", json={"to": to, "text": "x", "quotedMessageId": first["id"]})
    assert native.api("GET", f"/messages/{quoted.data['id']}").data["replyTo"] == first["providerId"]
    poll = {"to": to, "question": "?", "options": ["a", "b"], "allowMultipleAnswers": True}
    shown = native.api("GET", f"/messages/{native.api('POST', '/messages/poll', json=poll).data['id']}").data
    assert shown["content"]["multiple"] is True
    voice = {"to": to, "url": "https://example.com/a.ogg", "ptt": True}
    shown = native.api("GET", f"/messages/{native.api('POST', '/messages/audio', json=voice).data['id']}").data
    assert shown["content"]["voice"] is True
    tag = f"strict {number(703)}"
    body = {"profileId": "1", "phone": number(703), "metadata": {"city": "Bandung"}, "tags": [tag]}
    made = native.api("POST", "/contacts", json=body).data
    assert made["attributes"] == {"city": "Bandung"}
    found = native.api("GET", f"/contacts?profileId=1&tags={tag.replace(' ', '%20')}").data
    assert [one["id"] for one in found] == [made["id"]]


def test_an_offset_is_obeyed_or_refused(native: JackfieldServer) -> None:
    tag = f"offset {number(704)}"
    for i in range(5):
        native.api("POST", "/contacts", json={"phone": number(710 + i), "tags": [tag]}).data  # noqa: B018
    query = f"/contacts?tags={tag.replace(' ', '%20')}&sort=createdAt&limit=2"
    pages = [[one["phone"] for one in native.api("GET", f"{query}&offset={at}").data] for at in (0, 2, 4)]
    assert pages == [[number(710), number(711)], [number(712), number(713)], [number(714)]]
    refused(native.api("GET", f"{query}&offset=1"), 400, "offset")
    refused(native.api("GET", f"{query}&offset=2&page=2"), 400, "offset")
    refused(native.api("GET", "/schedules?offset=2"), 400, "offset")


@pytest.mark.parametrize("path", ["/messages/text", "/contacts", "/bulk/send"])
@pytest.mark.parametrize("given", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_wrong_type_of_body_is_refused_by_the_name_of_the_header(
    native: JackfieldServer, path: str, given: str | None
) -> None:
    headers = {"Content-Type": given} if given else {}
    answer = native.api("POST", path, body=b'{"to": "628123456789", "text": "x"}', headers=headers)
    refused(answer, 415)
    assert answer.json["error"]["code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert answer.json["message"].startswith("Content-Type: must be application/json")
    assert answer.headers["accept"] == "application/json"
    wrong = native.api("POST", "/media", json={"file": "x"})
    refused(wrong, 415)
    assert "multipart/form-data" in wrong.json["message"]


def test_other_names_of_json_are_taken(native: JackfieldServer) -> None:
    for given in ("application/json; charset=utf-8", "application/vnd.api+json", "APPLICATION/JSON"):
        body = json.dumps({"to": number(705), "text": "x"}).encode()
        assert native.api("POST", "/messages/text", body=body, headers={"Content-Type": given}).status == 200


def test_who_asks_is_found_out_before_anything_else_is_told(native: JackfieldServer) -> None:
    for method, path, operation in operations(document(native)):
        if (method, path) in PUBLIC or "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
            continue
        headers = {"X-API-Key": "nonsense", "Content-Type": "application/json"}
        answer = native.request(method.upper(), f"/api{walked(path)}", body=b"{nonsense", headers=headers)
        assert answer.status == 401, (method, path, answer)


METHODS: dict[str, str] = {
    "/contacts": "GET, HEAD, POST, OPTIONS",
    "/contacts/1": "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
    "/messages/text": "POST, OPTIONS",
    "/messages/image": "POST, OPTIONS",
    "/team/invitations": "GET, HEAD, POST, OPTIONS",
}


@pytest.mark.parametrize("path", METHODS)
def test_options_and_wrong_methods_name_what_an_address_takes(native: JackfieldServer, path: str) -> None:
    told = native.request("OPTIONS", f"/api{path}")
    assert (told.status, told.body, told.headers["allow"]) == (204, b"", METHODS[path])
    for method in ("GET", "PUT", "DELETE", "PATCH", "POST", "TRACE"):
        if method not in METHODS[path].split(", "):
            answer = native.api(method, path)
            refused(answer, 405)
            assert answer.json["error"]["code"] == "METHOD_NOT_ALLOWED"
            assert answer.headers["allow"] == METHODS[path]
    refused(native.request("OPTIONS", "/api/nonsense"), 404)


@pytest.mark.parametrize("path", ["/contacts?limit=1", "/profiles", "/contacts/999999", "/engines", "/contacts/export"])
def test_head_is_answered_as_get_without_the_body(native: JackfieldServer, path: str) -> None:
    got, head = native.api("GET", path), native.api("HEAD", path)
    assert (head.status, head.body) == (got.status, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    if "content-length" in got.headers:
        assert head.headers["content-length"] == got.headers["content-length"]


def test_the_head_of_the_live_stream_ends(native: JackfieldServer) -> None:
    head = native.api("HEAD", "/events")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")


def test_a_slash_at_the_end_changes_nothing(native: JackfieldServer) -> None:
    assert native.api("GET", "/profiles/").data == native.api("GET", "/profiles").data
    assert native.api("GET", "/v1/profiles/1/").data["id"] == "1"
    sent = native.api("POST", "/messages/text/", json={"to": number(706), "text": "x"}).data
    assert native.api("GET", f"/messages/{sent['id']}/").data["text"] == "x"
    refused(native.api("GET", "/nonsense/"), 404)


def test_the_live_listeners_refuse_unknown_parameters(native: JackfieldServer) -> None:
    refused(native.api("GET", f"/events?{UNKNOWN}=1"), 400, UNKNOWN)


def test_template_values_that_are_numbers_are_taken(native: JackfieldServer) -> None:
    body: dict[str, Any] = {"to": number(707), "name": "summer_time", "language": "en", "header": [5], "body": [5, 7.5]}
    sent = native.api("POST", "/messages/template", json=body).data
    assert native.api("GET", f"/messages/{sent['id']}").data["content"]["body"] == [{"text": "5"}, {"text": "7.5"}]


def fields_of(
    schema: dict[str, Any], part: dict[str, Any], place: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every field of a body with its schema; an item of a list is told as "0"."""
    if "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    for one in (*part.get("anyOf", ()), *part.get("allOf", ())):
        yield from fields_of(schema, one, place)
    if "items" in part:
        yield (*place, "0"), part["items"]
        yield from fields_of(schema, part["items"], (*place, "0"))
    for name, one in part.get("properties", {}).items():
        yield (*place, name), one
        yield from fields_of(schema, one, (*place, name))


def kinds_of(part: dict[str, Any]) -> set[str]:
    return {str(one.get("type", "$ref" if "$ref" in one else "any")) for one in (part, *part.get("anyOf", ()))}


def test_true_is_no_number_anywhere(native: JackfieldServer, person: dict[str, str]) -> None:
    schema, seen = document(native), 0
    for method, path, operation in operations(schema):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        body, headers = example_of(schema, operation)
        for place, part in fields_of(schema, content["schema"]):
            kinds = kinds_of(part)
            if not kinds & {"integer", "number"} or "boolean" in kinds:
                continue
            changed: Any = True
            for step in reversed(place):
                changed = [changed] if step == "0" else {step: changed}
            answer = native.request(
                method.upper(),
                f"/api{walked(path)}",
                body=json.dumps({**json.loads(body or b"{}"), **changed}).encode(),
                headers={**headers, **person},
            )
            assert answer.status == 400, (method, path, place, answer)
            assert ".".join(place) in answer.json["error"]["details"], (method, path, place, answer)
            seen += 1
    assert seen > 100


def test_a_field_is_told_as_the_caller_wrote_it(native: JackfieldServer) -> None:
    text = {"to": number(708), "text": "x"}
    for wrong in ({"zz_unknown": 1}, {"profile_id": {"x": 1}}, {"profileId": {"x": 1}}, {"scheduled_at": True}):
        refused(native.api("POST", "/messages/text", json={**text, **wrong}), 400, next(iter(wrong)))
    refused(native.api("GET", "/contacts?zz_unknown=1"), 400, "zz_unknown")
    pacing = native.api("PATCH", "/profiles/1", json={"pacing": {"perRecipientS": -1}})
    assert "perRecipientS" in pacing.json["message"], pacing
