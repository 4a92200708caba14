"""HTTP's own rules in every dialect, each in its envelope: methods, slashes, types of bodies, names nobody knows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from jackfield.app import build_app
from jackfield.core import Core
from jackfield.dialects import DIALECTS, DialectOptions
from jackfield.dialects._access import PUBLIC, api_routes
from jackfield.server.startup import bootstrap, open_core
from jackfield.settings import Settings

KEY, EMAIL, PASSWORD = "test-key-0123456789", "owner@example.com", "correct horse battery"
OTHERS = [one.name for one in DIALECTS if one.name != "native"]
"""The native API has its own walk, after its document (native/test_strict.py)."""
UNKNOWN = "unheardOf"


@pytest.fixture
async def core(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Core]:
    settings = Settings(
        data_dir=tmp_path,
        database_url=migrated_sqlite,
        owner_email=EMAIL,
        owner_password=PASSWORD,  # type: ignore[arg-type]
        api_key=KEY,  # type: ignore[arg-type]
    )
    async with open_core(settings) as core:
        await bootstrap(core, settings)
        yield core


@pytest.fixture
async def client(core: Core, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A caller who may do everything everywhere."""
    _, token = await core.accounts.login(EMAIL, PASSWORD)
    headers = {"x-api-key": KEY, "apikey": KEY, "x-tenant-api-key": KEY, "Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app=build_app(core, Settings(data_dir=tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test", headers=headers) as client:
        yield client


class Operation(NamedTuple):
    method: str
    path: str
    public: bool
    body: bool


def operations(core: Core, name: str) -> Iterator[Operation]:
    """Every operation of a dialect, ids of nothing in its path; Chatly's without the language, which has the same."""
    dialect = next(one for one in DIALECTS if one.name == name)
    for path, route in api_routes(dialect.build(core, DialectOptions()).router.routes):
        if "{language}" in path or "/chatflow" in path or path == "/docs":
            continue
        extra = route.openapi_extra or {}
        for method in sorted(route.methods or ()):
            takes_body = "requestBody" in extra or (method in ("POST", "PUT") and name == "pabbly")
            at = dialect.prefixes[0] + re.sub(r"\{[^}]+\}", "999999", path)
            yield Operation(method, at, bool(extra.get(PUBLIC)), takes_body)


def words(name: str, answer: httpx.Response) -> str:
    """A failure's words, found where the dialect has them; its envelope is checked on the way."""
    body = answer.json()
    assert body["success"] is False, answer.text
    if name == "chatly":
        assert set(body) == {"success", "message", "data"}
        return json.dumps(body["data"])
    if name == "chitchatlabs":
        return str(body["error"]["message"])
    if name == "native":
        return str(body["error"]["message"])
    assert {"status", "error", "code"} <= set(body)
    return str(body["error"])


async def test_methods_and_slashes(core: Core, client: httpx.AsyncClient) -> None:
    for name in OTHERS:
        await methods_and_slashes(core, client, name)


async def methods_and_slashes(core: Core, client: httpx.AsyncClient, name: str) -> None:
    methods: dict[str, set[str]] = {}
    for one in operations(core, name):
        methods.setdefault(one.path.rstrip("/"), set()).add(one.method)
    assert methods
    for path, own in methods.items():
        options = await client.options(path)
        assert options.status_code == 204, path
        allowed = set(options.headers["allow"].split(", "))
        assert allowed == own | {"OPTIONS"} | ({"HEAD"} if "GET" in own else set()), path
        wrong = next(one for one in ("PATCH", "TRACE") if one not in own)
        for at in (path, f"{path}/"):
            refused = await client.request(wrong, at)
            assert refused.status_code == 405, (at, refused.text)
            assert set(refused.headers["allow"].split(", ")) == allowed
            assert words(name, refused) or name == "chatly"
    nowhere = await client.options(f"{next(iter(methods))}/nowhere/at/all")
    assert nowhere.status_code == 404
    assert nowhere.json()["success"] is False


READS = {
    "native": "/api/contacts",
    "pabbly": "/pabbly/api/v1/contacts",
    "chitchatlabs": "/chitchatlabs/chat-service/apis/messages",
    "chattu": "/chattu/api/clients",
    "chatly": "/chatly/auth/en/api/whatsapp-contact",
}


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    for path in READS.values():
        got, head = await client.get(path), await client.head(path + "/")
        assert (got.status_code, head.status_code) == (200, 200), got.text
        assert head.content == b""
        assert head.headers["content-type"] == got.headers["content-type"]
        assert head.headers["content-length"] == got.headers["content-length"]


