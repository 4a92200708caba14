"""The Python client against a real server: both ways of calling, retries, idempotency, live events."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jackfield.client import ApiError, Client, ConnectionFailed, Pages
from jackfield.client._names import ELSEWHERE
from jackfield.testing.server import JackfieldServer, free_port, until

from .document import OPERATIONS, client_method

NUMBERS = itertools.count(628100000000)
NOT_NOW = frozenset({"PROFILE_NOT_CONNECTED", "QR_NOT_AVAILABLE", "ALREADY_CONNECTED", "UNSUPPORTED", "FORBIDDEN"})
"""What a server may answer to a call that is right."""


@pytest.fixture
def client(shared_server: JackfieldServer) -> Iterator[Client]:
    with Client(shared_server.url, shared_server.key) as made:
        yield made


def test_without_asyncio(client: Client, tmp_path: Path) -> None:
    to = str(next(NUMBERS))
    sent = client.messages.text(to, "Hello!", wait=10, tag="sync").now()
    assert sent.status in ("sent", "delivered", "read")
    assert sent.provider_id
    assert client.messages.get(sent.message_id).now().text == "Hello!"
    contact = client.contacts.create(name="Budi", phone=to, tags=["vip"]).now()
    assert (contact.tags, contact.phone) == (["vip"], to)
    assert client.contacts.update(contact.id, lists=["Customers"]).now().lists[0].name == "Customers"
    for _ in range(5):
        client.messages.text(to, "more", tag="sync").now()
    assert len(list(client.messages.list(tag="sync", limit=2))) == 6
    assert len(client.messages.list(tag="sync", limit=2).page().now()) == 2
    file = tmp_path / "contacts.csv"
    file.write_text("Name,Phone\nSiti,+62811222333\nNobody,12\n")
    report = client.contacts.import_file(file, list="File").now()
    assert (report.created, report.refused_total, report.refused[0].line) == (1, 1, 3)
    assert b"Siti" in client.contacts.export(list="File").now()
    assert client.get("/usage", by="profile").now()["rows"][0]["key"] == "1"


async def test_with_asyncio(shared_server: JackfieldServer) -> None:
    async with Client(shared_server.url + "/api/v1", shared_server.key) as client:
        people = [str(next(NUMBERS)) for _ in range(3)]
        sent = await asyncio.gather(*(client.messages.text(one, "Hi") for one in people))
        assert len({one.message_id for one in sent}) == 3
        message = await client.messages.settled(sent[0].message_id, "read", seconds=60)
        assert message.read_at
        batch = await client.bulk.send(
            [{"chatId": one, "content": {"text": "Hello {name}!"}, "variables": {"name": "John"}} for one in people]
        )
        assert batch.total_messages == 3
        campaign = await client.campaigns.create("Nobody", "Hi {name}", audience={"tags": ["none"]}, start=False)
        assert campaign.id in [one.id async for one in client.campaigns.list()]
        with pytest.raises(ApiError) as refused:
            await client.contacts.get("999999")
        assert (refused.value.status, refused.value.code) == (404, "CONTACT_NOT_FOUND")
        with pytest.raises(ApiError) as wrong:
            await client.messages.text("nobody", "x")
        assert wrong.value.details == {"to": ["Give the number with its country code, digits only."]}


async def test_live_events_resume(shared_server: JackfieldServer) -> None:
    async with Client(shared_server.url, shared_server.key) as client, asyncio.timeout(60):
        stream = client.events("message.sent")
        listening = aiter(stream)
        hearing = asyncio.ensure_future(anext(listening))
        while stream.cursor is None:
            await asyncio.sleep(0.01)
        first = await client.messages.text(str(next(NUMBERS)), "one")
        event = await hearing
        assert (event.type, event.data["id"]) == ("message.sent", first.message_id)
        await listening.aclose()  # type: ignore[attr-defined]
        second = await client.messages.text(str(next(NUMBERS)), "two", wait=10)
        async for event in client.events("message.sent", after=stream.cursor):
            assert event.data["id"] == second.message_id
            break


def test_live_events_without_asyncio(client: Client) -> None:
    first = client.messages.text(str(next(NUMBERS)), "one", wait=10).now()
    for event in client.events("message.sent", after="0"):
        if event.data["id"] == first.message_id:
            break


class Flaky:
    """A server that answers as told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, Any]] | None] = []
        self.asked: list[tuple[str, str, str | None]] = []
        flaky = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", "0")))
                flaky.asked.append((self.command, self.path, self.headers.get("Idempotency-Key")))
                answer = flaky.answers.pop(0)
                if answer is None:
                    self.connection.close()
                    return
                body = json.dumps(answer[1]).encode()
                self.send_response(answer[0])
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = handle_one

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def flaky() -> Iterator[Flaky]:
    made = Flaky()
    yield made
    made.server.shutdown()
    made.server.server_close()


SENT = {"success": True, "data": {"messageId": "1", "status": "queued", "timestamp": "x"}, "meta": {}}
BUSY = {"success": False, "error": {"code": "OVERLOADED", "message": "busy"}}


