"""Who a webhook of Meta is about: ids in usual and unusual places, and ids that change."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core.port import Incoming, MessageDeleted, MessageEdited, PeerKnown, Report, Status
from jackfield.core.port import content as c
from jackfield.engines.whatsapp_cloud.incoming import parse
from jackfield.engines.whatsapp_cloud.people import phone_of, recipient_of

NUMBER = "106540352242922"


def told(value: dict[str, Any], field: str = "messages") -> list[Report]:
    """The reports of one webhook."""
    metadata = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
    change = {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return parse({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}, NUMBER)


def text(**fields: Any) -> dict[str, Any]:
    return {"id": "wamid.A", "timestamp": "1749416383", "type": "text", "text": {"body": "Hi"}, **fields}


@pytest.mark.parametrize("value", ["US.1234", "US.ENT.11815799212886844830", "1234a", "GB.٣", "id:4477"])
def test_what_has_letters_in_it_is_no_phone_number(value: str) -> None:
    assert phone_of(value) == ""


@pytest.mark.parametrize(
    ("message", "contacts"),
    [
        (text(**{"from": "US.1234"}), []),
        (text(), [{"wa_id": "US.1234", "profile": {"name": "Kim"}}]),
        (text(from_user_id="US.1234"), []),
        (text(**{"from": ""}), [{"user_id": "US.1234", "profile": {"name": "Kim", "username": "kim_s"}}]),
    ],
    ids=["in from", "in wa_id", "in from_user_id", "in contacts only"],
)
def test_a_user_id_in_an_unusual_place_is_the_sender(message: dict[str, Any], contacts: list[dict[str, Any]]) -> None:
    (report,) = told({"contacts": contacts, "messages": [message]})
    assert isinstance(report, Incoming)
    assert (report.chat, report.sender, report.identities["bsuid"]) == ("US.1234", "US.1234", "US.1234")
    assert "phone" not in report.identities


def card(**fields: Any) -> dict[str, Any]:
    phone = {"phone": "+1 650-555-1234", "wa_id": "16505551234", "type": "CELL"}
    return {"name": {"formatted_name": "Kim"}, "phones": [phone], **fields}


@pytest.mark.parametrize(
    "shared",
    [card(origin="contact_request"), card(user_id="US.7777")],
    ids=["answer to a request", "card with the sender's id"],
)
def test_a_shared_number_of_the_sender_is_linked(shared: dict[str, Any]) -> None:
    message = {"id": "wamid.A", "timestamp": "1", "type": "contacts", "contacts": [shared], "from_user_id": "US.7777"}
    known, incoming = told({"messages": [message]})
    assert known == PeerKnown(identities={"phone": "16505551234", "bsuid": "US.7777"})
    assert isinstance(incoming, Incoming)
    assert incoming.chat == "US.7777"


@pytest.mark.parametrize(
    "shared", [card(), card(origin="other"), card(user_id="US.8888")], ids=["no origin", "forwarded", "of another"]
)
def test_a_card_of_somebody_else_is_not_linked(shared: dict[str, Any]) -> None:
    message = {"id": "wamid.A", "timestamp": "1", "type": "contacts", "contacts": [shared], "from_user_id": "US.7777"}
    assert [type(one) for one in told({"messages": [message]})] == [Incoming]


def system(**fields: Any) -> dict[str, Any]:
    return {"id": "wamid.S", "timestamp": "1749416383", "type": "system", "system": fields}


def test_a_changed_user_id_names_the_one_before() -> None:
    known, notice = told(
        {"messages": [system(type="user_changed_user_id", user_id="US.2", previous_user_id="US.1", body="changed")]}
    )
    assert known == PeerKnown(identities={"bsuid": "US.2"}, previous={"bsuid": "US.1"})
    assert isinstance(notice, Incoming)
    assert (notice.chat, notice.content) == ("US.2", c.System(text="changed", kind="user_changed_user_id"))


@pytest.mark.parametrize("key", ["wa_id", "new_wa_id"])
def test_a_changed_number_names_the_one_before_and_the_new_user_id(key: str) -> None:
    row = {
        **system(type="user_changed_number", user_id="US.2", previous_user_id="US.1", **{key: "447700900002"}),
        "from": "447700900001",
    }
    known, notice = told({"messages": [row]})
    assert known == PeerKnown(
        identities={"phone": "447700900002", "bsuid": "US.2"}, previous={"phone": "447700900001", "bsuid": "US.1"}
    )
    assert isinstance(notice, Incoming)
    assert notice.chat == "447700900002"


def test_a_changed_parent_id_is_told_too() -> None:
    row = system(
        type="user_changed_user_id", user_id="US.2", previous_user_id="US.1",
        parent_user_id="US.ENT.2", previous_parent_user_id="US.ENT.1",
    )  # fmt: skip
    known, _ = told({"messages": [row]})
    assert isinstance(known, PeerKnown)
    assert known.previous == {"bsuid": "US.1", "parent_bsuid": "US.ENT.1"}


def test_an_echo_tells_who_it_was_written_to() -> None:
    echo = text(**{"from": "15550783881", "to": "16505551234", "to_user_id": "US.7777"})
    contacts = [{"wa_id": "16505551234", "user_id": "US.7777", "profile": {"name": "Kim", "username": "kim_s"}}]
    known, message = told({"contacts": contacts, "message_echoes": [echo]}, "smb_message_echoes")
    identities = {"phone": "16505551234", "bsuid": "US.7777", "username": "kim_s"}
    assert known == PeerKnown(identities=identities, name="Kim")
    assert isinstance(message, Incoming)
    assert (message.chat, message.from_me) == ("16505551234", True)
    (alone,) = told({"message_echoes": [text(to_user_id="US.7777")]}, "smb_message_echoes")
    assert isinstance(alone, Incoming)
    assert alone.chat == "US.7777"


@pytest.mark.parametrize(
    ("fields", "identities"),
    [
        ({"recipient_id": "551187654321"}, {"phone": "551187654321"}),
        ({"recipient_id": "16505551234", "recipient_user_id": "US.7"}, {"phone": "16505551234", "bsuid": "US.7"}),
        ({"recipient_id": "US.7"}, {"bsuid": "US.7"}),
        ({"recipient_user_id": "US.7", "recipient_parent_user_id": "US.ENT.7"},
         {"bsuid": "US.7", "parent_bsuid": "US.ENT.7"}),
    ],
)  # fmt: skip
def test_a_status_tells_by_what_the_network_knows_the_recipient(
    fields: dict[str, str], identities: dict[str, str]
) -> None:
    (status,) = told({"statuses": [{"id": "wamid.A", "status": "sent", "timestamp": "1", **fields}]})
    assert isinstance(status, Status)
    assert status.identities == identities
    assert status.participant is None


@pytest.mark.parametrize(
    "who",
    [{"recipient_participant_id": "16505551234"}, {"recipient_participant_user_id": "US.7"}],
)
def test_a_group_s_status_names_the_participant(who: dict[str, str]) -> None:
    row = {"id": "wamid.A", "status": "failed", "timestamp": "1", "recipient_id": "Y2FwaV9n", "recipient_type": "group"}
    (status,) = told({"statuses": [{**row, **who}]})
    assert isinstance(status, Status)
    assert (status.participant, status.identities) == (next(iter(who.values())), {})


def test_the_answer_to_a_send_tells_the_network_s_form() -> None:
    answer = {"contacts": [{"input": "+55 11 98765-4321", "wa_id": "551187654321", "user_id": "BR.1"}]}
    assert recipient_of(answer) == {"phone": "551187654321", "bsuid": "BR.1"}
    for nothing in ({}, {"contacts": []}, {"contacts": [{}, {}]}, {"contacts": ["x"]}, None):
        assert recipient_of(nothing) == {}


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_an_edit_of_a_caption_alone_names_no_file(kind: str) -> None:
    row = {
        "id": "wamid.E", "from": "16505551234", "timestamp": "1", "type": "edit",
        "edit": {"original_message_id": "wamid.A", "message": {"type": kind, kind: {"caption": "new"}}},
    }  # fmt: skip
    (edit,) = told({"messages": [row]})
    assert isinstance(edit, MessageEdited)
    assert isinstance(edit.content, c.Media)
    assert (edit.content.caption, edit.content.media_id, edit.chat) == ("new", None, "16505551234")


def test_a_revoke_names_the_chat() -> None:
    row = {
        "id": "wamid.R", "from_user_id": "US.7", "timestamp": "1", "type": "revoke",
        "revoke": {"original_message_id": "wamid.A"},
    }  # fmt: skip
    assert told({"messages": [row]}) == [MessageDeleted(provider_id="wamid.A", timestamp=1000, chat="US.7", raw=row)]
