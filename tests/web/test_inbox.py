"""The main path of the inbox and the phone, in a real browser on a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from jackfield.testing.server import JackfieldServer, until
from tools.browser import PHONE, Watch, person, sign_in

from .inbox import bubble, name_of, open_chat, row, write


@pytest.fixture
def customer(chromium: Browser, dashboard: JackfieldServer, number: str) -> Iterator[Page]:
    """Somebody else's browser with the phone, who is a new person."""
    with person(chromium, dashboard, viewport=PHONE) as (page, _):
        sign_in(page, dashboard)
        page.goto("/phone")
        page.get_by_role("button", name=re.compile("You are")).click()
        page.get_by_label("Name").fill(f"Asha {number[-4:]}")
        page.get_by_label("Number").fill(number)
        page.get_by_role("button", name="Be this person").click()
        yield page


def test_who_is_not_signed_in_is_asked_and_comes_back_to_where_they_wanted(
    chromium: Browser, dashboard: JackfieldServer
) -> None:
    with person(chromium, dashboard) as (page, watch):
        watch.allow("401.*auth/login")
        watch.allow("console error: Failed to load resource.*401")
        page.goto("/phone")
        expect(page).to_have_url(re.compile(r"/login\?next=/phone"))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Write your e-mail address.")).to_be_visible()
        page.get_by_label("E-mail address").fill(dashboard.email)
        page.get_by_label("Password", exact=True).fill("not the password")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_have_text("The e-mail address or the password is wrong.")
        page.get_by_label("Password", exact=True).fill(dashboard.password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Phone", level=1)).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", name="Phone", level=1)).to_be_visible()


def test_signing_out_ends_the_session_here_and_on_the_server(chromium: Browser, dashboard: JackfieldServer) -> None:
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        cookie = next(one for one in page.context.cookies() if "session" in one["name"])
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Strict"
        assert "token" not in page.evaluate("JSON.stringify(localStorage)")
        other = page.context.new_page()
        other.goto("/inbox")
        other.get_by_role("heading", name="Inbox", level=1).wait_for()
        page.get_by_role("button", name="Your account").click()
        page.get_by_role("menuitem", name="Sign out").click()
        expect(page).to_have_url(re.compile("/login"))
        expect(other).to_have_url(re.compile("/login"))
        header = {"Cookie": f"{cookie['name']}={cookie['value']}"}
        assert dashboard.request("GET", "/api/auth/me", headers=header).status == 401


def test_a_session_that_was_ended_elsewhere_asks_to_sign_in_and_goes_on_where_one_was(
    chromium: Browser, dashboard: JackfieldServer
) -> None:
    with person(chromium, dashboard) as (page, watch):
        watch.allow("401|Unauthorized|HTTP Authentication failed")
        sign_in(page, dashboard)
        page.goto("/inbox?view=unread")
        page.get_by_role("heading", name="Inbox", level=1).wait_for()
        page.context.clear_cookies()
        page.reload()
        expect(page.get_by_text("Your session has ended.")).to_be_visible()
        page.get_by_label("E-mail address").fill(dashboard.email)
        page.get_by_label("Password", exact=True).fill(dashboard.password)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(re.compile(r"/inbox\?view=unread"))


