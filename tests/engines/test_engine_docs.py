"""The engines' page says what the engines claim, and each engine has a page."""

from __future__ import annotations

from pathlib import Path

from jackfield.engines import ENGINES
from jackfield.testing import engine_docs

DOCS = Path(__file__).parents[2] / "docs" / "engines"


def test_the_page_is_what_the_claims_say() -> None:
    assert (DOCS / "README.md").read_text() == engine_docs.readme(), "run `make docs`"


def test_every_engine_has_a_page() -> None:
    assert set(ENGINES) == set(engine_docs._PAGES)
    for page in engine_docs._PAGES.values():
        text = (DOCS / page).read_text()
        assert "When something fails" in text or page == "simulator.md", page
