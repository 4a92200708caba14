"""API campaigns: what is shown of one becomes what makes one, or a reason why not."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.moving.triggered import triggered_of


def shown(content: dict[str, Any], status: str = "running") -> dict[str, Any]:
    """A row of `GET /campaigns`."""
    return {"id": "7", "name": "Order", "profileId": "1", "status": status, "category": "utility", "content": content}


TEMPLATE = {"type": "template", "name": "order", "language": "en"}
LINK = "https://shop.example/a.png"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"type": "text", "text": "Hi", "entities": [], "preview": None}, {"text": "Hi"}),
        ({"type": "image", "url": LINK, "caption": "A", "mime": "image/png", "size": 3}, {"url": LINK, "caption": "A"}),
        ({**TEMPLATE, "body": [{"text": "{a}"}, {"text": "b"}]}, {"body": ["{a}", "b"]}),
        ({**TEMPLATE, "body": [{"text": "{a}", "name": "who", "fold": True}]}, {"body": {"who": "{a}"}, "fold": True}),
        ({**TEMPLATE, "header": {"media": {"type": "image", "url": LINK}}}, {"link": LINK}),
        ({**TEMPLATE, "header": {"text": [{"text": "x"}]}}, {"header": ["x"]}),
        (
            {
                **TEMPLATE,
                "buttons": [{"index": 0, "kind": "url", "text": "7"}, {"index": 1, "kind": "otp", "text": "1"}],
            },
            {"urls": ["7"], "code": "1"},
        ),
    ],
)
def test_what_is_shown_makes_one(content: dict[str, Any], wanted: dict[str, Any]) -> None:
    found = triggered_of(shown(content))
    assert found is not None
    assert (found.problem, found.live, found.type) == (None, True, content["type"])
    named = {"name": "order", "language": "en"} if content["type"] == "template" else {}
    assert found.content == {**named, **wanted}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"type": "image", "url": "media:4"}, "Its file is at the source alone"),
        ({**TEMPLATE, "header": {"media": {"type": "image", "media_id": "99"}}}, "Its file is at the source alone"),
        ({**TEMPLATE, "cards": [{"body": []}]}, "a carousel"),
        ({**TEMPLATE, "buttons": [{"index": 0, "kind": "flow"}]}, "a button of kind flow"),
    ],
)
def test_what_cannot_be_made_says_why(content: dict[str, Any], why: str) -> None:
    found = triggered_of(shown(content, "paused"))
    assert found is not None
    assert why in (found.problem or "")
    assert not found.live


def test_one_that_is_over_does_not_come() -> None:
    assert triggered_of(shown({"type": "text", "text": "Hi"}, "cancelled")) is None
