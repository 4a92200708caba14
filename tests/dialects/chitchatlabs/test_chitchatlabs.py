"""ChitChatLabs' two endpoints: their examples, what they refuse, what the network took, and how to follow it."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer, running_server, until

from ..document import hold

BASE = "/chitchatlabs/chat-service/apis"
SINGLE: dict[str, Any] = {
    "to": {"mobile": "919739978284", "name": "Partha"},
    "fb_template": "habit_run_confirmation_message",
    "language": "en",
    "file": {"type": "image", "link": "https://example.com/image-service/test.png"},
    "params": ["Partha", "Habit Run November Edition", "24th Nov"],
    "tag": "test_tag",
}
BLAST: dict[str, Any] = {
    "searchSpec": {"name": "Partha"},
    "fb_template": "habit_run_confirmation_message",
    "language": "en",
    "file": {"type": "image", "link": "https://example.com/image-service/test.png"},
    "params": ["{{name}}", "Habit Run November Edition", "24th Nov"],
    "tag": "test_tag_bulk",
}


class Client:
    def __init__(self, server: JackfieldServer) -> None:
        self.server = server

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> Answer:
        headers = {"x-tenant-api-key": self.server.key, **(more.pop("headers", None) or {})}
        return self.server.request(method, BASE + path, json=json, headers=headers, **more)

    def refused(self, path: str, json: Any, status: int = 400) -> dict[str, Any]:
        answer = self("POST", path, json)
        assert answer.status == status, answer
        body: dict[str, Any] = answer.json
        assert body["success"] is False
        assert set(body["error"]) >= {"code", "message"}
        return dict(body["error"])


@pytest.fixture(scope="package")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running_server(tmp_path_factory.mktemp("chitchatlabs")) as server:
        hold(server, "/chitchatlabs")
        for n, fields in enumerate(
            [
                {"name": "Partha", "attributes": {"city": "Pune"}, "tags": ["runner"]},
                {"name": "partha", "attributes": {"city": "Delhi"}},
                {"name": "Partha Sarathi", "attributes": {"city": "Pune"}},
                {"name": "Partha", "optin": False, "attributes": {"city": "Goa"}},
                {"name": "Meera", "email": "meera@example.com", "attributes": {"city": "Pune"}},
            ]
        ):
            answer = server.api("POST", "/contacts", json={"phone": f"9198765{n:05}", **fields})
            assert answer.status < 300, answer
        found = Client(server)
        until(
            lambda: found("POST", "/message/single", {**SINGLE, "tag": "warm up"}).status == 200,
            what="templates are read",
        )
        yield found


def outbox(client: Client, to: str) -> list[dict[str, Any]]:
    return [one["content"] for one in client.server.outbox() if one["to"] == to]


def test_single(client: Client) -> None:
    data = client("POST", "/message/single", SINGLE).data
    assert data["status"] in ("sent", "delivered", "read")
    assert data["providerMessageId"].startswith("wamid.")
    assert (data["to"], data["tag"]) == ({"mobile": "919739978284", "name": "Partha"}, "test_tag")
    assert (data["counts"], data["skipped"]) == ({"accepted": 1, "skipped": 0}, [])
    content = outbox(client, "919739978284")[-1]
    assert content["header"]["media"]["url"] == SINGLE["file"]["link"]
    assert [one["text"] for one in content["body"]] == SINGLE["params"]
    followed = client("GET", f"/message/single/{data['id']}").data
    assert (followed["fb_template"], followed["tag"]) == ("habit_run_confirmation_message", "test_tag")
    # The recipient need not be a contact, and does not become one.
    assert client.server.api("GET", "/contacts?phone=919739978284").data == []


def test_placeholders_of_a_single_message(client: Client) -> None:
    to = {"mobile": "919876500004", "name": "M."}
    client("POST", "/message/single", {**SINGLE, "to": to, "params": ["{{name}}", "{{city}}", "24th Nov"]}).data  # noqa: B018
    assert [one["text"] for one in outbox(client, "919876500004")[-1]["body"]] == ["M.", "Pune", "24th Nov"]
    refused = client("POST", "/message/single", {**SINGLE, "to": to, "params": ["{{name}}", "{{city}}", "{{unknown}}"]})
    assert (refused.status, refused.json["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert "{unknown}" in refused.json["error"]["message"], "nobody reads the braces"
    assert len(outbox(client, "919876500004")) == 1


def test_blast(client: Client) -> None:
    data = client("POST", "/message/blast", BLAST).data
    assert (data["audience"], data["counts"]["total"], data["counts"]["skipped"]) == (3, 3, 0)
    done = until(
        lambda: (found := client("GET", f"/message/blast/{data['id']}").data)["status"] == "finished" and found,
        what="the blast is over",
    )
    assert done["counts"]["sent"] == 3
    assert outbox(client, "919876500001")[-1]["body"][0]["text"] == "partha"
    listed = client("GET", "/messages?tag=test_tag_bulk").data
    assert {one["to"] for one in listed} == {"919876500000", "919876500001", "919876500003"}


def test_marketing_leaves_out_who_refused_it(client: Client) -> None:
    blast = {"searchSpec": {"name": "Partha"}, "fb_template": "demo_text", "language": "en", "params": ["{{name}}"]}
    data = client("POST", "/message/blast", {**blast, "tag": "marketing"}).data
    assert (data["counts"]["total"], data["counts"]["skipped"]) == (3, 1)
    assert [(one["mobile"], one["code"]) for one in data["skipped"]] == [("919876500003", "opted_out")]
    assert data["skipped"][0]["reason"]
    (listed,) = client("GET", "/messages?tag=marketing&status=skipped").data
    assert (listed["to"], listed["error"]["code"]) == ("919876500003", "opted_out")


def test_a_single_message_of_marketing_to_somebody_who_refused_it_is_refused(client: Client) -> None:
    single = {"to": {"mobile": "919876500003", "name": "Partha"}, "fb_template": "demo_text", "language": "en"}
    found = client.refused("/message/single", {**single, "params": ["a"], "tag": "refused"}, 403)
    assert (found["code"], found["details"]) == ("SKIPPED", {"reason": "opted_out"})


@pytest.mark.parametrize(
    ("spec", "numbers"),
    [
        ({"name": "Partha Sarathi"}, {2}),
        ({"city": "Pune", "name": "Meera"}, {4}),
        ({"attributes.city": "Pune"}, {0, 2, 4}),
        ({"email": "meera@example.com"}, {4}),
        ({"mobile": "919876500002"}, {2}),
        ({"tags": ["runner"]}, {0}),
        ({"name": "Nobody"}, set()),
    ],
    ids=str,
)
def test_search(client: Client, spec: dict[str, Any], numbers: set[int]) -> None:
    data = client("POST", "/message/blast", {**BLAST, "searchSpec": spec, "tag": str(spec)}).data
    assert data["audience"] == data["counts"]["total"] == len(numbers)
    listed = client("GET", f"/messages?blast={data['id']}").data
    assert {one["to"] for one in listed} == {f"9198765{n:05}" for n in numbers}


@pytest.mark.parametrize("name", ["to", "to.mobile", "to.name", "fb_template", "language", "params", "file"])
def test_each_field_left_out_of_single(client: Client, name: str) -> None:
    body = copy.deepcopy(SINGLE)
    *path, last = name.split(".")
    del (body[path[0]] if path else body)[last]
    words = {"params": "{{1}}", "file": "image"}.get(name, name)
    assert words in client.refused("/message/single", body)["message"]


@pytest.mark.parametrize("name", ["searchSpec", "fb_template", "language", "params", "file"])
def test_each_field_left_out_of_blast(client: Client, name: str) -> None:
    body = {key: value for key, value in BLAST.items() if key != name}
    words = {"params": "{{1}}", "file": "image"}.get(name, name)
    assert words in client.refused("/message/blast", body)["message"]


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"language": "fr"}, 404, "it exists in en"),
        ({"fb_template": "none"}, 404, "none"),
        ({"file": {"type": "audio", "link": "https://e.com/a"}}, 400, "file.type"),
        ({"file": {"type": "video", "link": "https://e.com/a"}}, 400, "takes an image, a video is given"),
        ({"file": {"type": "image", "link": "nothing"}}, 400, "file.link"),
        ({"params": ["a", "b"]}, 400, "{{3}} has no value"),
        ({"params": ["a", "b", "c", "d"]}, 400, "4 values"),
        ({"params": "abc"}, 400, "params"),
        ({"tag": "x" * 201}, 400, "tag"),
    ],
    ids=str,
)
def test_refused(client: Client, change: dict[str, Any], status: int, words: str) -> None:
    assert words in client.refused("/message/single", {**SINGLE, **change}, status)["message"]
    assert words in client.refused("/message/blast", {**BLAST, **change}, status)["message"]


def test_bad_search_and_recipient(client: Client) -> None:
    assert "no such field" in client.refused("/message/blast", {**BLAST, "searchSpec": {"shoe": 9}})["message"]
    for spec in ("name", [], {"name": {"$gt": 1}}, {"name": None}, {"optin": "yes"}):
        client.refused("/message/blast", {**BLAST, "searchSpec": spec})
    for to in ("919739978284", [], {"mobile": "abc", "name": "x"}, {"mobile": [], "name": "x"}):
        client.refused("/message/single", {**SINGLE, "to": to})


def test_a_refusal_of_the_network_is_explained(client: Client) -> None:
    server = client.server
    server.request("POST", "/simulator/1/faults", json={"code": 131026, "kind": "reject"})
    answer = client("POST", "/message/single", {**SINGLE, "to": {"mobile": "919700000009", "name": "X"}})
    server.request("POST", "/simulator/1/faults", json={"reset": True})
    assert answer.status == 400, answer
    error = answer.json["error"]
    assert error["code"] == "131026"
    assert error["details"]["link"].startswith("https://")
    assert client("GET", f"/message/single/{error['details']['id']}").data["error"]["code"] == "131026"


def test_authentication_and_addresses(client: Client) -> None:
    for headers in ({"x-tenant-api-key": ""}, {"x-tenant-api-key": "wrong"}):
        answer = client("POST", "/message/single", SINGLE, headers=headers)
        assert answer.status == 401
        assert answer.json["error"]["code"] == "UNAUTHORIZED"
    for method, path, status in (
        ("GET", "/message/single", 405),
        ("POST", "/message/nothing", 404),
        ("GET", "/message/blast/99999", 404),
        ("GET", "/message/single/x", 404),
        ("GET", "/messages?limit=0", 400),
    ):
        answer = client(method, path)
        assert answer.status == status, answer
        assert answer.json["success"] is False


JUNK: list[Any] = [None, True, -1, 10**30, 1.5, "", "\x00", "\ud800", "x" * 5000, [], [None], {}, {"a": []}, [[]], "{"]


@pytest.mark.parametrize(("path", "body"), [("/message/single", SINGLE), ("/message/blast", BLAST)])
def test_wrong_types_never_make_it_fail(client: Client, path: str, body: dict[str, Any]) -> None:
    dice = random.Random(path)
    for _ in range(60):
        spoiled = copy.deepcopy(body)
        key = dice.choice(list(spoiled))
        if isinstance(spoiled[key], dict) and dice.random() < 0.5:
            spoiled[key][dice.choice(list(spoiled[key]))] = copy.deepcopy(dice.choice(JUNK))
        elif isinstance(spoiled[key], list) and dice.random() < 0.5:
            spoiled[key][0] = copy.deepcopy(dice.choice(JUNK))
        else:
            spoiled[key] = copy.deepcopy(dice.choice(JUNK))
        answer = client("POST", path, spoiled)
        assert answer.status < 500, (spoiled, answer)
    for raw in (b"", b"[]", b"{", b"[" * 5000, b"\xff"):
        answer = client("POST", path, body=raw, headers={"Content-Type": "application/json"})
        assert answer.status == 400
        assert answer.json["success"] is False


def test_a_large_blast_is_accepted_at_once(client: Client) -> None:
    """Three thousand here; bench/blast.py measures a hundred thousand."""
    rows = "\n".join(f"+4477009{n:05},Runner {n}" for n in range(3000))
    made = client.server.request(
        "POST",
        "/api/contacts/import",
        body=(
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
            b"Content-Type: text/csv\r\n\r\nphone,name\n" + rows.encode() + b"\r\n"
            b'--b\r\nContent-Disposition: form-data; name="list"\r\n\r\nrun\r\n--b--\r\n'
        ),
        headers={"X-API-Key": client.server.key, "Content-Type": "multipart/form-data; boundary=b"},
    )
    assert made.status < 300, made
    begun = time.monotonic()
    data = client("POST", "/message/blast", {**BLAST, "searchSpec": {"source": "csv"}, "tag": "large"}).data
    assert time.monotonic() - begun < 30
    assert data["audience"] == 3000
    done = until(
        lambda: (found := client("GET", f"/message/blast/{data['id']}").data)["status"] == "finished" and found,
        seconds=200,
    )
    assert done["counts"]["sent"] == 3000
