"""The main path of webhooks and the API: tested, seen, replayed; a key made, used and revoked; what could not be applied."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Browser, expect

from jackfield.testing.server import JackfieldServer, until
from tools.browser import PHONE, check_width, person, sign_in


class Receiver:
    """A program of somebody's. It answers with `status`; `got` holds the events that came."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.got.append(str(body["event"]))
                said = json.dumps({"thanks": receiver.status}).encode()
                self.send_response(receiver.status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for the length of the block."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


def test_a_webhook_is_tested_and_its_delivery_seen_and_replayed(chromium: Browser, dashboard: JackfieldServer) -> None:
    with receiving() as receiver, person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto("/webhooks")
        page.get_by_role("button", name="Add webhook").first.click()
        dialog = page.get_by_role("dialog", name="Add webhook")
        dialog.get_by_label("Address").fill(receiver.url)
        dialog.get_by_role("switch", name="All events").click()
        dialog.get_by_role("checkbox", name="message.*").click()
        dialog.get_by_role("checkbox", name="contact.created").click()
        dialog.get_by_role("button", name="Add webhook").click()
        secret = page.get_by_role("dialog", name="The secret of the webhook")
        expect(secret.locator("input[data-secret]")).to_have_value(re.compile("^whsec_.{20,}"))
        secret.get_by_role("button", name="I have kept it").click()
        # What it answers with is said at once.
        receiver.status = 503
        page.get_by_role("button", name="Send a test").click()
        expect(page.locator("[data-tested]")).to_contain_text("answered with 503")
        receiver.status = 200
        page.get_by_role("link", name="webhook.test").first.click()
        sheet = page.get_by_role("dialog", name="Delivery")
        expect(sheet.get_by_role("group", name="What was told")).to_be_visible()
        expect(sheet.get_by_role("group", name="What came back")).to_contain_text("503")
        sheet.get_by_role("button", name="Deliver again").click()
        expect(sheet.locator("[data-delivery=delivered]")).to_be_visible()
        expect(sheet.get_by_role("group", name="What came back")).to_contain_text("200")
        assert receiver.got.count("webhook.test") == 2
        page.keyboard.press("Escape")
        # Only what was chosen comes.
        assert dashboard.api("POST", "/contacts", json={"name": "Ada", "phone": "628177000001"}).status == 201
        expect(page.get_by_role("link", name="contact.created").first).to_be_visible()
        page.get_by_role("button", name="More for this webhook").click()
        page.get_by_role("menuitem", name="Make a new secret").click()
        page.get_by_role("button", name="I have kept it").click()
        page.get_by_role("button", name="More for this webhook").click()
        page.get_by_role("menuitem", name="Delete webhook").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete webhook").click()
        expect(page).to_have_url(re.compile(r"/webhooks$"))
        until(
            lambda: receiver.url not in {one["url"] for one in dashboard.api("GET", "/webhooks").data},
            what="the webhook is gone",
        )


def test_a_key_is_made_shown_once_used_and_revoked(chromium: Browser, dashboard: JackfieldServer) -> None:
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto("/developers")
        page.get_by_role("button", name="Make a key").first.click()
        dialog = page.get_by_role("dialog", name="Make a key")
        dialog.get_by_label("Name").fill("Web shop")
        dialog.get_by_role("button", name="Make a key").click()
        shown = page.get_by_role("dialog", name="The new key")
        secret = shown.locator("input[data-secret]").input_value()
        shown.get_by_role("button", name="I have kept it").click()
        mine = page.locator("[data-key='Web shop']")
        expect(mine).to_contain_text("messages:write")
        expect(mine).not_to_contain_text(secret)
        # The key stands in the calls, which run as they are pasted.
        page.get_by_role("tab", name="Example calls").click()
        page.get_by_role("tab", name="JavaScript").click()
        page.get_by_label("Number to write to").fill("628177000002")
        call = page.locator("[data-call=text] code")
        expect(call).to_contain_text(secret)
        page.evaluate(f"async () => {{ {call.inner_text()} }}".replace("console.log", "void "))
        sent = dashboard.api("GET", "/messages?to=628177000002").data
        assert [one["text"] for one in sent] == ["Hello from the API"]
        page.get_by_role("tab", name="Python").click()
        expect(call).to_contain_text("import requests")
        compile(call.inner_text(), "call", "exec")
        for api in ("Pabbly Chatflow", "ChitChatLabs", "Chattu", "Chatly"):
            page.get_by_role("combobox", name="API").click()
            page.get_by_role("option", name=api).click()
            expect(page.locator("[data-call]").first).to_contain_text(dashboard.url)
        page.reload()
        expect(page.locator("[data-call]").first).not_to_contain_text(secret)
        page.get_by_role("tab", name="Keys").click()
        page.get_by_role("button", name="More for the key Web shop").click()
        page.get_by_role("menuitem", name="Revoke key").click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke key").click()
        expect(mine).to_have_count(0)
        assert dashboard.api("GET", "/messages", key=secret).status == 401
        page.get_by_role("switch", name="Show revoked keys").click()
        expect(mine).to_contain_text("Revoked")
        page.get_by_role("tab", name="Requests").click()
        expect(page.get_by_role("table", name="Requests to the APIs")).to_be_visible()


def test_what_could_not_be_applied_is_shown_and_tried_again(chromium: Browser, dashboard: JackfieldServer) -> None:
    assert dashboard.request("POST", "/simulator/1/deleted", json={"id": "never-told-of"}).status == 200
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        page.goto("/developers/inbound?reason=waits_for_original")
        page.get_by_role("link", name="Waits for its message").first.click()
        sheet = page.get_by_role("dialog", name="Inbound problem")
        expect(sheet.get_by_role("group", name="As it came")).to_contain_text("never-told-of")
        sheet.get_by_role("button", name="Try again").click()
        expect(page.get_by_text("It still cannot be applied.").first).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Try all again").click()
        expect(page.get_by_text(re.compile("of 1 could be applied")).first).to_be_visible()


def test_at_phone_width_nothing_overflows(chromium: Browser, dashboard: JackfieldServer) -> None:
    made = dashboard.api("POST", "/webhooks", json={"url": "https://receiver.example/a-long-address/of/a/hook"})
    with person(chromium, dashboard, viewport=PHONE, has_touch=True, is_mobile=True) as (page, _):
        sign_in(page, dashboard)
        tabs = [f"/developers/{tab}" for tab in ("keys", "calls", "requests", "inbound")]
        check_width(page, "/webhooks", f"/webhooks/{made.data['id']}", *tabs)
