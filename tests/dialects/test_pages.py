"""The pages of Chattu and Chatly name every route, and no address of theirs is made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jackfield.dialects import DialectOptions
from jackfield.dialects.chatly.app import build_chatly
from jackfield.dialects.chattu.app import build_chattu

DOCS = Path(__file__).parents[2] / "docs" / "dialects"


@pytest.mark.parametrize(
    ("build", "page", "prefix"), [(build_chattu, "chattu.md", ""), (build_chatly, "chatly.md", "/auth/api")]
)
def test_every_route_is_on_the_page(build: Any, page: str, prefix: str) -> None:
    text = (DOCS / page).read_text("utf-8").replace("`, `POST /logout", "` `POST /logout")
    app = build(None, DialectOptions())
    routes = {
        (method.upper(), path.removeprefix(prefix))
        for path, operations in app.openapi()["paths"].items()
        for method in operations
    }
    assert len(routes) > 20
    for method, path in routes:
        assert f"`{method} {path}" in text, (method, path)
