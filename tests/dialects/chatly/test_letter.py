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


def test_one_of_message_image_or_document_so_a_second_file_is_refused_by_its_name(chatly: Chatly) -> None:
    contact = chatly.contact("919811500009")
    two = {"receiver_id": contact, "image": "https://example.com/a.jpg", "document": "https://example.com/a.pdf"}
    refused = chatly.json("/send-message", two)
    assert (refused.status, [*refused.json["data"]]) == (422, ["document"])
    assert chatly.outbox("919811500009") == []


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


def test_if_send_scheduled_is_1_also_send_schedule_time_and_a_time_alone_sends_nothing(chatly: Chatly) -> None:
    lists = chatly.data(chatly.json("/whatsapp-contact-list-store", {"name": "Alone"}))["id"]
    campaign = {
        "campaign_name": "May Offer",
        "template_id": chatly.template("demo_text"),
        "body_values": ["x"],
        "contact_list_id": lists,
        "segment_id": chatly.data(chatly.get("/segment"))["segments"][0]["id"],
    }
    at = {"schedule_time": "2035-05-14 10:00:00"}
    for fields, field in (({**campaign, **at}, "schedule_time"), ({**campaign, "send_scheduled": 1}, "schedule_time")):
        answer = chatly.json("/whatsapp-campaign-store", fields)
        assert (answer.status, [*answer.json["data"]]) == (422, [field])
    made = chatly.data(chatly.json("/whatsapp-campaign-store", {**campaign, **at, "send_scheduled": 1}))
    # An empty field is not given: it starts nothing, and what is left out stays.
    path = f"/whatsapp-campaign-update/{made['id']}"
    moved = chatly.data(chatly.json(path, {"send_scheduled": "", "schedule_time": "2035-06-14 10:00:00"}))
    assert (made["status"], moved["status"]) == ("scheduled", "scheduled")
    assert moved["schedule_time"].startswith("2035-06-14T10:00:00")
    answer = chatly.json(path, {"channel_id": 99999})
    assert (answer.status, [*answer.json["data"]]) == (422, ["channel_id"])


def test_validation_failed_names_the_spelling_that_was_sent(chatly: Chatly) -> None:
    contact = chatly.contact("919811500003")
    for path, fields, field in (
        ("/send-message", {"contact_id": "x", "message": "Hello"}, "contact_id"),
        ("/send-message", {"receiver_id": contact, "contact_id": contact + 1, "message": "Hello"}, "contact_id"),
        ("/notes", {"contact_id": contact, "text": ["x"]}, "text"),
        ("/notes", {"contact_id": contact, "note": "a", "message": "b"}, "message"),
        ("/assign-staff", {"contact_id": contact, "user_id": "x"}, "user_id"),
        ("/ticket-reply", {"id": "x", "reply": "y"}, "id"),
    ):
        answer = chatly.json(path, fields)
        assert (answer.status, [*answer.json["data"]]) == (422, [field]), (path, answer)
        assert field.replace("_", " ") in answer.json["data"][field][0]
    assert chatly.json("/notes", {"contact_id": contact, "note": "a", "message": "a"}).status == 200


@pytest.mark.parametrize("name", ["page", "per_page", "limit"])
def test_a_page_that_is_no_number_is_refused(chatly: Chatly, name: str) -> None:
    for wrong in ("x", "0", "-1", "1.5"):
        answer = chatly.get("/tags", **{name: wrong})
        assert (answer.status, [*answer.json["data"]]) == (422, [name])
    assert chatly.get("/tags", **{name: ""}).status == 200


def test_assign_chat_and_contact_that_do_not_belong_together_is_refused(chatly: Chatly) -> None:
    one, other = chatly.contact("919811500004"), chatly.contact("919811500005")
    sent = chatly.data(chatly.json("/send-message", {"receiver_id": one, "message": "Hello"}))
    fields = {"chat_room_id": sent["chat_room_id"], "staff_id": 0}
    assert chatly.json("/assign-staff", {**fields, "contact_id": one}).status == 200
    answer = chatly.json("/assign-staff", {**fields, "contact_id": other})
    assert (answer.status, [*answer.json["data"]]) == (422, ["contact_id"])
