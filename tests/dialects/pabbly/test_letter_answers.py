"""What answers say, sentence by sentence: facts and no constants, ids and fields in the caller's own words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from jackfield.testing.server import until

from .conftest import Client
from .test_letter import NUMBERS, request, took

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = "send-text-template"
NOBODY = "67ab34b8251203ad797ee76f"


def only(client: Client, number: Any) -> dict[str, Any]:
    (row,) = client.ok("GET", f"/contacts/?mobile={number}")["contacts"]
    found: dict[str, Any] = row
    return found


def test_status_inactive_and_optin_false_belong_together_as_in_all_examples(client: Client) -> None:
    for optin, status in ((True, "active"), (False, "inactive"), (None, "inactive")):
        number = next(NUMBERS)
        client.ok("POST", "/contacts", {"mobile": number, "optin": optin})
        row = only(client, number)
        assert (row["status"], row["optin"]) == (status, bool(optin))


def test_v_grows_with_each_change_of_a_contact(client: Client) -> None:
    number = next(NUMBERS)
    (made,) = client.ok("POST", "/contacts", {"mobile": number})["createdContacts"]
    seen = [client.ok("GET", f"/contacts/{made['_id']}")["__v"]]
    for name in ("A", "B"):
        seen.append(client.ok("PUT", f"/contacts/{made['_id']}", {"name": name})["__v"])
    assert seen[0] == 0
    assert seen == sorted(set(seen))


def tag_named(client: Client, name: str) -> dict[str, Any]:
    (tag,) = [one for one in client.ok("GET", "/settings/tags")["tags"] if one["name"] == name]
    found: dict[str, Any] = tag
    return found


def tags_of(client: Client, number: Any) -> list[str]:
    """Sorted; of nobody, none."""
    return sorted(one for row in client.ok("GET", f"/contacts/?mobile={number}")["contacts"] for one in row["tags"])


def says(client: Client, number: Any, text: str) -> None:
    body = {"from": str(number), "text": text, "name": "Writer"}
    assert client.server.request("POST", "/simulator/1/inbound", json=body).status == 200


def test_firstmessage_false_keywords_empty_is_a_tag_that_nothing_gives_by_itself(client: Client) -> None:
    client.person(phone=str(next(NUMBERS)), tags=["letter plain"])
    tag = tag_named(client, "letter plain")
    assert set(tag) == {"_id", "name", "createdAt", "firstMessage", "keywords"}
    assert (tag["firstMessage"], tag["keywords"]) == (False, [])


def test_keywords_give_the_tag_to_who_writes_one_of_them(client: Client) -> None:
    """The example prints `"keywords": []`; what stands there is obeyed on every incoming message."""
    known, other = next(NUMBERS), next(NUMBERS)
    client.person(phone=str(known), tags=["letter has"])
    says(client, known, "Veggie?")
    made = client.server.api("POST", "/tags", json={"name": "letter veg", "keywords": ["veggie", "no meat"]}).data
    client.server.api("POST", "/tags", json={"name": "letter late", "keywords": ["pizza"]})
    shown = tag_named(client, "letter veg")
    assert (shown["firstMessage"], shown["keywords"]) == (False, ["veggie", "no meat"])
    says(client, other, "nothing of it, just a veggies pizza")
    says(client, known, "I eat NO-MEAT, please.")
    until(lambda: tags_of(client, known) == ["letter has", "letter veg"])
    until(lambda: tags_of(client, other) == ["letter late"])
    changed = client.server.api("PATCH", f"/tags/{made['id']}", json={"keywords": []})
    assert changed.data["keywords"] == tag_named(client, "letter veg")["keywords"] == []
    says(client, other, "veggie")
    says(client, other, "pizza, and letter mark")
    third = next(NUMBERS)
    says(client, third, "pizza")
    until(lambda: tags_of(client, third) == ["letter late"])
    assert tags_of(client, other) == ["letter late"]


def test_firstmessage_true_gives_the_tag_to_who_writes_for_the_first_time(client: Client) -> None:
    old, new, imported = next(NUMBERS), next(NUMBERS), next(NUMBERS)
    says(client, old, "hello")
    until(lambda: client.ok("GET", f"/contacts/?mobile={old}")["contacts"])
    client.person(phone=str(imported))
    made = client.server.api("POST", "/tags", json={"name": "letter new"}).data
    client.server.api("PATCH", f"/tags/{made['id']}", json={"firstMessage": True})
    assert tag_named(client, "letter new")["firstMessage"] is True
    try:
        for number in (old, new, imported):
            says(client, number, "hello again")
        for number in (new, imported):
            until(lambda number=number: tags_of(client, number) == ["letter new"])
        assert tags_of(client, old) == []
        # It is given once: who loses it does not get it back.
        path = f"/contacts/{only(client, new)['_id']}"
        client.ok("PUT", path, {"tagsToRemove": ["letter new"]})
        says(client, new, "hello")
        last = next(NUMBERS)
        says(client, last, "hello")
        until(lambda: tags_of(client, last) == ["letter new"])
        assert tags_of(client, new) == []
    finally:
        client.server.api("DELETE", f"/tags/{made['id']}")


def test_lists_without_defaults_are_as_printed_and_the_page_says_why(client: Client) -> None:
    """The only constants of the answers."""
    client.person(phone=str(next(NUMBERS)), lists=["letter constants"])
    (made,) = [one for one in client.ok("GET", "/contacts/lists")["lists"] if one["name"] == "letter constants"]
    constants = {"incomingBlocked": False, "tags": [], "optin": True, "attributes": []}
    assert {name: made[name] for name in constants} == constants
    page = (ROOT / "docs" / "dialects" / "pabbly.md").read_text("utf-8")
    for name in constants:
        assert f"`{name}`" in page


def test_the_wording_of_files_never_reaches_who_writes_one_contact(client: Client) -> None:
    for body in (
        {"mobile": "12"},
        {"mobile": next(NUMBERS), "optin": "perhaps"},
        {"mobile": next(NUMBERS), "incomingBlocked": "perhaps"},
        {"mobile": next(NUMBERS), "attributes": [{"name": "city", "value": {"a": 1}}]},
        {"mobile": next(NUMBERS), "name": "x" * 5000},
        [{"mobile": "12"}, {"mobile": next(NUMBERS), "optin": "perhaps"}],
    ):
        said = client("POST", "/contacts", body).body.decode()
        assert not re.search(r"\b(column|row|line|cell|file|CSV)s?\b", said), said


def test_broadcast_ids_are_the_broadcasts_that_reached_the_contact(client: Client) -> None:
    number = str(next(NUMBERS))
    client.person(phone=number, name="Reached", lists=["reached"])
    assert only(client, number)["broadcastIds"] == []
    fields = {
        "name": "reached", "broadcastType": "broadcast", "messageType": "regular", "regularMessageType": "text",
        "message": "Hi", "status": "instant", "contactList": ["reached"],
    }  # fmt: skip
    made = client.ok("POST", "/broadcasts", fields)["_id"]
    assert until(lambda: only(client, number)["broadcastIds"], what="the broadcast has reached it") == [made]


def test_type_of_messages_fills_the_page(client: Client) -> None:
    number = next(NUMBERS)
    client.ok("POST", "/messages", request("send-image-message", to=number))
    client.ok("POST", "/messages", request("send-text-message", to=number))
    found = client.ok("GET", f"/messages?to={number}&type=image&limit=1")
    assert ([one["type"] for one in found["messages"]], found["next"]) == (["image"], None)


def test_retrieve_media_content_using_the_media_id_of_an_incoming_message(client: Client) -> None:
    number = str(next(NUMBERS))
    body = {"from": number, "type": "image"}
    assert client.server.request("POST", "/simulator/1/inbound", json=body).status == 200
    row = until(
        lambda: next(
            (
                one
                for one in client.ok("GET", f"/messages?mobile={number}&direction=incoming")["messages"]
                if one["mediaId"]
            ),
            None,
        ),
        what="the file is fetched",
    )
    shown = until(
        lambda: next((one for one in [client("GET", f"/media?id={row['mediaId']}")] if one.status == 200), None),
        what="the file has a link",
    )
    assert shown.json["data"]["mediaUrl"]
    if row["link"]:
        assert client("GET", f"/media?id={quote(row['link'])}").status == 200


def test_attributes_filter_by_custom_fields_as_json_text_too(client: Client) -> None:
    number = str(next(NUMBERS))
    client.person(phone=number, attributes={"city": "Letterville"})
    for query in (
        'attributes=[{"name":"city","value":"Letterville"}]',
        'attributes={"name":"city","value":"Letterville"}',
    ):
        found = client.ok("GET", f"/contacts/?{quote(query, safe='=')}")["contacts"]
        assert [one["mobile"] for one in found] == [number]
    wrong = quote('attributes=[{"name":"city"}]', safe="=")
    assert "attributes[0].value" in client.refused("GET", f"/contacts/?{wrong}")["error"]
    assert "attributes" in client.refused("GET", "/contacts/?attributes=x")["error"]


def test_an_id_that_leads_nowhere_is_named_as_it_was_given(client: Client) -> None:
    for path in (f"/contacts/{NOBODY}", f"/templates/{NOBODY}?id=true", f"/media?id={NOBODY}"):
        assert NOBODY in client.refused("GET", path, status=404)["error"], path


def test_id_is_a_24_hex_id_if_the_query_says_so_otherwise_a_template_name(client: Client) -> None:
    for query in ("", "?id=false", "?id=0"):
        assert client.ok("GET", f"/templates/welcome_template{query}")["template"]["name"] == "welcome_template"
    assert client("GET", "/templates/welcome_template?by=id").status == 404
    name = "abcdef0123456789abcdef01"
    assert name in client.refused("GET", f"/templates/{name}", status=404)["error"]


def test_all_is_any_truthy_value(client: Client) -> None:
    assert client.ok("GET", "/templates?all=false&limit=1")["pagination"]["limit"] == 1
    assert len(client.ok("GET", "/templates?all=yes&limit=1")["templates"]) > 1


@pytest.mark.parametrize(
    ("slug", "fields", "field"),
    [
        ("send-text-message", {"to": "12"}, "to"),
        ("send-text-template", {"bodyParams": ["a\nb", "c"]}, "bodyParams[0]"),
        ("send-text-template", {"bodyParams": ["a", "b", "c", "d", "e", "f"]}, "bodyParams"),
        ("send-text-template", {"headerParams": []}, "headerParams[0]"),
        ("send-image-message", {"link": "https://10.0.0.1/a.jpg"}, "link"),
        ("send-image-message", {"link": "media:987654"}, "link"),
        (
            "send-cta-url-message",
            {"headerText": None, "header": {"type": "image", "link": "https://10.0.0.1/a.jpg"}},
            "header.link",
        ),
        ("send-text-message", {"contact": {"email": "nope"}}, "contact.email"),
        ("send-text-message", {"contact": {"optin": "perhaps"}}, "contact.optin"),
    ],
)
def test_errors_name_the_field_as_the_caller_wrote_it(
    client: Client, slug: str, fields: dict[str, Any], field: str
) -> None:
    body = {key: value for key, value in request(slug, **fields).items() if value is not None}
    assert client.refused("POST", "/messages", body)["error"].startswith(field)


def test_a_send_that_waits_hears_of_a_refusal_for_now_from_the_ledger(client: Client) -> None:
    body = request("send-text-message")
    client.server.request("POST", "/simulator/1/faults", json={"code": 130429, "kind": "reject", "to": str(body["to"])})
    try:
        assert client.refused("POST", "/messages", body, status=429)["code"] == "130429"
    finally:
        client.server.request("POST", "/simulator/1/faults", json={"reset": True})
    client.ok("POST", "/messages", body)
    assert took(client, body["to"])["text"] == body["message"]
