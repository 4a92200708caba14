"""The AI settings and knowledge over HTTP, with an endpoint of our own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jackfield.testing.ai_endpoint import AiEndpoint, ai_endpoint
from jackfield.testing.server import JackfieldServer

from .conftest import multipart

KEY = "sk-very-secret"


@pytest.fixture
def endpoint(native: JackfieldServer) -> Iterator[AiEndpoint]:
    """The server is everybody's: no endpoint is set again afterwards."""
    with ai_endpoint() as made:
        yield made
    assert native.api("DELETE", "/ai/settings").data["configured"] is False


def test_an_endpoint_is_set_tested_and_forgotten(native: JackfieldServer, endpoint: AiEndpoint) -> None:
    api = native.api
    before = api("GET", "/ai/settings").data
    assert (before["configured"], before["baseUrl"], before["perDay"]) == (False, "", 500)
    assert (api("POST", "/ai/test").status, api("POST", "/ai/test").json["error"]["code"]) == (409, "AI_NOT_SET")
    body = {"baseUrl": endpoint.url + "/", "model": "m", "priceIn": 0.15, "priceOut": 0.6, "currency": "eur"}
    put = api("PUT", "/ai/settings", json={**body, "apiKey": KEY})
    assert put.status == 200, put
    assert KEY not in put.body.decode()
    shown = {name: put.data[name] for name in ("baseUrl", "hasKey", "priceIn", "priceOut", "currency")}
    assert shown == {"baseUrl": endpoint.url, "hasKey": True, "priceIn": 0.15, "priceOut": 0.6, "currency": "EUR"}
    tested = api("POST", "/ai/test").data
    assert (tested["ok"], tested["error"], tested["tokensIn"]) == (True, None, 100)
    assert endpoint.keys == [f"Bearer {KEY}"]
    assert endpoint.asked[0]["model"] == "m"
    # The key stays with its place, and goes nowhere else.
    assert api("PUT", "/ai/settings", json=body).data["hasKey"] is True
    elsewhere = endpoint.url.replace("127.0.0.1", "127.0.0.2")
    assert api("PUT", "/ai/settings", json={**body, "baseUrl": elsewhere}).data["hasKey"] is False
    (entry, *_) = api("GET", "/audit?action=ai_settings.changed").data
    assert KEY not in str(entry)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ((401, {"error": {"message": f"bad key {KEY}"}}), "key"),
        ((404, {}), "not_found"),
        ((400, {"error": {"code": "model_not_found", "message": "The model does not exist"}}), "not_found"),
        ((400, {"error": {"message": "response_format is unknown"}}), "refused"),
        ((429, {}), "busy"),
        ((503, {}), "server_error"),
        ((200, {"hello": 1}), "no_json"),
        ((200, {"choices": [{"finish_reason": "length", "message": {"content": "{"}}]}), "cut_off"),
    ],
)
def test_what_failed_is_said(native: JackfieldServer, endpoint: AiEndpoint, reply: Any, error: str) -> None:
    endpoint.reply = lambda _: reply
    assert native.api("PUT", "/ai/settings", json={"baseUrl": endpoint.url, "model": "m"}).status == 200
    tested = native.api("POST", "/ai/test").data
    assert (tested["ok"], tested["error"]) == (False, error), tested
    assert tested["message"]
    assert KEY not in str(tested)


def test_a_limit_under_its_newer_name(native: JackfieldServer, endpoint: AiEndpoint) -> None:
    def reply(body: dict[str, Any]) -> Any:
        return "{}" if "max_completion_tokens" in body else (400, {"error": "Use 'max_completion_tokens' instead."})

    endpoint.reply = reply
    native.api("PUT", "/ai/settings", json={"baseUrl": endpoint.url, "model": "m"})
    assert native.api("POST", "/ai/test").data["ok"] is True
    assert len(endpoint.asked) == 2


def test_where_nobody_is(native: JackfieldServer, endpoint: AiEndpoint) -> None:
    native.api("PUT", "/ai/settings", json={"baseUrl": "http://127.0.0.1:9/v1", "model": "m"})
    assert native.api("POST", "/ai/test").data["error"] == "connect"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"baseUrl": "http://10.1.2.3/v1"}, "baseUrl"),
        ({"baseUrl": "ftp://example.com"}, "baseUrl"),
        ({"baseUrl": "https://user:pass@example.com/v1"}, "baseUrl"),
        ({"baseUrl": "https://example.com/v1?key=1"}, "baseUrl"),
        ({"model": ""}, "model"),
        ({"apiKey": "a b"}, "apiKey"),
        ({"apiKey": "a\nb"}, "apiKey"),
        ({"timeoutSeconds": 51}, "timeoutSeconds"),
        ({"priceIn": -1}, "priceIn"),
        ({"currency": "EURO"}, "currency"),
        ({"perDay": 0}, "perDay"),
    ],
)
def test_what_is_refused(native: JackfieldServer, changes: dict[str, Any], field: str) -> None:
    body = {"baseUrl": "http://127.0.0.1:9/v1", "model": "m", **changes}
    refused = native.api("PUT", "/ai/settings", json=body)
    assert refused.status == 400, refused
    assert field in refused.json["error"]["details"]
    assert native.api("GET", "/ai/settings").data["configured"] is False


def test_knowledge(native: JackfieldServer) -> None:
    api = native.api
    made = api("POST", "/knowledge", json={"name": "Hours", "text": "# Sunday\n\nClosed on Sundays."}).data
    assert (made["format"], made["passages"]) == ("markdown", 1)
    data, headers = multipart(file=("prices.csv", b"Item,Price\nMug,5\n"))
    uploaded = native.api("POST", "/knowledge/files", body=data, headers=headers)
    assert uploaded.status == 201, uploaded
    file = uploaded.json["data"]
    assert (file["name"], file["text"]) == ("prices.csv", "Item: Mug; Price: 5")
    assert [one["id"] for one in api("GET", "/knowledge").data][:2] == [file["id"], made["id"]]
    found = api("GET", "/knowledge/search?q=are%20you%20open%20on%20sunday&limit=1").data
    assert found == [{"knowledgeId": made["id"], "title": "Hours › Sunday", "text": "Closed on Sundays."}]
    assert api("PATCH", f"/knowledge/{made['id']}", json={"name": "PRICES.csv"}).status == 409
    changed = api("PATCH", f"/knowledge/{made['id']}", json={"text": "Always open."}).data
    assert (changed["name"], changed["text"]) == ("Hours", "Always open.")
    data, headers = multipart(file=("x.pdf", b"%PDF"))
    assert native.api("POST", f"/knowledge/{made['id']}/file", body=data, headers=headers).status == 400
    for one in (made, file):
        assert api("DELETE", f"/knowledge/{one['id']}").data == {"id": one["id"], "deleted": True}
    assert api("GET", f"/knowledge/{made['id']}").json["error"]["code"] == "KNOWLEDGE_NOT_FOUND"


def test_usage_of_nothing(native: JackfieldServer) -> None:
    usage = native.api("GET", "/ai/usage").data
    assert usage["rows"] == []
    assert set(usage["total"].values()) == {0}
    assert native.api("GET", "/ai/usage?from=2026-02-01&to=2026-01-01").status == 400
