"""The collections for Postman and its like: in the format that they read, with every operation, and requests that work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec
import pytest

from jackfield.dialects import DIALECTS
from jackfield.dialects._postman import SCHEMA, collection
from jackfield.testing.docs import document_of
from jackfield.testing.server import JackfieldServer

BASE = "https://messages.example.com/x"


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """What the format has of an object, and nothing else (schema v2.1.0, of which this is the part that is used)."""


class Attribute(Strict):
    key: str
    value: str
    type: Literal["string"]


class Auth(Strict):
    type: Literal["apikey", "bearer", "noauth"]
    apikey: list[Attribute] = []
    bearer: list[Attribute] = []


class Named(Strict):
    key: str
    value: str
    description: str = ""
    disabled: bool = False


class FormPart(Strict):
    key: str
    type: Literal["text", "file"]
    value: str = ""
    src: None = None
    description: str = ""
    disabled: bool = False


class Url(Strict):
    raw: str
    host: list[str]
    path: list[str]
    query: list[Named] = []
    variable: list[Named] = []


class Body(Strict):
    mode: Literal["raw", "formdata"]
    raw: str = ""
    formdata: list[FormPart] = []
    options: dict[str, dict[str, str]] = {}


class Request(Strict):
    method: Literal["GET", "PUT", "POST", "PATCH", "DELETE"]
    description: str
    url: Url
    header: list[Named]
    auth: Auth | None = None
    body: Body | None = None


class Item(Strict):
    id: str
    name: str
    request: Request
    response: list[Any]


class Folder(Strict):
    name: str
    item: list[Item]


class Info(Strict):
    name: str
    description: str
    version: str
    schema: str


class Variable(Strict):
    key: str
    value: str
    type: Literal["string"]


class Collection(Strict):
    info: Info
    item: list[Folder]
    auth: Auth
    variable: list[Variable]


NAMES = [one.name for one in DIALECTS]
document = cache(document_of)


@cache
def made(name: str) -> Collection:
    """A dialect's collection, read as strictly as the format is written."""
    return msgspec.json.decode(json.dumps(collection(document(name), BASE)).encode(), type=Collection)


def items(name: str) -> Iterator[Item]:
    """Every request."""
    for folder in made(name).item:
        yield from folder.item


@pytest.mark.parametrize("name", NAMES)
def test_it_is_in_the_format_with_every_operation_once(name: str) -> None:
    assert made(name).info.schema == SCHEMA
    assert {one.key for one in made(name).variable} == {"baseUrl", "apiKey", "token"}
    ids = [one.id for one in items(name)]
    assert len(ids) == len(set(ids))
    operations = [
        (operation["operationId"], method.upper(), path)
        for path, methods in document(name)["paths"].items()
        for method, operation in methods.items()
    ]
    by_id = {one.id: one.request for one in items(name)}
    for operation, method, path in operations:
        request = by_id[operation]
        assert request.method == method
        assert "/".join(request.url.path).replace(":", "") == path.strip("/").replace("{", "").replace("}", "")
        assert {one.key for one in request.url.variable} == {part[1:] for part in request.url.path if part[0] == ":"}
    assert {one.partition("-")[0] for one in ids} == {operation for operation, _, _ in operations}


@pytest.mark.parametrize("name", NAMES)
def test_who_asks_is_proven_as_the_document_says(name: str) -> None:
    schemes = document(name)["components"]["securitySchemes"]
    by_id = {one.id: one.request for one in items(name)}
    for methods in document(name)["paths"].values():
        for operation in methods.values():
            request = by_id[operation["operationId"]]
            auth = request.auth or made(name).auth
            ways = [set(way) for way in operation["security"]]
            if not ways:
                assert auth.type == "noauth"
                continue
            headers = {one.key for one in request.header if one.key == "Authorization"}
            headers |= {one.value for one in auth.apikey if one.key == "key"}
            headers |= {"Authorization"} if auth.type == "bearer" else set()
            named = [{schemes[one].get("name", "Authorization") for one in way} for way in ways]
            assert headers in named, operation["operationId"]


