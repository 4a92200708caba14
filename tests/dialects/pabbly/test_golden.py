"""Every documented request gets an answer of the documented structure; every required field left out is named.

`golden/answers.json` is the structure of each of the documentation's example answers: its keys and types, made from
the text by script. The requests are the reference's own examples.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from jackfield.dialects.pabbly.reference import Entry, entries
from jackfield.testing.server import until

from .conftest import GOLDEN, Client, matches, without

STRUCTURE = json.loads((GOLDEN / "answers.json").read_text())
POSTS = [one for one in entries() if one.method == "POST"]
LEFT_OUT = [(one, param.name) for one in POSTS for param in one.params if param.required]


def check(slug: str, body: Any) -> None:
    assert matches(STRUCTURE[slug], body) == []


@pytest.fixture(scope="module", autouse=True)
def campaign(client: Client) -> None:
    """The API campaign that `send-api-campaign` sends."""
    client("POST", "/broadcasts", next(one for one in POSTS if one.slug == "add-api-campaign").request)


@pytest.mark.parametrize("entry", POSTS, ids=lambda one: one.slug)
def test_each_documented_request(client: Client, entry: Entry) -> None:
    request = dict(entry.request)
    if entry.slug == "add-api-campaign":
        request["name"] = "another_campaign"
    answer = client(entry.method, entry.path, request)
    assert answer.status == 200, answer
    check(entry.slug, answer.json)
    if entry.slug != "send-api-campaign":
        assert answer.json["status"] == "success"
        assert answer.json["success"] is True


@pytest.mark.parametrize(("entry", "name"), LEFT_OUT, ids=lambda one: one if isinstance(one, str) else one.slug)
def test_each_required_field_left_out(client: Client, entry: Entry, name: str) -> None:
    body = client.refused("POST", entry.path, without(entry.request, name))
    assert name.split(".")[-1].split("[")[0] in body["error"]


def test_templates(client: Client) -> None:
    answer = client("GET", "/templates?limit=10&page=1").json
    check("get-templates", answer)
    block = answer["data"]["pagination"]
    assert block["hasNextPage"] is True
    assert (block["limit"], block["currentPage"], len(answer["data"]["templates"])) == (10, 1, 10)
    last = client.ok("GET", f"/templates?limit=10&page={block['totalPages']}")
    assert last["pagination"]["hasNextPage"] is False
    assert last["pagination"]["hasPrevPage"] is True
    everything = client.ok("GET", "/templates?all=true")
    assert len(everything["templates"]) == everything["pagination"]["totalTemplates"] == block["totalTemplates"]
    assert client.ok("GET", "/templates")["pagination"]["limit"] == 50
    for bad in ("limit=0", "limit=x", "page=0", "page=-1", "page=1.5"):
        client.refused("GET", f"/templates?{bad}")


def test_a_template_by_name_and_id(client: Client) -> None:
    answer = client("GET", "/templates/interactive_marketing").json
    check("get-template", answer)
    fields = answer["data"]["customFields"]
    assert fields["headerParams"] == [
        {"key": "{{1}}", "value": "Sir", "helpText": "Enter the Header Parameter {{1}} e.g. Sir"}
    ]
    assert [one["value"] for one in fields["bodyParams"]] == ["doing well", "product", "Shalimar", "Shalimar"]
    assert fields["copyCodeParam"][0]["value"] == "Shalimar"
    id_ = answer["data"]["template"]["_id"]
    assert client.ok("GET", f"/templates/{id_}?by=id")["template"]["name"] == "interactive_marketing"
    assert client.ok("GET", f"/templates/{id_.upper()}")["template"]["name"] == "interactive_marketing"
    assert client.ok("GET", "/templates/market_bros")["customFields"]["link"][0]["value"].startswith("https://")
    client.refused("GET", "/templates/no_such_template", status=404)
    client.refused("GET", f"/templates/00000000{id_[8:]}", status=404)
    client.refused("GET", "/templates/ffffffffffffffffffffffff", status=404)
    client.refused("GET", "/templates/interactive_marketing?by=id", status=404)


def test_contacts(client: Client) -> None:
    listed = client("GET", "/contacts/?mobile=919800000001").json
    check("get-contacts", {**listed, "data": {**listed["data"], "next": ""}})
    (contact,) = listed["data"]["contacts"]
    assert contact["countryCode"] == "91"
    one = client("GET", f"/contacts/{contact['_id']}").json
    check("get-contact", one)
    changed = client("PUT", f"/contacts/{contact['_id']}", {"name": "Priya N"}).json
    check("update-contact", changed)
    assert sorted(changed["data"]["list"]) == ["all", "partners", "sups"]
    lists = client("GET", "/contacts/lists").json
    check("get-contact-lists", lists)
    assert {"partners", "sups"} <= {row["name"] for row in lists["data"]["lists"]}
    tags = client("GET", "/settings/tags").json
    check("get-all-tags", tags)
    assert tags["data"]["total"] == len(tags["data"]["tags"]) >= 4


def test_catalogs(client: Client) -> None:
    answer = client("GET", "/catalogs").json
    check("list-catalogs", answer)
    assert [one["name"] for one in answer["data"]["catalogs"]][1] == "Shoes_Catalog"
    assert answer["data"]["selectedCatalogId"] == answer["data"]["catalogs"][1]["catalogId"]
    assert [one["name"] for one in client.ok("GET", "/catalogs?search=watch")["catalogs"]] == ["Watches_catalog"]
    id_ = answer["data"]["selectedCatalogId"]
    products = client("GET", f"/catalogs/{id_}/products?limit=4").json
    check("list-products", products)
    block = products["data"]["pagination"]
    assert (block["totalResults"], block["totalPages"], block["hasNextPage"]) == (6, 2, True)
    found = client.ok("GET", f"/catalogs/{id_}/products?search=SHOE-003")
    assert [one["retailerId"] for one in found["products"]] == ["SHOE-003"]
    client.refused("GET", "/catalogs/1/products", status=404)


def test_media(client: Client) -> None:
    server = client.server
    said = {"from": "919811111111", "type": "image", "caption": "look"}
    server.request("POST", "/simulator/1/inbound", json=said)
    row = until(
        lambda: [
            one
            for one in client.ok("GET", "/messages?direction=incoming&to=919811111111")["messages"]
            if (one["link"] or "").startswith("media:")
        ],
        what="the picture is stored",
    )[0]
    answer = client("GET", f"/media?id={row['link'].removeprefix('media:')}")
    check("retrieve-media-url", answer.json)
    data = answer.json["data"]
    assert data["mimeType"] == "image/png"
    path = data["mediaUrl"].removeprefix(server.url)
    assert server.request("GET", path).body.startswith(b"\x89PNG")
    assert server.request("GET", path.replace("signature=", "signature=x")).status == 404
    client.refused("GET", "/media")
    client.refused("GET", "/media?id=nothing", status=404)


def test_messages(client: Client) -> None:
    sent = client.ok("POST", "/messages", {"to": "+1 (555) 148-6943", "type": "text", "message": "Hello"})
    assert sent["to"] == "15551486943"
    listed = client.ok("GET", "/messages?to=15551486943")
    assert [one["message"] for one in listed["messages"]] == ["Hello"]
    assert listed["messages"][0]["_id"] == sent["messageId"]
    assert listed["messages"][0]["chatId"] == sent["chatId"]
    assert listed["messages"][0]["waMessageId"] == sent["metaResponse"]["messages"][0]["id"]
    first = client.ok("GET", "/messages?limit=1")
    path = first["next"].split("/pabbly/api/v1", 1)[1]
    second = client.ok("GET", path)
    assert first["messages"][0]["createdAt"] >= second["messages"][0]["createdAt"]
    assert first["messages"][0]["_id"] != second["messages"][0]["_id"]
    assert client.ok("GET", "/messages?direction=incoming&to=15551486943")["messages"] == []
    for bad in ("status=nothing", "direction=up", "limit=0", "from=yesterday", "page=2", "cursor=x", "to=abc"):
        client.refused("GET", f"/messages?{bad}")