def test_what_may_pass_is_tried_again_under_one_key(flaky: Flaky) -> None:
    flaky.answers = [(503, BUSY), None, (200, SENT)]
    with Client(flaky.url, "key") as client:
        assert client.messages.text("628123456789", "x").now().message_id == "1"
    assert len(flaky.asked) == 3
    assert len({key for _, _, key in flaky.asked}) == 1
    assert flaky.asked[0][2]


def test_what_might_be_done_twice_is_not_tried_again(flaky: Flaky) -> None:
    flaky.answers = [None, (200, SENT)]
    with Client(flaky.url, "key") as client, pytest.raises(ConnectionFailed):
        client.post("/lists", {"name": "x"}).now()
    assert len(flaky.asked) == 1


def test_refusals_are_not_tried_again(flaky: Flaky) -> None:
    flaky.answers = [(409, {"success": False, "error": {"code": "CONFLICT", "message": "no"}})]
    with Client(flaky.url, "key") as client, pytest.raises(ApiError, match="CONFLICT"):
        client.contacts.create(name="x").now()
    assert len(flaky.asked) == 1


def test_nobody_there() -> None:
    with Client(f"http://127.0.0.1:{free_port()}", "key", attempts=2) as client, pytest.raises(ConnectionFailed):
        client.get("/profiles").now()


def test_a_repeat_is_never_a_second_message(client: Client, shared_server: JackfieldServer) -> None:
    to = str(next(NUMBERS))
    first, second = (client.messages.text(to, "once", key="mine").now() for _ in range(2))
    assert first.message_id == second.message_id
    until(lambda: client.messages.get(first.message_id).now().status == "read")
    assert len([one for one in shared_server.outbox() if one["to"] == to]) == 1


PAGE = Path(__file__).parents[2] / "docs" / "python-client.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_examples_of_the_page(shared_server: JackfieldServer, number: int) -> None:
    example = EXAMPLES[number].replace("http://127.0.0.1:3001", shared_server.url)
    code = example.replace("YOUR_KEY", shared_server.key)
    assert code != EXAMPLES[number]
    if "client.events(" in code:
        # It goes on for ever; what was printed shows that it listens.
        code = code.replace("            print(event.type, event.data)", "            print(event.type); return")
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as running:
            received = {"from": "628119998887", "text": "hello"}
            until(
                lambda: (
                    shared_server.request("POST", "/simulator/1/inbound", json=received) and running.poll() is not None
                ),
                what="the event has come",
            )
            assert running.stdout is not None
            assert running.stdout.read() == "message.received\n"
        return
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout


def test_every_answer_without_an_id_fits_its_type(client: Client) -> None:
    seen = 0
    for method, path, operation in OPERATIONS:
        name = operation["operationId"]
        if method != "GET" or "{" in path or name in ELSEWHERE:
            continue
        needed = {one["name"]: "hello" for one in operation.get("parameters", ()) if one.get("required")}
        made = client_method(client, operation)(**needed)
        try:
            found = list(zip(range(3), made, strict=False)) if isinstance(made, Pages) else made.now()
        except ApiError as error:
            if error.code not in NOT_NOW:
                raise
            continue
        assert found is not None
        seen += 1
    assert seen > 40


def test_an_inbox_by_the_client(client: Client, shared_server: JackfieldServer) -> None:
    peer = "6281999000111"
    client.messages.text(peer, "Hello!", wait=10).now()
    chat = next(iter(client.chats.list_chats(search=peer)))
    assert (chat.chat_id, chat.window_open) == (f"{peer}@c.us", False)
    assert client.chats.get_chat_counts(profileId="1").now().all >= 1
    assert client.chats.update_chats(ids=[chat.id], status="done").now().changed == 1
    assert client.chats.reopen_chat(chat.id).now().status == "open"
    view = client.saved_views.create_saved_view(name=f"Mine {peer}", shared=True).now()
    assert client.saved_views.get_saved_view(view.id).now().shared is True
    reply = client.canned_replies.create_canned_reply(shortcut=f"hi{peer}", text="Hello {name}!").now()
    assert client.canned_replies.fill_canned_reply(chat.id, reply.id).now().text.startswith("Hello")
    person = client.contacts.create_contact(phone=peer, name="Asked").now()
    client.contacts.update_contact(person.id, optin=False).now()
    segment = client.segments.create_segment(name=f"No {peer}", filter={"phone": peer}).now()
    assert [one.id for one in client.segments.list_segment_contacts(segment.id)] == [person.id]
    file = b"Name,Phone\nSiti,+6281999000222\n"
    assert client.contacts.preview_import(file).now().contacts == 1
    assert client.contacts.import_contacts(file, onDuplicate="merge").now().rows == 1
    campaign = client.campaigns.create_campaign(name="Draft", content="Hi", audience={"phone": peer}, start=False).now()
    assert client.campaigns.get_campaign_timeline(campaign.id, bucket="hour").now() == []
    assert client.campaigns.delete_campaign(campaign.id).now().deleted is True
    hook = client.webhooks.create_webhook(url=f"{shared_server.url}/healthz", events=["contact.created"]).now()
    assert client.webhooks.test_webhook(hook.id).now().delivered is False
    (logged,) = client.webhooks.list_deliveries(hook.id)
    assert client.webhooks.get_delivery(hook.id, logged.id).now().event == "webhook.test"
    assert client.usage.get_usage(by="profile").now().rows[0].key == "1"
