"""The guide's rules, sentence by sentence: what is given is obeyed, or refused by its name."""

from __future__ import annotations

import pytest

from jackfield.dialects.chatly import shapes
from jackfield.dialects.chatly.wire import zone_of
from jackfield.testing.server import until

from .conftest import Chatly


def test_get_messages_from_one_chat_room_that_send_message_names(chatly: Chatly) -> None:
    contact = chatly.contact("919811500001")
    sent = chatly.data(chatly.post("/send-message", {"receiver_id": contact, "message": "Hello from user API"}))
    room = chatly.data(chatly.get(f"/message/{sent['chat_room_id']}"))
    assert [row["message"] for row in room["messages"]] == ["Hello from user API"]
    fields = {"template_id": chatly.template("alpha_city"), "contact_id": contact}
    assert chatly.data(chatly.post("/whatsapp/send-template", fields))["chat_room_id"] == sent["chat_room_id"]


def test_choose_a_segment_there_is_always_one(chatly: Chatly) -> None:
    """Of all contacts, where nobody has made another: a campaign must name a segment."""
    assert chatly.data(chatly.get("/segment"))["segments"]


def test_a_template_of_another_number_is_sent_when_that_number_is_named(chatly: Chatly) -> None:
    other = chatly.server.api("POST", "/profiles", json={"name": "Second", "engine": "simulator"}).data["id"]
    chatly.server.api("POST", f"/profiles/{other}/connect")
    chatly.server.request("POST", f"/simulator/{other}/scan")
    until(lambda: chatly.server.api("GET", f"/profiles/{other}/status").data["connected"], what="the second number")
    rows = until(
        lambda: chatly.data(chatly.get("/template", channel_id=other, search="alpha_city"))["templates"],
        what="its templates are read",
    )
    (theirs,) = rows
    assert str(theirs["channel_id"]) == other
    assert theirs["phone_number"]
    fields = {"template_id": theirs["id"], "contact_id": chatly.contact("919811500002")}
    refused = chatly.post("/whatsapp/send-template", fields)
    assert refused.status == 422
    assert f"channel_id={other}" in refused.json["data"]["template_id"][0]
    sent = chatly.data(chatly.post("/whatsapp/send-template", {**fields, "channel_id": other}))
    assert str(sent["channel_id"]) == other
    campaign = {"campaign_name": "x", "template_id": theirs["id"], "contact_list_id": 1, "segment_id": 1}
    assert "template_id" in chatly.post("/whatsapp-campaign-store", campaign).json["data"]
    assert chatly.get("/template", channel_id=99999).status == 422


@pytest.mark.parametrize(("known", "shown"), [(0, None), (7, 7)])
def test_list_user_telegram_groups_without_a_guess_of_their_members(known: int, shown: int | None) -> None:
    from jackfield.core import GroupView

    row = GroupView(
        id=1, workspace_id=1, channel_id=1, address="-100", kind="group", name="G", description=None, owner=None,
        picture_url=None, read_only=False, participants=known, left=False, created_at=None, updated_at=0,
    )  # fmt: skip
    assert shapes.group(row, zone_of("UTC"))["total_members"] == shown
