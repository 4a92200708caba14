"""The table of refusals: each entry can be reached, and each is on the engine's page."""

from __future__ import annotations

from pathlib import Path

import pytest

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, Throttled, Unavailable
from jackfield.engines.telegram_bot.errors import REFUSALS, ApiError, Refusal, to_send_error

PAGE = Path(__file__).parents[3] / "docs" / "engines" / "telegram.md"


@pytest.mark.parametrize("entry", REFUSALS, ids=lambda entry: entry.code)
def test_each_refusal_is_found_and_documented(entry: Refusal) -> None:
    error = to_send_error(ApiError(entry.status, f"Bad Request: {entry.phrase.upper()} 1"))
    assert isinstance(error, Rejected)
    assert error.code == entry.code
    assert entry.remedy in error.message
    assert f"| `{entry.code}` | {entry.cause} | {entry.remedy} |" in PAGE.read_text()


@pytest.mark.parametrize(
    ("status", "description", "wanted"),
    [
        (429, "Too Many Requests: retry after 3", Throttled),
        (401, "Unauthorized", LoginRequired),
        (404, "Not Found", LoginRequired),
        (404, "Not Found: method not found", Rejected),
        (400, "Bad Request: something new", Rejected),
        (500, "Internal Server Error: restart", Unavailable),
        (500, "Internal Server Error", OutcomeUnknown),
        (502, "Bad Gateway", Unavailable),
        (504, "Gateway Timeout", OutcomeUnknown),
    ],
)
def test_what_each_status_means(status: int, description: str, wanted: type) -> None:
    assert type(to_send_error(ApiError(status, description, retry_after=3))) is wanted
