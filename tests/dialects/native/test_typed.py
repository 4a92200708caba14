"""The OpenAPI document is whole: what a generated client needs is there, for every operation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from jackfield.dialects.native.errors import CODES
from jackfield.testing.docs import native_document
from jackfield.testing.server import Answer

from ..document import Document
from .test_walk import operations

NO_BODY_EXAMPLE = "multipart/form-data"


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return native_document()


def parts(value: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document, with its place."""
    if isinstance(value, dict):
        yield place, value
        for name, one in value.items():
            yield from parts(one, f"{place}/{name}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from parts(one, f"{place}/{index}")


def test_it_is_a_valid_document(whole: dict[str, Any]) -> None:
    validate(whole)


def test_every_operation_has_a_speaking_id_of_its_own(whole: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(whole)]
    assert len(set(ids)) == len(ids)
    assert [one for one in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", one)] == []
    assert {"sendText", "listChats", "getMessage", "createContact"} <= set(ids)


def test_every_answer_has_a_type(whole: dict[str, Any]) -> None:
    for method, path, operation in operations(whole):
        answers = operation["responses"]
        assert {"4XX", "5XX"} <= set(answers), (method, path)
        good = {status: one for status, one in answers.items() if status.startswith("2")}
        assert len(good) == 1, (method, path)
        (answer,) = good.values()
        assert answer["content"], (method, path)
        for kind, content in answer["content"].items():
            # A file has no type but its own; JSON has a schema with a name.
            if kind == "application/json":
                assert content["schema"]["$ref"].startswith("#/components/schemas/"), (method, path)
        assert answer["description"], (method, path)


def test_every_body_has_an_example_that_fits_its_schema(whole: dict[str, Any]) -> None:
    for method, path, operation in operations(whole):
        content = operation.get("requestBody", {}).get("content", {})
        if not content or NO_BODY_EXAMPLE in content:
            continue
        schema = content["application/json"]["schema"]
        names = [one["$ref"].rpartition("/")[2] for one in (schema, *schema.get("anyOf", ())) if "$ref" in one]
        assert names, (method, path)
        example = whole["components"]["schemas"][names[0]].get("example")
        assert example is not None, (method, path, "has no example")
        validator = jsonschema_rs.Draft202012Validator({**schema, "components": whole["components"]})
        assert [one.message for one in validator.iter_errors(example)] == [], (method, path)


def test_names_are_plain_and_lists_say_what_they_hold(whole: dict[str, Any]) -> None:
    assert [name for name in whole["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []
    for place, part in parts(whole):
        if part.get("type") == "array":
            assert "items" in part, place


def test_every_schema_is_used(whole: dict[str, Any]) -> None:
    text = json.dumps(whole)
    assert [one for one in whole["components"]["schemas"] if f'"#/components/schemas/{one}"' not in text] == []


def test_security_is_said(whole: dict[str, Any]) -> None:
    schemes = whole["components"]["securitySchemes"]
    assert schemes["ApiKey"] == {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    assert schemes["Bearer"]["scheme"] == "bearer"
    public = {path for _, path, operation in operations(whole) if operation["security"] == []}
    # The first owner is made with a code that the server printed, and only while there is none.
    assert public == {"/auth/login", "/auth/invitations/accept", "/setup"}


def test_failures_name_every_code(whole: dict[str, Any]) -> None:
    error = whole["components"]["schemas"]["Error"]["properties"]
    assert set(error["code"]["examples"]) <= set(CODES)
    assert error["details"]


def test_the_check_of_answers_finds_what_is_wrong(whole: dict[str, Any]) -> None:
    """`document.check` is what every other test of this folder leans on."""

    body = json.dumps({"success": True, "data": [{"id": 1}], "meta": {}}).encode()
    told = Answer(200, {"content-type": "application/json"}, body)
    with pytest.raises(AssertionError, match="GET /contacts"):
        Document(whole).check("GET", "/contacts", told)