async def test_an_unknown_query_parameter_is_refused_by_its_name(core: Core, client: httpx.AsyncClient) -> None:
    for name, one in [(dialect, one) for dialect in OTHERS for one in operations(core, dialect)]:
        if one.public:
            continue
        kind = {"Content-Type": "application/json"} if one.body else {}
        answer = await client.request(one.method, f"{one.path}?{UNKNOWN}=1", headers=kind)
        assert answer.status_code in (400, 422), (one, answer.text)
        assert UNKNOWN in words(name, answer), one


async def test_an_unknown_field_is_refused_by_its_name(core: Core, client: httpx.AsyncClient) -> None:
    seen: Counter[str] = Counter()
    for name, one in [(dialect, one) for dialect in OTHERS for one in operations(core, dialect)]:
        if not one.body or one.path.endswith(("/login", "/reset-api-key", "/contacts/999999")):
            continue
        answer = await client.request(one.method, one.path, json={UNKNOWN: 1})
        assert answer.status_code in (400, 422), (one, answer.text)
        assert UNKNOWN in words(name, answer), (one, answer.text)
        seen[name] += 1
    assert seen >= Counter({"chitchatlabs": 2, "pabbly": 4, "chattu": 7, "chatly": 15})


TYPES = (
    ("pabbly", "/pabbly/api/v1/messages", ("application/json",)),
    ("pabbly", "/pabbly/api/v1/contacts", ("application/json",)),
    ("chitchatlabs", "/chitchatlabs/chat-service/apis/message/single", ("application/json",)),
    ("chattu", "/chattu/api/send-message", ("application/json", "application/x-www-form-urlencoded")),
    (
        "chatly",
        "/chatly/auth/api/tags",
        ("multipart/form-data", "application/x-www-form-urlencoded", "application/json"),
    ),
)


async def test_a_wrong_or_missing_type_is_refused_by_the_name_of_the_header(client: httpx.AsyncClient) -> None:
    for name, path, wanted in TYPES:
        for given in ("text/plain", None):
            answer = await client.post(path, content=b'{"a": 1}', headers={"Content-Type": given} if given else {})
            assert answer.status_code == 415, answer.text
            said = words(name, answer)
            assert "Content-Type" in said
            assert all(one in said for one in wanted)
            assert answer.headers["accept"] == ", ".join(wanted)


async def test_fields_of_objects_inside_are_as_strict(client: httpx.AsyncClient) -> None:
    to: dict[str, Any] = {"mobile": "919739978284", "name": "P"}
    rest = {"fb_template": "x", "language": "en"}
    base = "/chitchatlabs/chat-service/apis/message"
    for path, body, field in (
        (f"{base}/single", {**rest, "to": {**to, "colour": "red"}}, "to.colour"),
        (f"{base}/single", {**rest, "to": to, "file": {"type": "image", "link": "https://e.com/a", "size": 1}},
         "file.size"),
    ):  # fmt: skip
        answer = await client.post(path, json=body)
        assert answer.status_code == 400
        assert field in words("chitchatlabs", answer)
    for contact, field in (({"colour": "red"}, "contact.colour"), ({"mobile": "15550001111"}, "contact.mobile")):
        body = {"to": "919739978284", "type": "text", "message": "x", "contact": contact}
        answer = await client.post("/pabbly/api/v1/messages", json=body)
        assert answer.status_code == 400
        assert field in words("pabbly", answer)
    rows = {"contacts": [{"mobile": "919739978284", "colour": "red"}]}
    made = (await client.post("/pabbly/api/v1/contacts", json=rows)).json()["data"]
    assert made["createdContacts"] == []
    assert "colour" in made["failedContacts"][0]["reason"]


async def test_json_is_not_nested_without_end(client: httpx.AsyncClient) -> None:
    nested = b'{"to":' + b"[" * 200 + b"]" * 200 + b"}"
    for name, path in (
        ("native", "/api/messages"),
        ("pabbly", "/pabbly/api/v1/messages"),
        ("chitchatlabs", "/chitchatlabs/chat-service/apis/message/single"),
        ("chattu", "/chattu/api/send-message"),
        ("chatly", "/chatly/auth/api/tags"),
    ):
        answer = await client.post(path, content=nested, headers={"Content-Type": "application/json"})
        assert answer.status_code == (422 if name == "chatly" else 400), answer.text
        assert "nested" in words(name, answer)