def test_each_example_with_a_name_is_a_request() -> None:
    sends = [one for one in items("pabbly") if one.id.partition("-")[0] == "sendMessage"]
    assert len(sends) == 18
    assert "Send a message: Send text" in {one.name for one in sends}
    assert all(one.request.body is not None and json.loads(one.request.body.raw)["to"] for one in sends)


def test_a_file_is_a_field_to_choose_one() -> None:
    upload = next(one.request for one in items("native") if one.id == "importContacts")
    assert upload.body is not None
    assert {one.key: one.type for one in upload.body.formdata}["file"] == "file"
    assert not [one for one in upload.header if one.key == "Content-Type"], "its boundary is the program's to make"


def filled(text: str, values: dict[str, str]) -> str:
    """A text with the collection's variables in it."""
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    assert "{{" not in text
    return text


def carry_out(server: JackfieldServer, whole: Collection, name: str, values: dict[str, str], **changes: str) -> Any:
    """Send a request as a program does that has read the collection. `changes` are fields of its JSON."""
    request = next(one.request for folder in whole.item for one in folder.item if one.name == name)
    path = "/".join(
        next((one.value for one in request.url.variable if f":{one.key}" == part), part) for part in request.url.path
    )
    query = urlencode({one.key: one.value for one in request.url.query if not one.disabled})
    headers = {one.key: filled(one.value, values) for one in request.header if not one.disabled}
    auth = request.auth or whole.auth
    if auth.type == "apikey":
        told = {one.key: filled(one.value, values) for one in auth.apikey}
        headers[told["key"]] = told["value"]
    elif auth.type == "bearer":
        headers["Authorization"] = "Bearer " + filled(auth.bearer[0].value, values)
    body = None
    if request.body is not None:
        body = json.dumps({**json.loads(request.body.raw), **changes}).encode()
    address = filled(request.url.host[0], values) + "/" + path + (f"?{query}" if query else "")
    answer = server.request(request.method, address.removeprefix(server.url), body=body, headers=headers)
    assert answer.status < 300, (name, answer)
    return answer.json


def test_the_address_is_the_one_that_the_caller_used(shared_server: JackfieldServer) -> None:
    for host, origin in (
        ("messages.example.com", "http://messages.example.com"),
        (shared_server.url.removeprefix("http://"), shared_server.url),
        ('a"b.example.com', shared_server.url),  # is no name of a host
    ):
        answer = shared_server.request("GET", "/pabbly/postman.json", headers={"Host": host})
        assert answer.json["variable"][0]["value"] == f"{origin}/pabbly"
    assert shared_server.request("POST", "/pabbly/postman.json").status == 405


@pytest.mark.parametrize("name", NAMES)
def test_requests_of_the_served_collection_work(name: str, shared_server: JackfieldServer) -> None:
    prefix = next(one.prefixes[0] for one in DIALECTS if one.name == name)
    served = shared_server.request("GET", f"{prefix}/postman.json")
    assert served.status == 200
    whole = msgspec.json.decode(served.body, type=Collection)
    values = {one.key: one.value for one in whole.variable} | {"apiKey": shared_server.key}
    assert values["baseUrl"] == shared_server.url + prefix
    login = {"email": shared_server.email, "password": shared_server.password}
    if name == "native":
        assert carry_out(shared_server, whole, "Send text", values)["success"]
        values["token"] = carry_out(shared_server, whole, "Log in", values, **login)["data"]["token"]
        assert carry_out(shared_server, whole, "List your sessions", values)["data"]
    elif name == "chatly":
        values["token"] = carry_out(shared_server, whole, "Log in", values, **login)["data"]["token"]
        assert carry_out(shared_server, whole, "Who am I", values)["success"]
    elif name == "pabbly":
        assert carry_out(shared_server, whole, "Send a message: Send text", values)["success"]
    elif name == "chattu":
        assert carry_out(shared_server, whole, "List clients", values)[0]["clientId"] == "1"
    else:
        assert carry_out(shared_server, whole, "Sent messages, filtered", values)["success"]
