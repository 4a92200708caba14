"""The main path of campaigns: chosen, tried, sent, followed to its funnel and its failures, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from jackfield.testing.server import JackfieldServer, running_server
from tools.browser import PHONE, person, sign_in

TAG = "harbour"
PEOPLE = [f"6281300000{number:02}" for number in range(6)]


PUBLIC = "http://harbour.example"


@pytest.fixture(scope="module")
def dashboard(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """A server that people reach, so that its links can be counted."""
    with running_server(tmp_path_factory.mktemp("server"), {"JACKFIELD_PUBLIC_URL": PUBLIC}) as server:
        yield server


@pytest.fixture(scope="module")
def audience(dashboard: JackfieldServer) -> list[str]:
    """Six people of a tag: one is blocked, one has opted out, one's network refuses."""
    for index, phone in enumerate(PEOPLE):
        body: dict[str, Any] = {"name": f"Sari {index}", "phone": phone, "tags": [TAG]}
        if index == 0:
            body["blocked"] = True
        if index == 1:
            body["optin"] = False
        assert dashboard.api("POST", "/contacts", json=body).status == 201
    fault = {"errors": [{"code": 131026, "to": PEOPLE[2]}]}
    assert dashboard.request("POST", "/simulator/1/faults", json=fault).status == 200
    return PEOPLE


@pytest.fixture
def marketer(chromium: Browser, dashboard: JackfieldServer, audience: list[str]) -> Iterator[Page]:
    """A member who is signed in."""
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        yield page


def made(server: JackfieldServer, name: str, **fields: Any) -> str:
    """A campaign that the API made; gives its id."""
    body = {"name": name, "content": {"text": "Hi {first_name}"}, "audience": {"tags": [TAG]}, "start": False, **fields}
    return str(server.api("POST", "/campaigns", json=body).data["id"])


def test_a_campaign_from_its_audience_to_its_funnel(marketer: Page, dashboard: JackfieldServer) -> None:
    marketer.goto("/campaigns")
    marketer.get_by_role("link", name="New campaign").first.click()
    marketer.get_by_role("button", name="Next: Content").click()
    expect(marketer.get_by_role("alert").filter(has_text="Give it a name.")).to_be_visible()
    marketer.get_by_label("Name", exact=True).fill("Autumn sale")
    marketer.get_by_role("radio", name=re.compile("Tags")).click()
    marketer.get_by_role("checkbox", name=TAG).click()
    reach = marketer.locator("[data-reach]")
    expect(reach).to_contain_text("5 people")
    expect(reach).to_contain_text("1 is blocked")
    marketer.get_by_role("button", name="Next: Content").click()
    marketer.get_by_label("Text", exact=True).fill(
        "Hello , a *fifth* off until Sunday! {code} https://harbour.example/sale"
    )
    marketer.get_by_label("Text", exact=True).evaluate("box => box.setSelectionRange(6, 6)")
    marketer.get_by_role("button", name="{first_name}").click()
    marketer.get_by_label("Instead of code").fill("A-17")
    marketer.get_by_role("switch", name="Count who follows links").click()
    preview = marketer.locator("[data-preview]")
    expect(preview).to_contain_text("Hello Sari, a fifth off until Sunday! A-17")
    # What was chosen survives a reload, and the address says which step it is.
    marketer.reload()
    expect(marketer.get_by_label("Text", exact=True)).to_have_value(re.compile("a \\*fifth\\* off"))
    marketer.get_by_role("button", name="Next: Schedule").click()
    marketer.get_by_role("button", name="Next: Review").click()
    expect(marketer.get_by_text("Count who follows them")).to_be_visible()
    marketer.get_by_label("Your number").fill("628139999999")
    marketer.get_by_role("button", name="Send a test").click()
    expect(marketer.get_by_role("status").get_by_text(re.compile("Delivered|Read"))).to_be_visible()
    marketer.get_by_role("button", name="Send to 5 people").click()
    dialog = marketer.get_by_role("dialog", name="Send to 5 people?")
    dialog.get_by_role("button", name="Send to 5 people").click()
    expect(marketer.get_by_role("heading", name="Autumn sale", level=1)).to_be_visible()
    expect(marketer.locator("header [data-state=finished]")).to_be_visible()
    stages = {"total": "6", "sent": "3", "delivered": "3", "read": "3"}
    for stage, count in stages.items():
        expect(marketer.locator(f"[data-stage={stage}]")).to_contain_text(count)
    failures = marketer.get_by_role("region", name="Why people did not get it")
    expect(failures).to_contain_text("Message undeliverable")
    expect(failures).to_contain_text("remove it from the list if it has no WhatsApp")
    expect(failures).to_contain_text("Opted out of marketing")
    failures.get_by_role("listitem").filter(has_text="undeliverable").get_by_role("button").click()
    expect(marketer).to_have_url(re.compile("status=failed"))
    recipients = marketer.get_by_role("region", name="Recipients")
    expect(recipients.locator("[data-index]")).to_have_count(1)
    expect(recipients).to_contain_text("+62 8130 000 002")
    recipients.get_by_role("button", name="Export").click()
    with marketer.expect_download() as download:
        marketer.get_by_role("menuitem", name="As CSV").first.click()
    # The filter holds for the file too.
    assert [one in download.value.path().read_text() for one in (PEOPLE[2], PEOPLE[3])] == [True, False]
    sent = {one["to"] for one in dashboard.outbox()}
    assert sent >= {PEOPLE[3], PEOPLE[4], PEOPLE[5], "628139999999"}
    assert not sent & {PEOPLE[0], PEOPLE[1]}
    # One of them follows the link of their message.
    text = next(one["content"]["text"] for one in dashboard.outbox() if one["to"] == PEOPLE[4])
    short = re.search(rf"{PUBLIC}(/l/\w+)", text)
    assert short is not None, text
    assert dashboard.request("GET", short[1], headers={"User-Agent": "Mozilla/5.0 (Android 15)"}).status == 302
    links = marketer.get_by_role("region", name="Links")
    expect(links.get_by_role("row").filter(has_text="https://harbour.example/sale")).to_contain_text(
        re.compile(r"1\s*25%")
    )
    links.get_by_role("button", name="See who followed one").click()
    expect(marketer).to_have_url(re.compile("clicked=true"))
    expect(recipients.locator("[data-index]")).to_have_count(1)
    expect(recipients).to_contain_text("+62 8130 000 004")
    recipients.get_by_role("button", name="Show everybody again").click()
    expect(recipients.locator("[data-index]")).to_have_count(6)


