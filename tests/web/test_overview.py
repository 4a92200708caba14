"""The overview and the audit log: owners land there, see what failed and why, and who did what."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from jackfield.testing.server import JackfieldServer
from tools.browser import PHONE, check_width, person, sign_in

NUMBER = "628188000001"


def test_owners_land_on_the_overview_which_says_how_it_goes(chromium: Browser, dashboard: JackfieldServer) -> None:
    fault = {"errors": [{"code": 131026, "to": NUMBER}]}
    assert dashboard.request("POST", "/simulator/1/faults", json=fault).status == 200
    bad = dashboard.api("POST", "/messages/text", json={"to": NUMBER, "text": "Hello?"}).data["id"]
    good = dashboard.api("POST", "/messages/text", json={"to": "628188000002", "text": "Hello!"}).data["id"]
    dashboard.message(str(bad), "failed")
    dashboard.message(str(good), "read")
    with person(chromium, dashboard) as (page, _):
        page.goto("/")
        page.get_by_label("E-mail address").fill(dashboard.email)
        page.get_by_label("Password", exact=True).fill(dashboard.password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
        expect(page.locator("[data-card=sent]")).to_contain_text(re.compile("Sent *[1-9]"))
        expect(page.locator("[data-card=failed]")).to_contain_text("of all that went out")
        why = page.get_by_role("region", name="Why messages failed today")
        expect(why).to_contain_text("Message undeliverable")
        expect(why).to_contain_text("Check the number with its owner")
        expect(page.get_by_role("region", name="Channels")).to_contain_text("Connected")
        page.get_by_role("link", name="Failed").click()
        expect(page).to_have_url(re.compile(r"/messages\?from=\d{4}-\d\d-\d\d&status=failed"))
        expect(page.get_by_role("link", name="+62 8188 000 001")).to_be_visible()


def test_agents_land_in_the_inbox_and_have_no_audit_log(chromium: Browser, dashboard: JackfieldServer) -> None:
    member = {"email": "agent-of-overview@example.com", "password": "correct horse battery", "role": "agent"}
    assert dashboard.api("POST", "/team", json=member).status == 201
    with person(chromium, dashboard) as (page, watch):
        watch.allow("403")
        sign_in(page, dashboard, email=member["email"])
        page.goto("/")
        expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
        expect(page.get_by_role("link", name="Audit log")).to_have_count(0)
        page.goto("/audit")
        expect(page.get_by_text("You may not see this.")).to_be_visible()


def test_the_audit_log_is_filtered_opened_and_exported(chromium: Browser, dashboard: JackfieldServer) -> None:
    assert dashboard.api("POST", "/keys", json={"name": "Audited", "scopes": ["messages:read"]}).status == 201
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto("/audit")
        page.get_by_role("searchbox", name="Action").fill("key.*")
        expect(page.get_by_text("of the action key.*")).to_be_visible()
        page.get_by_role("link", name="key.created").first.click()
        sheet = page.get_by_role("dialog", name="Entry")
        expect(sheet.get_by_role("group", name="What was changed")).to_contain_text("Audited")
        page.keyboard.press("Escape")
        with page.expect_download() as download:
            page.get_by_role("button", name="Export as CSV").click()
        assert "key.created" in download.value.path().read_text()
        page.get_by_role("searchbox", name="Action").fill("no.such")
        expect(page.get_by_text("No entry matches.")).to_be_visible()


def test_at_phone_width_nothing_overflows(chromium: Browser, dashboard: JackfieldServer) -> None:
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        sign_in(page, dashboard)
        check_width(page, "/overview", "/audit")
