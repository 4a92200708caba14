"""The dialect of docs/adding-a-dialect.md sends and tells of deliveries as it is printed."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from jackfield import app as application
from jackfield.core import hex_hmac
from jackfield.dialects import DIALECTS, Dialect
from jackfield.server import startup
from jackfield.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-dialect.md"
KEY = "test-key-0123456789"


@pytest.fixture
async def postbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application, with the page's dialect in its registry."""
    (code,) = re.findall(r"```python\n# postbox\.py\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "postbox.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    line = Dialect(name="postbox", prefixes=("/postbox",), module="postbox")
    for module in (application, startup):
        monkeypatch.setattr(module, "DIALECTS", (*DIALECTS, line))
    settings = Settings(
        data_dir=tmp_path / "data",
        api_key=SecretStr(KEY),
        simulator=True,
        egress_allow="127.0.0.1",
        log_level="error",
    )
    async with application.Server(settings) as server:
        transport = httpx.ASGITransport(app=server.app)
        base = "http://jackfield.test/postbox"
        async with httpx.AsyncClient(transport=transport, base_url=base, headers={"Postbox-Key": KEY}) as client:
            yield client
    sys.modules.pop("postbox", None)


async def test_a_letter_is_sent_and_its_delivery_is_told(postbox: httpx.AsyncClient, receiver: Any) -> None:
    made = await postbox.post("/hooks", json={"url": receiver.url, "sender": "The Shop"})
    assert made.status_code == 201, made.text
    sent = await postbox.post("/letters", json={"to": "+62 812 3456 7890", "text": "Hello"})
    assert sent.status_code == 201, sent.text
    letter = sent.json()["letter"]
    arrived: Callable[[Any], bool] = lambda got: got.json == {"letter": letter, "state": "arrived"}  # noqa: E731
    told = await asyncio.to_thread(receiver.wait, arrived)
    assert told.headers["postbox-seal"] == hex_hmac(made.json()["seal"], told.body)
    seen = await postbox.get(f"/letters/{letter}")
    assert (seen.json()["to"], seen.json()["reason"]) == ("6281234567890", None)
    assert seen.json()["state"] in ("arrived", "opened")


async def test_failures_come_in_the_vendor_s_envelope(postbox: httpx.AsyncClient) -> None:
    json_type = {"Content-Type": "application/json"}
    for answer, status, code in (
        (await postbox.post("/letters", json={"to": "+6281234567890"}), 400, "VALIDATION_ERROR"),
        (await postbox.post("/letters", json=["?"]), 400, "VALIDATION_ERROR"),
        (await postbox.post("/letters", content=b"{", headers=json_type), 400, "INVALID_JSON"),
        (await postbox.post("/letters", content=b"{}"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (await postbox.get("/letters/1?colour=red"), 400, "VALIDATION_ERROR"),
        (await postbox.patch("/letters"), 405, "METHOD_NOT_ALLOWED"),
        (await postbox.get("/letters/4711"), 404, "NOT_FOUND"),
        (await postbox.get("/letters/x"), 404, "LETTER_NOT_FOUND"),
        (await postbox.get("/nowhere"), 404, "NOT_FOUND"),
        (await postbox.get("/letters/1", headers={"Postbox-Key": "wrong"}), 401, "UNAUTHORIZED"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert set(answer.json()) == {"wrong", "code"}
        assert answer.json()["wrong"]


async def test_a_request_that_fails_in_the_middle_leaves_nothing(postbox: httpx.AsyncClient, receiver: Any) -> None:
    answer = await postbox.post("/hooks", json={"url": receiver.url, "sender": "x" * 300})
    assert answer.status_code == 400, answer.text
    transport = postbox._transport
    base = "http://jackfield.test/api/v1"
    async with httpx.AsyncClient(transport=transport, base_url=base, headers={"X-API-Key": KEY}) as ours:
        assert (await ours.get("/webhooks")).json()["data"] == []
