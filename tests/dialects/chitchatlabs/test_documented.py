"""Every field of ChitChatLabs' document, alone and in pairs, with right and wrong values: see `documented`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from jackfield.testing.server import Answer

from ..documented import Table, found_by, uncovered, unseen
from .test_chitchatlabs import BLAST, SINGLE, Client, client, outbox

__all__ = ["client"]

COMMON = {
    "fb_template": "text",
    "language": "choice",
    "file": "object",
    "file.type": "choice",
    "file.link": "link",
    "params": "list",
    "tag": "text",
}
TABLES = [
    Table(
        "single",
        "POST",
        "/message/single",
        SINGLE,
        {"to": "object", "to.mobile": "number", "to.name": "text", **COMMON},
        ("to.name", "params.0", "params.2", "tag"),
        "to.mobile",
        filled=("params.2",),
    ),
    Table("blast", "POST", "/message/blast", BLAST, {"searchSpec": "object", **COMMON}, ("tag",), filled=("params.0",)),
    Table(
        "messages",
        "GET",
        "/messages",
        {},
        {
            "fb_template": "word",
            "tag": "word",
            "status": "choice",
            "mobile": "number",
            "blast": "id",
            "limit": "number",
            "cursor": "choice",
        },
    ),
]


def test_every_endpoint_that_takes_something_has_a_table_or_a_reason(client: Client) -> None:
    document = client.server.request("GET", "/chitchatlabs/openapi.json").json
    assert uncovered(document, "/chat-service/apis", TABLES, {}) == []


@pytest.mark.parametrize("table", TABLES, ids=[one.name for one in TABLES])
def test_every_documented_field_is_obeyed_or_refused_by_its_name(client: Client, table: Table) -> None:
    def send(one: Table, body: Mapping[str, Any]) -> Answer:
        answer = client(one.method, one.address(body), None if one.method == "GET" else dict(body))
        if answer.status == 404 and {"fb_template", "language"} & set(answer.json["error"].get("details") or ()):
            # A template that there is not; it is told by its field all the same.
            answer.status = 400
        elif answer.status == 404 and answer.json["error"]["code"] == "BLAST_NOT_FOUND":
            answer.status = 400
        return answer

    problems = [*found_by(table, send), *unseen(table, send, lambda to: json.dumps(outbox(client, to)))]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"to": {"mobile": "no number", "name": "x"}}, "to.mobile"),
        ({"language": "fr"}, "language"),
        ({"fb_template": "none"}, "fb_template"),
        ({"file": None}, "file"),
        ({"file": {"type": "video", "link": "https://example.com/a"}}, "file"),
        ({"file": {"type": "image", "link": "http://10.0.0.1/a"}}, "file.link"),
        ({"params": []}, "params[0]"),
        ({"params": ["a", "b"]}, "params[2]"),
        ({"params": ["a", "b", "c", "d"]}, "params"),
        ({"params": ["a", "b", "{{nobodys}}"]}, "params"),
    ],
    ids=str,
)
def test_an_error_names_the_field_that_the_caller_wrote(client: Client, change: dict[str, Any], field: str) -> None:
    for path, body in (("/message/single", SINGLE), ("/message/blast", BLAST)):
        if change.keys() <= body.keys():
            error = client("POST", path, {**body, **change}).json["error"]
            assert error["message"].startswith(f"{field}: "), error
            assert list(error["details"]) == [field]
