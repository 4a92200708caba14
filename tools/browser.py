"""A real Chromium on a real server, in which nothing goes wrong unseen.

A page fails its test on any error in the console, any exception, any failed request, any answer that is an error, and
any request to another host.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

from jackfield.testing.server import JackfieldServer

from . import chromium

DESKTOP = {"width": 1440, "height": 900}
FAKE_MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
PHONE = {"width": 390, "height": 844}


@contextlib.contextmanager
def launch() -> Iterator[Browser]:
    """A browser."""
    program, environment = chromium.find_or_install()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            # In a container there is no sandbox, and little shared memory. The microphone is one that beeps.
            args=["--no-sandbox", "--disable-dev-shm-usage", *FAKE_MICROPHONE],
            env={**os.environ, **environment},
        )
        try:
            yield browser
        finally:
            browser.close()


class Watch:
    """What went wrong in a context."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self._host = urlsplit(base).netloc
        self.problems: list[str] = []
        self._allowed: list[re.Pattern[str]] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self._add(f"exception: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def allow(self, pattern: str) -> None:
        """Problems that this test makes on purpose."""
        self._allowed.append(re.compile(pattern))

    def check(self) -> None:
        """Raises AssertionError with everything that went wrong."""
        left = [one for one in self.problems if not any(pattern.search(one) for pattern in self._allowed)]
        assert not left, "the page had problems:\n" + "\n".join(left)

    def _add(self, problem: str) -> None:
        self.problems.append(problem)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._add(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self._host:
            self._add(f"another host: {request.url}")

    def _failed(self, request: Request) -> None:
        # What is on its way when a page is left, or not wanted any more, is aborted; that is no failure.
        if request.failure != "net::ERR_ABORTED":
            self._add(f"failed: {request.method} {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._add(f"{response.status}: {response.request.method} {response.url}")


@contextlib.contextmanager
def person(browser: Browser, server: JackfieldServer, **options: Any) -> Iterator[tuple[Page, Watch]]:
    """Somebody with a browser of their own, not signed in yet."""
    options.setdefault("viewport", DESKTOP)
    # What moves is drawn sixty times a second without a graphics card, and tests wait until it stands still.
    options.setdefault("reduced_motion", "reduce")
    context = browser.new_context(base_url=server.url, locale="en-GB", timezone_id="UTC", **options)
    context.set_default_timeout(60_000)
    watch = Watch(context, server.url)
    try:
        yield context.new_page(), watch
        watch.check()
    finally:
        context.close()


def sign_in(page: Page, server: JackfieldServer, *, email: str | None = None, password: str | None = None) -> None:
    """Begin a session as the page that asks for it does, without the page, and open the inbox."""
    body = {"email": email or server.email, "password": password or server.password, "cookie": True}
    answer = page.context.request.post(f"{server.url}/api/auth/login", data=body)
    assert answer.status == 200, answer.text()
    # An address of the server's on which no program runs yet: the one that comes next finds that there is a session.
    page.goto("/favicon.svg")
    page.evaluate("localStorage.setItem('jackfield.session', 'open')")
    page.goto("/inbox")
    page.get_by_role("heading", name="Inbox", level=1).wait_for()


def sign_in_by_hand(
    page: Page,
    server: JackfieldServer,
    *,
    email: str | None = None,
    password: str | None = None,
    heading: str = "Inbox",
) -> None:
    """Sign in on the page that asks for it, and wait for the inbox, whose title is in the person's language."""
    page.goto("/login?next=/inbox")
    page.get_by_label("E-mail address").fill(email or server.email)
    page.get_by_label("Password", exact=True).fill(password or server.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name=heading, level=1).wait_for()


def check_width(page: Page, *addresses: str) -> None:
    """Open each address and wait for its data. Raises AssertionError for one that is wider than the window."""
    for address in addresses:
        page.goto(address)
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
