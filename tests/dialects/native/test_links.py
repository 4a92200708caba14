"""Short links of campaigns over HTTP: sent, followed, and told."""

from __future__ import annotations

import io
from collections.abc import Iterator

import openpyxl
import pytest

from jackfield.testing.server import JackfieldServer, running_server, until

from ..document import hold

PERSON = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
}
PREVIEW = {"User-Agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"}
PUBLIC = "https://short.example"


@pytest.fixture(scope="module")
def public_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """A server that people reach."""
    with running_server(tmp_path_factory.mktemp("links"), {"JACKFIELD_PUBLIC_URL": PUBLIC}) as running:
        hold(running, "/api/v1", "/api", exact=False)
        yield running


def test_a_campaign_tells_who_followed_its_links(public_server: JackfieldServer) -> None:
    native = public_server
    phones = ["628155510001", "628155510002"]
    for phone in phones:
        native.api("POST", "/contacts", json={"name": "=1+1", "phone": phone, "tags": ["links"]}).data  # noqa: B018
    body = {
        "name": "Sale",
        "content": {"text": "Look: https://shop.example/sale?who={phone}"},
        "audience": {"tags": ["links"]},
        "trackLinks": True,
    }
    made = native.api("POST", "/campaigns", json=body).data
    assert made["trackLinks"] is True
    until(lambda: native.api("GET", f"/campaigns/{made['id']}").data["sent"] == 2)
    rows = native.api("GET", f"/campaigns/{made['id']}/recipients").data
    texts = {row["to"]: row["text"] for row in rows}
    short = {phone: text.removeprefix("Look: ") for phone, text in texts.items()}
    assert all(link.startswith(f"{PUBLIC}/l/") for link in short.values())
    assert len(set(short.values())) == 2
    assert not any(phone in link for phone, link in short.items())
    path = short[phones[0]].removeprefix(PUBLIC)
    for headers in (PREVIEW, PERSON, PERSON):
        answer = native.request("GET", path, headers=headers)
        assert (answer.status, answer.headers["location"]) == (302, f"https://shop.example/sale?who={phones[0]}")
    assert native.request("GET", "/l/Zz0123456789").status == 404
    (link,) = until(
        lambda: found if (found := native.api("GET", f"/campaigns/{made['id']}/links").data)[0]["clicks"] == 2 else None
    )
    assert (link["url"], link["recipients"], link["clicked"], link["machines"]) == (
        "https://shop.example/sale?who={phone}",
        2,
        1,
        1,
    )
    assert native.api("GET", f"/campaigns/{made['id']}/stats").data["clicked"] == 1
    for clicked, phone in (("true", phones[0]), ("false", phones[1])):
        found = native.api("GET", f"/campaigns/{made['id']}/recipients?clicked={clicked}").data
        assert [row["to"] for row in found] == [phone]
        file = native.api("GET", f"/campaigns/{made['id']}/export?clicked={clicked}").body.decode("utf-8-sig")
        assert [f"+{one}" in file for one in phones] == [one == phone for one in phones]
    (event,) = [one for one in native.api("GET", "/logs?type=link.clicked").data if one["event"] == "link.clicked"]
    assert event["data"]["campaignId"] == made["id"]
    assert event["data"]["target"] == f"https://shop.example/sale?who={phones[0]}"
    for format in ("csv", "xlsx"):
        file = native.api("GET", f"/campaigns/{made['id']}/links/export?format={format}").body
        if format == "xlsx":
            cells = [*openpyxl.load_workbook(io.BytesIO(file)).active.iter_rows(values_only=True)][1]
            assert cells[1:6] == ("https://shop.example/sale?who={phone}", 2, 1, 2, 1)
        else:
            assert '"https://shop.example/sale?who={phone}","2","1","2","1"' in file.decode()


def test_it_needs_an_address_that_people_reach(native: JackfieldServer) -> None:
    body = {"name": "Sale", "content": "https://shop.example", "start": False}
    refused = native.api("POST", "/campaigns", json={**body, "trackLinks": True})
    assert (refused.status, list(refused.json["error"]["details"])) == (400, ["trackLinks"])
    draft = native.api("POST", "/campaigns", json=body).data
    assert draft["trackLinks"] is False
    refused = native.api("PATCH", f"/campaigns/{draft['id']}", json={"trackLinks": True})
    assert (refused.status, list(refused.json["error"]["details"])) == (400, ["trackLinks"])
    assert native.api("PATCH", f"/campaigns/{draft['id']}", json={"trackLinks": False}).data["trackLinks"] is False
    assert native.api("GET", f"/campaigns/{draft['id']}/links").data == []
