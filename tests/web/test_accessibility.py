"""axe finds nothing on any page, in light and dark, at desktop and at phone width (WCAG 2.2 AA)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from jackfield.testing.server import JackfieldServer
from tools import screenshots, web
from tools.browser import DESKTOP, PHONE, person, sign_in

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = {"type": "rule", "values": ["color-contrast"]}
"""The theme changes nothing but colours: every other rule finds in the dark what it found in the light."""
SHOTS = [
    one
    for one in screenshots.SHOTS
    if not one.empty and not one.fails and one.name not in ("login-refused", "parts-rtl")
]


@pytest.fixture(scope="module")
def seeded(dashboard: JackfieldServer) -> JackfieldServer:
    """The server with something on every page."""
    screenshots.seed(dashboard)
    return dashboard


def violations(page: Page, *, colours_only: bool = False) -> list[str]:
    """What axe finds, each with where it is. `colours_only` runs the one rule that looks at colours."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate((web.SOURCE / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        "async (only) => (await axe.run(document, { runOnly: only, resultTypes: ['violations'] })).violations",
        COLOURS if colours_only else RULES,
    )
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: "
        + "; ".join(node["html"][:160] + " " + (node.get("failureSummary") or "")[:200] for node in one["nodes"][:3])
        for one in found
    ]


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_axe_finds_nothing(chromium: Browser, seeded: JackfieldServer, width: str) -> None:
    size = DESKTOP if width == "desktop" else PHONE
    problems: list[str] = []
    with person(chromium, seeded, viewport=size, color_scheme="light", reduced_motion="reduce") as (page, _):
        signed = False
        for shot in sorted(SHOTS, key=lambda one: one.signed_in):
            if shot.signed_in and not signed:
                sign_in(page, seeded)
                signed = True
            with screenshots.arranged(page, shot):
                page.goto(shot.path)
                page.locator(shot.ready).first.wait_for()
                shot.prepare(page)
                page.wait_for_load_state("networkidle")
                problems += [f"{shot.name}, light: {one}" for one in violations(page)]
                # The page follows the system's theme where it stands, with all that is open.
                page.emulate_media(color_scheme="dark")
                page.locator("html.dark").wait_for(state="attached")
                problems += [f"{shot.name}, dark: {one}" for one in violations(page, colours_only=True)]
                page.emulate_media(color_scheme="light")
                page.locator("html:not(.dark)").wait_for(state="attached")
    assert not problems, "\n".join(problems)
