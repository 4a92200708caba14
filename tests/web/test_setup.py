"""The first run: a server without an owner leads whoever holds its setup code from `/` to a workspace of their own."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from jackfield.testing.server import JackfieldServer, running_server, until
from tools.browser import person

NOBODY = {"JACKFIELD_OWNER_EMAIL": "", "JACKFIELD_OWNER_PASSWORD": ""}


def printed_link(server: JackfieldServer) -> str:
    """The link that the server prints when it waits for its owner."""
    found = until(lambda: re.search(r"(/setup#\S+)", server.log.read_text()), what="the setup link")
    assert found is not None
    return found[1]


def test_somebody_becomes_the_owner(built: None, chromium: Browser, tmp_path: Path) -> None:
    with running_server(tmp_path / "server", NOBODY) as server, person(chromium, server) as (page, watch):
        watch.allow("403|400")
        page.goto("/")
        expect(page.get_by_role("heading", name="Set up Jackfield")).to_be_visible()
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_text("Write your e-mail address.")).to_be_visible()
        page.get_by_label("Setup code").fill("aaaa-bbbb-cccc-dddd")
        page.get_by_label("First name").fill("Ayu")
        page.get_by_label("E-mail address").fill("ayu@example.com")
        page.get_by_label("Password", exact=True).fill("correct horse battery")
        page.get_by_role("button", name="Next").click()
        page.get_by_role("button", name="Create the workspace").click()
        # Back at the first step, with what was typed and the server's words at the field.
        expect(page.get_by_text("The setup code is wrong.")).to_be_visible()
        expect(page.get_by_label("First name")).to_have_value("Ayu")

        page.goto("/login")
        expect(page).to_have_url(re.compile("/setup"))
        page.goto("about:blank")
        page.goto(printed_link(server))
        page.get_by_label("First name").fill("Ayu")
        page.get_by_label("E-mail address").fill("ayu@example.com")
        page.get_by_label("Password", exact=True).fill("correct horse battery")
        page.get_by_role("button", name="Next").click()
        page.get_by_label("Name of the workspace").fill("Harbour Coffee")
        page.get_by_label("Country").click()
        page.get_by_placeholder("Search").fill("Indonesia")
        page.get_by_role("option", name="Indonesia").click()
        page.get_by_label("Time zone").click()
        page.get_by_placeholder("Search").fill("Jakarta")
        page.get_by_role("option", name="Asia/Jakarta").click()
        page.get_by_role("button", name="Create the workspace").click()
        expect(page.get_by_role("heading", name="Your workspace is ready")).to_be_visible()
        page.get_by_role("link", name="Connect a number or a bot").click()
        expect(page.get_by_role("heading", name="Add channel")).to_be_visible()
        workspace = server.api("GET", "/workspaces/1").data
        assert (workspace["name"], workspace["timezone"], workspace["defaultCountry"]) == (
            "Harbour Coffee",
            "Asia/Jakarta",
            "ID",
        )
        page.goto("/setup")
        expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
