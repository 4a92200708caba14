"""What a validator finds, in our words: each field once, as the caller spelled it, and no type of ours in any text."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

from jackfield.core import Invalid
from jackfield.dialects._kit import LARGE, MOST_LEVELS, decode_json
from jackfield.dialects._problems import MOST, problems, request_problems
from jackfield.dialects.native.contents import KINDS
from jackfield.dialects.native.routes.bulk import BulkBody
from jackfield.dialects.native.values import TemplateContent

FOREIGN = re.compile(r"function-|list\[|dict\[|constrained|Input should|Value error|pydantic|validator|str\b|\bint\b")


def found(model: Any, data: Any, place: str = "") -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)
    told = problems(caught.value.errors(include_url=False), data, place)
    assert not FOREIGN.search(json.dumps(told)), told
    return told


CASES: list[tuple[Any, Any, dict[str, str]]] = [
    (TemplateContent, {}, {"name": "Is required."}),
    (TemplateContent, {"name": "x", "body": [5, [7]]}, {"body.1": "Must be text."}),
    (TemplateContent, {"name": "x", "body": 5}, {"body": "Must be a list or an object."}),
    (TemplateContent, {"name": "x", "quick_replies": 5}, {"quick_replies": "Must be a list."}),
    (TemplateContent, {"name": "x", "quickReplies": [True]}, {"quickReplies.0": "Must be text."}),
    (TemplateContent, {"name": "x", "colour": "red"}, {"colour": "Unknown field."}),
    (TemplateContent, {"name": "x", "location": {"latitude": 91}},
     {"location.latitude": "Must be at most 90.0.", "location.longitude": "Is required."}),
    (TemplateContent, {"name": "x", "cards": [{"body": ["a"]}, {"size": 1}]}, {"cards.1.size": "Unknown field."}),
    (KINDS["image"], {}, {"url": "Is required."}),
    (KINDS["image"], {"url": "ftp://x"},
     {"url": "Must be an http or https link, or media:ID of an uploaded file."}),
    (KINDS["image"], {"mediaId": "1", "base64": "AAAA"}, {"base64": "Unknown field."}),
    (KINDS["text"], {"text": " "}, {"text": "Must not be empty."}),
    (KINDS["text"], {"text": "a\x00"}, {"text": "Must not contain NUL characters."}),
    (KINDS["location"], {"latitude": "x", "longitude": float("nan")},
     {"latitude": "Must be a number.", "longitude": "Must be a finite number."}),
    (KINDS["poll"], {"question": "?", "options": ["a"]}, {"options": "Must have at least 2 items."}),
    (KINDS["poll"], {"question": "?", "options": ["a", "a"]}, {"options": "Options must differ."}),
    (KINDS["buttons"], {"body": "B", "buttons": [{"title": "x", "colour": 1}]},
     {"buttons.0.id": "Is required.", "buttons.0.colour": "Unknown field."}),
    (KINDS["buttons"], {"body": "B", "buttons": [{"id": "1", "title": "x"}], "header": {"type": "film"}},
     {"header.type": "Must be one of text, image, video, document."}),
    (KINDS["contact"], {"name": "A"}, {"phone": "Is required."}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "data", "wanted"), CASES)
def test_each_field_is_told_once_in_our_words(model: Any, data: Any, wanted: dict[str, str]) -> None:
    assert found(model, data) == {field: [why] for field, why in wanted.items()}


def test_a_place_stands_before_each_field() -> None:
    assert found(KINDS["image"], {}, "messages.3.content.") == {"messages.3.content.url": ["Is required."]}


def test_numbers_are_taken_where_a_template_wants_text() -> None:
    given = TemplateContent.model_validate({"name": "x", "body": [5, 7.5], "header": {"total": 12}, "code": 123456})
    assert (given.body, given.header, given.code) == (["5", "7.5"], {"total": "12"}, "123456")


def test_a_query_is_told_by_its_parameter() -> None:
    errors = [
        {"type": "int_parsing", "loc": ("query", "limit"), "msg": "x", "input": "x"},
        {"type": "string_type", "loc": ("query", "tag", 1), "msg": "x", "input": 5},
        {"type": "missing", "loc": ("body",), "msg": "x", "input": None},
    ]
    assert request_problems(errors, None) == {
        "limit": ["Must be a whole number."],
        "tag.1": ["Must be text."],
        "body": ["Is required."],
    }


def test_only_so_many_findings_are_told() -> None:
    told = found(TemplateContent, {"name": "x", **{f"field{n}": 1 for n in range(1000)}})
    assert len(told) == MOST


def test_of_many_messages_only_the_first_wrong_one_is_told() -> None:
    wrong = {"to": "1", "content": "x", "colour": "red", "size": 1}
    told = found(BulkBody, {"messages": [{"to": "1", "content": "x"}, *[wrong] * 1000]})
    assert set(told) == {"messages.1.colour", "messages.1.size"}


@pytest.mark.parametrize("pad", [0, LARGE])
async def test_json_may_be_nested_so_far(pad: int) -> None:
    def nested(levels: int) -> bytes:
        return b'{"a":' * (levels - 1) + b"[]" + b"}" * (levels - 1) + b" " * pad

    assert await decode_json(nested(MOST_LEVELS)) is not None
    for levels in (MOST_LEVELS + 1, 500, 100_000):
        with pytest.raises(Invalid) as caught:
            await decode_json(nested(levels))
        assert caught.value.code == "INVALID_JSON"
