"""The main path of channels: one added, paired by QR in two browsers, paced, paused, made the default, deleted."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from jackfield.testing.server import JackfieldServer, until
from tools.browser import PHONE, check_width, person, sign_in


def test_a_channel_is_added_paired_by_qr_and_deleted(chromium: Browser, dashboard: JackfieldServer) -> None:
    with person(chromium, dashboard) as (page, watch), person(chromium, dashboard) as (phone, _):
        sign_in(page, dashboard)
        sign_in(phone, dashboard)
        page.goto("/channels")
        expect(page.locator("[data-channel='1'] [data-channel-state=connected]")).to_be_visible()
        page.get_by_role("link", name="Add channel").click()
        page.get_by_role("radio", name="Telegram bot").click()
        expect(page.get_by_text("BotFather answers with the token")).to_be_visible()
        page.get_by_role("button", name="Add channel").click()
        expect(page.get_by_text("Fill this in.")).to_have_count(2)
        page.get_by_role("radio", name="Simulator").click()
        page.get_by_label("Name", exact=True).fill("Second phone")
        page.get_by_role("button", name="Add channel").click()
        expect(page.get_by_role("img", name="QR code to link the phone")).to_be_visible()
        channel = page.url.rsplit("/", 1)[1]

        phone.goto("/phone")
        phone.get_by_role("combobox", name="Channel").click()
        phone.get_by_role("option", name="Second phone").click()
        phone.get_by_role("button", name="Scan the code").click()
        # Told by the live socket: nobody touches this page.
        state = page.locator("header [data-channel-state]")
        expect(state).to_have_text("Connected")
        expect(page.get_by_role("img", name="QR code to link the phone")).to_have_count(0)

        page.get_by_label("Messages per day").fill("250")
        page.get_by_role("button", name="Save pacing").click()
        until(lambda: dashboard.api("GET", f"/profiles/{channel}").data["pacing"] == {"dailyCap": 250}, what="pacing")
        page.get_by_label("Name", exact=True).fill("Third phone")
        page.get_by_role("button", name="Save settings").click()
        expect(page.get_by_role("heading", name="Third phone")).to_be_visible()
        page.get_by_role("button", name="Pause channel").click()
        expect(state).to_have_text("Not connected")
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(state).to_have_text("Connected")

        page.get_by_role("button", name="More for this channel").click()
        page.get_by_role("menuitem", name="Make it the default").click()
        until(lambda: dashboard.api("GET", f"/profiles/{channel}").data["isDefault"], what="the default")
        page.get_by_role("button", name="More for this channel").click()
        page.get_by_role("menuitem", name="Delete channel").click()
        act = page.get_by_role("dialog").get_by_role("button", name="Delete channel")
        expect(act).to_be_disabled()
        page.get_by_label("Type the name of the channel").fill("Third phone")
        # An event of the channel that went may have its page look at it once more.
        watch.allow("404")
        act.click()
        expect(page).to_have_url(re.compile("/channels$"))
        expect(page.locator(f"[data-channel='{channel}']")).to_have_count(0)


def test_a_channel_is_paired_by_a_code(chromium: Browser, dashboard: JackfieldServer) -> None:
    made = dashboard.api("POST", "/profiles", json={"name": "By code", "engine": "simulator"}).data["id"]
    dashboard.api("POST", f"/profiles/{made}/connect")
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto(f"/channels/{made}")
        page.get_by_role("button", name="Link with a code instead").click()
        page.get_by_label("Number of the phone").fill("+62 812 5555 0001")
        page.get_by_role("button", name="Get a code").click()
        expect(page.locator("[data-code]")).to_have_text(re.compile(r"^\w{4}-\w{4}$"))
        assert dashboard.request("POST", f"/simulator/{made}/scan", json={}).status == 200
        expect(page.locator("header [data-channel-state]")).to_have_text("Connected")
    assert dashboard.api("DELETE", f"/profiles/{made}").status == 200


def test_an_agent_sees_channels_and_changes_none(chromium: Browser, dashboard: JackfieldServer) -> None:
    agent = {"email": "channels@example.com", "password": "correct horse battery", "role": "agent"}
    assert dashboard.api("POST", "/team", json=agent).status == 201
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        sign_in(page, dashboard, email=agent["email"])
        check_width(page, "/channels", "/channels/1", "/channels/new")
        expect(page.get_by_text("You may not see this.")).to_be_visible()
        page.goto("/channels/1")
        expect(page.get_by_role("heading", name="Pacing and limits")).to_be_visible()
        for name in ("Save pacing", "Pause channel", "Connect", "Save settings"):
            expect(page.get_by_role("button", name=name)).to_have_count(0)
