"""Cursors: what was not made here is refused before a database is asked."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from jackfield.core import Core
from jackfield.core.ground.errors import Invalid
from jackfield.core.ground.paging import decode_cursor, encode_cursor


def test_a_cursor_comes_back_as_it_was_made() -> None:
    for values in ((5,), (2**63 - 1, -3), ("Zoë", 7)):
        assert decode_cursor(encode_cursor(*values), tuple[Any, ...]) == values


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[1,2]",
        "{}",
        '["1"]',
        "[null]",
        f"[{2**63}]",
        f"[{-(2**64)}]",
        "[1e400]",
        "[1.5]",
        "[" * 5000,
        '["\\u0000"]',
        "\xff",
    ],
)
def test_what_no_list_made_is_invalid(text: str) -> None:
    cursor = base64.urlsafe_b64encode(text.encode("latin-1")).decode()
    with pytest.raises(Invalid, match="cursor"):
        decode_cursor(cursor, tuple[int])


@pytest.mark.parametrize("text", ['["\\u0000", 1]', '["\\ud800", 1]', f'["a", {2**63}]'])
def test_texts_and_numbers_that_no_database_holds(text: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(base64.urlsafe_b64encode(text.encode()).decode(), tuple[str, int])


async def test_every_list_refuses_such_a_cursor(core: Core, workspace: int) -> None:
    """On both databases, whichever dialect asks: the refusal is the core's."""
    cursor = base64.urlsafe_b64encode(f"[{2**70}]".encode()).decode()
    for ask in (
        core.messages.list(workspace, cursor=cursor),
        core.campaigns.list(workspace, cursor=cursor),
        core.contacts.list(workspace, cursor=cursor),
        core.media.list(workspace, cursor=cursor),
        core.webhooks.list(workspace, cursor=cursor),
        core.templates.list(workspace, cursor=cursor),
    ):
        with pytest.raises(Invalid, match="cursor"):
            await ask
