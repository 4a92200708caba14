"""What is refused, how it is told, and that nothing makes the server fail."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from jackfield.dialects.pabbly.reference import entries

from .conftest import Client

REQUESTS = {one.slug: one for one in entries() if one.request is not None}


def changed(slug: str, **fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(REQUESTS[slug].request), **fields}


LONG = "x" * 1025
LIST = "send-list-message"
PRODUCTS = "send-multi-product-message"
CTA = "send-cta-url-message"
CAROUSEL = "send-carousel-template"


def rows(count: int, **fields: str) -> list[dict[str, str]]:
    return [{"title": f"r{n}", **fields} for n in range(count)]


def products(count: int) -> list[dict[str, str]]:
    return [{"productRetailerId": f"p{n}"} for n in range(count)]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (changed("send-text-message", type="fax"), "type"),
        (changed("send-text-message", to="abc"), "recipient"),
        (changed("send-text-message", to=[]), "recipient"),
        (changed("send-text-message", to=True), "recipient"),
        (changed("send-text-message", message="x" * 4097), "4096"),
        (changed("send-text-message", message="a\x00b"), "characters"),
        (changed("send-text-message", message=["x"]), "message"),
        (changed("send-text-message", contact="not json"), "contact"),
        (changed("send-text-message", contact={"optin": "maybe"}), "optin"),
        (changed("send-image-message", link="ftp://example.com/x"), "link"),
        (changed("send-image-message", link="javascript:alert(1)"), "link"),
        (changed("send-image-message", caption=LONG), "caption"),
        (changed("send-single-product-message", bodyText=LONG), "bodyText must be at most 1024"),
        (changed("send-single-product-message", footerText="x" * 61), "60"),
        (changed("send-single-product-message", interactiveType="nothing"), "interactiveType"),
        (changed(PRODUCTS, header="x" * 61), "60"),
        (changed(PRODUCTS, footer="x" * 61), "60"),
        (changed(PRODUCTS, sections=[{"title": f"s{n}", "products": products(1)} for n in range(11)]), "10"),
        (changed(PRODUCTS, sections=[{"title": f"s{n}", "products": products(16)} for n in range(2)]), "30"),
        (changed(PRODUCTS, sections=[{"title": "x" * 25, "products": products(1)}]), "24"),
        (changed(LIST, buttonText="x" * 21), "20"),
        (changed(LIST, headerText="x" * 61), "60"),
        (changed(LIST, sections=[{"title": "x" * 25, "rows": rows(1)}]), "24"),
        (changed(LIST, sections=[{"title": "s", "rows": rows(11)}]), "10"),
        (changed(LIST, sections=[{"title": f"s{n}", "rows": rows(6)} for n in range(2)]), "10 rows in all"),
        (changed(LIST, sections=[{"title": f"s{n}", "rows": rows(1)} for n in range(11)]), "10"),
        (changed(LIST, sections=[{"title": "s", "rows": [{"title": "x" * 25}]}]), "24"),
        (changed(LIST, sections=[{"title": "s", "rows": rows(1, description="x" * 73)}]), "72"),
        (changed(LIST, sections=[{"title": "s", "rows": rows(2, id="same")}]), "differ"),
        (changed(CTA, buttons=[{"title": "x" * 21, "url": "https://e.com"}]), "20"),
        (changed(CTA, buttons=[{"title": "a", "url": "https://e.com"}] * 2), "exactly one"),
        (changed(CTA, buttons=[{"title": "a", "url": "nothing"}]), "link"),
        (changed(CTA, header={"type": "image"}), "header.link"),
        (changed(CTA, header={"type": "document", "link": "https://e.com/a"}), "header.filename"),
        (changed("send-address-request-message", isoCountryCode="IND"), "isoCountryCode"),
        (changed("send-address-request-message", isoCountryCode="1N"), "isoCountryCode"),
        (changed("send-text-template", bodyParams=["only one"]), "{{2}} has no value"),
        (changed("send-text-template", bodyParams=["a", "b", "c"]), "3 values are given"),
        (changed("send-text-template", headerParams=[]), "header's {{1}}"),
        (changed("send-media-template", link="https://e.com/a.pdf", bodyParams=[]), "{{1}} has no value"),
        (changed("send-cta-buttons-template", copyCodeParam=None), "button 2"),
        (changed("send-cta-buttons-template", urlVariables=[]), "button 1"),
        (changed("send-cta-buttons-template", quickReplies=["a", "b", "c"]), "quick replies"),
        (changed("send-authentication-template", copyCodeParam=None), "{{1}} has no value"),
        (changed("send-lto-template", ltoFields={}), "ltoFields.unixTimestamp"),
        (changed("send-lto-template", ltoFields={"unixTimestamp": "soon"}), "unixTimestamp"),
        (changed(CAROUSEL, carouselBodies=[{"1": "a"}], carouselFileData=[{"link": "https://e.com/a"}]), "2 to 10"),
        (changed(CAROUSEL, carouselBodies=[{"1": "a"}] * 2), "one entry per card"),
        (changed(CAROUSEL, carouselBodies=[{}] * 3), "card 1"),
        (changed(CAROUSEL, urlVariables=["a", "b", "c", "d"]), "urlVariables"),
        (
            changed(CAROUSEL, carouselBodies=[{"1": "a"}] * 4, carouselFileData=[{"link": "https://e.com/a"}] * 4),
            "carousel cards",
        ),
    ],
)
def test_limits_and_values(client: Client, body: dict[str, Any], words: str) -> None:
    before = len(client.server.outbox())
    refused = client.refused("POST", "/messages", body)
    assert words in refused["error"]
    assert len(client.server.outbox()) == before


def test_unknown_template_and_language(client: Client) -> None:
    client.refused("POST", "/messages", changed("send-text-template", templateName="no_such"), status=404)
    body = client.refused("POST", "/messages", changed("send-text-template", languageCode="fr"), status=404)
    assert "it exists in en" in body["error"]


def test_a_refusal_of_the_network_is_explained(client: Client) -> None:
    server = client.server
    server.request("POST", "/simulator/1/faults", json={"code": 131026, "kind": "reject"})
    answer = client("POST", "/messages", {"to": "15550009999", "type": "text", "message": "x"})
    server.request("POST", "/simulator/1/faults", json={"reset": True})
    assert answer.status == 400, answer
    assert answer.json["success"] is False
    assert answer.json["code"] == "131026"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer wrong-key"}, 401),
        ({"Authorization": "Basic abc"}, 401),
    ],
)
def test_authentication(client: Client, headers: dict[str, str], status: int) -> None:
    answer = client("GET", "/templates", headers=headers)
    assert answer.status == status
    assert answer.json["success"] is False
    assert isinstance(answer.json["error"], str)


def test_unknown_addresses_and_methods(client: Client) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("DELETE", "/messages", 405),
        ("POST", "/templates", 405),
        ("GET", "/contacts/xyz", 404),
        ("GET", "/contacts/" + "0" * 24, 404),
        ("PUT", "/contacts/" + "f" * 24, 404),
    ):
        answer = client(method, path, {} if method in ("PUT", "POST") else None)
        assert answer.status == status, (path, answer)
        assert answer.json["success"] is False
        assert isinstance(answer.json["error"], str)


def test_bodies_that_are_none(client: Client) -> None:
    for raw in (b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"[" * 5000):
        for path in ("/messages", "/broadcasts", "/broadcasts/send", "/contacts"):
            answer = client("POST", path, body=raw, headers={"Content-Type": "application/json"})
            assert answer.status == 400, (path, raw[:10], answer)
            assert answer.json["success"] is False


JUNK: list[Any] = [
    None, True, -1, 0, 10**30, 1.5, "", " ", "x" * 5000, "\x00", "\ud800", [], [None], [[]], [{}], {}, {"a": None},
    {"": ""}, [1, "2", None, {"3": []}], "[", "{", "null", "[[[", '{"a": [1]}',
]  # fmt: skip


@pytest.mark.parametrize("slug", REQUESTS)
def test_wrong_types_never_make_it_fail(client: Client, slug: str) -> None:
    entry = REQUESTS[slug]
    dice = random.Random(slug)
    path = entry.path.replace("{id}", "0" * 24)
    for _ in range(30):
        body = copy.deepcopy(entry.request)
        for _ in range(dice.randint(1, 3)):
            _spoil(body, dice)
        if slug == "add-api-campaign":
            body["name"] = f"fuzz {dice.random()}"
        answer = client(entry.method, path, body)
        assert answer.status < 500, (body, answer)
        if answer.status != 200:
            assert answer.json["success"] is False
            assert isinstance(answer.json["error"], str)


def _spoil(body: Any, dice: random.Random) -> None:
    place = body
    while True:
        keys = list(range(len(place))) if isinstance(place, list) else list(place)
        if not keys:
            return
        key = dice.choice(keys)
        if isinstance(place[key], list | dict) and place[key] and dice.random() < 0.6:
            place = place[key]
            continue
        place[key] = copy.deepcopy(dice.choice(JUNK))
        return


def test_queries_never_make_it_fail(client: Client) -> None:
    junk = ["", "0", "-1", "x", "1e9", "99999999999999999999", "%FF", "null", "[]", "%F0%9F%98%80"]
    for path, names in (
        ("/templates", ["all", "limit", "page"]),
        (
            "/contacts",
            ["name", "mobile", "tags", "order", "optin", "source", "incomingBlocked", "limit", "page", "skip"],
        ),
        ("/contacts", ["attributes[0][name]", "attributes[0][value]", "attributes[x]", "attributes[0]"]),
        ("/messages", ["to", "status", "limit", "cursor", "from", "broadcastId", "type", "tag"]),
        ("/media", ["id"]),
        ("/catalogs", ["page", "limit", "search"]),
    ):
        for name in names:
            for value in junk:
                answer = client("GET", f"{path}?{name}={value}")
                assert answer.status in (200, 400, 404), (path, name, value, answer)
