"""The main path of contacts: a file brought in with its refusals, people found, changed, kept as a segment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from jackfield.testing.server import JackfieldServer, until
from tools.browser import PHONE, check_width, person, sign_in

ROWS = """Name;Mobile;City
Dewi Lestari;+62 812 1000 0001;Bandung
Rudi Hartono;+62 812 1000 0002;Jakarta
Nobody;not a number;Jakarta
Agnes Monica;+62 812 1000 0003;Bandung
"""


@pytest.fixture
def marketer(chromium: Browser, dashboard: JackfieldServer) -> Iterator[Page]:
    """A member who is signed in."""
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        yield page


def known(server: JackfieldServer, name: str, phone: str, **fields: object) -> str:
    """A contact that the API made; gives its id."""
    return str(server.api("POST", "/contacts", json={"name": name, "phone": phone, **fields}).data["id"])


def test_a_file_is_looked_at_brought_in_and_its_refusals_given_back(
    marketer: Page, dashboard: JackfieldServer, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(ROWS)
    marketer.goto("/contacts")
    marketer.get_by_role("link", name="Import contacts").first.click()
    marketer.locator("input[type=file]").set_input_files(file)
    expect(marketer.get_by_text("3 contacts would come in")).to_be_visible()
    expect(marketer.locator("[data-refused]")).to_contain_text("not a number")
    expect(marketer.get_by_text("Kept as attributes: City")).to_be_visible()
    marketer.get_by_label("Put all into a list").fill("Fair")
    marketer.get_by_label("Tags for all").fill("fair, new")
    marketer.get_by_role("button", name="Import 3 contacts").click()
    expect(marketer.locator("[data-sum=created]")).to_contain_text("3")
    expect(marketer.locator("[data-sum=refusedRows]")).to_contain_text("1")
    with marketer.expect_download() as download:
        marketer.get_by_role("button", name="Download the refused rows").click()
    assert "not a number" in download.value.path().read_text()
    marketer.get_by_role("link", name="See the contacts").click()
    expect(marketer.get_by_role("link", name="Dewi Lestari")).to_be_visible()
    found = dashboard.api("GET", "/contacts?list=Fair&tag=new").data
    assert {one["name"] for one in found} == {"Dewi Lestari", "Rudi Hartono", "Agnes Monica"}


def test_people_are_found_kept_as_a_segment_and_changed_together(marketer: Page, dashboard: JackfieldServer) -> None:
    for number in range(3):
        known(dashboard, f"Harbour {number}", f"62812200000{number}", tags=["harbour"])
    known(dashboard, "Hill", "628122000009", tags=["hill"])
    marketer.goto("/contacts?tag=harbour")
    expect(marketer.get_by_text("with the tag harbour")).to_be_visible()
    expect(marketer.locator("[data-index]")).to_have_count(3)
    marketer.get_by_role("button", name="Save as segment").click()
    marketer.get_by_label("Name of the segment").fill("Harbour people")
    marketer.get_by_role("button", name="Save", exact=True).click()
    expect(marketer.get_by_text("The segment Harbour people was saved.").first).to_be_visible()
    marketer.get_by_role("checkbox", name="Choose all that are loaded").click()
    marketer.get_by_role("button", name="Add to list").click()
    marketer.get_by_role("dialog").get_by_label("List").fill("Boats")
    marketer.get_by_role("button", name="Apply to 3 contacts").click()
    until(lambda: len(dashboard.api("GET", "/contacts?list=Boats").data) == 3, what="all three are in the list")
    marketer.get_by_role("checkbox", name="Choose Harbour 1").click()
    marketer.get_by_role("button", name="Delete").click()
    marketer.get_by_role("dialog").get_by_role("button", name="Delete 1 contact").click()
    expect(marketer.locator("[data-index]")).to_have_count(2)
    marketer.get_by_label("Search name, number or e-mail").fill("nobody is called so")
    expect(marketer.get_by_text("No contact matches.")).to_be_visible()
    marketer.get_by_role("button", name="Clear filters").first.click()
    expect(marketer.get_by_role("link", name="Hill")).to_be_visible()
    marketer.get_by_role("button", name="Sort by Name").click()
    expect(marketer).to_have_url(re.compile("sort=name"))


def test_one_person(chromium: Browser, dashboard: JackfieldServer) -> None:
    with person(chromium, dashboard) as (page, watch):
        watch.allow("400")
        sign_in(page, dashboard)
        change_one(page, dashboard)


def change_one(marketer: Page, dashboard: JackfieldServer) -> None:
    """Everything that is changed on a person's own page."""
    number = known(dashboard, "Maya Sari", "628123000001", email="maya@example.com")
    written = {"from": "628123000001", "name": "Maya Sari", "text": "Is it open today?"}
    assert dashboard.request("POST", "/simulator/1/inbound", json=written).status == 200
    marketer.goto(f"/contacts/{number}")
    expect(marketer.get_by_role("region", name="Messages")).to_contain_text("Is it open today?")
    marketer.get_by_role("button", name="Edit contact").click()
    dialog = marketer.get_by_role("dialog")
    dialog.get_by_label("E-mail address").fill("not an address")
    dialog.get_by_role("button", name="Save contact").click()
    marketer.get_by_label("E-mail address").fill("sari@example.com")
    dialog.get_by_role("button", name="Save contact").click()
    expect(marketer.get_by_text("sari@example.com")).to_be_visible()
    marketer.get_by_role("button", name="Refused").click()
    expect(marketer.get_by_role("button", name="Refused")).to_have_attribute("aria-pressed", "true")
    marketer.get_by_label("Add a tag").fill("regular")
    marketer.get_by_label("Add a tag").press("Enter")
    expect(marketer.get_by_role("button", name="Remove the tag regular")).to_be_visible()
    shown = dashboard.api("GET", f"/contacts/{number}").data
    assert (shown["optin"], shown["tags"]) == (False, ["regular"])


def test_lists_and_tags_are_made_renamed_and_deleted(marketer: Page, dashboard: JackfieldServer) -> None:
    marketer.goto("/contacts/groups?of=tags")
    marketer.get_by_label("Name", exact=True).fill("autum")
    marketer.get_by_role("button", name="Add", exact=True).click()
    marketer.get_by_role("button", name="Rename autum").click()
    marketer.get_by_label("Name", exact=True).last.fill("autumn")
    marketer.get_by_label("Words that give it").fill("leaves")
    marketer.get_by_label("Words that give it").press("Enter")
    marketer.get_by_label("Give it to who writes for the first time").check()
    marketer.get_by_role("button", name="Save", exact=True).click()
    expect(marketer.get_by_role("img", name="Given by what people write")).to_be_visible()
    (tag,) = [one for one in dashboard.api("GET", "/tags").data if one["name"] == "autumn"]
    assert (tag["firstMessage"], tag["keywords"]) == (True, ["leaves"])
    marketer.get_by_role("button", name="Delete autumn").click()
    marketer.get_by_role("dialog").get_by_role("button", name="Delete autumn").click()
    expect(marketer.get_by_role("button", name="Delete autumn")).to_have_count(0)


def test_at_phone_width_nothing_overflows(chromium: Browser, dashboard: JackfieldServer) -> None:
    number = known(dashboard, "A person with quite a long name, written out in full", "628124000001")
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        sign_in(page, dashboard)
        check_width(page, "/contacts", "/contacts/import", "/contacts/groups", f"/contacts/{number}")
