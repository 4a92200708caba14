"""Picture every page of the dashboard: `make screenshots`, or `python -m tools.screenshots [NAME...]`.

Each page in light and dark, at desktop and at phone width, in its full, empty and failed state, into `screenshots/`. A page
is added as a `Shot`; what it needs is made in `seed`.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, Route

from jackfield.testing.server import JackfieldServer, free_port, running_server, until

from . import browser, web

FOLDER = web.ROOT / "screenshots"
PEOPLE = (
    ("628110000001", "Asha Rao"),
    ("628110000002", "Müller, Jürgen"),
    ("628110000003", "משה כהן"),
    ("628110000004", "سارة أحمد"),
    ("628110000005", "Budi Santoso"),
    ("628110000006", "Chloé Martin"),
    ("628110000007", "Tariq Khan"),
    ("628110000008", "Siti Rahma 🌸"),
)
TEXTS = (
    "Is the *blue* one still in stock?",
    "Can I pay by bank transfer? I tried the card twice and it did not go through, so I would like to do it another way.",
    "האם אתם פתוחים ביום ראשון?",
    "هل التوصيل مجاني إلى دبي؟",
    "Great service, thank you 🙏",
    "I sent the photo of the receipt, did you get it?",
    "Do you open on Sunday?",
    "😀",
)


class Shot(NamedTuple):
    """A page in one state. `prepare` is given the page after it has been opened."""

    name: str
    path: str
    ready: str
    """A selector that is there when the page is."""
    prepare: Callable[[Page], None] = lambda _: None
    signed_in: bool = True
    fails: str = ""
    """Calls whose address contains this are answered with an error."""
    empty: bool = False
    """On the server that has no data."""
    answers: tuple[tuple[str, Any], ...] = ()
    """Calls to these addresses are answered with this data: states that a server here does not get into."""
    whole: bool = False
    """The whole page instead of what a screen shows."""


def open_details(page: Page) -> None:
    """The side panel, where it does not stand there anyhow."""
    if page.get_by_role("button", name="Show details").is_visible():
        page.get_by_role("button", name="Show details").click()
        page.get_by_role("dialog").wait_for()


def type_slash(page: Page) -> None:
    """The canned replies."""
    page.get_by_label("Write to Asha Rao").fill("/")


def open_templates(page: Page) -> None:
    """A template with its values and preview."""
    page.get_by_role("button", name="Send a template").click()
    dialog = page.get_by_role("dialog", name="Send a template")
    dialog.get_by_label("Search templates").fill("summer")
    dialog.get_by_role("button", name="summer_time").click()
    dialog.get_by_label("The header's {{1}}").fill("Asha")


def be_asha(page: Page) -> None:
    """The phone of somebody who has written."""
    page.get_by_role("button", name="You are").click()
    page.get_by_role("button", name=PEOPLE[0][1]).last.click()
    page.locator(LOG).first.wait_for()


def click(name: str) -> Callable[[Page], None]:
    """Press a button."""
    return lambda page: page.get_by_role("button", name=name).first.click()


def click_first(selector: str, then: str) -> Callable[[Page], None]:
    """Follow the first link of a list, and wait for what it leads to."""

    def act(page: Page) -> None:
        page.locator(selector).first.click()
        page.locator(then).first.wait_for()

    return act


def write_template(page: Page) -> None:
    """A template with a variable and a button, and what is wrong with it."""
    page.get_by_label("Text", exact=True).fill("Hi {{1}}, your parcel waits at our counter until {{2}}.")
    page.get_by_label("Example for {{1}}").fill("Budi")
    page.get_by_role("button", name="Add a button").click()
    page.get_by_role("menuitem", name="Link").click()
    page.get_by_role("button", name="Send for review").click()
    page.get_by_role("alert").first.wait_for()
    # A button under the mouse is paler.
    page.mouse.move(0, 0)


def choose_events(page: Page) -> None:
    """The form of a webhook with single events."""
    page.get_by_role("button", name="Add webhook").first.click()
    page.get_by_role("switch", name="All events").click()
    page.get_by_role("checkbox", name="message.*").wait_for()


def try_past(page: Page) -> None:
    """What an automation would have done."""
    part = page.locator("[data-section=try]")
    part.get_by_role("button", name="See what it would have done").click()
    part.locator("[data-tried], [role=status]").first.wait_for()
    part.scroll_into_view_if_needed()


def open_question(page: Page) -> None:
    """The form of a step."""
    page.get_by_role("button", name="Change: Ask").click()
    page.get_by_label("Said when the answer does not fit").wait_for()
    page.mouse.move(0, 0)


def press(keys: str, then: str) -> Callable[[Page], None]:
    """Press keys, and wait for what opens."""

    def act(page: Page) -> None:
        page.keyboard.press(keys)
        page.locator(then).first.wait_for()

    return act


def look_for(words: str) -> Callable[[Page], None]:
    """Look for words in the command bar."""

    def act(page: Page) -> None:
        page.keyboard.press("Control+k")
        page.get_by_placeholder("Search or type a command").fill(words)
        page.locator("[role=option] mark").first.wait_for()

    return act


def wrong_password(page: Page) -> None:
    """A sign-in that is refused."""
    page.get_by_label("E-mail address").fill("owner@example.com")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()


def show_code(page: Page) -> None:
    """A QR code; the one before has run out when many pictures were taken."""
    if page.get_by_role("button", name="Connect", exact=True).is_visible():
        page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("img", name="QR code to link the phone").wait_for()


def name_owner(page: Page) -> None:
    """The second step of the first run."""
    page.get_by_label("E-mail address").fill("ayu@example.com")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_label("Setup code").fill("abcd-efgh-ijkl-mnop")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Name of the workspace").fill("Harbour Coffee")


def enrol_factor(page: Page) -> None:
    """A second factor that is not confirmed, and so does not count."""
    page.get_by_role("button", name="Set up a second factor").click()
    page.get_by_label("Your password").fill("correct horse battery")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("img", name="QR code for the authenticator app").wait_for()


def rtl(page: Page) -> None:
    """Mirrored."""
    page.evaluate("document.documentElement.dir = 'rtl'")


LOG = "[role=log] article"
NOTHING: list[Any] = []
SETUP_NEEDED = ("/api/setup", {"needed": True})
SHOTS = (
    Shot("login", "/login", "form", signed_in=False),
    Shot("login-refused", "/login", "form", wrong_password, signed_in=False),
    Shot("setup", "/setup", "text=Step 1 of 3", signed_in=False, answers=(SETUP_NEEDED,)),
    Shot("setup-workspace", "/setup", "text=Step 1 of 3", name_owner, signed_in=False, answers=(SETUP_NEEDED,)),
    Shot("join", "/join#token", "form", signed_in=False),
    Shot("not-found", "/dev/none", "text=There is no page", signed_in=False),
    Shot("inbox", "/inbox", "[data-chat]"),
    Shot("inbox-chat", "/inbox/1", LOG),
    Shot("inbox-chat-details", "/inbox/1", LOG, open_details),
    Shot("inbox-chat-canned", "/inbox/1", LOG, type_slash),
    Shot("inbox-chat-template", "/inbox/1", LOG, open_templates),
    Shot("inbox-chat-emoji", "/inbox/1", LOG, click("Insert an emoji")),
    Shot("inbox-chat-failed", "/inbox/2", LOG),
    Shot("inbox-chat-hebrew", "/inbox/3", LOG),
    Shot("inbox-filters", "/inbox?kind=private&q=a", "[data-chat]", click("Filters")),
    Shot("inbox-none", "/inbox?q=nobody", "text=No chat matches"),
    Shot("inbox-empty", "/inbox", "text=Nobody has written yet", empty=True),
    Shot("inbox-error", "/inbox", "text=This could not be loaded", fails="/api/chats"),
    Shot("channels", "/channels", "[data-channel]"),
    Shot("channels-empty", "/channels", "text=No channel yet", answers=(("/api/profiles", NOTHING),)),
    Shot("channels-error", "/channels", "text=This could not be loaded", fails="/api/profiles"),
    Shot("channel", "/channels/1", "[data-today]"),
    Shot("channel-pairing", "/channels/2", "text=Pacing and limits", show_code),
    Shot("channel-unlinked", "/channels/3", "text=Connect it again and scan"),
    Shot("channel-new", "/channels/new?kind=whatsapp_cloud", "text=Where to find each value"),
    Shot("team", "/team", "[data-member]"),
    Shot("team-invite", "/team", "[data-member]", click("Invite somebody")),
    Shot("team-roles", "/team?show=roles", "dl"),
    Shot("team-departments", "/team?show=departments", "text=General"),
    Shot("team-assignment", "/team?show=assignment", "text=Add a rule"),
    Shot("team-targets", "/team?show=targets", "text=Set targets"),
    Shot("team-survey", "/team?show=survey", "text=Ask after a chat is done"),
    Shot("team-hours", "/team?show=hours", "text=Working hours", click("Set working hours")),
    Shot("settings", "/settings", "form"),
    Shot("account", "/account", "[data-session]"),
    Shot("account-factor", "/account", "[data-session]", enrol_factor),
    Shot("commands", "/inbox", "[data-chat]", press("Control+k", "[role=dialog]")),
    Shot("search", "/inbox", "[data-chat]", look_for("yes")),
    Shot("keyboard", "/inbox", "[data-chat]", press("?", "[role=dialog]")),
    Shot("overview", "/overview", "[data-card=sent]", whole=True),
    Shot("overview-empty", "/overview", "[data-card=sent]", empty=True),
    Shot("overview-error", "/overview", "text=This could not be loaded", fails="/api/usage"),
    Shot("templates", "/templates", "[data-index]"),
    Shot("templates-none", "/templates?q=nothing", "text=No template matches"),
    Shot("templates-error", "/templates", "text=This could not be loaded", fails="/api/templates"),
    Shot("template", "/templates/11", "[data-preview]"),
    Shot("template-new", "/templates/new", "[data-preview]", write_template),
    Shot("template-carousel", "/templates/15/edit", "[data-preview]"),
    Shot("automations", "/automations", "[data-automation]"),
    Shot("automations-empty", "/automations", "text=No automations yet", empty=True),
    Shot("automations-error", "/automations", "text=This could not be loaded", fails="/api/automations"),
    Shot("automation", "/automations/1", "[data-card]", open_question, whole=True),
    Shot("automation-try", "/automations/1", "[data-section=try]", try_past, whole=True),
    Shot("automation-figures", "/automations/1?tab=figures", "text=Nobody has been in it yet"),
    Shot("automation-runs", "/automations/1?tab=runs", "text=Nobody has been in it yet"),
    Shot("automation-new", "/automations/new?kind=sequence", "[data-card]", click("Change: Somebody gets the tag")),
    Shot("webhooks", "/webhooks", "[data-index]"),
    Shot("webhooks-empty", "/webhooks", "text=No webhooks yet", empty=True),
    Shot("webhook-new", "/webhooks", "[data-index]", choose_events),
    Shot("webhook", "/webhooks/1", "[data-delivery]"),
    Shot("webhook-delivery", "/webhooks/1/1", "[role=dialog] pre"),
    Shot("developers-keys", "/developers", "[data-key]"),
    Shot("developers-key", "/developers", "[data-key]", click("Make a key")),
    Shot("developers-calls", "/developers/calls", "[data-call]"),
    Shot("developers-requests", "/developers/requests", "table"),
    Shot("developers-inbound", "/developers/inbound", "[data-problem]"),
    Shot("audit", "/audit", "[data-index]"),
    Shot("audit-none", "/audit?action=none", "text=No entry matches"),
    Shot("scheduled", "/scheduled", "[data-index]"),
    Shot("scheduled-empty", "/scheduled", "text=No message waits", empty=True),
    Shot("tickets", "/tickets", "[data-index]"),
    Shot("tickets-empty", "/tickets", "text=No tickets yet", empty=True),
    Shot("ticket", "/tickets/1", "aside"),
    Shot("groups", "/groups", "[data-index]"),
    Shot("group", "/groups", "[data-index]", click_first("[data-index] a", "[data-person]")),
    Shot("calls", "/calls", "[data-index]"),
    Shot("catalogs", "/catalogs", "main li a"),
    Shot("catalog", "/catalogs/2", "[data-index]"),
    Shot("phone", "/phone", "section", be_asha),
    Shot("phone-empty", "/phone", "section", empty=True),
    Shot("parts", "/dev/ui", "main", signed_in=False, whole=True),
    Shot("parts-rtl", "/dev/ui", "main", rtl, signed_in=False, whole=True),
)


def seed(server: JackfieldServer) -> None:
    """Chats in several scripts and of all kinds, one that failed, one whose window has closed."""

    def say(number: str, name: str, **fields: Any) -> None:
        answer = server.request("POST", "/simulator/1/inbound", json={"from": number, "name": name, **fields})
        assert answer.status == 200, answer

    def until_chats(count: int) -> None:
        until(lambda: server.api("GET", "/chats?page=1").json["meta"]["total"] >= count, what=f"{count} chats")

    for n, ((number, name), text) in enumerate(zip(PEOPLE, TEXTS, strict=True), 1):
        say(number, name, text=text)
        # One after the other, so that each has the id that its shot names.
        until_chats(n)
    number, name = PEOPLE[0]
    for fields in (
        {"type": "image", "caption": "This one"},
        {"type": "voice"},
        {"type": "document"},
        {"type": "location", "latitude": -6.17, "longitude": 106.82, "placeName": "Monas", "address": "Jakarta"},
        {
            "type": "order",
            "catalogId": "1",
            "items": [{"productId": "shoe-42", "quantity": 2, "price": "49.90", "currency": "USD"}],
        },
    ):
        say(number, name, **fields)
    server.api("POST", "/chats/1/messages", json={"text": "Yes, it is. Shall we keep one for you?"})
    values = {"name": "summer_time", "language": "en", "header": ["Asha"], "body": ["Sunday", "20 %"]}
    server.api("POST", "/chats/1/messages", json={"type": "template", "content": values})
    server.api("POST", "/chats/1/notes", json={"text": "Regular customer, always asks for the blue one."})
    server.api("PATCH", "/workspaces/1", json={"settings": {"cannedReplies": CANNED}})
    server.api(
        "POST", f"/contacts/{server.api('GET', '/chats/1').data['contactId']}/tags", json={"tags": ["vip", "jakarta"]}
    )
    server.request("POST", "/simulator/1/faults", json={"errors": [{"code": 131047, "to": PEOPLE[1][0]}]})
    server.api("POST", "/chats/2/messages?wait=5", json={"text": "Are you still interested?"})
    failed = server.api("GET", "/chats/2/messages").data
    until(lambda: server.api("GET", f"/messages/{failed[0]['id']}").data["status"] == "failed", what="a failed message")
    server.request("POST", "/simulator/1/faults", json={"reset": True})
    server.api("POST", "/chats/5/assign", json={"assigneeId": "1"})
    server.api("POST", "/chats/6/pin")
    for body in (
        {"name": "Support phone", "engine": "simulator"},
        {"name": "Shop in Jakarta", "engine": "simulator", "config": {"autoScan": True}},
    ):
        server.api("POST", f"/profiles/{server.api('POST', '/profiles', json=body).data['id']}/connect")
    until(lambda: server.api("GET", "/profiles/3/status").data["connected"], what="the third channel is connected")
    server.request("POST", "/simulator/3/logout", json={})
    agent = {"email": "ayu@example.com", "password": "correct horse battery", "role": "agent", "firstName": "Ayu"}
    server.api("POST", "/team", json=agent)
    server.api("POST", "/chats/3/messages", json={"text": "כן, מתשע עד שש."})
    seed_desk(server)


def seed_desk(server: JackfieldServer) -> None:
    """What stands on the pages of the desk and of programs: a webhook that fails, a key, a problem, a ticket, a call."""
    # The first question loads all engines.
    server.api("GET", "/engines")
    # Nobody listens at that port.
    hook = {"url": f"http://127.0.0.1:{free_port()}/hooks/jackfield", "events": ["message.*", "contact.created"]}
    endpoint = server.api("POST", "/webhooks", json=hook).data["id"]
    server.api("POST", f"/webhooks/{endpoint}/test")
    server.api("POST", "/keys", json={"name": "Web shop", "scopes": ["messages:read", "messages:write"]})
    server.request("POST", "/simulator/1/deleted", json={"id": "wamid.NEVER"})
    ticket = {"subject": "The zip of the blue jacket is broken", "body": "Bought on Sunday.", "priority": "high"}
    number = server.api("POST", "/tickets", json=ticket).data["id"]
    server.api("POST", "/automations", json=MENU)
    server.api("POST", f"/tickets/{number}/replies", json={"text": "We send a new one tomorrow."})
    later = {"to": PEOPLE[4][0], "type": "text", "text": "Your jacket is ready.", "scheduledAt": "2036-01-01T09:00:00Z"}
    server.api("POST", "/schedules", json=later)
    server.request("POST", "/simulator/1/call", json={"from": PEOPLE[5][0]})
    until(lambda: server.api("GET", "/calls").data, what="a call")
    until(lambda: server.api("GET", "/inbound/problems").data, what="a problem")


CANNED = [
    {"name": "hours", "text": "We are open from nine to six, Monday to Saturday."},
    {"name": "thanks", "text": "Thank you, {first_name}! Is there anything else?"},
]


MENU = {
    "name": "Menu",
    "trigger": {"type": "message", "match": "exact", "words": ["menu"]},
    "conditions": [{"type": "tag", "tag": "vip", "negate": True}],
    "steps": [
        {
            "id": "ask",
            "type": "ask",
            "text": "What can we do for you?",
            "buttons": [{"title": "Prices"}, {"title": "A person"}],
            "check": "choice",
            "otherwise": "person",
        },
        {
            "type": "branch",
            "cases": [
                {"conditions": [{"type": "variable", "values": ["A person"]}], "next": "person"},
            ],
        },
        {"type": "send", "text": "All prices are at shop.example/prices, {first_name}.", "next": "end"},
        {"id": "person", "type": "hand_over"},
    ],
}
"""A question, a choice and a person. It is off, so that nothing else on the pages changes."""


def _fail(route: Route) -> None:
    failure = {"code": "OVERLOADED", "message": "The server has too much to do; try again in a moment."}
    route.fulfill(status=503, json={"success": False, "error": failure})


def _answer(data: Any) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=200, json={"success": True, "data": data, "meta": {}})


@contextlib.contextmanager
def arranged(page: Page, shot: Shot) -> Iterator[None]:
    """Have calls answered as the shot says."""
    routes = [(f"**{address}", _answer(data)) for address, data in shot.answers]
    routes += [(f"**{shot.fails}*", _fail)] if shot.fails else []
    for address, handler in routes:
        page.route(address, handler)
    yield
    for address, _ in routes:
        page.unroute(address)


def picture(launched: Browser, server: JackfieldServer, shots: list[Shot], label: str, **options: Any) -> None:
    """Take shots in one theme and width."""
    context = launched.new_context(
        base_url=server.url, locale="en-GB", timezone_id="UTC", reduced_motion="reduce", **options
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/login")
    signed = False
    for shot in sorted(shots, key=lambda one: one.signed_in):
        if shot.signed_in and not signed:
            browser.sign_in(page, server)
            signed = True
        with arranged(page, shot):
            try:
                page.goto(shot.path)
                page.locator(shot.ready).first.wait_for()
                shot.prepare(page)
                page.wait_for_load_state("networkidle")
                # Pictures and the last tick come a moment after the network has fallen silent.
                page.wait_for_timeout(600)
            except Exception as error:
                print(f"{shot.name} {label}: {str(error).splitlines()[0]}")
            page.screenshot(path=FOLDER / f"{shot.name}-{label}.png", full_page=shot.whole)
    context.close()


@contextlib.contextmanager
def servers() -> Iterator[tuple[JackfieldServer, JackfieldServer]]:
    """A server with data, and one without."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        full = stack.enter_context(running_server(Path(folder) / "full"))
        empty = stack.enter_context(running_server(Path(folder) / "empty"))
        seed(full)
        yield full, empty


def main(names: list[str]) -> None:
    """Take all shots, or those whose names begin so."""
    web.build()
    FOLDER.mkdir(exist_ok=True)
    shots = [one for one in SHOTS if not names or any(one.name.startswith(name) for name in names)]
    phone = {"viewport": browser.PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
    with servers() as (full, empty), browser.launch() as launched:
        for server, chosen in (
            (full, [one for one in shots if not one.empty]),
            (empty, [one for one in shots if one.empty]),
        ):
            for theme in ("light", "dark"):
                picture(launched, server, chosen, f"{theme}-desktop", viewport=browser.DESKTOP, color_scheme=theme)
                picture(launched, server, chosen, f"{theme}-phone", color_scheme=theme, **phone)
    print(f"{4 * len(shots)} pictures in {FOLDER}")


if __name__ == "__main__":
    main(sys.argv[1:])
