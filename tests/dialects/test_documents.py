"""The OpenAPI document of every dialect is whole: what a generated client needs is there, for every operation.

That answers are what the documents say is held in the dialects' own tests, for each answer that they get (`document.hold`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from jackfield.dialects import DIALECTS
from jackfield.testing.docs import document_of
from jackfield.testing.server import Answer

from .document import Document

HEADERS = {"chatly": "apikey", "chattu": "x-api-key", "pabbly": "X-API-Key", "chitchatlabs": "x-tenant-api-key"}
"""Where each dialect's callers put their key."""
PUBLIC = {
    "native": {"login", "acceptInvitation", "getSetup", "setUp", "startAutomationByHook"},
    "chattu": {"logIn", "logOut", "resetApiKey", "getChatPage"},
}
"""Operations that ask for no credentials, or have them in the body."""

document = cache(document_of)


@pytest.fixture(params=[one.name for one in DIALECTS])
def name(request: pytest.FixtureRequest) -> str:
    """A dialect."""
    found: str = request.param
    return found


@pytest.fixture
def whole(name: str) -> dict[str, Any]:
    """Its document."""
    return document(name)


def operations(whole: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation, with its method and path."""
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


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
    ids = [operation["operationId"] for _, operation in operations(whole)]
    assert len(set(ids)) == len(ids)
    assert [one for one in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", one)] == []


def test_every_answer_has_a_type(whole: dict[str, Any]) -> None:
    for what, operation in operations(whole):
        answers = operation["responses"]
        assert {"4XX", "5XX"} <= set(answers), what
        good = [one for status, one in answers.items() if status.startswith("2")]
        assert len(good) == 1, what
        assert good[0]["content"], what
        assert good[0]["description"], what
        for kind, content in [*good[0]["content"].items(), *answers["4XX"]["content"].items()]:
            # A file has no type but its own; JSON has a schema with a name.
            if kind == "application/json":
                assert content["schema"]["$ref"].startswith("#/components/schemas/"), what


def test_every_body_has_an_example_that_fits_its_schema(whole: dict[str, Any]) -> None:
    for what, operation in operations(whole):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            schema = content["schema"]
            names = [one["$ref"].rpartition("/")[2] for one in (schema, *schema.get("anyOf", ())) if "$ref" in one]
            assert names, what
            if kind == "multipart/form-data" and "example" not in whole["components"]["schemas"][names[0]]:
                assert "file" in whole["components"]["schemas"][names[0]]["required"], what
                continue  # A file must be there, and no text can be its example.
            validator = jsonschema_rs.Draft202012Validator({**schema, "components": whole["components"]})
            examples = [one["value"] for one in content.get("examples", {}).values()]
            for example in [whole["components"]["schemas"][names[0]]["example"], *examples]:
                assert [one.message for one in validator.iter_errors(example)] == [], what


def test_the_examples_of_answers_fit_their_schemas(whole: dict[str, Any]) -> None:
    for what, operation in operations(whole):
        content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        for example in content.get("examples", {}).values():
            validator = jsonschema_rs.Draft202012Validator({**content["schema"], "components": whole["components"]})
            assert [one.message for one in validator.iter_errors(example["value"])] == [], what


def test_names_are_plain_and_lists_say_what_they_hold(whole: dict[str, Any]) -> None:
    assert [name for name in whole["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []
    for place, part in parts(whole):
        if part.get("type") == "array" or "array" in part.get("type", ()):
            assert "items" in part, place


def test_every_schema_is_used(whole: dict[str, Any]) -> None:
    text = json.dumps(whole)
    assert [one for one in whole["components"]["schemas"] if f'"#/components/schemas/{one}"' not in text] == []


def test_security_is_said(name: str, whole: dict[str, Any]) -> None:
    schemes = whole["components"]["securitySchemes"]
    header = HEADERS.get(name, "X-API-Key")
    assert header in {one.get("name") for one in schemes.values()}
    public = set()
    for what, operation in operations(whole):
        assert {scheme for one in operation["security"] for scheme in one} <= set(schemes), what
        if operation["security"] == []:
            public.add(operation["operationId"])
    assert public == PUBLIC.get(name, set())


def test_path_parameters_are_declared(whole: dict[str, Any]) -> None:
    for what, operation in operations(whole):
        said = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert said == set(re.findall(r"\{(\w+)\}", what)), what


def test_the_check_of_answers_finds_what_is_wrong() -> None:
    """`Document.check` is what the dialects' tests lean on: for a field too many, one too few, and a failure."""
    held = Document(document("chatly"), exact=True)

    def check(status: int, body: Any) -> None:
        told = Answer(status, {"content-type": "application/json"}, json.dumps(body).encode())
        held.check("GET", "/auth/api/department", told)

    good = {"success": True, "message": "ok", "data": {"departments": [{"id": 1, "name": "General"}]}}
    check(200, good)
    check(401, {"success": False, "message": "no", "data": {"error": ["No."]}})
    for status, body in (
        (200, {**good, "more": 1}),
        (200, {**good, "data": {"departments": [{"id": 1}]}}),
        (200, {**good, "data": {"departments": [{"id": 1, "name": "General", "more": 1}]}}),
        (401, {"success": False, "message": "no"}),
        (201, good),
    ):
        with pytest.raises(AssertionError, match="GET /auth/api/department"):
            check(status, body)
