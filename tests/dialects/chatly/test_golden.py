"""The seed's examples as printed (placeholders replaced), and each field that it calls required, left out."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Any

import pytest

from jackfield.testing.server import Answer, JackfieldServer

from ..conftest import shape_problems
from .conftest import Chatly

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def check(golden: dict[str, Any], answer: Answer) -> Any:
    """The data of an answer that has the envelope, key for key and type for type."""
    assert answer.status == 200, answer
    got = answer.json
    assert shape_problems(golden["success"], {**got, "data": {}}) == []
    assert isinstance(got["data"], dict)
    assert got["message"] == got["message"].lower().replace(" ", "_")
    return got["data"]


def test_the_steps_of_the_guide(chatly_server: JackfieldServer, golden: dict[str, Any]) -> None:
    chatly = Chatly(chatly_server)
    form = {**golden["forms"]["/login"], "email": chatly_server.email, "password": chatly_server.password}
    data = check(golden, chatly.post("/login", form))
    chatly.headers["Authorization"] = f"Bearer {data['token']}"
    assert check(golden, chatly.get("/profile"))["email"] == chatly_server.email

    form = golden["forms"]["/whatsapp-contact-store"]
    made = check(golden, chatly.post("/whatsapp-contact-store", form))
    assert (made["name"], made["phone"], made["country_id"], made["country"]) == (
        "John Customer",
        "919999999999",
        101,
        "India",
    )
    listed = check(golden, chatly.get("/whatsapp-contact"))
    # The simulator's people are taken over while this runs: the one made need not be the newest.
    assert made in listed["contacts"]
    receiver = str(made["id"])

    sent = check(golden, chatly.post("/send-message", {**golden["forms"]["/send-message"], "receiver_id": receiver}))
    assert (sent["message"], sent["status"]) == ("Hello from user API", "sent")
    image = check(
        golden, chatly.post("/send-message", {"receiver_id": receiver}, {"image": ("image.jpg", PNG, "image/jpeg")})
    )
    assert (image["message_type"], image["file_type"]) == ("image", "image/png")
    form = {"template_id": chatly.template("alpha_city"), "contact_id": receiver}
    assert check(golden, chatly.post("/whatsapp/send-template", form))["message"] == "[template alpha_city]"
    assert [row["type"] for row in chatly.outbox("919999999999")] == ["text", "image", "template"]

    check(golden, chatly.post("/whatsapp-contact-list-store", {"name": "May Campaign", "contact_ids[]": receiver}))
    campaign = check(golden, chatly.post("/whatsapp-campaign-store", golden["forms"]["/whatsapp-campaign-store"]))
    assert (campaign["campaign_name"], campaign["template_id"]) == ("May Offer", 1)


def test_what_lists_there_are(chatly: Chatly, golden: dict[str, Any]) -> None:
    for path in golden["gets"]:
        answer = chatly.get(path)
        check(golden, answer)
        assert answer.json["message"] == golden["success"]["message"]


@pytest.mark.parametrize("prefix", ["/chatly/auth/api", "/chatly/auth/en/api", "/chatly/auth/pt-BR/api"])
def test_prefixes(chatly: Chatly, golden: dict[str, Any], prefix: str) -> None:
    other = Chatly(chatly.server, prefix)
    other.headers = chatly.headers
    check(golden, other.get("/profile"))
    assert other.get("/nothing").json["success"] is False


def test_required_fields(chatly: Chatly, golden: dict[str, Any]) -> None:
    for path, names in golden["required"].items():
        for answer in (chatly.post(path), chatly.encoded(path, {}), chatly.json(path, {})):
            assert answer.status == 422, (path, answer)
            got = answer.json
            assert (got["success"], got["message"]) == (golden["error"]["success"], golden["error"]["message"])
            assert set(got) == set(golden["error"])
            missing = set(names) - {"group_id"} if path == "/telegram-campaign-store" else set(names)
            assert missing <= set(got["data"]), (path, got)
            assert all(isinstance(text, str) for texts in got["data"].values() for text in texts)


def test_countries(chatly: Chatly, golden: dict[str, Any]) -> None:
    rows = check(golden, chatly.get("/country/list"))["countries"]
    by_id = {row["id"]: row for row in rows}
    with (files("jackfield.dialects.chatly") / "country_ids.csv").open("r") as file:
        numbering = {int(row["id"]): row["iso2"] for row in csv.DictReader(file)}
    assert {id_: row["iso2"] for id_, row in by_id.items()} == numbering
    assert by_id[101] == {"id": 101, "name": "India", "iso2": "IN", "phonecode": "91"}
    assert all(row["name"] and row["name"] != row["iso2"] for row in rows)
    german = Chatly(chatly.server, "/chatly/auth/de/api")
    german.headers = chatly.headers
    names = {row["iso2"]: row["name"] for row in check(golden, german.get("/country/list"))["countries"]}
    assert (names["AT"], names["IN"]) == ("Österreich", "Indien")
