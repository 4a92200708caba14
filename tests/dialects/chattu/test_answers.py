"""What a webhook's answer sets off: replies to the sender, words for the caller, and no loops."""

from __future__ import annotations

import threading
import zlib
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, until

from ..conftest import Got, Receiver
from .conftest import Chattu

DEFAULT = "מצטער אינני זמין כעת."


def texts(rows: list[dict[str, Any]]) -> list[str]:
    return [row["content"]["text"] for row in rows]


@pytest.fixture(scope="module")
def paired(chattu_server: JackfieldServer) -> tuple[Chattu, str]:
    """Calls, and the client's profile; the client is `bot`."""
    chattu = Chattu(chattu_server)
    return chattu, chattu.add("bot", "972503334455")[1]


@pytest.fixture
def hooked(paired: tuple[Chattu, str], receiver: Receiver) -> tuple[Chattu, str, Receiver]:
    """The same, with the receiver as its webhook."""
    chattu, profile = paired
    answer = chattu.api("POST", "/api/update-webhook", json={"clientId": "bot", "webhookUrl": receiver.url})
    assert answer.status == 200, answer
    return chattu, profile, receiver


def call(chattu: Chattu, profile: str, caller: str) -> None:
    assert chattu.server.request("POST", f"/simulator/{profile}/call", json={"from": caller}).status == 200


def test_two_programs_that_answer_each_other_are_stopped(hooked: tuple[Chattu, str, Receiver]) -> None:
    chattu, profile, receiver = hooked
    peer, other = "628100000001", "628100000002"
    receiver.answer = lambda got: {"status": "success", "response": f"Answer {len(receiver.got)}"}
    for n in range(12):
        chattu.inbound(profile, **{"from": peer, "text": f"Robot here {n}"})
    receiver.wait(lambda got: got.json["data"].get("body") == "Robot here 11")
    chattu.inbound(profile, **{"from": other, "text": "A person"})
    until(lambda: chattu.outbox(profile, other), what="the answer to somebody else")
    until(lambda: len(chattu.outbox(profile, peer)) == 5, what="five answers")
    chattu.inbound(profile, **{"from": peer, "text": "And on"})
    receiver.wait(lambda got: got.json["data"].get("body") == "And on")
    assert len(chattu.outbox(profile, peer)) == 5


def test_our_own_words_are_not_answered(hooked: tuple[Chattu, str, Receiver]) -> None:
    chattu, profile, receiver = hooked
    peer = "628100000003"
    receiver.answer = lambda got: {"status": "success", "response": "Never"}
    chattu.inbound(profile, **{"from": peer, "text": "From the phone itself", "fromMe": True, "chat": peer})
    chattu.api("POST", "/api/send-message", json={"clientId": "bot", "number": peer, "message": "By API"})
    receiver.wait(lambda got: got.json["event"] == "message_sent" and got.json["data"]["to"] == peer)
    assert texts(chattu.outbox(profile, peer)) == ["By API"]
    assert not [got for got in receiver.got if got.json["data"].get("body") == "From the phone itself"]


def test_a_group_is_answered_in_the_group(hooked: tuple[Chattu, str, Receiver]) -> None:
    chattu, profile, receiver = hooked
    receiver.answer = lambda got: {"response": "To all"}
    group = next(row["id"] for row in chattu.api("GET", "/api/groups/bot").json["groups"] if not row["isReadOnly"])
    chattu.inbound(profile, **{"from": "628100000004", "text": "In the group", "chat": group})
    got = receiver.wait(lambda one: one.json["data"].get("body") == "In the group")
    assert (got.json["data"]["from"], got.json["data"]["author"]) == (group, "628100000004")
    until(lambda: texts(chattu.outbox(profile, group)) == ["To all"], what="the answer")


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        "text",
        {"response": ""},
        {"response": 7},
        {"status": "error", "response": "x"},
        {"rejectionMessage": "x"},
    ],
)
def test_what_is_no_answer(hooked: tuple[Chattu, str, Receiver], said: Any) -> None:
    chattu, profile, receiver = hooked
    peer = f"62811{zlib.crc32(str(said).encode()) % 10**7:07}"
    receiver.answer = lambda got: said
    chattu.inbound(profile, **{"from": peer, "text": "Anybody there?"})
    receiver.wait(lambda got: got.json["data"]["from"] == peer)
    assert chattu.outbox(profile, peer) == []


def test_a_caller_is_told_the_default_words(hooked: tuple[Chattu, str, Receiver]) -> None:
    chattu, profile, receiver = hooked
    silent, slow, late = "628200000001", "628200000002", "628200000003"
    done = threading.Event()

    def answer(got: Got) -> Any:
        if got.json["data"].get("from") == slow:
            done.wait(20)
            return {"rejectionMessage": "Too late"}
        return {"status": "success"}

    receiver.answer = answer
    call(chattu, profile, silent)
    until(lambda: texts(chattu.outbox(profile, silent)) == [DEFAULT], what="the default words")
    # A receiver that takes longer than 3 s is not waited for.
    call(chattu, profile, slow)
    until(lambda: texts(chattu.outbox(profile, slow)) == [DEFAULT], 12, "the default words")
    done.set()
    # Without a webhook they go out at once; switched off, the phone just rings.
    chattu.api("POST", "/api/update-webhook", json={"clientId": "bot", "webhookUrl": ""})
    call(chattu, profile, late)
    until(lambda: texts(chattu.outbox(profile, late)) == [DEFAULT], what="the default words")
    off = {"clientId": "bot", "webhookUrl": "", "autoRejectCalls": False}
    assert chattu.api("POST", "/api/update-webhook", json=off).status == 200
    call(chattu, profile, "628200000004")
    row = until(
        lambda: [
            one for one in chattu.api("GET", "/api/call-logs").json["calls"] if "628200000004" in one["call_from"]
        ],
        what="the call",
    )[0]
    assert row["end_time"] is None
    own = {"clientId": "bot", "webhookUrl": "", "autoRejectCalls": True, "autoRejectMessage": "Write to us."}
    assert chattu.api("POST", "/api/update-webhook", json=own).status == 200
    call(chattu, profile, "628200000005")
    until(lambda: texts(chattu.outbox(profile, "628200000005")) == ["Write to us."], what="our own words")
