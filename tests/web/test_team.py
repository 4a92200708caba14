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
        # How much marketing a person gets, from a switch with its two numbers.
        page.get_by_role("switch", name="Limit how much marketing a person gets").click()
        page.get_by_label("Messages at most").fill("2")
        page.get_by_role("button", name="Save limit").click()
        cap = {"messages": 2, "days": 7}
        until(
            lambda: dashboard.api("GET", "/workspaces/1").data["settings"].get("marketing_cap") == cap, what="the limit"
        )
        page.get_by_role("switch", name="Limit how much marketing a person gets").click()
        until(lambda: "marketing_cap" not in dashboard.api("GET", "/workspaces/1").data["settings"], what="no limit")
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        sign_in(page, dashboard)
        check_width(page, "/team", "/team?show=departments", "/settings")


def test_working_hours_of_the_workspace_and_of_a_department(chromium: Browser, dashboard: JackfieldServer) -> None:
    department = dashboard.api("POST", "/departments", json={"name": "Night desk"}).data["id"]
    with person(chromium, dashboard) as (page, watch):
        sign_in(page, dashboard)
        page.goto("/team?show=hours")
        page.get_by_role("button", name="Set working hours").click()
        page.get_by_role("button", name="Add hours: Monday").click()
        page.get_by_label("Monday: from").nth(1).fill("16:00")
        page.get_by_label("Monday: to").nth(1).fill("02:00")
        page.get_by_role("button", name="Add a holiday").click()
        page.get_by_label("Date").fill("2026-12-25")
        page.get_by_label("Name", exact=True).fill("Christmas Day")
        page.get_by_role("switch", name="Every year").click()
        watch.allow("400")
        page.get_by_role("button", name="Save working hours").click()
        expect(page.get_by_text("Overlaps with 09:00 to 17:00.").first).to_be_visible()
        page.get_by_label("Monday: from").nth(1).fill("20:00")
        page.get_by_role("button", name="Save working hours").click()
        expect(page.get_by_text("The working hours were saved.").first).to_be_visible()
        kept = dashboard.api("GET", "/working-hours").data
        assert kept["days"]["mon"] == [{"start": "09:00", "end": "17:00"}, {"start": "20:00", "end": "02:00"}]
        assert kept["holidays"] == [{"date": "2026-12-25", "name": "Christmas Day", "yearly": True, "hours": []}]
        page.get_by_role("combobox", name="Whose hours").click()
        page.get_by_role("option", name="Night desk").click()
        page.get_by_role("button", name="Set hours of its own").click()
        page.get_by_role("button", name="Save working hours").click()
        expect(page.get_by_role("button", name="Remove these hours")).to_be_visible()
        assert dashboard.api("GET", f"/departments/{department}/working-hours").data["source"] == "department"
        page.get_by_role("button", name="Remove these hours").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove these hours").click()
        expect(page.get_by_text("This department works by the hours of the workspace.")).to_be_visible()
        check_width(page, "/team?show=hours")
    dashboard.api("DELETE", "/working-hours")
