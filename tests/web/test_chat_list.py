"""The list of chats: filters, parts, views that are kept, and many chats at once."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from jackfield.testing.server import JackfieldServer, until

from .inbox import name_of, open_chat, row, write


def test_archiving_is_undone_for_a_while(agent: Page, dashboard: JackfieldServer, number: str) -> None:
    write(dashboard, number, "Hello")
    open_chat(agent, number)
    agent.get_by_role("button", name="Archive chat").click()
    expect(row(agent, number)).to_have_count(0)
    agent.get_by_role("button", name="Undo").click()
    expect(row(agent, number)).to_be_visible()


def test_filters_read_as_a_sentence_and_live_in_the_address(
    agent: Page, dashboard: JackfieldServer, number: str
) -> None:
    write(dashboard, number, "Hello")
    expect(row(agent, number)).to_be_visible()
    agent.get_by_label("Search name or number").fill(number[-6:])
    expect(agent).to_have_url(re.compile("q="))
    expect(agent.get_by_text(f"matching “{number[-6:]}”")).to_be_visible()
    expect(row(agent, number)).to_be_visible()
    agent.get_by_label("Search name or number").fill("nobody has this name")
    expect(agent.get_by_text("No chat matches.")).to_be_visible()
    agent.get_by_role("button", name="Clear filters").click()
    expect(row(agent, number)).to_be_visible()


def test_a_chat_is_done_snoozed_and_found_in_its_part_of_the_inbox(
    agent: Page, dashboard: JackfieldServer, number: str
) -> None:
    write(dashboard, number, "Hello")
    open_chat(agent, number)
    agent.get_by_role("button", name="Mark as done").click()
    expect(row(agent, number)).to_have_count(0)
    agent.get_by_role("button", name="More views").click()
    agent.get_by_role("menuitemcheckbox", name="Done").click()
    expect(agent).to_have_url(re.compile("view=done"))
    expect(row(agent, number)).to_be_visible()
    agent.get_by_role("button", name="Snooze until").click()
    choices = agent.get_by_role("group", name="Snooze until")
    choices.get_by_label("Another time").fill("2001-01-01T09:00")
    expect(choices.get_by_text("This time is past.")).to_be_visible()
    choices.get_by_label("Another time").fill("2036-01-01T09:00")
    choices.get_by_role("button", name="Snooze", exact=True).click()
    expect(row(agent, number)).to_have_count(0)
    # The row goes before the server has answered.
    (chat,) = until(
        lambda: dashboard.api("GET", f"/chats?search={number}&status=snoozed").data, what="the chat is snoozed"
    )
    assert chat["snoozedUntil"].startswith("2036-01-01T")
    # The person writes: the chat is open again, wherever one looks at the moment.
    agent.get_by_role("button", name="Open", exact=False).first.click()
    write(dashboard, number, "Are you there?")
    expect(row(agent, number)).to_contain_text("Are you there?")


def test_several_chats_are_changed_at_once_and_back(agent: Page, dashboard: JackfieldServer, number: str) -> None:
    others = [number, number[:-4] + "1111", number[:-4] + "2222"]
    for one in others:
        write(dashboard, one, "Hello")
        expect(row(agent, one)).to_be_visible()
    agent.get_by_role("button", name="Choose chats").click()
    for one in others[:2]:
        agent.get_by_role("checkbox", name=f"Choose the chat with {name_of(one)}").click()
    bar = agent.get_by_role("region", name="2 chats chosen")
    bar.get_by_role("button", name="Assign").click()
    agent.get_by_role("menuitem", name="Assign to me").click()
    for one in others[:2]:
        expect(row(agent, one)).to_contain_text("Assigned to")
    expect(row(agent, others[2])).not_to_contain_text("Assigned to")
    row(agent, others[0]).click()
    agent.get_by_role("heading", name=name_of(others[0]), level=2).wait_for()
    agent.keyboard.press("x")
    agent.get_by_role("checkbox", name=f"Choose the chat with {name_of(others[2])}").click()
    agent.get_by_role("region", name="2 chats chosen").get_by_role("button", name="Mark as done").click()
    expect(row(agent, others[0])).to_have_count(0)
    expect(row(agent, others[2])).to_have_count(0)
    expect(row(agent, others[1])).to_be_visible()
    agent.get_by_role("listitem").filter(has_text="2 chats are done.").get_by_role("button", name="Undo").click()
    expect(row(agent, others[0])).to_be_visible()
    expect(row(agent, others[2])).to_be_visible()


def test_filters_are_kept_as_a_view_for_everybody(agent: Page, dashboard: JackfieldServer, number: str) -> None:
    write(dashboard, number, "Hello")
    expect(row(agent, number)).to_be_visible()
    contact = dashboard.api("GET", f"/chats?search={number}").data[0]["contactId"]
    dashboard.api("POST", f"/contacts/{contact}/tags", json={"tags": ["vip"]})
    agent.reload()
    agent.get_by_role("button", name="More views").click()
    agent.get_by_role("menuitemcheckbox", name="Unanswered").click()
    agent.get_by_role("button", name="Filters").click()
    agent.get_by_role("combobox", name="Tag").click()
    agent.get_by_role("option", name="vip").click()
    expect(agent.get_by_role("listbox")).to_have_count(0)
    agent.keyboard.press("Escape")
    expect(agent.get_by_text("tagged “vip”")).to_be_visible()
    expect(row(agent, number)).to_be_visible()
    agent.get_by_role("button", name="More views: Unanswered").click()
    agent.get_by_role("menuitem", name="Save this view").click()
    dialog = agent.get_by_role("dialog", name="Save this view")
    dialog.get_by_label("Name of the view").fill("VIPs who wait")
    dialog.get_by_label("Show it to everybody").click()
    dialog.get_by_role("button", name="Save this view").click()
    # A page that is left while it saves may not have saved.
    expect(dialog).to_have_count(0)
    agent.goto("/inbox")
    agent.get_by_role("button", name="More views").click()
    agent.get_by_role("menuitem", name="VIPs who wait").click()
    expect(agent).to_have_url(re.compile("view=unanswered"))
    expect(agent.get_by_text("tagged “vip”")).to_be_visible()
    kept = {one["name"]: one["shared"] for one in dashboard.api("GET", "/saved-views").data}
    assert kept["VIPs who wait"] is True
    agent.get_by_role("button", name="More views: VIPs who wait").click()
    agent.get_by_role("menuitem", name="Remove “VIPs who wait”").click()
    expect(agent.get_by_role("button", name="More views: Unanswered")).to_be_visible()
