"""The documentation's rules, sentence by sentence: what is given is obeyed, or refused by its name."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from jackfield.core import Document, Image, NotFound, Video
from jackfield.dialects.chattu import convert
from jackfield.dialects.chattu.webhook import CALL_TIMEOUT_S, CALL_WAIT_S, ChattuFormat
from jackfield.engines.whatsapp_cloud.network import CloudNetwork
from jackfield.testing.server import JackfieldServer, until

from .conftest import Chattu


def texts(rows: list[dict[str, Any]]) -> list[str]:
    return [row["content"].get("text") for row in rows]


def test_the_first_run_of_the_printed_examples_writes_to_the_phone_that_was_added(chattu: Chattu) -> None:
    _, profile = chattu.add("own-phone", "12345678901")
    body = {"clientId": "own-phone", "number": "12345678901", "message": "Hey! Its a test message"}
    assert chattu.api("POST", "/api/send-message", json=body).json["success"] is True
    assert texts(chattu.outbox(profile, "12345678901")) == ["Hey! Its a test message"]


def test_supported_file_types_are_taken_by_a_business_number_too() -> None:
    types = CloudNetwork().file_types
    for name, kind in (("a.gif", Document), ("a.webp", Document), ("a.jpg", Image), ("a.png", Image), ("a.mp4", Video)):
        content = convert.content_of("Look", f"https://example.com/files/{name}?v=1")
        taken = convert.as_taken(content, types)
        assert isinstance(taken, kind), name
        assert taken.caption == "Look"
        if kind is Document:
            assert taken.filename == name
    gif = convert.content_of("", "https://example.com/a.gif", "image")
    assert convert.as_taken(gif, {}) is gif, "a paired phone takes every picture"


def test_status_of_sent_messages_is_sent_whatever_receipts_come(chattu: Chattu) -> None:
    body = {"clientId": "1", "number": "12345678977", "message": "Hello from WhatsApp!"}
    assert chattu.api("POST", "/api/send-message", json=body).json["success"] is True
    path = "/api/chats/1/12345678977@c.us/messages"
    until(lambda: [one["ack"] for one in chattu.page("GET", path).json["messages"]] == [3], what="the receipts")
    rows = [one for one in chattu.api("GET", "/api/sent-messages").json if one["recipient"] == "12345678977"]
    assert [(one["message"], one["status"]) for one in rows] == [("Hello from WhatsApp!", "sent")]


def test_limit_is_a_number(chattu: Chattu) -> None:
    path = "/api/chats/1/12345678977@c.us/messages"
    for wrong in ("ten", "0", "-1", "1.5"):
        answer = chattu.page("GET", f"{path}?limit={wrong}")
        assert (answer.status, answer.json["code"], [*answer.json["details"]]) == (400, "INVALID_REQUEST", ["limit"])
    assert chattu.page("GET", f"{path}?limit=").status == 200
    assert chattu.page("GET", f"{path}?limit=5000").status == 200, "at most 1,000 are given"


def test_a_message_id_of_media_may_have_a_slash(chattu: Chattu) -> None:
    answer = chattu.page("GET", f"/api/chats/1/media/{quote('wamid/none==', safe='')}")
    assert (answer.status, answer.json["code"]) == (404, "MEDIA_NOT_FOUND")


async def test_real_time_updates_are_broadcast_via_websocket_to_who_is_logged_in(
    chattu: Chattu, chattu_server: JackfieldServer
) -> None:
    chattu.page("GET", "/api/chats/1")
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{chattu_server.url}/api/ws", headers={"Cookie": chattu.cookie or ""}) as ws,
    ):
        assert (await ws.receive_json(timeout=60))["event"]
    headers = {"Cookie": chattu.cookie or "", "Origin": "https://elsewhere.example"}
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{chattu_server.url}/api/ws", headers=headers)


def test_a_caller_is_told_the_default_at_once_when_the_webhook_refuses(chattu: Chattu) -> None:
    key, profile = chattu.add("calls-dead", "972500000801")
    phone = Chattu(chattu.server, key)
    url = "http://127.0.0.1:9/nobody"
    assert phone.api("POST", "/api/update-webhook", json={"clientId": "calls-dead", "webhookUrl": url}).status == 200
    caller = "972500000802"
    # The channel's own wait is made long: what comes before it comes because of the refusal.
    settings = {"auto_reject_wait_s": 600}
    assert chattu.server.api("PATCH", f"/profiles/{profile}", json={"settings": settings}).status == 200
    begun = time.monotonic()
    chattu.server.request("POST", f"/simulator/{profile}/call", json={"from": caller})
    until(lambda: chattu.outbox(profile, caller), what="the default words")
    assert time.monotonic() - begun < 300


async def test_should_respond_within_3_seconds_for_call_events() -> None:
    assert CALL_WAIT_S - CALL_TIMEOUT_S <= 0.5
    told: list[tuple[int, int, str | None]] = []

    class Calls:
        async def answer(self, workspace_id: int, call_id: int, text: str | None) -> bool:
            told.append((workspace_id, call_id, text))
            raise NotFound("gone")

    class FakeCore:
        calls = Calls()

    format = ChattuFormat()
    format.core = FakeCore()  # type: ignore[assignment]
    for type_ in ("call.rejected", "message.received"):

        class Event:
            type = type_
            workspace_id = 3
            data = b'{"id": 4}'

        await format.unanswered(Event(), None)  # type: ignore[arg-type]
    assert told == [(3, 4, None)]
