"""Reports with fields of other types than documented: stored so that every list that has them can be read again."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jackfield.core.networks.intake.clean import clean
from jackfield.core.port import Incoming, MessageEdited, Report, Status
from jackfield.core.port import content as c

RAW: dict[str, Any] = {"id": "m", "type": "of meta's"}
ODD: list[Any] = [{}, [], 5, True, 1e30, float("nan"), float("inf"), 10**30, ["x"], {"a": {"b": None}}]


def message(content: c.Content, **fields: Any) -> Incoming:
    return Incoming(
        **{"provider_id": "m", "chat": "1", "sender": "1", "content": content, "timestamp": 1, "raw": RAW, **fields}
    )


def read_again(report: Report) -> Any:
    return msgspec.json.decode(msgspec.json.encode(report), type=type(report))


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(
    ("kind", "required"),
    [
        (c.Image, {"media_id": "1"}),
        (c.Document, {"media_id": "1"}),
        (c.Text, {"text": "x"}),
        (c.Location, {"latitude": 1.0, "longitude": 2.0}),
        (c.ListReply, {"id": "1", "title": "t"}),
        (c.Order, {"catalog_id": "1", "items": []}),
        (c.FlowReply, {"data": {}}),
        (c.System, {"text": "t"}),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_field_of_another_type_spoils_neither_the_message_nor_the_lists(kind: Any, required: Any, odd: Any) -> None:
    """What is optional is left out; content that lacks what it needs is kept raw; the raw has it all."""
    for name in kind.__struct_fields__:
        kept = read_again(clean(message(kind(**{**required, name: odd}))))
        assert kept.raw == RAW
        if name not in required:
            assert isinstance(kept.content, kind), name
            assert all(getattr(kept.content, one) == value for one, value in required.items()), name


def test_an_optional_fact_of_another_type_is_left_out() -> None:
    odd: Any = {"a": 1}
    kept = clean(message(c.Text(text="x"), reply_to=odd, sender_name=odd, referral=[odd], identities={"phone": odd}))
    assert kept == message(c.Text(text="x"))


def test_a_card_of_another_shape_is_kept_raw() -> None:
    odd: Any = {"company": {}}
    kept = clean(message(c.Contacts(contacts=[c.ContactCard(name="A", organization=odd)])))
    assert kept.content == c.UnknownContent(raw=RAW, note="contacts")


def test_an_edit_and_a_status_are_looked_at_alike() -> None:
    odd: Any = {"a": 1}
    edit = clean(MessageEdited(provider_id="m", content=c.Image(media_id="1", caption=odd), timestamp=1))
    assert edit.content == c.Image(media_id="1")
    status = Status(provider_id="m", state="read", timestamp=1, ref=odd, identities={"phone": odd})
    assert clean(status) == Status(provider_id="m", state="read", timestamp=1)


@pytest.mark.parametrize("name", ["provider_id", "chat", "sender"])
def test_a_report_without_what_it_needs_is_none(name: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        clean(message(c.Text(text="x"), **{name: {"a": 1}}))