def test_agent_and_customer_talk(agent: Page, customer: Page, dashboard: JackfieldServer, number: str) -> None:
    box = customer.get_by_label(re.compile("Send as")).first
    box.fill("Is the *blue* one in stock?")
    box.press("Enter")
    expect(row(agent, number)).to_contain_text("Is the *blue* one in stock?")
    expect(row(agent, number)).to_contain_text("1 unread message")
    open_chat(agent, number)
    expect(bubble(agent, "Is the blue one in stock?")).to_be_visible()
    expect(row(agent, number)).not_to_contain_text("unread")
    answer = agent.get_by_label(f"Write to {name_of(number)}")
    answer.fill("Yes, it is.")
    answer.press("Enter")
    expect(bubble(agent, "Yes, it is.")).to_have_attribute("data-status", "read")
    phone = customer.get_by_role("region", name="The customer’s phone")
    expect(bubble(phone, "Yes, it is.")).to_be_visible()
    expect(answer).to_have_value("")
    # The customer reacts, and the reaction stands on the agent's bubble.
    bubble(phone, "Yes, it is.").hover()
    bubble(phone, "Yes, it is.").get_by_role("button", name="React").click()
    customer.get_by_role("button", name="👍").click()
    expect(bubble(agent, "Yes, it is.")).to_contain_text("👍")


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"type": "image", "caption": "Look"}, "Look"),
        ({"type": "voice"}, "Play"),
        ({"type": "document"}, "Download"),
        ({"type": "location", "latitude": 1.5, "longitude": 2, "placeName": "Monas"}, "Monas"),
        ({"type": "contact", "contactName": "Budi", "phone": "628123450000"}, "+62 8123 450 000"),
        (
            {
                "type": "order",
                "catalogId": "1",
                "items": [{"productId": "p", "quantity": 2, "price": "5", "currency": "USD"}],
            },
            "Order of 2 items",
        ),
        ({"type": "unsupported"}, "This kind of message cannot be shown here."),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_every_kind_that_comes_in_is_drawn(
    agent: Page, dashboard: JackfieldServer, number: str, fields: dict[str, Any], shown: str
) -> None:
    write(dashboard, number, "Hello")
    open_chat(agent, number)
    body = {"from": number, "name": name_of(number), **fields}
    assert dashboard.request("POST", "/simulator/1/inbound", json=body).status == 200
    log = agent.get_by_role("log")
    expect(
        log.get_by_text(shown).or_(log.get_by_role("button", name=shown)).or_(log.get_by_role("link", name=shown)).first
    ).to_be_visible()
    if fields["type"] == "image":
        picture = log.locator("img[alt=Look]")
        expect(picture).to_be_visible()
        until(lambda: picture.evaluate("image => image.naturalWidth > 0"), what="the picture is loaded")


def test_why_a_message_failed_stands_beneath_it_with_the_act(
    agent: Page, dashboard: JackfieldServer, number: str
) -> None:
    write(dashboard, number, "Hello")
    fault = {"errors": [{"code": 131047, "to": number}]}
    assert dashboard.request("POST", "/simulator/1/faults", json=fault).status == 200
    open_chat(agent, number)
    answer = agent.get_by_label(f"Write to {name_of(number)}")
    answer.fill("Are you still there?")
    answer.press("Enter")
    failed = bubble(agent, "Are you still there?")
    expect(failed).to_contain_text("More than 24 hours have passed since the recipient last wrote")
    expect(failed).to_contain_text("Send an approved template instead.")
    assert dashboard.request("POST", "/simulator/1/faults", json={"reset": True}).status == 200
    failed.get_by_role("button", name="Send a template instead").click()
    dialog = agent.get_by_role("dialog", name="Send a template")
    dialog.get_by_label("Search templates").fill("summer")
    dialog.get_by_role("button", name=re.compile("summer_time")).click()
    # Slowly, as people type: the server is asked for a preview only when it has all values.
    dialog.get_by_label("The header's {{1}}").press_sequentially("Asha", delay=300)
    dialog.get_by_label("The body's {{1}}").fill("Sunday")
    dialog.get_by_label("The body's {{2}}").fill("20 %")
    expect(dialog).to_contain_text("Our summer sale runs until Sunday.")
    dialog.get_by_role("button", name="Send template").click()
    sent = bubble(agent, "Our summer sale runs until Sunday.")
    expect(sent).to_have_attribute("data-status", "read")