def test_a_draft_is_copied_scheduled_and_cancelled(marketer: Page, dashboard: JackfieldServer) -> None:
    number = made(dashboard, "Spring")
    marketer.goto(f"/campaigns/{number}")
    marketer.get_by_role("button", name="More for this campaign").click()
    marketer.get_by_role("menuitem", name="Duplicate").click()
    expect(marketer.get_by_role("heading", name="Spring (copy)", level=1)).to_be_visible()
    marketer.get_by_role("button", name="More for this campaign").click()
    marketer.get_by_role("menuitem", name="Schedule").click()
    dialog = marketer.get_by_role("dialog")
    dialog.get_by_label("Date and time").fill("2036-01-02T09:00")
    dialog.get_by_role("button", name="Schedule").click()
    expect(marketer.locator("header [data-state=scheduled]")).to_be_visible()
    marketer.get_by_role("button", name="More for this campaign").click()
    marketer.get_by_role("menuitem", name="Cancel campaign").click()
    marketer.get_by_role("dialog").get_by_role("button", name="Cancel campaign").click()
    expect(marketer.locator("header [data-state=cancelled]")).to_be_visible()


def test_a_running_campaign_is_paused_and_goes_on(marketer: Page, dashboard: JackfieldServer) -> None:
    assert dashboard.api("PUT", "/profiles/1", json={"pacing": {"rate": 0.1, "burst": 1}}).status == 200
    number = made(dashboard, "Slow", start=True)
    marketer.goto(f"/campaigns/{number}")
    marketer.get_by_role("button", name="Pause campaign").click()
    expect(marketer.get_by_text("Paused", exact=True).first).to_be_visible()
    assert dashboard.api("PUT", "/profiles/1", json={"pacing": {}}).status == 200
    marketer.get_by_role("button", name="Resume campaign").click()
    expect(marketer.locator("header [data-state=finished]")).to_be_visible()


def test_the_list_is_filtered_by_its_address(marketer: Page, dashboard: JackfieldServer) -> None:
    made(dashboard, "Only a draft")
    marketer.goto("/campaigns?status=draft&q=Only%20a%20draft")
    expect(marketer.get_by_role("link", name="Only a draft")).to_be_visible()
    expect(marketer.get_by_text("that are draft")).to_be_visible()
    marketer.get_by_label("Find by its whole name").fill("nothing is called so")
    expect(marketer.get_by_text("No campaign matches.")).to_be_visible()
    marketer.get_by_role("button", name="Clear filters").first.click()
    expect(marketer.get_by_role("link", name="Only a draft")).to_be_visible()
    marketer.keyboard.press("j")
    expect(marketer.locator("[role=row] a").first).to_be_focused()
    marketer.keyboard.press("Enter")
    expect(marketer).to_have_url(re.compile(r"/campaigns/\d+"))


def test_what_is_not_there_and_what_is_not_allowed(chromium: Browser, dashboard: JackfieldServer) -> None:
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, watch):
        sign_in(page, dashboard)
        watch.allow("404")
        page.goto("/campaigns/999999")
        expect(page.get_by_text("There is no such campaign.")).to_be_visible()
        page.goto("/campaigns")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
