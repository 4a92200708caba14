"""The life of a ChitChatLabs customer in a fresh workspace: the guide's two curls word for word, and what it says of them."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.testing.server import Answer, until

from ..newcomer import Newcomer
from .test_chitchatlabs import Client, client

__all__ = ["client"]

FILE = {"type": "image", "link": "https://chitchatlabs.github.io/image-service/CCLABS_TENANT/test.png"}
SINGLE: dict[str, Any] = {
    "to": {"mobile": "919739978284", "name": "Partha"},
    "fb_template": "habit_run_confirmation_message",
    "language": "en",
    "file": FILE,
    "params": ["Partha", "Habit Run November Edition", "24th Nov"],
    "tag": "test_tag",
}
BLAST: dict[str, Any] = {
    "searchSpec": {"name": "Partha"},
    "fb_template": "habit_run_confirmation_message",
    "language": "en",
    "file": FILE,
    "params": ["{{name}}", "Habit Run November Edition", "24th Nov"],
    "tag": "test_tag_bulk",
}


class Customer(Newcomer):
    def post(self, path: str, body: Any, key: str | None = None) -> Answer:
        headers = {"x-tenant-api-key": self.key if key is None else key}
        return self.server.request(
            "POST", f"/chitchatlabs/chat-service/apis/message/{path}", json=body, headers=headers
        )

    def messages(self, **query: str) -> list[dict[str, Any]]:
        """The Messages tab: "filter sent messages by template, tag, status"."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        headers = {"x-tenant-api-key": self.key}
        answer = self.server.request("GET", f"/chitchatlabs/chat-service/apis/messages?{asked}", headers=headers)
        found: list[dict[str, Any]] = answer.data
        return found


@pytest.fixture(scope="module")
def customer(client: Client) -> Customer:
    return Customer(client.server, "ChitChat")


def test_sending_a_single_message_without_the_need_to_add_them_to_your_contacts(customer: Customer) -> None:
    for key in ("", "wrong"):
        assert customer.post("single", SINGLE, key).status == 401
    assert customer.post("single", SINGLE).status == 200
    (content,) = customer.outbox("919739978284")
    assert content["header"]["media"]["url"] == FILE["link"]
    assert [one["text"] for one in content["body"]] == SINGLE["params"]
    assert customer.native("GET", "/contacts?phone=919739978284") == []
    # "tag (optional)", "file (optional)": a template without a file, with and without params.
    assert customer.post("single", {name: one for name, one in SINGLE.items() if name != "tag"}).status == 200
    to, language = SINGLE["to"], "en"
    for given in ({"params": []}, {}):
        assert (
            customer.post("single", {"to": to, "fb_template": "alpha_city", "language": language, **given}).status
            == 200
        )
    # "type: Type of file (image, video, document)".
    for kind, template, params in (("video", "video_with_param", ["P", "how"]), ("document", "link_docs", ["x"])):
        file = {"type": kind, "link": f"https://example.com/a.{kind}"}
        body = {"to": to, "fb_template": template, "language": language, "file": file, "params": params}
        assert customer.post("single", body).status == 200
        assert customer.outbox("919739978284")[-1]["header"]["media"]["url"] == file["link"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"to": None}, "to"),
        ({"to": {"name": "x"}}, "to.mobile"),
        ({"to": {"mobile": "abc", "name": "x"}}, "to.mobile"),
        ({"fb_template": "nope"}, "nope"),
        ({"language": "fr"}, "language"),
        ({"file": {"type": "audio", "link": FILE["link"]}}, "file.type"),
        ({"file": {"type": "image"}}, "file.link"),
        ({"params": ["one"]}, "params"),
        ({"params": ["a", "b", "c", "d"]}, "params"),
    ],
    ids=str,
)
def test_any_errors_will_include_what_is_wrong(customer: Customer, change: dict[str, Any], word: str) -> None:
    answer = customer.post("single", {**SINGLE, **change})
    assert 400 <= answer.status < 500, answer
    assert word in answer.json["error"]["message"]


def test_sending_bulk_messages_from_contacts_and_monitoring_message_status(customer: Customer) -> None:
    people = {
        "919739978281": ("Partha", "Pune"),
        "919739978282": ("partha", "Delhi"),
        "919739978283": ("Other", "Pune"),
    }
    for phone, (name, city) in people.items():
        customer.native("POST", "/contacts", {"phone": phone, "name": name, "attributes": {"city": city}})
    assert customer.post("blast", BLAST).status == 200
    assert customer.post("blast", {**BLAST, "searchSpec": {"city": "pune"}, "tag": "pune"}).status == 200

    def arrived(tag: str) -> set[str]:
        rows = customer.messages(tag=tag, fb_template=BLAST["fb_template"])
        return {one["to"] for one in rows if one["status"] in ("delivered", "read")}

    for tag, whom in (("test_tag_bulk", {"919739978281", "919739978282"}), ("pune", {"919739978281", "919739978283"})):
        until(lambda tag=tag, whom=whom: arrived(tag) == whom, what=f"{tag} has arrived")  # type: ignore[misc]
    assert customer.outbox("919739978282")[0]["body"][0]["text"] == "partha"
    assert [one["to"] for one in customer.messages(tag="test_tag")] == ["919739978284"]
    assert customer.messages(tag="test_tag_bulk", status="failed") == []
    for spec, word in ((None, "searchSpec"), ({"nope": "x"}, "searchSpec.nope")):
        assert word in customer.post("blast", {**BLAST, "searchSpec": spec}).json["error"]["message"]
    assert "nmae" in customer.post("blast", {**BLAST, "params": ["{{nmae}}", "b", "c"]}).json["error"]["message"]


def test_any_errors_will_include_specific_error_types_along_with_links_to_facebook_documentation(
    customer: Customer,
) -> None:
    to = {"mobile": "919739978299", "name": "Blocked"}
    fault = {"code": 131026, "kind": "reject", "to": to["mobile"]}
    customer.server.request("POST", f"/simulator/{customer.profile}/faults", json=fault)
    try:
        assert customer.post("single", {**SINGLE, "to": to, "tag": "broken"}).status == 400
    finally:
        customer.server.request("POST", f"/simulator/{customer.profile}/faults", json={"reset": True})
    (row,) = customer.messages(tag="broken", status="failed")
    assert (row["error"]["code"], row["error"]["link"].startswith("https://")) == ("131026", True)
