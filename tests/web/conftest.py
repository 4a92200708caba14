"""A server and a browser for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from jackfield.testing.server import JackfieldServer, running_server
from tools import browser, docsite, web
from tools.browser import person, sign_in

# Five seconds are Playwright's own; a busy machine takes longer for a page.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="session")
def built() -> None:
    """The dashboard as `web/` says it is now, and the documentation as `docs/` does."""
    web.build()
    docsite.build()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module; each person has a context of their own.

    Not for the session: Playwright keeps an event loop running in its thread, in which no asynchronous test of another
    module could run.
    """
    with browser.launch() as launched:
        yield launched


@pytest.fixture(scope="module")
def dashboard(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """A real server with the dashboard, its first profile a simulator's."""
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def agent(chromium: Browser, dashboard: JackfieldServer) -> Iterator[Page]:
    """A member who is signed in, with the inbox before them."""
    with person(chromium, dashboard) as (page, _):
        sign_in(page, dashboard)
        yield page


_numbers = iter(range(628120000001, 628129999999))


@pytest.fixture
def number() -> str:
    """A number that nobody else in the module has."""
    return str(next(_numbers))
