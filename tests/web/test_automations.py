"""Automations in the dashboard: built from sentences, refused at the field, kept through a change, switched and deleted."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, Route, expect

from jackfield.testing.server import JackfieldServer, until
from tools.browser import PHONE, check_width, person, sign_in


def add(page: Page, kind: str) -> None:
    """Add a step at the end of the list; what is typed next goes into it."""
    page.locator("[data-section=steps]").get_by_role("button", name="Add a step").last.click()
    page.get_by_role("menuitem", name=kind, exact=True).click()
    # The menu is gone, and has not taken the focus back to its button.
    expect(page.locator("[data-section=steps] [data-form] :focus")).to_have_count(1)


def stored(server: JackfieldServer, name: str) -> dict[str, object]:
    """The automation of this name."""
    found: dict[str, object] = next(
        one for one in server.api("GET", "/automations?limit=200").data if one["name"] == name
    )
    return found


def test_a_rule_is_built_of_sentences_changed_and_deleted(chromium: Browser, dashboard: JackfieldServer) -> None:
    with person(chromium, dashboard) as (page, watch):
        watch.allow(r"400.*automations|status of 400")
        sign_in(page, dashboard)
        page.get_by_role("link", name="Automations").click()
        page.get_by_role("button", name="Add automation").first.click()
        page.get_by_role("menuitem", name="New rule").click()
        page.get_by_label("Name", exact=True).fill("Prices")
        page.get_by_role("button", name="Change: A message contains").click()
        page.get_by_label("Words").fill("price")
        page.get_by_label("Words").press("Enter")
        expect(page.get_by_role("button", name="Change: A message contains “price”")).to_be_visible()
        # What the server refuses is said at the field, in the card that it opens.
        page.get_by_role("button", name="Create automation").click()
        step = page.locator("[data-card='step.s1']")
        expect(step).to_contain_text("Write a text, or choose a file or a template.")
        step.get_by_label("Text", exact=True).fill("From 5 euros, {first_name}.")
        add(page, "Change tags")
        page.get_by_label("Give", exact=True).fill("asked")
        page.get_by_label("Give", exact=True).press("Enter")
        page.get_by_role("button", name="Create automation").click()
        page.wait_for_url(re.compile(r"/automations/\d+$"))
        expect(page.get_by_text("Version 1", exact=True)).to_be_visible()
        assert [one["type"] for one in stored(dashboard, "Prices")["steps"]] == ["send", "tag"]  # type: ignore[attr-defined]

        # Steps change places by buttons; what is not saved is asked for before it is lost.
        page.get_by_role("button", name="Move up: Give the tag “asked”").click()
        expect(page.get_by_text("Not saved yet")).to_be_visible()
        page.get_by_role("link", name="Inbox").click()
        page.get_by_role("dialog").get_by_role("button", name="Back").click()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Version 2", exact=True)).to_be_visible()
        assert [one["type"] for one in stored(dashboard, "Prices")["steps"]] == ["tag", "send"]  # type: ignore[attr-defined]

        # Beside the sentences it is drawn; a step of the drawing leads to its sentence.
        flow = page.get_by_role("complementary", name="How it goes")
        expect(flow.locator("[data-flow]")).to_have_text(
            ["A message contains “price”", "Give the tag “asked”", "Send “From 5 euros, {first_name}.”"]
        )
        flow.get_by_role("button", name="Go to: Send").click()
        expect(page.locator("[data-card='step.s1'] [data-form]")).to_be_visible()

        # A step that is removed comes back.
        page.get_by_role("button", name="Remove: Give the tag “asked”").click()
        expect(page.locator("[data-card^=step]")).to_have_count(1)
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("[data-card^=step]")).to_have_count(2)

        page.get_by_role("link", name="All automations").click()
        row = page.locator("[data-automation=Prices]")
        expect(row).to_contain_text("When a message contains “price”, give the tag “asked” and send “From 5 euros")
        row.get_by_role("switch").click()
        until(lambda: stored(dashboard, "Prices")["enabled"] is True, what="the rule is on")
        row.get_by_role("link").click()
        page.get_by_role("button", name="More for this automation").click()
        page.get_by_role("menuitem", name="Delete automation").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete automation").click()
        expect(page.locator("[data-automation=Prices]")).to_have_count(0)
        until(
            lambda: "Prices" not in {one["name"] for one in dashboard.api("GET", "/automations?limit=200").data},
            what="the rule is gone",
        )


def test_a_menu_from_a_recipe_is_played_and_seen_in_the_inbox(chromium: Browser, dashboard: JackfieldServer) -> None:
    person_number = "628170000001"

    def writes(text: str) -> None:
        body = {"from": person_number, "name": "Budi", "text": text}
        assert dashboard.request("POST", "/simulator/1/inbound", json=body).status == 200

    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto("/automations")
        page.get_by_role("button", name="Add automation").first.click()
        page.get_by_role("menuitem", name="Menu").click()
        expect(page.get_by_label("Name", exact=True)).to_have_value("Menu")
        expect(page.locator("[data-card='step.menu']")).to_contain_text("Ask “What can we do for you, {first_name}?”")
        page.get_by_role("button", name="Create automation").click()
        page.wait_for_url(re.compile(r"/automations/\d+$"))
        page.get_by_role("switch", name="Switch Menu on or off").click()
        until(lambda: stored(dashboard, "Menu")["enabled"] is True, what="the menu is on")

        told = {"type": "notify", "text": "{name} needs help: {message}"}
        trigger = {"type": "message", "match": "contains", "words": ["broken"]}
        alarm = dashboard.api("POST", "/automations", json={"name": "Alarm", "trigger": trigger, "steps": [told]}).data
        dashboard.api("POST", f"/automations/{alarm['id']}/enable")
        writes("The lamp is broken")
        # Members are told wherever they are, and led to the chat.
        # (What is shown; it is read out too, by an element of its own.)
        expect(page.get_by_text("Budi needs help: The lamp is broken", exact=True)).to_be_visible()
        page.get_by_role("button", name="Open the chat").click()
        page.wait_for_url(re.compile(r"/inbox/\d+$"))
        dashboard.api("DELETE", f"/automations/{alarm['id']}")

        with person(chromium, dashboard, viewport=PHONE) as (customer, _):
            sign_in(customer, dashboard)
            customer.goto("/phone")
            customer.get_by_role("button", name=re.compile("You are")).click()
            customer.get_by_label("Name").fill("Budi")
            customer.get_by_label("Number").fill(person_number)
            customer.get_by_role("button", name="Be this person").click()
            box = customer.get_by_label(re.compile("Send as")).first
            box.fill("menu")
            box.press("Enter")
            phone = customer.get_by_role("region", name="The customer’s phone")
            expect(phone.get_by_role("article").filter(has_text="What can we do for you, Budi?")).to_be_visible()
            page.goto("/inbox")
            page.get_by_role("link", name=re.compile("Budi")).click()
            question = page.get_by_role("article").filter(has_text="What can we do for you, Budi?")
            expect(question).to_be_visible()
            phone.get_by_role("button", name="Talk to us").click()
            answer = "Somebody will write to you in a moment."
            expect(phone.get_by_role("article").filter(has_text=answer)).to_be_visible()
            expect(page.get_by_role("article").filter(has_text=answer)).to_be_visible()
        # Whoever looks sees that nobody typed it, and is led to what did.
        question.get_by_role("link", name="Sent by the automation Menu").click()
        page.wait_for_url(re.compile(r"/automations/\d+$"))
        page.get_by_role("tab", name="Runs").click()
        expect(page.get_by_role("link", name="+62 8170 000 001")).to_be_visible()
    dashboard.api("DELETE", f"/automations/{stored(dashboard, 'Menu')['id']}")


def test_a_change_of_somebody_else_is_not_written_over(chromium: Browser, dashboard: JackfieldServer) -> None:
    body = {"name": "Hours", "trigger": {"type": "message"}, "steps": [{"type": "send", "text": "Nine to five."}]}
    made = dashboard.api("POST", "/automations", json=body).data
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto(f"/automations/{made['id']}")
        page.get_by_role("button", name="Change: Send").click()
        page.get_by_label("Text", exact=True).fill("Nine to six.")
        theirs = {"steps": [{"type": "send", "text": "Ten to four."}]}
        assert dashboard.api("PATCH", f"/automations/{made['id']}", json=theirs).data["version"] == 2
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert").first).to_contain_text("Somebody has saved version 2 meanwhile")
        assert dashboard.api("GET", f"/automations/{made['id']}").data["steps"][0]["text"] == "Ten to four."
        page.get_by_role("button", name="Load theirs").click()
        expect(page.get_by_text("Version 2", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Change: Send “Ten to four.”")).to_be_visible()


def test_what_is_changed_while_it_is_saved_stays(chromium: Browser, dashboard: JackfieldServer) -> None:
    steps = [{"type": "send", "text": "One."}, {"type": "send", "text": "Two."}]
    body = {"name": "Slow", "trigger": {"type": "message"}, "steps": steps}
    made = dashboard.api("POST", "/automations", json=body).data
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto(f"/automations/{made['id']}")
        held: list[Route] = []
        page.route(
            f"**/automations/{made['id']}",
            lambda route: held.append(route) if route.request.method == "PATCH" else route.continue_(),
        )
        page.get_by_role("button", name="Move up: Send “Two.”").click()
        with page.expect_request(lambda request: request.method == "PATCH"):
            page.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Remove: Send “One.”").click()
        expect(page.locator("[data-card^=step]")).to_have_count(1)
        (saving,) = held
        saving.continue_()
        page.unroute(f"**/automations/{made['id']}")
        expect(page.get_by_text("Version 2", exact=True)).to_be_visible()
        expect(page.get_by_text("Not saved yet")).to_be_visible()
        expect(page.locator("[data-card^=step]")).to_have_count(1)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Version 3", exact=True)).to_be_visible()
    assert [one["text"] for one in dashboard.api("GET", f"/automations/{made['id']}").data["steps"]] == ["Two."]


def test_a_draft_is_tried_with_a_message_and_with_the_past(chromium: Browser, dashboard: JackfieldServer) -> None:
    wrote = {"from": "628170000077", "name": "Citra", "text": "How much is a blue kettle?"}
    assert dashboard.request("POST", "/simulator/1/inbound", json=wrote).status == 200
    until(lambda: dashboard.api("GET", "/chats?search=Citra").data, what="the message is there")
    steps = [{"type": "send", "text": "Hello {first_name}."}, {"type": "tag", "add": ["kettle"]}]
    body = {"name": "Kettles", "trigger": {"type": "message", "match": "contains", "words": ["pan"]}, "steps": steps}
    made = dashboard.api("POST", "/automations", json=body).data
    with person(chromium, dashboard) as (page, watch):
        watch.allow(r"400.*automations|status of 400")
        sign_in(page, dashboard)
        page.goto(f"/automations/{made['id']}")
        trial = page.locator("[data-section=try]")
        trial.get_by_role("button", name="See what it would have done").click()
        expect(trial).to_contain_text("Nothing would have started it.")
        # What is not saved yet is tried.
        page.get_by_role("button", name="Change: A message contains “pan”").click()
        page.get_by_label("Words").fill("kettle")
        page.get_by_label("Words").press("Enter")
        expect(trial).not_to_contain_text("Nothing would have started it.")
        trial.get_by_role("button", name="See what it would have done").click()
        expect(trial).to_contain_text("It would have started once, for one person.")
        expect(trial.locator("[data-tried]")).to_contain_text("How much is a blue kettle?")
        expect(trial.locator("[data-tried]")).to_contain_text("Hello Citra.")
        expect(trial.locator("[data-tried]")).to_contain_text("Give the tag “kettle”")
        trial.get_by_label("A message that somebody writes").fill("A pot, please")
        trial.get_by_role("button", name="Try this message").click()
        expect(trial).to_contain_text("The message is none that it waits for.")
        trial.get_by_label("A message that somebody writes").fill("A kettle, please")
        trial.get_by_label("A message that somebody writes").press("Enter")
        expect(trial).to_contain_text("It would start, and do this until it waits:")
        page.get_by_role("button", name="Change: Send “Hello {first_name}.”").click()
        page.get_by_label("Text", exact=True).fill("")
        trial.get_by_role("button", name="Try this message").click()
        expect(trial).to_contain_text("It cannot be tried like this.")
        page.evaluate("sessionStorage.clear()")
        page.set_viewport_size(PHONE)
        check_width(page, f"/automations/{made['id']}")
    assert dashboard.api("GET", f"/automations/{made['id']}").data["version"] == 1


def test_a_switch_that_is_refused_goes_back_and_says_why(chromium: Browser, dashboard: JackfieldServer) -> None:
    body = {"name": "Away", "trigger": {"type": "message"}, "steps": [{"type": "send", "text": "We are away."}]}
    dashboard.api("POST", "/automations", json=body)
    failure = {"success": False, "error": {"code": "OVERLOADED", "message": "The server has too much to do."}}
    with person(chromium, dashboard) as (page, watch):
        watch.allow("503")
        sign_in(page, dashboard)
        page.goto("/automations")
        page.route("**/enable", lambda route: route.fulfill(status=503, json=failure))
        page.locator("[data-automation=Away]").get_by_role("switch").click()
        expect(page.get_by_text("That did not work: The server has too much to do.").first).to_be_visible()
        expect(page.locator("[data-automation=Away]").get_by_role("switch")).not_to_be_checked()


def test_an_agent_reads_and_changes_nothing_and_a_phone_is_wide_enough(
    chromium: Browser, dashboard: JackfieldServer
) -> None:
    body = {"name": "Thanks", "trigger": {"type": "message"}, "steps": [{"type": "send", "text": "Thank you."}]}
    made = dashboard.api("POST", "/automations", json=body).data
    agent = {"email": "reader@example.com", "password": "correct horse battery", "role": "agent", "firstName": "Rea"}
    assert dashboard.api("POST", "/team", json=agent).status == 201
    with person(chromium, dashboard, viewport=PHONE) as (page, _):
        sign_in(page, dashboard, email="reader@example.com", password="correct horse battery")
        check_width(page, "/automations", f"/automations/{made['id']}")
        expect(page.locator("[data-card^=step]")).to_contain_text("Send “Thank you.”")
        expect(page.get_by_role("button", name="Add a step")).to_have_count(0)
        expect(page.get_by_role("switch").first).to_be_disabled()
        # Where there is no room beside the sentences, the drawing comes over them, and a press leads back.
        page.get_by_role("button", name="Show how it goes").click()
        page.get_by_role("dialog").get_by_role("button", name="Go to: Send “Thank you.”").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
