"""The document's rules, sentence by sentence: what is given is obeyed, or refused by its name."""

from __future__ import annotations

from typing import Any

import pytest

from .test_chitchatlabs import BLAST, SINGLE, Client, client, outbox

__all__ = ["client"]


def test_params_fill_header_body_and_buttons_in_order(client: Client) -> None:
    common = {"language": "en"}
    cases: list[tuple[str, str, list[str], list[str]]] = [
        ("919876510001", "summer_time", ["Hi", "Sunday", "20%"], []),
        ("919876510002", "cta_offer", ["Asha", "summer", "SAVE20"], ["summer", "SAVE20"]),
        ("919876510003", "auth_code", ["493817"], ["493817"]),
    ]
    for number, template, params, buttons in cases:
        body = {**common, "to": {"mobile": number, "name": "A"}, "fb_template": template, "params": params}
        assert client("POST", "/message/single", body).data["status"] in ("sent", "delivered", "read")
        content = outbox(client, number)[-1]
        texts = [one["text"] for one in [*((content.get("header") or {}).get("text") or []), *content["body"]]]
        shown = [one["text"] for one in content.get("buttons") or []]
        assert shown == buttons
        assert texts == params[: len(texts)]


@pytest.mark.parametrize("spec", [{"city": "pune", "name": "meera"}, {"City": "PUNE", "email": "Meera@Example.com"}])
def test_a_search_compares_without_regard_to_case(client: Client, spec: dict[str, Any]) -> None:
    assert client("POST", "/message/blast", {**BLAST, "searchSpec": spec, "tag": "case"}).data["audience"] == 1


@pytest.mark.parametrize(("field", "value"), [("tags", ["no such tag"]), ("tag", "nope"), ("lists", "no such list")])
def test_a_search_for_a_tag_or_list_that_there_is_not_is_refused(client: Client, field: str, value: Any) -> None:
    refused = client.refused("/message/blast", {**BLAST, "searchSpec": {field: value}})
    assert f"searchSpec.{field}" in refused["message"]


def test_who_has_no_value_for_a_param_is_skipped_with_the_reason(client: Client) -> None:
    spec = {"name": "Partha Sarathi"}
    data = client(
        "POST", "/message/blast", {**BLAST, "searchSpec": spec, "params": ["{{name}}", "{{email}}", "x"]}
    ).data
    assert [one["code"] for one in data["skipped"]] == ["missing_value"]
    single = {**SINGLE, "to": {"mobile": "919876500002", "name": "P."}, "params": ["{{name}}", "{{email}}", "x"]}
    assert "params[1]" in client.refused("/message/single", single)["message"]