def test_files_are_sent_with_a_caption(
    agent: Page, dashboard: JackfieldServer, number: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write(dashboard, number, "Send me the price list")
    open_chat(agent, number)
    file = tmp_path_factory.mktemp("files") / "prices.txt"
    file.write_text("42")
    agent.locator("input[type=file]").set_input_files(file)
    answer = agent.get_by_label(f"Write to {name_of(number)}")
    answer.fill("Here it is")
    expect(agent.get_by_role("button", name="Send message")).to_be_enabled()
    answer.press("Enter")
    expect(bubble(agent, "prices.txt")).to_contain_text("Here it is")
    expect(bubble(agent, "prices.txt")).to_have_attribute("data-status", "read")
    # The details know the files of the whole chat, and lead to their messages.
    agent.reload()
    agent.get_by_role("complementary", name="Details").get_by_role("link", name="prices.txt").click()
    expect(agent).to_have_url(re.compile("message="))
    expect(bubble(agent, "prices.txt")).to_be_visible()


def test_a_voice_message_is_spoken_heard_and_sent(
    agent: Page, customer: Page, dashboard: JackfieldServer, number: str
) -> None:
    write(dashboard, number, "Call me?")
    open_chat(agent, number)
    agent.get_by_role("button", name="Record a voice message").click()
    voice = agent.get_by_role("group", name="Voice message")
    expect(voice.get_by_role("button", name="Stop and listen")).to_be_focused()
    # Whoever looks seldom misses a second.
    expect(voice.get_by_role("timer")).to_have_text(re.compile(r"0:(0[2-9]|[1-5]\d) of 15:00"))
    # The chat is left while somebody speaks: what was said waits there.
    agent.get_by_role("link", name="Contacts", exact=True).click()
    waits = f"Your recording waits in the chat with {name_of(number)}."
    # It is read out too, by an element of its own.
    expect(agent.get_by_text(waits, exact=True)).to_be_visible()
    agent.go_back()
    expect(voice.get_by_role("button", name="Send voice message")).to_be_focused()
    expect(voice.get_by_role("button", name="Play")).to_be_enabled()
    agent.keyboard.press("Enter")
    expect(agent.get_by_label(f"Write to {name_of(number)}")).to_be_focused()
    sent = agent.get_by_role("article").filter(has=agent.get_by_role("button", name="Play"))
    expect(sent).to_have_attribute("data-status", "read")
    phone = customer.get_by_role("region", name="The customer’s phone")
    expect(phone.get_by_role("article").get_by_role("button", name="Play")).to_be_enabled()
    chat = dashboard.api("GET", f"/chats?search={number}").data[0]["id"]
    [content] = [
        one["content"] for one in dashboard.api("GET", f"/chats/{chat}/messages").data if one["type"] == "audio"
    ]
    assert content["voice"] is True
    media = dashboard.api("GET", f"/media/{content['url'].removeprefix('media:')}").data
    assert media["mime"] == "audio/ogg"
    sound = agent.request.get(media["url"]).body()
    assert sound.startswith(b"OggS")
    head = sound.index(b"OpusHead")
    # One channel: WhatsApp plays no other voice message.
    assert sound[head + 9] == 1
    assert len(sound) > 1000


def test_notes_stay_with_the_team_and_drafts_stay_through_a_reload(
    agent: Page, dashboard: JackfieldServer, number: str
) -> None:
    write(dashboard, number, "Hello")
    open_chat(agent, number)
    agent.get_by_label(f"Write to {name_of(number)}").fill("half a sen")
    agent.get_by_role("button", name="Note", exact=True).click()
    agent.get_by_label(f"Write to {name_of(number)}").fill("Asked twice already.")
    agent.get_by_role("button", name="Save note").click()
    expect(agent.locator("[data-note]")).to_contain_text("Asked twice already.")
    agent.reload()
    expect(agent.get_by_label(f"Write to {name_of(number)}")).to_have_value("half a sen")
    expect(agent.locator("[data-note]")).to_contain_text("Asked twice already.")
    assert not [one for one in dashboard.outbox() if one["to"] == number]


def test_what_another_agent_does_is_seen_at_once(agent: Page, dashboard: JackfieldServer, number: str) -> None:
    write(dashboard, number, "Hello")
    expect(row(agent, number)).to_contain_text("1 unread message")
    chat = dashboard.api("GET", f"/chats?search={number}").data[0]["id"]
    dashboard.api("POST", f"/chats/{chat}/assign", json={"assigneeId": "1"})
    expect(row(agent, number)).to_contain_text("Assigned to")
    dashboard.api("POST", f"/chats/{chat}/read")
    expect(row(agent, number)).not_to_contain_text("unread")
    open_chat(agent, number)
    dashboard.api("POST", f"/chats/{chat}/notes", json={"text": "Written elsewhere"})
    expect(agent.locator("[data-note]")).to_contain_text("Written elsewhere")
    dashboard.api("POST", f"/chats/{chat}/archive")
    expect(row(agent, number)).to_have_count(0)


def test_a_closed_window_and_a_channel_that_is_down_say_so(
    agent: Page, dashboard: JackfieldServer, number: str
) -> None:
    config = {"phone_number_id": "1", "access_token": "t", "base_url": "http://127.0.0.1:9"}
    made = dashboard.api("POST", "/profiles", json={"name": "Cloud", "engine": "whatsapp_cloud", "config": config})
    sent = dashboard.api("POST", "/messages/text", json={"to": number, "text": "Hi", "profileId": made.data["id"]})
    assert sent.status in (200, 201, 202), sent
    chat = dashboard.api("GET", f"/chats?profileId={made.data['id']}").data[0]["id"]
    agent.goto(f"/inbox/{chat}")
    expect(agent.get_by_text("The 24-hour window is closed. Send a template.")).to_be_visible()
    expect(agent.get_by_text("This channel has no approved template.")).to_be_visible()
    expect(agent.get_by_text("Cloud is not connected. Messages wait until it is.")).to_be_visible()
    expect(agent.get_by_role("textbox", name=re.compile("Write to"))).to_have_count(0)
    dashboard.api("DELETE", f"/profiles/{made.data['id']}")


def test_what_is_written_goes_out_later(agent: Page, dashboard: JackfieldServer, number: str) -> None:
    write(dashboard, number, "Hello")
    open_chat(agent, number)
    agent.get_by_label(f"Write to {name_of(number)}").fill("See you next year.")
    agent.get_by_role("button", name="Send later").click()
    choices = agent.get_by_role("group", name="Send later")
    choices.get_by_label("Another time").fill("2036-01-01T09:00")
    choices.get_by_role("button", name="Schedule", exact=True).click()
    expect(bubble(agent, "See you next year.")).to_have_attribute("data-status", "scheduled")
    [waiting] = [one for one in dashboard.api("GET", "/schedules").data if one["text"] == "See you next year."]
    assert waiting["scheduledAt"].startswith("2036-01-01T")
    dashboard.api("POST", f"/schedules/{waiting['id']}/cancel")


def test_canned_replies_open_at_a_slash(agent: Page, dashboard: JackfieldServer, number: str) -> None:
    write(dashboard, number, "Hello")
    open_chat(agent, number)
    answer = agent.get_by_label(f"Write to {name_of(number)}")
    answer.fill("Thank you, {name}!")
    agent.get_by_role("button", name="Keep what is written as a canned reply").click()
    agent.get_by_label("Short name").fill("thanks")
    agent.get_by_role("button", name="Add canned reply").click()
    answer.fill("/th")
    expect(agent.get_by_role("option", name="/thanks")).to_be_visible()
    answer.press("Enter")
    expect(answer).to_have_value(f"Thank you, {name_of(number)}!")


def test_a_reader_who_lost_the_network_misses_nothing(
    chromium: Browser, dashboard: JackfieldServer, number: str
) -> None:
    with person(chromium, dashboard) as (page, watch):
        watch.allow("ERR_INTERNET_DISCONNECTED")
        sign_in(page, dashboard)
        write(dashboard, number, "Before")
        open_chat(page, number)
        expect(bubble(page, "Before")).to_be_visible()
        page.context.set_offline(True)
        expect(page.get_by_text(re.compile("No connection since"))).to_be_visible()
        write(dashboard, number, "Meanwhile")
        answer = page.get_by_label(f"Write to {name_of(number)}")
        answer.fill("Typed without a network")
        answer.press("Enter")
        expect(bubble(page, "Typed without a network")).to_contain_text("The server cannot be reached.")
        page.context.set_offline(False)
        expect(bubble(page, "Meanwhile")).to_be_visible()
        expect(page.get_by_text(re.compile("No connection since"))).to_have_count(0)
        bubble(page, "Typed without a network").get_by_role("button", name="Try again").click()
        expect(bubble(page, "Typed without a network")).to_have_attribute("data-status", "read")


def test_one_pane_at_a_time_at_phone_width(chromium: Browser, dashboard: JackfieldServer, number: str) -> None:
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        sign_in(page, dashboard)
        write(dashboard, number, "Hello")
        open_chat(page, number)
        expect(page.get_by_role("heading", name="Inbox", level=1)).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="Back to the chats").click()
        expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
        expect(page.get_by_role("navigation", name="Main navigation")).to_be_visible()


