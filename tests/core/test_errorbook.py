"""The error book: every code of the platforms' tables is explained, and no lookup fails."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import jackfield
from jackfield.core import errorbook
from jackfield.core.campaigns.recipients import skip_reason
from jackfield.core.errorbook import RetryClass, classify, lookup
from jackfield.core.errorbook.meta import META
from jackfield.core.errorbook.other import OTHER
from jackfield.core.models import Contact

# The table of Meta's error codes page by what to do about each.
TABLE = {
    RetryClass.BACKOFF: "130429 4 80007 1 2 131000 131016 131057 135000 http:500 http:502 http:503 http:429",
    RetryClass.RECIPIENT_BACKOFF: "131056",
    RetryClass.NOT_BEFORE_24H: "131049 130472 463",
    RetryClass.PAUSE: "0 190 3 10 200 230 299 368 131031 131048 131042 133010 133016 131064 131063 LOGGED_OUT BANNED",
    RetryClass.PAUSE_TEMPLATE: "132015 132016 132007 132068 132069",
    RetryClass.FINAL_RECIPIENT: "131026 131047 131050 131021 131030 131062 130497 telegram:403 telegram:403:blocked",
    RetryClass.FINAL_REQUEST: "100 132000 132001 132005 132008 132012 131008 131009 131051 telegram:400 http:400",
    RetryClass.REUPLOAD: "131014 131052 131053",
    RetryClass.SETTLE: "timeout outcome_unknown",
}


@pytest.mark.parametrize("words", ["Argentina", "the 9 after 54", "the 1 after 52"])
def test_a_number_that_is_not_on_the_test_list_may_be_on_it_in_its_other_spelling(words: str) -> None:
    assert words in lookup("131030").remedy


def test_a_link_that_meta_could_not_fetch_is_explained() -> None:
    assert "404" in lookup(131014).cause
    assert "mediaId" in lookup("131014").remedy


@pytest.mark.parametrize(("expected", "code"), [(cls, code) for cls, codes in TABLE.items() for code in codes.split()])
def test_every_code_of_the_table_is_explained(expected: RetryClass, code: str) -> None:
    entry = lookup(code)
    assert errorbook.known(code)
    assert entry.code == code
    assert entry.retry_class is expected
    assert classify(code) is expected


def test_entries_are_whole_sentences() -> None:
    for entry in errorbook.entries():
        assert entry.title
        for words in (entry.cause, entry.remedy):
            assert words.endswith("."), entry
            assert "|" not in words
        assert entry.retryable == (entry.retry_class in errorbook.RETRYABLE)
        if entry.retry_class in (RetryClass.PAUSE, RetryClass.PAUSE_TEMPLATE):
            assert entry.pauses, entry.code


def test_codes_are_unique() -> None:
    codes = [row[0] for row in (*META, *OTHER)]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("code", [None, "", "999999", "something:else", "http:", "telegram:", 7, "💥"])
def test_lookup_never_fails(code: str | int | None) -> None:
    entry = lookup(code)
    assert not errorbook.known(code or "")
    assert not entry.retryable


def test_lookup_falls_back_to_the_general_code() -> None:
    assert lookup("telegram:404:file").pauses is None
    assert lookup("telegram:403:bot was blocked").cause == lookup("telegram:403").cause
    assert lookup("http:504").retryable
    assert lookup(131026).code == "131026"


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("131026", 500, RetryClass.FINAL_RECIPIENT),  # the code goes before the status
        ("777", 500, RetryClass.BACKOFF),
        ("777", 429, RetryClass.BACKOFF),
        ("777", 401, RetryClass.PAUSE),
        ("777", 403, RetryClass.PAUSE),
        ("777", 400, RetryClass.FINAL_REQUEST),
        ("777", None, RetryClass.FINAL_REQUEST),
    ],
)
def test_classify_unknown_codes_by_status(code: str, status: int | None, expected: RetryClass) -> None:
    assert classify(code, status) is expected


def test_every_code_that_an_engine_gives_is_explained() -> None:
    engines = Path(__file__).parents[2] / "src" / "jackfield" / "engines"
    raised = re.compile(r'(?:Rejected|Throttled|Unavailable|LoginRequired|OutcomeUnknown)\(\s*"([^"{}]+)"')
    unexplained = {
        (path.relative_to(engines).as_posix(), code)
        for path in engines.rglob("*.py")
        for code in raised.findall(path.read_text(encoding="utf-8"))
        if not errorbook.known(code)
    }
    assert not unexplained


def test_the_page_is_the_book() -> None:
    page = Path(__file__).parents[2] / "docs" / "error-book.md"
    assert page.read_text(encoding="utf-8") == errorbook.as_markdown()


SENDING = {"Rejected", "Throttled", "Unavailable", "LoginRequired", "OutcomeUnknown"}


def raised() -> dict[str, str]:
    """Codes with which the source raises what happens to a message, and where."""
    source = Path(jackfield.__file__).parent
    found = {}
    for path in source.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).rpartition(".")[2] in SENDING:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found[str(first.value)] = f"{path.relative_to(source)}:{node.lineno}"
    return found


@pytest.mark.slow
def test_whatever_happens_to_a_message_is_explained() -> None:
    codes = raised()
    assert len(codes) > 30
    assert {code: place for code, place in codes.items() if not errorbook.known(code)} == {}


def test_why_a_campaign_left_somebody_out_is_explained() -> None:
    whole = {"phone": "628", "blocked": False, "optin": None}
    for code, given, suppressed in (
        ("no_address", {**whole, "phone": None}, set()),
        ("blocked", {**whole, "blocked": True}, set()),
        ("opted_out", {**whole, "optin": False}, set()),
        ("suppressed", whole, {"628"}),
    ):
        contact = Contact(workspace_id=1, **given)
        assert skip_reason(contact, given["phone"], suppressed, "marketing") == code
        entry = lookup(code)
        assert (entry.code, errorbook.known(code), entry.retryable) == (code, True, False)
    assert skip_reason(Contact(workspace_id=1, **whole), "628", {"628"}, "utility") is None
