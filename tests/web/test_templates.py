"""The main path of templates: written, approved by the network, sent; another language beside it; what was refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from jackfield.testing.server import JackfieldServer, until
from tools.browser import PHONE, check_width, person, sign_in

NUMBER = "628166000001"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557bfab"
    "d40000000049454e44ae426082"
)


@pytest.fixture(scope="module", autouse=True)
def _engines(dashboard: JackfieldServer) -> None:
    """What engines can do is known: the first question loads them all, which takes a busy machine long."""
    assert dashboard.api("GET", "/engines").status == 200


def test_a_template_is_written_approved_and_sent(chromium: Browser, dashboard: JackfieldServer, tmp_path: Path) -> None:
    picture = tmp_path / "parcel.png"
    picture.write_bytes(PICTURE)
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto("/templates")
        page.get_by_role("link", name="New template").click()
        page.get_by_role("button", name="Send for review").click()
        expect(page.get_by_role("alert").filter(has_text="Write the text.")).to_be_visible()
        page.get_by_label("Name", exact=True).fill("parcel_waits")
        page.get_by_label("Text", exact=True).fill("Hi , your parcel waits at our counter.")
        page.get_by_label("Text", exact=True).evaluate("box => box.setSelectionRange(3, 3)")
        page.get_by_role("button", name="Insert a variable").click()
        page.get_by_label("Example for {{1}}").fill("Budi")
        preview = page.locator("[data-preview]")
        expect(preview).to_contain_text("Hi Budi, your parcel waits")
        page.get_by_role("combobox", name="Above the text").click()
        page.get_by_role("option", name="Photo").click()
        page.get_by_label("Sample file").set_input_files(picture)
        expect(preview.get_by_role("img")).to_be_visible()
        page.get_by_role("button", name="Add a button").click()
        page.get_by_role("menuitem", name="Quick reply").click()
        page.get_by_label("Words on the button").fill("I will pick it up some time next week")
        page.get_by_role("button", name="Send for review").click()
        expect(page.get_by_role("alert").filter(has_text="at most 25 characters")).to_be_visible()
        # What was typed survives a reload.
        page.reload()
        expect(page.get_by_label("Name", exact=True)).to_have_value("parcel_waits")
        page.get_by_label("Words on the button").fill("I come today")
        page.get_by_role("button", name="Send for review").click()
        expect(page.get_by_role("heading", name="parcel_waits", level=1)).to_be_visible()
        expect(page.locator("[data-status=APPROVED]").first).to_be_visible()
        expect(page.get_by_role("region", name="History")).to_contain_text("Approved")
        test = page.get_by_role("region", name="Send it to yourself")
        test.get_by_label("Your number").fill(NUMBER)
        # The upload is slow: what is typed meanwhile stays.
        uploads: list[Route] = []
        page.route("**/api/media", lambda route: uploads.append(route))
        with page.expect_request("**/api/media"):
            test.get_by_label("The header's image").set_input_files(picture)
        test.get_by_label("The body's {{1}}").fill("Ada")
        for upload in uploads:
            upload.continue_()
        page.unroute("**/api/media")
        test.get_by_role("button", name="Send a test").click()
        expect(test.get_by_role("status")).to_contain_text(re.compile("Delivered|Read"))
        sent = [one for one in dashboard.outbox() if one["to"] == NUMBER]
        assert [one["template"] for one in sent] == ["parcel_waits"]
        # The network changes its mind, and says why it is worth less.
        verdict = {"name": "parcel_waits", "quality": "RED"}
        assert dashboard.request("POST", "/simulator/1/template", json=verdict).status == 200
        expect(page.get_by_role("region", name="History")).to_contain_text("Low")
        page.goto("/templates?quality=RED")
        expect(page.get_by_role("link", name="parcel_waits")).to_be_visible()
        expect(page.get_by_text("of quality low")).to_be_visible()


def test_languages_stand_side_by_side_and_are_deleted_alone(chromium: Browser, dashboard: JackfieldServer) -> None:
    body = {
        "name": "hello_there",
        "language": "en_US",
        "components": [{"type": "BODY", "text": "Hello from the shop."}],
    }
    made = dashboard.api("POST", "/templates", json=body)
    assert made.status == 201, made
    with person(chromium, dashboard) as (page, watch):
        watch.allow("400|422")
        sign_in(page, dashboard)
        page.goto(f"/templates/{made.data['id']}")
        page.get_by_role("link", name="Add a language").click()
        page.get_by_label("Text", exact=True).fill("Salam dari toko.")
        page.get_by_label("Language", exact=True).click()
        page.get_by_placeholder("Search or type a code").fill("indonesian")
        page.get_by_role("option", name="Indonesian").click()
        page.get_by_role("button", name="Send for review").click()
        expect(page.locator("[data-language=id]")).to_contain_text("Salam dari toko.")
        expect(page.locator("[data-language=en_US]")).to_contain_text("Hello from the shop.")
        page.get_by_role("button", name="Delete the language id").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete template").click()
        expect(page).to_have_url(re.compile(r"/templates$"))
        found = "/templates?name=hello_there"
        until(lambda: [one["language"] for one in dashboard.api("GET", found).data] == ["en_US"], what="one language")
        # A name that is taken is refused in the network's words, and nothing typed is lost.
        page.goto("/templates/new")
        page.get_by_label("Name", exact=True).fill("hello_there")
        page.get_by_label("Text", exact=True).fill("Once more.")
        page.get_by_role("button", name="Send for review").click()
        expect(page.get_by_role("alert").filter(has_text="There is already a template")).to_be_visible()
        expect(page.get_by_label("Text", exact=True)).to_have_value("Once more.")


def test_at_phone_width_nothing_overflows(chromium: Browser, dashboard: JackfieldServer) -> None:
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        sign_in(page, dashboard)
        first = dashboard.api("GET", "/templates?name=summer_time").data[0]["id"]
        check_width(page, "/templates", "/templates/new", f"/templates/{first}", f"/templates/{first}/edit")
