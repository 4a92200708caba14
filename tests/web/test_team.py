"""The main path of team and settings: invited, joined, changed, removed; the workspace renamed."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from jackfield.testing.server import JackfieldServer, until
from tools.browser import PHONE, check_width, person, sign_in

PASSWORD = "quite another battery"


def test_somebody_is_invited_joins_and_is_removed(chromium: Browser, dashboard: JackfieldServer) -> None:
    email = "new@example.com"
    with person(chromium, dashboard) as (page, _), person(chromium, dashboard) as (joins, watch):
        sign_in(page, dashboard)
        page.goto("/team")
        page.get_by_role("button", name="Invite somebody").first.click()
        page.get_by_label("E-mail address").fill(email)
        page.get_by_role("button", name="Make an invitation").click()
        link = page.get_by_label("Invitation link").input_value()
        page.keyboard.press("Escape")
        page.get_by_role("tab", name="Invitations").click()
        expect(page.get_by_text(email)).to_be_visible()

        watch.allow("400|401|403")
        joins.goto(link)
        joins.get_by_label("First name").fill("Ayu")
        joins.get_by_label("Password", exact=True).fill("password")
        joins.get_by_role("button", name="Join").click()
        expect(joins.get_by_text("one of the most common passwords")).to_be_visible()
        joins.get_by_label("Password", exact=True).fill(PASSWORD)
        joins.get_by_role("button", name="Join").click()
        expect(joins.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
        joins.goto("/team")
        expect(joins.locator(f"[data-member='{email}']")).to_contain_text("Ayu")
        expect(joins.get_by_role("button", name="Invite somebody")).to_have_count(0)

        page.get_by_role("tab", name="Members").click()
        row = page.locator(f"[data-member='{email}']")
        row.get_by_role("combobox", name="Role of Ayu").click()
        page.get_by_role("option", name="Admin").click()
        until(
            lambda: [one["role"] for one in dashboard.api("GET", "/team").data if one["email"] == email] == ["admin"],
            what="the role",
        )
        row.get_by_role("button", name="More for Ayu").click()
        page.get_by_role("menuitem", name="Switch off").click()
        expect(row.get_by_text("Switched off")).to_be_visible()
        expect(joins).to_have_url(re.compile("/login"))
        row.get_by_role("button", name="More for Ayu").click()
        page.get_by_role("menuitem", name="Remove from the team").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove Ayu").click()
        expect(row).to_have_count(0)


def test_departments_roles_and_the_workspace(chromium: Browser, dashboard: JackfieldServer) -> None:
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto("/team?show=departments")
        page.get_by_label("Name of the department").fill("Repairs")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("button", name="Rename Repairs")).to_be_visible()
        page.goto("/team?show=roles")
        expect(page.get_by_text("contacts:*")).to_be_visible()
        page.goto("/settings")
        page.get_by_label("Name", exact=True).fill("Harbour Coffee")
        page.get_by_role("button", name="Save workspace").click()
        until(lambda: dashboard.api("GET", "/workspaces/1").data["name"] == "Harbour Coffee", what="the name")
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        sign_in(page, dashboard)
        check_width(page, "/team", "/team?show=departments", "/settings")
