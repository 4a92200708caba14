"""What the tests of the inbox share: somebody writes, and where one sees it."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page

from jackfield.testing.server import JackfieldServer


def name_of(number: str) -> str:
    """How the person of a number is called."""
    return f"Asha {number[-4:]}"


def write(server: JackfieldServer, number: str, text: str, **fields: Any) -> None:
    """Have somebody write to the first profile."""
    body = {"from": number, "name": name_of(number), "text": text, **fields}
    assert server.request("POST", "/simulator/1/inbound", json=body).status == 200


def open_chat(page: Page, number: str) -> None:
    """Open a person's chat from the list."""
    page.get_by_role("link", name=re.compile(name_of(number))).click()
    page.get_by_role("heading", name=name_of(number), level=2).wait_for()


def row(page: Page, number: str) -> Any:
    """A person's row in the list."""
    return page.get_by_role("link", name=re.compile(name_of(number)))


def bubble(page: Page, text: str) -> Any:
    """The message that says this."""
    return page.get_by_role("article").filter(has_text=text)
