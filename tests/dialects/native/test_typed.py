"""What the native OpenAPI document says beyond what every dialect's does (`tests/dialects/test_documents.py`)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jackfield.dialects.native.errors import CODES
from jackfield.testing.docs import native_document
from jackfield.testing.server import Answer

from ..document import Document
from .test_walk import operations


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return native_document()


def test_operations_keep_the_names_that_clients_are_made_of(whole: dict[str, Any]) -> None:
    ids = {operation["operationId"] for _, _, operation in operations(whole)}
    assert {"sendText", "listChats", "getMessage", "createContact"} <= ids


def test_security_is_said(whole: dict[str, Any]) -> None:
    schemes = whole["components"]["securitySchemes"]
    assert schemes["ApiKey"] == {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    assert schemes["Bearer"]["scheme"] == "bearer"
    public = {path for _, path, operation in operations(whole) if operation["security"] == []}
    # The first owner is made with a code that the server printed, and only while there is none.
    assert public == {"/auth/login", "/auth/invitations/accept", "/automations/hooks/{token}", "/setup"}


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
