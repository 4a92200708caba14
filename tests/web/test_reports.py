"""The main path of messages and reports: what failed is found with its remedy, what was sent is counted."""

from __future__ import annotations

import io
import re

from playwright.sync_api import Browser, expect

from jackfield.core.contacts.files import read_table
from jackfield.testing.server import JackfieldServer
from tools.browser import PHONE, check_width, person, sign_in

NUMBER = "628155000001"


def test_what_failed_is_found_with_its_remedy_and_what_was_sent_is_counted(
    chromium: Browser, dashboard: JackfieldServer
) -> None:
    fault = {"errors": [{"code": 131026, "to": NUMBER}]}
    assert dashboard.request("POST", "/simulator/1/faults", json=fault).status == 200
    bad = dashboard.api("POST", "/messages/text", json={"to": NUMBER, "text": "Hello?", "tag": "bill"}).data["id"]
    good = dashboard.api("POST", "/messages/text", json={"to": "628155000002", "text": "Hello!"}).data["id"]
    later = {"to": "628155000003", "text": "Tomorrow", "scheduledAt": "2036-01-01T00:00:00Z"}
    assert dashboard.api("POST", "/messages/text", json=later).status < 300
    dashboard.message(str(bad), "failed")
    dashboard.message(str(good), "read")
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto("/messages?status=failed")
        expect(page.locator("[data-index]")).to_have_count(1)
        page.get_by_role("link", name="+62 8155 000 001").click()
        expect(page).to_have_url(re.compile(rf"/messages/{bad}\?status=failed"))
        why = page.locator("[data-why]")
        expect(why).to_contain_text("Message undeliverable")
        expect(why).to_contain_text("Check the number with its owner")
        expect(page.get_by_role("button", name="Send again")).to_have_count(0)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Remove the filter in the state failed").click()
        page.get_by_role("link", name="+62 8155 000 003").click()
        page.get_by_role("button", name="Cancel message").click()
        expect(page.get_by_role("dialog").get_by_text("Cancelled", exact=True)).to_be_visible()
        page.goto("/reports")
        expect(page.locator("[data-card=sent]")).to_contain_text("1")
        expect(page.locator("[data-card=failed]")).to_contain_text("50%")
        page.goto("/reports?by=tag")
        expect(page.get_by_role("link", name="bill")).to_be_visible()
        for format in ("CSV", "XLSX"):
            page.get_by_role("button", name="Export").first.click()
            with page.expect_download() as download:
                page.get_by_role("menuitem", name=f"As {format}").click()
            assert download.value.suggested_filename == f"usage-by-tag.{format.lower()}"
            rows = read_table(io.BytesIO(download.value.path().read_bytes()))
            assert {"key", "bill"} <= {cells[0] for _, cells in rows}
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        sign_in(page, dashboard)
        check_width(page, "/messages", "/reports")
