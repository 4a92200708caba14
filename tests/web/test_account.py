"""The main path of the account: first run, profile, password, second factor, sessions."""

from __future__ import annotations

import re

import pyotp
from playwright.sync_api import Browser, Page, expect

from jackfield.testing.server import PASSWORD, JackfieldServer
from tools.browser import PHONE, person, sign_in, sign_in_by_hand

NEW_PASSWORD = "quite another battery"


def member(server: JackfieldServer, email: str) -> str:
    """An agent that the API made; gives the address."""
    assert server.api("POST", "/team", json={"email": email, "password": PASSWORD, "role": "agent"}).status == 201
    return email


def set_up_factor(page: Page) -> tuple[pyotp.TOTP, str]:
    """Enrol an authenticator app; gives it, and one of the recovery codes."""
    page.get_by_role("button", name="Set up a second factor").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    app = pyotp.TOTP(page.locator("[data-secret]").inner_text())
    page.get_by_label("Code of the app").fill("000000")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("This is not the present code of your app").first).to_be_visible()
    page.get_by_label("Code of the app").fill(app.now())
    page.get_by_role("button", name="Switch on").click()
    codes = page.locator("[data-codes] li")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download codes").click()
    assert recovery in download.value.path().read_text()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes are left")).to_be_visible()
    return app, recovery


def test_a_second_factor_is_set_up_and_asked_for(chromium: Browser, dashboard: JackfieldServer) -> None:
    email = member(dashboard, "factor@example.com")
    with person(chromium, dashboard) as (page, watch):
        watch.allow("400")
        sign_in(page, dashboard, email=email)
        page.get_by_role("button", name="Your account").click()
        expect(page.get_by_role("menuitem", name="Documentation")).to_have_attribute("href", "/docs/")
        page.get_by_role("menuitem", name="Your account").click()
        _, recovery = set_up_factor(page)
    with person(chromium, dashboard) as (page, watch):
        # The first attempt tells that a code is asked for, the second that it is wrong.
        watch.allow("401")
        page.goto("/login")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Code").fill("000000")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("The code is wrong or was used already.")).to_be_visible()
        page.get_by_label("Code").fill(recovery)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
        page.goto("/account")
        expect(page.get_by_text("9 recovery codes are left")).to_be_visible()
        page.get_by_role("button", name="Switch off").click()
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("button", name="Set up a second factor")).to_be_visible()


def test_profile_password_and_sessions(chromium: Browser, dashboard: JackfieldServer) -> None:
    email = member(dashboard, "account@example.com")
    with person(chromium, dashboard) as (page, watch), person(chromium, dashboard) as (other, other_watch):
        watch.allow("400")
        # It is signed out from elsewhere.
        other_watch.allow("401|4401")
        sign_in_by_hand(page, dashboard, email=email)
        sign_in(other, dashboard, email=email)
        page.goto("/account")
        page.get_by_label("First name").fill("Ayu")
        page.get_by_role("button", name="Save profile").click()
        expect(page.get_by_text("Your profile was saved.").first).to_be_visible()
        expect(page.locator("[data-session]")).to_have_count(2)
        page.get_by_label("Present password").fill("wrong")
        page.get_by_label("New password").fill(NEW_PASSWORD)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("This is not your current password.")).to_be_visible()
        page.get_by_label("Present password").fill(PASSWORD)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("Your password was changed.").first).to_be_visible()
        expect(page.locator("[data-session]")).to_have_count(1)
        expect(other).to_have_url(re.compile("/login"))
        sign_in_by_hand(other, dashboard, email=email, password=NEW_PASSWORD)
        page.reload()
        page.get_by_role("button", name=re.compile("End the session")).click()
        expect(page.locator("[data-session]")).to_have_count(1)
        expect(other).to_have_url(re.compile("/login"))
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        sign_in(page, dashboard, email=email, password=NEW_PASSWORD)
        page.goto("/account")
        expect(page.get_by_label("First name")).to_have_value("Ayu")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
