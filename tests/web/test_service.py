"""A team's service in the browser: who gets a chat, and until when it is answered, what people
are asked after it."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from jackfield.testing.server import JackfieldServer
from tools.browser import check_width, person, sign_in


def test_chats_are_given_away_counted_down_and_asked_about(chromium: Browser, dashboard: JackfieldServer) -> None:
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto("/team?show=assignment")
        page.get_by_role("button", name="Add a rule").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name", exact=True).fill("Me first")
        dialog.get_by_role("combobox", name="Whose turn it is").click()
        page.get_by_role("option", name="Whoever has the fewest open chats").click()
        dialog.get_by_label("Open chats at most").fill("500")
        dialog.get_by_role("button", name="Save rule").click()
        row = page.locator("[data-rule='Me first']")
        expect(row).to_contain_text("Fewest open chats: everybody")
        expect(row).to_contain_text("Next: ")
        (rule,) = dashboard.api("GET", "/assignment-rules").data
        assert (rule["how"], rule["maxOpen"], rule["memberIds"]) == ("least_busy", 500, [])
        check_width(page, "/team?show=assignment")

        said = {"from": "6281200009301", "name": "Rini", "text": "Is anybody there?"}
        dashboard.request("POST", "/simulator/1/inbound", json=said)
        page.goto("/inbox")
        page.get_by_role("link", name="Rini").click()
        expect(page.get_by_text("by the rule “Me first”")).to_be_visible()

        page.goto("/team?show=targets")
        page.get_by_role("button", name="Set targets").click()
        page.get_by_label("First reply (minutes)").fill("30")
        page.get_by_role("switch", name="Count working hours alone").click()
        page.get_by_role("button", name="Save targets").click()
        expect(page.get_by_text("The targets were saved.").first).to_be_visible()
        check_width(page, "/team?show=targets")
        dashboard.request("POST", "/simulator/1/inbound", json={**said, "from": "6281200009302", "name": "Sari"})
        page.goto("/inbox")
        page.get_by_role("link", name="Sari").click()
        expect(page.locator("[data-target='running']")).to_contain_text("left")
        page.goto("/team?show=survey")
        page.get_by_role("switch", name="Ask after a chat is done").click()
        page.get_by_label("Question").fill("How did it go?")
        page.get_by_role("button", name="Save survey").click()
        expect(page.get_by_text("The survey is on.").first).to_be_visible()
        assert dashboard.api("GET", "/survey").data["text"] == "How did it go?"
        check_width(page, "/team?show=survey")
        assert dashboard.api("PUT", "/survey", json={"enabled": False}).status == 200
        page.goto("/reports")
        expect(page.locator("[data-targets]")).to_contain_text("Reply and resolution targets")
        expect(page.locator("[data-survey]")).to_contain_text("Nobody was asked in this time.")
        assert dashboard.api("PUT", "/reply-targets", json={"targets": []}).data == []

        page.goto("/team?show=assignment")
        page.get_by_role("button", name="Delete Me first").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete Me first").click()
        expect(page.get_by_role("button", name="Add a rule")).to_be_visible()
        assert dashboard.api("GET", "/assignment-rules").data == []
