"""axe finds nothing on any page, in light and dark, at desktop and at phone width (WCAG 2.2 AA); and every page can be
read in another language, from right to left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from jackfield.testing.server import JackfieldServer
from tools import screenshots, web
from tools.browser import DESKTOP, PHONE, person, sign_in, sign_in_by_hand

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = {"type": "rule", "values": ["color-contrast"]}
"""The theme changes nothing but colours: every other rule finds in the dark what it found in the light. And the width changes
no colour: at phone width, contrast in the dark is looked at once for each page, not in each of its states."""
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


@pytest.fixture(scope="module")
def visitors(chromium: Browser, seeded: JackfieldServer) -> Iterator[dict[bool, Page]]:
    """A page of somebody who is signed in, and of somebody who is not."""
    options: dict[str, Any] = {"color_scheme": "light"}
    with person(chromium, seeded, **options) as (inside, _), person(chromium, seeded, **options) as (outside, _):
        sign_in(inside, seeded)
        yield {True: inside, False: outside}


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_axe_finds_nothing(visitors: dict[bool, Page], shot: screenshots.Shot) -> None:
    page = visitors[shot.signed_in]
    page.set_viewport_size({"width": DESKTOP["width"], "height": DESKTOP["height"]})
    with screenshots.arranged(page, shot):
        page.goto(shot.path)
        page.locator(shot.ready).first.wait_for()
        shot.prepare(page)
        page.wait_for_load_state("networkidle")
        problems = [f"wide, light: {one}" for one in violations(page)]
        # The page follows the system's theme, and the window's width, where it stands, with all that is open.
        dark(page)
        problems += [f"wide, dark: {one}" for one in violations(page, colours_only=True)]
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        page.wait_for_load_state("networkidle")
        if "-" not in shot.name:
            problems += [f"narrow, dark: {one}" for one in violations(page, colours_only=True)]
        dark(page, False)
        problems += [f"narrow, light: {one}" for one in violations(page)]
    assert not problems, "\n".join(problems)


def dark(page: Page, on: bool = True) -> None:
    """Change the system's theme, and wait until the page has followed."""
    page.emulate_media(color_scheme="dark" if on else "light")
    page.locator("html.dark" if on else "html:not(.dark)").wait_for(state="attached")


def test_the_documentation_can_be_read_and_searched_by_everybody(chromium: Browser, dashboard: JackfieldServer) -> None:
    """With keys alone, in both themes, at both widths; its policy refuses nothing that the pages do (`Watch`)."""
    with person(chromium, dashboard, color_scheme="light") as (page, _):
        page.goto("/docs")
        expect(page).to_have_url(f"{dashboard.url}/docs/")
        page.keyboard.press("/")
        page.keyboard.type("erasure forget")
        page.get_by_role("option").first.wait_for()
        problems = violations(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/docs/privacy\.html#erasure"))
        page.emulate_media(color_scheme="dark")
        problems += violations(page, colours_only=True)
        page.set_viewport_size(PHONE)
        page.goto("/docs/quickstart.html")
        problems += violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        page.get_by_label("Light or dark").click()
        page.reload()
        assert page.evaluate("document.documentElement.dataset.theme") == "light", "the choice is kept"
        problems += violations(page, colours_only=True)
        assert page.evaluate("[...document.images].every((one) => one.loading === 'lazy' || one.naturalWidth > 0)")
    assert not problems, "\n".join(problems)


MAIN_PAGES = (
    "/overview",
    "/inbox",
    "/campaigns",
    "/campaigns/new",
    "/contacts",
    "/contacts/import",
    "/templates",
    "/messages",
    "/channels",
    "/reports",
    "/tickets",
    "/scheduled",
    "/automations",
    "/automations/1",
    "/team",
    "/settings",
    "/account",
    "/phone",
)
KEY = re.compile(rf"\b(?:{'|'.join(web.text_families())})(?:\.[a-z][A-Za-z]+)+\b")
"""A text that is shown by its key."""


DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""What hears of a new width draws it in the next frame."""


def choose_language(page: Page, account: str, language: str, name: str) -> None:
    """Choose a language in the menu of the account; the words of both are those of the language before."""
    page.get_by_role("button", name=account).click()
    page.get_by_role("menuitem", name=language).hover()
    # Kept with the account: whoever signs in next has it.
    with page.expect_response(lambda answer: answer.request.method in ("PATCH", "PUT") and answer.ok):
        page.get_by_role("menuitemcheckbox", name=name).click()


def test_the_dashboard_speaks_hebrew_from_right_to_left(chromium: Browser, seeded: JackfieldServer) -> None:
    with person(chromium, seeded) as (page, _):
        sign_in(page, seeded)
        choose_language(page, "Your account", "Language", "עברית")
        expect(page.get_by_role("heading", name="דואר נכנס", level=1)).to_be_visible()
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["he", "rtl"]
        for address in MAIN_PAGES:
            page.goto(address)
            page.get_by_role("heading", level=1).wait_for()
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.dir") == "rtl"
            for size in (DESKTOP, PHONE):
                page.set_viewport_size({"width": size["width"], "height": size["height"]})
                page.evaluate(DRAWN)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, size)
                assert not KEY.findall(page.locator("body").inner_text()), address
            page.set_viewport_size({"width": DESKTOP["width"], "height": DESKTOP["height"]})
        page.goto("/inbox/1")
        found = [
            # In the conversation: the list, which may be there before it, says the latest of them too.
            page.get_by_role("article").get_by_text("Yes, it is. Shall we keep one for you?").last,
            page.get_by_role("article").get_by_text("Monas").first,
            page.get_by_role("navigation").first,
        ]
        boxes = [one.bounding_box() for one in found]
        starts = [box["x"] for box in boxes if box is not None]
        assert len(starts) == 3
        # Ours at the end, theirs at the start, and the navigation before both.
        assert starts == sorted(starts)
        choose_language(page, "החשבון שלך", "שפה", "Português (Brasil)")
        expect(page.get_by_role("link", name="Caixa de entrada").first).to_be_visible()
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["pt-BR", "ltr"]
        page.wait_for_load_state("networkidle")
    with person(chromium, seeded) as (page, _):
        sign_in_by_hand(page, seeded, heading="Caixa de entrada")
        choose_language(page, "Sua conta", "Idioma", "English")
        expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")


def test_the_browsers_language_is_the_first(chromium: Browser, dashboard: JackfieldServer) -> None:
    context = chromium.new_context(base_url=dashboard.url, locale="pt-PT")
    try:
        page = context.new_page()
        page.goto("/login")
        expect(page.get_by_role("heading", name="Entrar no Jackfield")).to_be_visible()
        assert page.evaluate("document.documentElement.lang") == "pt-BR"
    finally:
        context.close()