def test_the_keyboard_is_enough(agent: Page, dashboard: JackfieldServer, number: str) -> None:
    write(dashboard, number, "Hello")
    expect(row(agent, number)).to_be_visible()
    agent.keyboard.press("j")
    agent.get_by_role("heading", level=2).first.wait_for()
    agent.keyboard.press("?")
    keys = agent.get_by_role("dialog", name="Keyboard")
    expect(keys).to_be_visible()
    agent.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    agent.keyboard.press("Control+k")
    bar = agent.get_by_placeholder("Search or type a command")
    bar.fill(name_of(number))
    # The chat comes before the person.
    agent.get_by_role("option", name=re.compile(name_of(number))).first.click()
    agent.get_by_role("heading", name=name_of(number), level=2).wait_for()
    # As long as the bar closes, a letter goes into it.
    expect(bar).to_have_count(0)
    agent.keyboard.press("r")
    expect(agent.get_by_label(f"Write to {name_of(number)}")).to_be_focused()


def test_what_was_said_long_ago_is_found_and_read_in_its_place(
    agent: Page, dashboard: JackfieldServer, number: str
) -> None:
    said = f"The zebra crossing {number}"
    write(dashboard, number, said)
    for index in range(90):
        write(dashboard, number, f"Line {index}")
    wanted = f"/search?q=zebra+{number}&kinds=messages"
    until(lambda: dashboard.api("GET", wanted).data["messages"], 60, "its words are in the index")
    bar = agent.get_by_placeholder("Search or type a command")
    agent.keyboard.press("Control+k")
    bar.fill(f"zebra {number}")
    option = agent.get_by_role("option", name=re.compile("zebra crossing"))
    expect(option.locator("mark")).to_have_text(["zebra", number])
    option.click()
    expect(agent).to_have_url(re.compile(r"/inbox/\d+\?message=\d+"))
    expect(bubble(agent, said)).to_be_in_viewport()
    expect(bubble(agent, "Line 89")).to_have_count(0)
    agent.get_by_role("button", name="Newest messages").click()
    expect(bubble(agent, "Line 89")).to_be_in_viewport()
    # The link keeps its place, and reading on leads to the newest ones.
    agent.reload()
    expect(bubble(agent, said)).to_be_in_viewport()
    agent.get_by_role("log").hover()

    def at_the_end() -> bool:
        agent.mouse.wheel(0, 3000)
        return bool(bubble(agent, "Line 89").count())

    until(at_the_end, 60, "the newest message is read")
    expect(agent.get_by_role("button", name="Newest messages")).to_have_count(0)
    agent.keyboard.press("Control+k")
    bar.fill("nothing is called so")
    expect(agent.get_by_text("Nothing found for “nothing is called so”.")).to_be_visible()


def visit(chromium: Browser, dashboard: JackfieldServer, script: str) -> None:
    """Look at the page, with a script that the test brings."""
    with person(chromium, dashboard) as (page, _):
        page.goto("/login")
        page.evaluate(script)


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("console.error('on purpose')", "console error: on purpose"),
        ("fetch('http://127.0.0.1:1/').catch(() => null)", "violates the following Content Security Policy"),
        (
            "new Promise(done => setTimeout(() => { setTimeout(done); throw new Error('thrown') }))",
            "exception: .*thrown",
        ),
        ("fetch('/assets/none.js')", "404: GET"),
    ],
    ids=["console", "another host", "exception", "failed request"],
)
def test_a_page_that_breaks_a_rule_fails_its_test(
    chromium: Browser, dashboard: JackfieldServer, script: str, problem: str
) -> None:
    with pytest.raises(AssertionError, match=problem):
        visit(chromium, dashboard, script)


def test_the_watch_forgives_what_a_test_does_on_purpose_alone() -> None:
    watch = Watch.__new__(Watch)
    watch.problems, watch._allowed = ["404: GET /a", "500: GET /b"], []
    watch.allow("404")
    with pytest.raises(AssertionError, match="500"):
        watch.check()
