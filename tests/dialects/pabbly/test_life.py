"""The life of a Pabbly customer in a fresh workspace, written from the documentation alone, in its order and words."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from jackfield.testing.server import Answer, until

from ..newcomer import Newcomer
from .conftest import BASE, Client

IMAGE = "https://example.com/images/tshirt-blue-l.jpg"
PDF = "https://example.com/a.pdf"
TO = 917697123457


class Customer(Newcomer):
    """Who has nothing but an API key and the documentation."""

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.key if key is None else key}"}
        return self.server.request(method, BASE + path, json=body, headers=headers)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, path, body)
        assert answer.status in (200, 201), answer
        assert answer.json["status"] == "success"
        return answer.json["data"]

    def refused(self, path: str, body: Any, word: str, *status: int) -> None:
        """The error response: a non-2xx, `success` false and a human-readable explanation."""
        answer = self.call("POST", path, body)
        assert answer.status in (status or (400,)), (body, answer)
        assert answer.json["success"] is False
        assert word in answer.json["error"], (body, answer)

    def one(self, **query: Any) -> dict[str, Any]:
        """The one contact that is found."""
        (row,) = self.ok("GET", f"/contacts/?{urlencode(query)}")["contacts"]
        found: dict[str, Any] = row
        return found


@pytest.fixture(scope="module")
def customer(client: Client) -> Customer:
    found = Customer(client.server, "Pabbly")
    tags = ("indian", "vegetarian", "engineer", "swedish", "non-vegetarian", "architect", "sup")
    found.settings(tags=tags, attributes=("city", "taxes", "price"), lists=("partners",))
    for phone, name in (("917697123457", "Two"), ("917697123458", "Three")):
        found.native("POST", "/contacts", {"phone": phone, "name": name, "lists": ["sups"], "optin": True})
    return found


def test_every_request_must_include_your_api_key(customer: Customer) -> None:
    assert customer.call("GET", "/messages").status == 200
    for key in ("", "wrong"):
        answer = customer.call("GET", "/messages", key=key)
        assert (answer.status, answer.json["success"], bool(answer.json["error"])) == (401, False, True)


def test_contacts(customer: Customer) -> None:
    """ "Ensure these tags exist in Settings"; the printed types, which are texts, and the meant ones."""
    shown = customer.call("GET", "/settings/tags").json
    assert (shown["message"], shown["data"]["total"]) == ("Tags retrieved successfully.", 7)
    alex = {
        "mobile": "917697123456",
        "name": "Alex cron",
        "optin": "true",
        "incomingBlocked": "false",
        "tags": ["indian", "vegetarian", "engineer"],
        "attributes": [{"name": "city", "value": "bhopal"}],
        "list": ["sups"],
    }
    saved = customer.call("POST", "/contacts", alex).json
    (made,) = saved["data"]["createdContacts"]
    assert (saved["message"], saved["data"]["failedCount"]) == ("1 contact saved successfully", 0)
    assert (made["mobile"], made["optin"], made["source"], made["list"]) == (
        alex["mobile"],
        True,
        "api",
        ["all", "sups"],
    )
    assert made["attributes"] == alex["attributes"]
    several = [{"mobile": "917697123461"}, {"mobile": "917697123462", "tags": "indian,engineer"}]
    assert customer.call("POST", "/contacts", several).json["message"] == "2 contacts saved successfully"
    # "OnDuplicate field determines whether to skip (default) or overwrite an existing contact".
    for body, path, name in (
        ({"name": "Skipped"}, "/contacts", "Alex cron"),
        ({"name": "Written", "onDuplicate": "overwrite"}, "/contacts", "Written"),
        ({"name": "Alex cron"}, "/contacts?onDuplicate=overwrite", "Alex cron"),
    ):
        customer.call("POST", path, {"mobile": alex["mobile"], **body})
        assert customer.one(mobile=alex["mobile"])["name"] == name
    customer.refused("/contacts", {"mobile": "917697123459", "tags": ["nope"]}, "nope")
    customer.refused("/contacts", {"mobile": "917697123459", "attributes": [{"name": "nope", "value": "1"}]}, "nope")
    empty = {"mobile": "917697123460", "attributes": [{"name": "city", "value": ""}]}
    assert customer.ok("POST", "/contacts", empty)["createdContacts"][0]["attributes"] == [], "an empty one is ignored"

    found = customer.one(mobile=alex["mobile"])
    assert (found["countryCode"], found["status"]) == ("91", "active")
    path = f"/contacts/{found['_id']}"
    assert {"settingId", "userId", "__v"} <= customer.ok("GET", path).keys()
    change = {
        "mobile": "917989123456",
        "optin": True,
        "tags": ["swedish", "non-vegetarian", "architect"],
        "attributes": [{"name": "city", "value": "las vegas"}],
    }
    changed = customer.call("PUT", path, change).json
    assert changed["message"] == "Contact updated successfully"
    assert sorted(changed["data"]["tags"]) == sorted(change["tags"]), "replace all existing tags"
    assert (changed["data"]["mobile"], changed["data"]["attributes"][0]["value"]) == ("917989123456", "las vegas")
    for spelled in (["sup"], "sup"):
        assert "sup" in customer.ok("PUT", path, {"tagsToAdd": spelled})["tags"]
        assert "sup" not in customer.ok("PUT", path, {"tagsToRemove": spelled})["tags"]
    assert customer.ok("PUT", path, {"attributes": [{"name": "city", "value": ""}]})["attributes"] == []
    text = json.dumps([{"name": "city", "value": "pune"}])
    assert customer.ok("PUT", path, {"attributes": text})["attributes"][0]["value"] == "pune"
    for method in ("GET", "PUT"):
        assert customer.call(method, "/contacts/ffffffffffffffffffffffff", {"name": "x"}).status == 404


def test_get_contacts(customer: Customer) -> None:
    for number in range(3):
        customer.ok("POST", "/contacts", {"mobile": f"91769720000{number}", "name": "Page", "tags": "sup,indian"})
    pages = customer.ok("GET", "/contacts?name=Page&limit=2&page=1&order=1")
    assert (pages["count"], pages["totalCount"], pages["remainingCount"]) == (2, 3, 1)
    url = urlsplit(pages["next"])
    after = customer.ok("GET", f"{url.path.partition('/api/v1')[2]}?{url.query}")
    assert (after["currentPage"], after["count"]) == (2, 1)
    down = customer.ok("GET", "/contacts?name=Page&order=-1")["contacts"]
    assert [one["_id"] for one in [*pages["contacts"], *after["contacts"]]] == [one["_id"] for one in down][::-1]
    assert customer.ok("GET", "/contacts?limit=100")["count"] <= 25, "currently capped at 25 per request"
    for query, count in (
        ("name=Page&tags=sup,indian", 3),
        ("name=Page&tags=engineer", 0),
        ("name=Page&optin=true", 0),
        ("name=Page&source=api", 3),
        ("name=Page&source=csv", 0),
        ("name=Page&incomingBlocked=true", 0),
        ("attributes[0][name]=city&attributes[0][value]=nowhere", 0),
    ):
        assert customer.ok("GET", f"/contacts/?{query}")["totalCount"] == count, query
    lists = customer.ok("GET", "/contacts/lists")
    assert ({one["name"] for one in lists["lists"]}, lists["total"]) == ({"sups", "partners"}, 2)


def test_templates(customer: Customer) -> None:
    pages = customer.ok("GET", "/templates")["pagination"]
    assert (pages["limit"], pages["currentPage"]) == (50, 1), "Default Value: 50, 1"
    every = customer.ok("GET", "/templates?limit=2&all=true")["templates"]
    assert len(every) == pages["totalTemplates"]
    by_name = customer.ok("GET", "/templates/interactive_marketing")
    assert [one["key"] for one in by_name["customFields"]["bodyParams"]] == ["{{1}}", "{{2}}", "{{3}}", "{{4}}"]
    assert by_name["customFields"]["headerParams"] == [
        {"key": "{{1}}", "value": "Sir", "helpText": "Enter the Header Parameter {{1}} e.g. Sir"}
    ]
    id_ = by_name["template"]["_id"]
    for query in ("?id=true", "?by=id"):
        assert customer.ok("GET", f"/templates/{id_}{query}")["template"]["name"] == "interactive_marketing"
    assert customer.call("GET", "/templates/nope").status == 404


TEMPLATE: dict[str, Any] = {"type": "template"}
INTERACTIVE: dict[str, Any] = {"type": "interactive"}
SENDS: list[dict[str, Any]] = [
    {**TEMPLATE, "templateName": "demo_text", "bodyParams": ["body"]},
    {
        **TEMPLATE,
        "templateName": "interactive_marketing",
        "headerParams": ["Sir"],
        "bodyParams": ["well", "product", "Shalimar", "Shalimar"],
        "copyCodeParam": "SAVE",
    },
    {**TEMPLATE, "templateName": "market_bros", "link": IMAGE},
    {**TEMPLATE, "templateName": "link_docs", "link": PDF, "filename": "Links.pdf", "bodyParams": ["Thanks"]},
    {**TEMPLATE, "templateName": "auth_code", "copyCodeParam": "482913"},
    {
        **TEMPLATE,
        "templateName": "cta_offer",
        "bodyParams": ["John"],
        "urlVariables": ["spring"],
        "copyCodeParam": "SAVE",
        "quickReplies": ["yes"],
    },
    {
        **TEMPLATE,
        "templateName": "carousel_sale",
        "languageCode": "en",
        "bodyParams": ["John"],
        "carouselBodies": [{"1": "one"}, {"1": "two"}, {"1": "three"}],
        "carouselFileData": [{"link": IMAGE}] * 3,
        "urlVariables": ["a", "b", "c"],
    },
    {
        **TEMPLATE,
        "templateName": "lto_offer",
        "languageCode": "en",
        "link": IMAGE,
        "bodyParams": ["John", "SAVE50"],
        "copyCodeParam": "SAVE50",
        "urlVariables": ["a"],
        "ltoFields": {"unixTimestamp": 4102444800},
    },
    {"type": "text", "message": "Hello"},
    {"type": "image", "link": IMAGE, "caption": "cap"},
    {"type": "audio", "link": "https://example.com/a.mp3"},
    {"type": "video", "link": "https://example.com/a.mp4", "caption": "cap"},
    {"type": "document", "link": PDF, "caption": "cap", "filename": "a.pdf"},
    {
        **INTERACTIVE,
        "interactiveType": "single_product",
        "bodyText": "Look",
        "footerText": "f",
        "action": {"catalogId": "84745839084", "productRetailerId": "SKU-TSHIRT-001"},
    },
    {
        **INTERACTIVE,
        "interactiveType": "product_list",
        "header": "H",
        "body": "B",
        "footer": "F",
        "action": {"catalogId": "84745839084"},
        "sections": [{"title": "S", "products": [{"productRetailerId": "SKU-TSHIRT-001"}]}],
    },
    {**INTERACTIVE, "interactiveType": "catalog_message", "bodyText": "B", "catalogProductId": "SKU-TSHIRT-001"},
    {
        **INTERACTIVE,
        "interactiveType": "cta_url",
        "message": "M",
        "buttons": json.dumps([{"title": "Open", "url": "https://example.com"}]),
        "header": json.dumps({"type": "document", "link": PDF, "filename": "a.pdf"}),
    },
    {
        **INTERACTIVE,
        "interactiveType": "list",
        "bodyText": "B",
        "buttonText": "Pick",
        "sections": [{"title": "S", "rows": [{"id": "1", "title": "R", "description": "D"}, {"title": "R2"}]}],
        "headerText": "H",
        "footerText": "F",
    },
    {
        **INTERACTIVE,
        "interactiveType": "address_message",
        "bodyText": "B",
        "isoCountryCode": "IN",
        "values": {"name": "John"},
        "validationErrors": {"in_pin_code": "bad"},
    },
    {**INTERACTIVE, "interactiveType": "location_request_message", "bodyText": "B", "isoCountryCode": "IN"},
]


def test_messages_of_every_kind_to_an_integer(customer: Customer) -> None:
    for body in SENDS:
        answer = customer.call("POST", "/messages", {"to": TO, **body})
        assert answer.status == 200, (body, answer)
        data = answer.json["data"]
        assert (answer.json["message"], data["to"], bool(data["chatId"])) == ("Message sent", str(TO), True)
        assert data["metaResponse"]["contacts"] == [{"input": str(TO), "wa_id": str(TO)}]
        assert data["metaResponse"]["messages"][0]["id"].startswith("wamid.")
    assert len(customer.outbox(str(TO))) == len(SENDS)
    # "This field is used to upsert the contact matched with recipient number", typed as string.
    for number, contact in ((917697999999, {"name": "Fresh"}), (917697999998, json.dumps({"name": "Fresh"}))):
        customer.ok("POST", "/messages", {"to": number, "type": "text", "message": "hi", "contact": contact})
        assert customer.one(mobile=number)["name"] == "Fresh"


def test_dynamic_url_values_of_a_carousel_whose_second_card_has_none(customer: Customer) -> None:
    """ "Only required if cards have dynamic URL buttons"."""

    def card(link: str) -> dict[str, Any]:
        button: dict[str, Any] = {"type": "URL", "text": "Buy", "url": link}
        if "{{" in link:
            button["example"] = [link.replace("{{1}}", "a")]
        header = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [IMAGE]}}
        text = {"type": "BODY", "text": "Card"}
        return {"components": [header, text, {"type": "BUTTONS", "buttons": [button]}]}

    links = ("https://example.com/a/{{1}}", "https://example.com/b", "https://example.com/c/{{1}}")
    carousel = {"type": "CAROUSEL", "cards": [card(link) for link in links]}
    customer.template("three_cards", [{"type": "BODY", "text": "Look"}, carousel])
    body = {"to": 917697123470, **TEMPLATE, "templateName": "three_cards", "carouselFileData": [{"link": IMAGE}] * 3}
    for given in (["u1", "", "u3"], ["u1", "u2", "u3"], [["u1"], [], ["u3"]], ["u1", "u3"]):
        customer.ok("POST", "/messages", {**body, "carouselBodies": [{}, {}, {}], "urlVariables": given})
        cards = customer.outbox("917697123470")[-1]["cards"]
        assert [[one["text"] for one in each.get("buttons") or []] for each in cards] == [["u1"], [], ["u3"]], given
    customer.refused("/messages", {**body, "carouselBodies": [{}, {}, {}], "urlVariables": ["u1"]}, "urlVariables")


def test_missing_or_malformed_parameters(customer: Customer) -> None:
    for body, word in (
        ({"type": "text", "message": "x"}, "to"),
        ({"to": "abc", "type": "text", "message": "x"}, "to"),
        ({"to": TO, "message": "x"}, "type"),
        ({"to": TO, "type": "nope"}, "type"),
        ({"to": TO, "type": "text"}, "message"),
        ({"to": TO, "type": "image"}, "link"),
        ({"to": TO, "type": "template"}, "templateName"),
        ({"to": TO, "type": "template", "templateName": "demo_text"}, "bodyParams"),
        ({"to": TO, **INTERACTIVE, "interactiveType": "cta_url", "message": "m", "buttons": []}, "buttons"),
        ({"to": TO, **INTERACTIVE, "interactiveType": "location_request_message", "bodyText": "x" * 1025}, "bodyText"),
    ):
        customer.refused("/messages", body, word)
    customer.refused("/messages", {"to": TO, "type": "template", "templateName": "nope"}, "nope", 404)


PLAN: dict[str, Any] = {"broadcastType": "broadcast", "contactList": ["sups"]}
REGULAR: dict[str, Any] = {**PLAN, "name": "product_feedback", "messageType": "regular", "status": "instant"}


def test_broadcasts(customer: Customer) -> None:
    text = {"regularMessageType": "text", "message": "Hi John, We value your feedback"}
    later = {**REGULAR, **text, "status": "scheduled", "scheduleAt": "2034-03-08T07:59:45.435Z"}
    shown = customer.ok("POST", "/broadcasts", later)
    assert shown["regularMessage"] == {"type": "text", "message": text["message"]}
    assert (shown["status"], shown["contactList"], shown["scheduleAt"]) == ("scheduled", ["sups"], later["scheduleAt"])
    for kind in (
        {"regularMessageType": "image", "link": IMAGE, "caption": "c"},
        {"regularMessageType": "audio", "link": "https://example.com/a.mp3"},
        {"regularMessageType": "video", "link": "https://example.com/a.mp4", "caption": "c"},
        {"regularMessageType": "document", "link": PDF, "filename": "a.pdf", "caption": "c"},
    ):
        made = customer.ok("POST", "/broadcasts", {**REGULAR, **kind})
        assert made["regularMessage"]["type"] == kind["regularMessageType"]
        assert until(lambda made=made: made["_id"] in customer.one(mobile=TO)["broadcastIds"], what="it arrives")  # type: ignore[misc]
    promo = {
        **PLAN,
        "name": "summer_promo",
        "messageType": "template",
        "status": "instant",
        "templateName": "summer_time",
        "bodyParams": ["Summer", "25%"],
        "headerParams": ["Hi John"],
        "contactList": ["sups", "unassigned"],
    }
    live = customer.ok("POST", "/broadcasts", promo)
    assert (live["status"], live["bodyParams"], live["headerParams"]) == ("live", ["Summer", "25%"], ["Hi John"])
    assert until(lambda: live["_id"] in customer.one(mobile=TO)["broadcastIds"], what="it arrives")
    for name in ("name", "broadcastType", "messageType", "status", "contactList", "regularMessageType", "message"):
        body = {key: value for key, value in {**REGULAR, **text}.items() if key != name}
        customer.refused("/broadcasts", body, name)
    customer.refused("/broadcasts", {**REGULAR, **text, "status": "scheduled"}, "scheduleAt")
    customer.refused("/broadcasts", {**REGULAR, **text, "contactList": ["nope"]}, "nope")


def test_an_api_campaign(customer: Customer) -> None:
    campaign = {"name": "summer_campaign", "broadcastType": "api", "templateName": "summer_time"}
    assert customer.ok("POST", "/broadcasts", campaign)["status"] == "live"
    send = {
        "templateName": "summer_time",
        "campaignName": "summer_campaign",
        "destination": "917697555555",
        "userName": "John",
        "source": "api",
        "headerParams": ["Hi $name"],
        "bodyParams": ["$Country", "25%"],
        "defaultContactFieldValues": {"Country": "India"},
    }
    sent = customer.call("POST", "/broadcasts/send", send).json
    assert (sent["success"], sent["data"]["code"]) == ("true", 200)
    assert sent["data"]["messages"][0]["message_status"] == "accepted"
    (content,) = customer.outbox("917697555555")
    assert content["body"][0]["text"] == "India", "used as fallback attributes when a contact's attribute is missing"
    made = customer.one(mobile="917697555555")
    assert (made["name"], made["source"]) == ("John", "api")
    for name in ("templateName", "campaignName", "destination", "userName", "source"):
        customer.refused("/broadcasts/send", {key: value for key, value in send.items() if key != name}, name)
    customer.refused("/broadcasts/send", {**send, "source": "web"}, "source")
    customer.refused("/broadcasts/send", {**send, "campaignName": "nope"}, "nope", 404)


def test_media_and_catalogs(customer: Customer) -> None:
    customer.incoming("917697777777", type="image")

    def received() -> dict[str, Any] | None:
        rows = customer.ok("GET", "/messages?from=2020-01-01&direction=incoming")["messages"]
        return next((one for one in rows if one["mediaId"]), None)

    row = until(received, what="the file is fetched")
    assert row is not None
    shown = customer.ok("GET", f"/media?id={row['mediaId']}")
    assert shown.keys() == {"mediaId", "mediaUrl", "mimeType", "expiresAt"}
    file = customer.server.request("GET", shown["mediaUrl"].removeprefix(customer.server.url))
    assert (file.status, bool(file.body)) == (200, True)
    assert (customer.call("GET", "/media").status, customer.call("GET", "/media?id=123").status) == (400, 404)
    found = customer.ok("GET", "/catalogs?page=1&limit=10&search=")
    assert found.keys() == {"catalogs", "selectedCatalogId", "waBusinessPortfolioId", "pagination"}
    products = f"/catalogs/{found['selectedCatalogId']}/products?page=1&limit=5&search="
    assert customer.ok("GET", products)["pagination"]["limit"] == 5
    assert customer.call("GET", "/catalogs/999/products").status == 404
