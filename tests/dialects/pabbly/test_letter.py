"""What the documentation says, sentence by sentence; nothing that a caller gives is dropped in silence."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from jackfield.dialects.pabbly.reference import entries
from jackfield.testing.server import until

from .conftest import Client

REQUESTS: dict[str, dict[str, Any]] = {one.slug: one.request for one in entries() if one.request is not None}
TEXT = "send-text-message"
CTA = "send-cta-url-message"
LIST = "send-list-message"
CAROUSEL = "send-carousel-template"
NUMBERS = iter(range(919811200001, 919811299999))


def request(slug: str, **fields: Any) -> dict[str, Any]:
    """A documented request to a number of its own, with some fields changed."""
    return {**copy.deepcopy(REQUESTS[slug]), "to": next(NUMBERS), **fields}


def took(client: Client, to: Any) -> dict[str, Any]:
    """What the network took last for a number."""
    rows = until(lambda: [one for one in client.server.outbox() if one["to"] == str(to)], what=f"a message to {to}")
    content: dict[str, Any] = rows[-1]["content"]
    return content


def test_a_null_name_of_a_contact_is_not_given(client: Client) -> None:
    (made,) = client.ok("POST", "/contacts", {"mobile": "919811100001", "name": "Ravi"})["createdContacts"]
    assert client.ok("PUT", f"/contacts/{made['_id']}", {"name": None, "optin": True})["name"] == "Ravi"
    assert client.ok("PUT", f"/contacts/{made['_id']}", {"name": ""})["name"] in (None, "")


def test_a_header_as_json_text_is_read_as_an_object(client: Client) -> None:
    link = "https://example.com/media/a.jpg"
    body = request(CTA, header=json.dumps({"type": "image", "link": link}))
    client.ok("POST", "/messages", body)
    assert took(client, body["to"])["header"]["media"]["url"] == link


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (request(CTA, header="https://example.com/a.jpg"), "header"),
        (request(CTA, header={"type": "fax", "text": "x"}), "header.type"),
        (request(CTA, header={"type": "image", "link": "https://e.com/a.jpg", "text": "x"}), "header.text"),
        (request(CTA, header={"type": "image", "link": "https://e.com/a.jpg", "filename": "x"}), "header.filename"),
        (request(CTA, header={"type": "text", "text": "x", "link": "https://e.com/a.jpg"}), "header.link"),
        (request(CTA, header={"type": "text", "text": "x", "colour": "red"}), "header.colour"),
        (request(LIST, header={"type": "image", "link": "https://e.com/a.jpg"}, headerText=None), "header.type"),
        (request(LIST, buttons=[{"title": "x", "url": "https://e.com"}]), "buttons"),
        (request(LIST, message="Another body"), "message"),
        (request(TEXT, caption="x"), "caption"),
        (request(TEXT, templateName="summer_time"), "templateName"),
        (request("send-image-message", filename="x"), "filename"),
        (request("send-audio-message", caption="x"), "caption"),
        (request("send-location-request-message", footerText="x"), "footerText"),
        (request("send-media-template", headerParams=["x"]), "headerParams"),
        (request("send-text-template", filename="a.pdf"), "filename"),
        (request("send-text-template", ltoFields={"unixTimestamp": 2000000000}), "ltoFields"),
        (request("send-text-template", carouselBodies=[{"1": "x"}]), "carouselBodies"),
        (request("send-lto-template", ltoFields={"unixTimestamp": 1700000000}), "ltoFields.unixTimestamp"),
        (request("send-authentication-template", copyCodeParam="1234567890123456"), "copyCodeParam"),
        (request(CAROUSEL, link="https://e.com/a.jpg"), "link"),
        (
            request("send-single-product-message", action={"catalogId": "1", "productRetailerId": "2", "x": 1}),
            "action.x",
        ),
    ],
)
def test_a_field_that_cannot_be_obeyed_is_refused_by_name(client: Client, body: dict[str, Any], field: str) -> None:
    before = len(client.server.outbox())
    assert client.refused("POST", "/messages", body)["error"].startswith(field)
    assert len(client.server.outbox()) == before


def test_a_field_that_is_empty_is_not_given(client: Client) -> None:
    client.ok("POST", "/messages", request(TEXT, caption="", templateName=None, sections=[]))


def test_dynamic_url_values_are_one_per_card_or_a_list_per_card_and_an_empty_one_is_none(client: Client) -> None:
    """Unit of the rule: cards 1 and 3 have a dynamic URL, card 2 has none."""
    from jackfield.dialects.pabbly.convert import _shares

    for given in (["u1", "", "u3"], ["u1", "u2", "u3"], [["u1"], [], ["u3"]], ["u1", "u3"]):
        assert _shares(list(given), [1, 0, 1], "urlVariables") == [["u1"], [], ["u3"]], given
    body = request(CAROUSEL, urlVariables=[["running"], ["sneakers"], ["sandals"]])
    client.ok("POST", "/messages", body)
    shown = [card["buttons"][0]["text"] for card in took(client, body["to"])["cards"]]
    assert shown == ["running", "sneakers", "sandals"]


def test_the_code_fills_the_button_of_an_authentication_template_wherever_it_is_given(client: Client) -> None:
    body = request("send-authentication-template", copyCodeParam=None, bodyParams=["493817"])
    client.ok("POST", "/messages", body)
    content = took(client, body["to"])
    assert content["body"][0]["text"] == content["buttons"][0]["text"] == "493817"


@pytest.mark.parametrize("to", [-15551486942, "-15551486942", "9876543210", "12345678901234567"])
def test_a_recipient_is_a_number_with_its_dialing_code(client: Client, to: Any) -> None:
    status = client("POST", "/contacts", {"mobile": to}).status
    refused = client("POST", "/messages", request(TEXT, to=to))
    assert refused.status == 400, refused
    if not str(to).startswith("-"):
        assert status == 400, "the same rule as for contacts"


@pytest.mark.parametrize(("code", "status"), [(130429, 429), (131056, 429)])
def test_too_many_requests_are_told_as_429_and_the_message_is_not_sent_later(
    client: Client, code: int, status: int
) -> None:
    body = request(TEXT)
    client.server.request("POST", "/simulator/1/faults", json={"code": code, "kind": "reject", "to": str(body["to"])})
    try:
        refused = client.refused("POST", "/messages", body, status=status)
    finally:
        client.server.request("POST", "/simulator/1/faults", json={"reset": True})
    assert refused["code"] == str(code)
    (row,) = client.ok("GET", f"/messages?to={body['to']}")["messages"]
    assert row["status"] == "cancelled", "who hears of the failure sends it again"


def connected(client: Client) -> bool:
    return bool(client.server.api("GET", "/profiles/1/status").data["connected"])


def test_a_number_that_is_not_connected_or_not_registered_is_told_at_once(client: Client) -> None:
    body, server = request(TEXT), client.server
    server.request("POST", "/simulator/1/faults", json={"code": 131045, "kind": "reject", "to": str(body["to"])})
    try:
        assert client.refused("POST", "/messages", body, status=502)["code"] == "131045"
        until(lambda: not connected(client), what="the channel is down")
        assert client.refused("POST", "/messages", body, status=400)["code"] == "NOT_CONNECTED"
    finally:
        server.request("POST", "/simulator/1/faults", json={"reset": True})
        server.api("POST", "/profiles/1/connect")
        until(lambda: connected(client), what="the channel is up again")
    assert server.api("POST", "/profiles/1/disconnect").status < 300
    try:
        assert client.refused("POST", "/messages", body, status=400)["code"] == "NOT_CONNECTED"
    finally:
        server.api("POST", "/profiles/1/connect")
        until(lambda: connected(client), what="the channel is up again")
    client.ok("POST", "/messages", body)


def test_a_message_of_marketing_to_somebody_who_refused_it_is_not_sent(client: Client) -> None:
    number = next(NUMBERS)
    client.person(phone=str(number), name="Opted out", optin=False)
    assert (
        client.refused("POST", "/messages", request("send-text-template", to=number), status=403)["code"] == "SKIPPED"
    )
    client.ok("POST", "/messages", request(TEXT, to=number))


BROADCAST = {"name": "letter", "broadcastType": "broadcast", "status": "instant", "contactList": ["letter"]}
REGULAR = {**BROADCAST, "messageType": "regular", "regularMessageType": "text"}


@pytest.fixture(scope="module")
def person(client: Client) -> str:
    client.person(phone="919811300001", name="Uma", lists=["letter"], attributes={"city": "Pune", "code": "SAVE"})
    client.person(phone="919811300002", name="Vik", lists=["letter"])
    return "919811300001"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({**REGULAR, "message": "Hi $nmae"}, "nmae"),
        ({**REGULAR, "message": "Hi {{nmae}}"}, "nmae"),
        ({**REGULAR, "message": "Hi", "caption": "x"}, "caption"),
        ({**REGULAR, "message": "Hi", "templateName": "summer_time"}, "templateName"),
        ({**REGULAR, "message": "Hi", "scheduleAt": "2035-01-01T00:00:00Z"}, "scheduleAt"),
        ({**REGULAR, "message": "Hi", "status": "scheduled", "scheduleAt": "2025-01-01T00:00:00Z"}, "scheduleAt"),
    ],
)
def test_a_broadcast_with_what_nobody_can_fill_or_obey_is_refused(
    client: Client, person: str, fields: dict[str, Any], words: str
) -> None:
    assert words in client.refused("POST", "/broadcasts", fields)["error"]


def test_values_of_contacts_are_filled_in_all_fields_alike_and_who_lacks_one_is_skipped(
    client: Client, person: str
) -> None:
    cta = {
        **BROADCAST,
        "messageType": "template",
        "templateName": "cta_offer",
        "bodyParams": ["$Name"],
        "urlVariables": ["$city"],
        "copyCode": "$code",
    }
    made = client.ok("POST", "/broadcasts", cta)
    rows = until(
        lambda: {
            one["to"]: one
            for one in client.ok("GET", f"/messages?broadcastId={made['_id']}")["messages"]
            if one["waMessageId"] or one["status"] == "skipped"
        },
        what="both are written",
    )
    content = took(client, person)
    assert content["body"][0]["text"] == "Uma"
    assert [one["text"] for one in content["buttons"]][:2] == ["Pune", "SAVE"]
    rows = until(
        lambda: client.ok("GET", f"/messages?broadcastId={made['_id']}&status=skipped")["messages"],
        what="one is skipped",
    )
    assert [(one["to"], one["errorCode"]) for one in rows] == [("919811300002", "missing_value")]


def test_a_send_of_a_paused_api_campaign_is_refused_at_once_with_the_reason(client: Client) -> None:
    made = client.ok(
        "POST",
        "/broadcasts",
        {"name": "letter api", "broadcastType": "api", "templateName": "summer_time", "bodyParams": ["a", "b"],
         "headerParams": ["x"]},
    )  # fmt: skip
    send = {
        "templateName": "summer_time",
        "campaignName": "letter api",
        "destination": str(next(NUMBERS)),
        "userName": "Zoja",
        "source": "api",
    }
    assert made["status"] == "live"
    client.server.request(
        "POST", "/simulator/1/faults", json={"code": 132015, "kind": "reject", "to": send["destination"]}
    )
    try:
        assert client("POST", "/broadcasts/send", send).status in (400, 502)
    finally:
        client.server.request("POST", "/simulator/1/faults", json={"reset": True})
    refused = until(
        lambda: next(
            (
                one
                for one in [client("POST", "/broadcasts/send", {**send, "destination": str(next(NUMBERS))})]
                if one.status != 200
            ),
            None,
        ),
        what="the breaker has paused the campaign",
    )
    assert refused.status == 400
    assert "132015" in refused.json["error"]
