"""The simulated Meta by itself: tokens, ids, paging, malformed requests, callbacks."""

from __future__ import annotations

from typing import Any

import aiohttp
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jackfield.core.egress import LOOPBACK
from jackfield.core.ground.errors import LoginRequired, Rejected
from jackfield.core.port import AccountNotice, Status
from jackfield.engines.simulator.graph import messages
from jackfield.engines.simulator.graph.app import build
from jackfield.engines.simulator.graph.errors import GraphProblem
from jackfield.engines.simulator.world import World

from .conftest import ENGINE, Line, Meta

TEXT = {"messaging_product": "whatsapp", "to": "+62 812-3456-7890", "type": "text", "text": {"body": "hi"}}


async def call(
    meta: Meta, method: str, path: str, body: Any = None, token: str | None = "any", **query: str
) -> tuple[int, dict[str, Any]]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with meta.http.request(method, meta.url + path, json=body, headers=headers, params=query) as response:
        return response.status, await response.json()


@pytest.mark.parametrize("prefix", ["", "/v19.0", "/v23.0", "/v99.0"])
async def test_any_version_and_any_id_will_do(meta: Meta, prefix: str) -> None:
    status, answer = await call(meta, "POST", f"{prefix}/123456/messages", TEXT)
    assert status == 200
    assert answer["contacts"] == [{"input": "6281234567890", "wa_id": "6281234567890"}]
    assert answer["messages"][0]["id"].startswith("wamid.")


async def test_tokens(meta: Meta) -> None:
    status, answer = await call(meta, "POST", "/v23.0/123456/messages", TEXT, token=None)
    assert (status, answer["error"]["code"]) == (401, 104)
    await meta.control("123456", accessToken="right")
    status, answer = await call(meta, "POST", "/v23.0/123456/messages", TEXT, token="wrong")
    assert (status, answer["error"]["code"]) == (401, 190)
    # A token that was set for one number opens no other, as at Meta.
    status, answer = await call(meta, "POST", "/v23.0/999999/messages", TEXT, token="right")
    assert (status, answer["error"]["code"], answer["error"]["error_subcode"]) == (400, 100, 33)
    status, _ = await call(meta, "POST", "/v23.0/123456/messages", TEXT, token="right")
    assert status == 200


BAD: list[tuple[Any, int]] = [
    ([], 100),
    ({}, 100),
    ({**TEXT, "messaging_product": "telegram"}, 100),
    ({**TEXT, "to": None}, 100),
    ({**TEXT, "to": "abc"}, 131009),
    ({**TEXT, "to": "12"}, 131009),
    ({**TEXT, "to": None, "recipient": "nobody"}, 131009),
    ({**TEXT, "type": "hologram"}, 100),
    ({**TEXT, "type": ["text"]}, 100),
    ({**TEXT, "type": "image"}, 131008),
    ({**TEXT, "text": "hi"}, 100),
    ({**TEXT, "text": {}}, 100),
    ({**TEXT, "text": {"body": "x" * 4097}}, 100),
    ({**TEXT, "type": "image", "image": {"id": "1", "link": "https://x"}}, 131008),
    ({**TEXT, "type": "image", "image": {"id": "404"}}, 131009),
    ({**TEXT, "type": "image", "image": {"link": "x"}}, 131009),
    ({**TEXT, "type": "location", "location": {"latitude": 1}}, 131008),
    ({**TEXT, "type": "location", "location": {"latitude": 1, "longitude": 181}}, 131009),
    ({**TEXT, "type": "contacts", "contacts": [{"name": {"formatted_name": "A"}}]}, 131008),
    ({**TEXT, "type": "reaction", "reaction": {"emoji": "x"}}, 131008),
    ({**TEXT, "type": "interactive", "interactive": {"type": "button", "body": {"text": "b"}}}, 131008),
    ({**TEXT, "type": "interactive", "interactive": {"type": "list", "body": "b"}}, 131008),
    ({**TEXT, "type": "interactive", "interactive": {"type": "telepathy"}}, 131009),
    ({**TEXT, "type": "template", "template": {"name": "x"}}, 131008),
    ({**TEXT, "type": "template", "template": {"name": "x", "language": {"code": "en"}}}, 132001),
    ({**TEXT, "type": "template", "template": {"name": "demo_text", "language": {"code": "en"}}}, 132000),
    ({**TEXT, "type": "template", "template": {"name": "market_bros", "language": {"code": "en"}}}, 132012),
    ({**TEXT, "biz_opaque_callback_data": "x" * 513}, 100),
    ({"messaging_product": "whatsapp", "status": "read"}, 100),
    ({"messaging_product": "whatsapp", "status": "read", "message_id": "x"}, 131009),
]


@pytest.mark.parametrize(("body", "code"), BAD, ids=[f"{n}-{row[1]}" for n, row in enumerate(BAD)])
async def test_what_meta_refuses(meta: Meta, body: Any, code: int) -> None:
    status, answer = await call(meta, "POST", "/v23.0/123456/messages", body)
    assert status in (400, 404)
    error = answer["error"]
    assert error["code"] == code
    assert error["message"].startswith(f"(#{code}) ")
    assert error["type"] == "OAuthException"
    assert error["fbtrace_id"]
    if code > 100_000:
        assert error["error_data"]["messaging_product"] == "whatsapp"
        assert error["error_data"]["details"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)

