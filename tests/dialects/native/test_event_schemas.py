"""The schemas of events are what webhooks and live listeners get, for every event that the core can tell."""

from __future__ import annotations

import json
from typing import Any, get_type_hints

import httpx
import jsonschema_rs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jackfield.core import BY_TYPE, Core, Fact, Target
from jackfield.core.ground.events import AnswerSource
from jackfield.dialects import DialectOptions
from jackfield.dialects.native import events
from jackfield.dialects.native.app import build_native
from jackfield.dialects.native.webhook import NativeFormat
from jackfield.testing.docs import native_document

MS = 1_800_000_000_000
KINDS = st.sampled_from(["text", "image", "audio", "poll", "reaction"])
CONTENT = st.fixed_dictionaries({"type": KINDS}, optional={"voice": st.booleans(), "text": st.text(max_size=5)})
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "kind": KINDS,
    "chat_kind": st.sampled_from(["private", "group", "newsletter"]),
    "direction": st.sampled_from(["in", "out"]),
    "status": st.sampled_from(["open", "done"]),
    "target_kind": st.none() | st.sampled_from(["first_reply", "next_reply", "resolution"]),
    "content": CONTENT,
    "automation_sources": st.none() | st.lists(st.builds(AnswerSource, id=st.text(), title=st.text()), max_size=2),
    "code": st.none() | st.sampled_from(["131026", "NO_SUCH_CODE"]),
}
"""Values of fields that are words of a list."""


def told(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any event of a kind."""
    hints = get_type_hints(kind)
    return st.builds(
        kind,
        **{
            field.name: st.text(min_size=1, max_size=8)
            if field.name == "code" and hints[field.name] is str
            else FIELDS[field.name]
            if field.name in FIELDS
            else anything(field.name, hints[field.name])
            for field in msgspec.structs.fields(kind)
        },
    )


def anything(name: str, hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type; whole numbers may be times."""
    if hint in (int, int | None):
        numbers = st.sampled_from([0, 1, MS - 1000, MS + 1000])
        return numbers | st.none() if hint == int | None else numbers
    if hint in (dict[str, Any], dict[str, Any] | None):
        return st.dictionaries(st.sampled_from(["source_id", "body"]), st.text(max_size=5), min_size=1)
    return st.from_type(hint)


def closed(part: Any) -> Any:
    """The same schemas, whose objects have the named fields and no others."""
    if isinstance(part, list):
        return [closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {name: closed(one) for name, one in part.items()}
    if "properties" in part:
        found.setdefault("additionalProperties", False)
    return found


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    return dict(closed(events.schemas()))


@pytest.mark.parametrize("event", list(BY_TYPE))
def test_every_event_fits_its_schema_exactly(event: str, schemas: dict[str, Any]) -> None:
    schema = {"$ref": events.REF + events.name_of(event), "components": {"schemas": schemas}}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    target = Target(
        id=1, workspace_id=1, channel_id=1, url="", secret="s" * 20, old_secret=None, format="native", settings={}
    )

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(told(BY_TYPE[event]))
    def check(data: Any) -> None:
        fact = Fact(
            id=1,
            workspace_id=1,
            type=event,
            channel_id=1,
            data=msgspec.json.encode(data).decode(),
            created_at=MS,
            channel_key=None,
            channel_name="Main",
            channel_engine="simulator",
            channel_network="whatsapp",
            channel_address="628123456789",
        )
        rendered = NativeFormat().render(fact, target)
        assert rendered is not None
        wrong = [
            f"{list(one.instance_path)}: {one.message}" for one in validator.iter_errors(json.loads(rendered.body))
        ]
        assert wrong == []

    check()


async def test_the_live_document_is_served(begun: Core) -> None:
    app = build_native(begun, DialectOptions())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        answer = await client.get("/asyncapi.json")
    assert answer.status_code == 200
    assert answer.json() == events.asyncapi()


def test_the_documents_have_every_event() -> None:
    whole = native_document()
    assert set(whole["webhooks"]) == set(BY_TYPE)
    for event, item in whole["webhooks"].items():
        named = item["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert whole["components"]["schemas"][named]["properties"]["event"]["const"] == event
    live = events.asyncapi()
    assert {one["name"] for one in live["components"]["messages"].values()} == set(BY_TYPE)
    for channel in live["channels"].values():
        assert set(channel["messages"]) == set(live["components"]["messages"])
