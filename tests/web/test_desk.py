"""Scheduled messages, tickets, groups, calls and catalogs: the main path of each."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from jackfield.testing.server import JackfieldServer, until
from tools.browser import PHONE, check_width, person, sign_in


@pytest.fixture(scope="module", autouse=True)
def _engines(dashboard: JackfieldServer) -> None:
    """What engines can do is known: the first question loads them all, which takes a busy machine long."""
    assert dashboard.api("GET", "/engines").status == 200


@pytest.fixture
def member(chromium: Browser, dashboard: JackfieldServer) -> Iterator[Page]:
    """Somebody who is signed in."""
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        yield page


def test_a_message_is_scheduled_and_cancelled(member: Page, dashboard: JackfieldServer) -> None:
    member.goto("/scheduled")
    member.get_by_role("button", name="Schedule a message").first.click()
    dialog = member.get_by_role("dialog", name="Schedule a message")
    dialog.get_by_label("To").fill("+62 8199 0000 001")
    dialog.get_by_label("Text").fill("See you tomorrow.")
    dialog.get_by_label("Goes out").fill("2001-01-01T09:00")
    expect(dialog.get_by_text("This time is past.")).to_be_visible()
    dialog.get_by_label("Goes out").fill("2036-01-01T09:00")
    dialog.get_by_role("button", name="Schedule a message").click()
    row = member.get_by_role("row").filter(has_text="+62 8199 0000 001")
    expect(row).to_contain_text("See you tomorrow.")
    row.get_by_role("button", name="Cancel the message to").click()
    expect(row).to_have_count(0)
    assert dashboard.api("GET", "/messages?to=6281990000001").data[0]["status"] == "cancelled"


def test_a_ticket_is_opened_answered_and_closed(member: Page, dashboard: JackfieldServer) -> None:
    member.goto("/tickets")
    member.get_by_role("button", name="New ticket").first.click()
    dialog = member.get_by_role("dialog", name="New ticket")
    dialog.get_by_label("Subject").fill("The zip is broken")
    dialog.get_by_label("What it is about").fill("Bought last week.")
    dialog.get_by_role("button", name="Open ticket").click()
    expect(member.get_by_role("heading", name="The zip is broken", level=1)).to_be_visible()
    expect(member.get_by_text("Nobody has answered yet.")).to_be_visible()
    member.get_by_label("Write an answer").fill("We send you a new one.")
    member.get_by_role("button", name="Answer", exact=True).click()
    answers = member.get_by_role("region", name="Answers")
    expect(answers.get_by_text("We send you a new one.")).to_be_visible()
    expect(member.locator("header [data-status=answered]")).to_be_visible()
    member.get_by_role("combobox", name="State").click()
    member.get_by_role("option", name="Closed").click()
    expect(member.locator("header [data-status=closed]")).to_be_visible()
    member.goto("/tickets?status=closed&q=zip")
    expect(member.get_by_role("link", name="The zip is broken")).to_be_visible()
    expect(member.get_by_text("that are closed")).to_be_visible()
    assert dashboard.api("GET", "/tickets?search=zip").data[0]["status"] == "closed"


def test_a_group_is_made_filled_and_left(member: Page, dashboard: JackfieldServer) -> None:
    member.goto("/groups")
    member.get_by_role("button", name="New group").first.click()
    dialog = member.get_by_role("dialog", name="New group")
    dialog.get_by_label("Name").fill("Hikers")
    dialog.get_by_label("Numbers with country code").fill("628199000002, 628199000003")
    dialog.get_by_role("button", name="New group").click()
    expect(member.get_by_role("heading", name="Hikers", level=1)).to_be_visible()
    person = member.locator("[data-person='628199000002']")
    person.get_by_role("button", name="More for").click()
    member.get_by_role("menuitem", name="Make an admin").click()
    expect(person.get_by_text("Admin", exact=True)).to_be_visible()
    member.get_by_label("Numbers with country code").fill("628199000004")
    member.get_by_role("button", name="Add", exact=True).click()
    expect(member.locator("[data-person='628199000004']")).to_be_visible()
    member.get_by_role("button", name="Show the link").click()
    expect(member.locator("[data-link]")).to_contain_text("http")
    member.get_by_role("button", name="Name and description").click()
    member.get_by_role("dialog").get_by_label("Name").fill("Hikers of Java")
    member.get_by_role("dialog").get_by_role("button", name="Save group").click()
    expect(member.get_by_role("heading", name="Hikers of Java", level=1)).to_be_visible()
    member.get_by_role("button", name="Leave the group").click()
    member.get_by_role("dialog").get_by_role("button", name="Leave the group").click()
    expect(member).to_have_url(re.compile(r"/groups$"))
    expect(member.get_by_role("link", name="Hikers of Java")).to_have_count(0)


def test_a_call_rings_and_is_refused(member: Page, dashboard: JackfieldServer) -> None:
    member.goto("/calls")
    member.get_by_role("heading", name="Calls", level=1).wait_for()
    assert dashboard.request("POST", "/simulator/1/call", json={"from": "628199000005"}).status == 200
    row = member.get_by_role("row").filter(has_text="+62 8199 000 005")
    row.get_by_role("button", name="Refuse").click()
    expect(row).to_contain_text("Refused")
    member.get_by_role("button", name="How calls are answered").click()
    dialog = member.get_by_role("dialog", name="How calls are answered")
    dialog.get_by_role("switch", name="Refuse every call at once").click()
    dialog.get_by_label("What the caller is told").fill("Please write to us.")
    dialog.get_by_role("button", name="Save").click()
    until(lambda: dashboard.api("GET", "/calls/settings").data["autoReject"], what="calls are refused")
    chosen = dashboard.api("PUT", "/calls/settings", json={"autoReject": False, "message": ""})
    assert chosen.status == 200


def test_products_are_found_in_their_catalog(member: Page, dashboard: JackfieldServer) -> None:
    until(lambda: dashboard.api("GET", "/catalogs").data, what="the catalogs are known")
    member.goto("/catalogs")
    member.get_by_role("link", name="Shoes_Catalog").click()
    member.get_by_label("Search name or id").fill("shoe-002")
    expect(member.get_by_role("table", name="Products").locator("[data-index]")).to_have_count(1)
    expect(member.get_by_role("table", name="Products")).to_contain_text("SHOE-002")
    member.get_by_label("Search name or id").fill("no such thing")
    expect(member.get_by_text("No product matches.")).to_be_visible()


def test_at_phone_width_nothing_overflows(chromium: Browser, dashboard: JackfieldServer) -> None:
    ticket = dashboard.api("POST", "/tickets", json={"subject": "A subject that is quite long, as subjects are"})
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        sign_in(page, dashboard)
        check_width(page, "/scheduled", "/tickets", f"/tickets/{ticket.data['id']}", "/groups", "/calls", "/catalogs")