NONSENSE = build(World(scale=0), strict=False)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["text", "image", "location", "contacts", "reaction", "interactive", "template"]),
    part=JSON,
    inner=st.sampled_from(["button", "list", "product_list", "flow", "carousel", "cta_url"]),
)
async def test_nonsense_is_refused_not_stumbled_over(kind: str, part: Any, inner: str) -> None:
    shaped = {"type": inner, "action": part, "body": {"text": "b"}} if kind == "interactive" else part
    sent: list[Any] = []
    body = msgspec.json.encode({**TEXT, "type": kind, kind: shaped})

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v23.0/1234/messages",
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer x")],
    }
    await NONSENSE(scope, receive, send)
    assert sent[0]["status"] in (200, 400, 404)
    msgspec.json.decode(sent[1]["body"])


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b"\xff", b"null"])
def test_bodies_that_are_no_json_object(raw: bytes) -> None:
    app = build(World(), strict=False)
    with pytest.raises(GraphProblem) as refused:
        messages.post(app.registry, app.registry.number("1234"), raw)
    assert refused.value.code == "100"


async def test_paging(meta: Meta) -> None:
    seen: list[str] = []
    path, query = "/v23.0/555/message_templates", {"limit": "5", "fields": "id,name"}
    for _ in range(10):
        status, page = await call(meta, "GET", path, **query)
        assert status == 200
        assert all(set(row) == {"id", "name"} for row in page["data"])
        seen += [row["id"] for row in page["data"]]
        if "next" not in page["paging"]:
            break
        query["after"] = page["paging"]["cursors"]["after"]
    assert len(seen) == len(set(seen)) >= 15
    status, answer = await call(meta, "GET", path, after="nonsense")
    assert (status, answer["error"]["code"]) == (400, 100)
    status, answer = await call(meta, "GET", path, status="REJECTED")
    assert (status, answer["data"]) == (200, [])


async def test_unknown_paths_and_ids(meta: Meta) -> None:
    for method, path in (("GET", "/v23.0/123/nothing"), ("GET", "/v23.0/1/2/3"), ("GET", "/v23.0/12345678")):
        status, answer = await call(meta, method, path)
        assert status == 400
        assert answer["error"]["code"] in (100, 2500)
    status, _ = await call(meta, "DELETE", "/v23.0/12345678")
    assert status == 400


async def test_uploads(meta: Meta) -> None:
    async def upload(mime: str, data: bytes, product: str | None = "whatsapp") -> tuple[int, dict[str, Any]]:
        form = aiohttp.FormData()
        if product:
            form.add_field("messaging_product", product)
        form.add_field("file", data, filename="a", content_type=mime)
        headers = {"Authorization": "Bearer any"}
        async with meta.http.post(f"{meta.url}/v23.0/123456/media", data=form, headers=headers) as response:
            return response.status, await response.json()

    assert (await upload("image/png", b"x"))[0] == 200
    assert (await upload("image/png", b"x", None))[1]["error"]["code"] == 100
    assert (await upload("application/x-msdownload", b"x"))[1]["error"]["code"] == 100
    assert (await upload("image/png", b"x" * (5 * 1024 * 1024 + 1)))[1]["error"]["code"] == 131053
    status, answer = await call(meta, "POST", "/v23.0/123456/media", {"messaging_product": "whatsapp"})
    assert (status, answer["error"]["code"]) == (400, 100)


async def test_a_callback_that_does_not_verify_is_not_taken(line: Line, meta: Meta) -> None:
    async with meta.http.post(
        f"{meta.url}/control/graph/{line.number}", json={"verifyToken": "other", "callbackUrl": f"{meta.url}/hooks/1"}
    ) as response:
        assert response.status == 400
        answer = await response.json()
        assert answer["graph"]["error"]["code"] == 2200
    async with meta.http.post(f"{meta.url}/control/graph/{line.number}", json={"colour": "red"}) as response:
        assert response.status == 400
        assert "colour" in (await response.json())["error"]["message"]


async def test_the_engine_sets_the_numbers_own_callback(line: Line, meta: Meta) -> None:
    session = await line.open()
    await session.set_callback(None)
    assert (await meta.control(line.number))["callbackUrl"] is None
    await session.set_callback(f"{meta.url}/hooks/1")
    assert (await meta.control(line.number))["callbackUrl"] == f"{meta.url}/hooks/1"


async def test_a_number_is_registered_without_a_session(line: Line, meta: Meta) -> None:
    await meta.control(line.number, registered=False)
    session = await line.open()
    with pytest.raises(LoginRequired) as refused:
        await session.send(line.message("x"))
    assert refused.value.code == "133010"
    with pytest.raises(Rejected):
        await ENGINE.register_number(line.config, "12345", egress_allow=LOOPBACK)
    await ENGINE.register_number(line.config, "123456", egress_allow=LOOPBACK)
    assert (await session.send(line.message("x"))).provider_id


async def test_with_a_public_address_webhooks_come_by_themselves(
    line: Line, meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    await meta.control(line.number, callbackUrl=None)
    session = await line.open(public_url=f"{meta.url}/hooks/1")
    await session.send(line.message("x"))
    await line.heard.until(lambda: len(line.heard.of(Status)) == 3)
    monkeypatch.setattr("jackfield.engines.whatsapp_cloud.session._HOOK_PAUSES_S", (0.0, 0.0))
    await line.open(public_url=f"{meta.url}/nobody")
    await line.heard.until(lambda: any(notice.kind == "callback" for notice in line.heard.of(AccountNotice)))
    (notice,) = [notice for notice in line.heard.of(AccountNotice) if notice.kind == "callback"]
    assert "verification failed" in notice.message
    assert (await meta.control(line.number))["callbackUrl"] == f"{meta.url}/hooks/1"
