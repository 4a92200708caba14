"""The life of a customer of Chatly, written from Chatly's page before a look at our code: what goes out and comes in.

The account and the people are in `test_life_customer`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any

from jackfield.testing.server import until

from ..conftest import Got, Receiver
from .customer import PDF, PHONE, PNG, Shop, form, ok, refused, staff_of
from .test_life_customer import department

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:30")
EVENTS = [
    "webhook.test", "contact.created", "message.sent", "whatsapp.incoming", "whatsapp.status", "telegram.incoming",
    "ticket.created",
]  # fmt: skip


def test_send_text_image_and_document(shop: Shop) -> None:
    john = shop.contact()
    # First call /api/whatsapp-contact and copy the contact id. Put that ID in receiver_id.
    ok(shop.post("/send-message", receiver_id=john["id"], message="Hello from user API"))
    assert shop.texts() == ["Hello from user API"]
    # Required: receiver_id and one of message, image, or document.
    refused(shop.post("/send-message", message="To no one"), 422, "receiver_id")
    assert set(refused(shop.post("/send-message", receiver_id=john["id"]), 422)) <= {"message", "image", "document"}
    assert "receiver_id" in refused(shop.post("/send-message"), 422)
    refused(shop.post("/send-message", receiver_id=999999, message="Hi"), 422, "receiver_id")
    assert shop.texts() == ["Hello from user API"]

    to = {"receiver_id": str(john["id"])}
    ok(shop.api.post("/send-message", data=to, files={"image": ("image.jpg", PNG, "image/jpeg")}))
    ok(shop.api.post("/send-message", data=to, files={"document": ("bill.pdf", PDF, "application/pdf")}))
    brochure = {"image": ("brochure.png", PNG, "image/png")}
    ok(shop.api.post("/send-message", data={**to, "message": "Our brochure"}, files=brochure))
    _, image, document, with_words = [row["content"] for row in shop.arrived()]
    assert (image["type"], document["type"], with_words["type"]) == ("image", "document", "image")
    assert document["filename"] == "bill.pdf"
    assert with_words["caption"] == "Our brochure"


def test_send_template(shop: Shop) -> None:
    john = shop.contact()
    plain = shop.template_id("alpha_city")

    def send(files: Any = None, **fields: Any) -> dict[str, Any]:
        ok(shop.api.post("/whatsapp/send-template", data={"contact_id": john["id"], **fields}, files=files))
        content: dict[str, Any] = shop.arrived()[-1]["content"]
        return content

    ok(shop.post("/whatsapp/send-template", template_id=plain, contact_id=john["id"]))
    assert shop.arrived()[-1]["content"]["name"] == "alpha_city"
    # Optional arrays: body_values, button_values.
    offer = shop.template_id("cta_offer")
    for spelled in (
        {"body_values[]": ["John"], "button_values[]": ["A-17", "CODE20"]},
        {"body_values[0]": "John", "button_values[0]": "A-17", "button_values[1]": "CODE20"},
    ):
        got = send(template_id=offer, **spelled)
        assert [one["text"] for one in got["body"]] == ["John"]
        assert [one["text"] for one in got["buttons"]] == ["A-17", "CODE20"]
    # Optional media: image, document, video, audio.
    for name, field, file in (
        ("market_bros", "image", ("offer.png", PNG, "image/png")),
        ("link_docs", "document", ("links.pdf", PDF, "application/pdf")),
        ("video_template", "video", ("film.mp4", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 64, "video/mp4")),
    ):
        values = {"body_values[]": "Thanks"} if name == "link_docs" else {}
        got = send(files={field: file}, template_id=shop.template_id(name), **values)
        assert (got["name"], got["header"]["media"]["type"]) == (name, field)
    # WhatsApp's headers take no audio, so it is refused by its name.
    audio = {"audio": ("hello.mp3", b"ID3" + b"\x00" * 64, "audio/mpeg")}
    sound = shop.api.post("/whatsapp/send-template", data={"template_id": plain, "contact_id": john["id"]}, files=audio)
    refused(sound, 422, "audio")
    count = len(shop.arrived())
    # Required: template_id, contact_id.
    refused(shop.post("/whatsapp/send-template"), 422, "template_id", "contact_id")
    refused(shop.post("/whatsapp/send-template", template_id=plain), 422, "contact_id")
    refused(shop.post("/whatsapp/send-template", contact_id=john["id"]), 422, "template_id")
    assert len(shop.arrived()) == count


def test_whatsapp_campaign(shop: Shop) -> None:
    john = shop.contact()
    # Create or choose a contact list, a segment, an approved template; use their IDs.
    ok(shop.post("/whatsapp-contact-list-store", name="May Campaign"))
    (may,) = shop.list("/whatsapp-contact-list")
    ok(shop.post(f"/whatsapp-contact-list-update/{may['id']}", name="May Campaign", **{"contact_ids[]": john["id"]}))
    segment = shop.native("POST", "/segments", {"name": "Everyone", "filter": {}})["id"]
    fields = {
        "campaign_name": "May Offer",
        "template_id": shop.template_id("alpha_city"),
        "contact_list_id": may["id"],
        "segment_id": segment,
    }
    assert shop.list("/whatsapp-campaign") == []
    ok(shop.post("/whatsapp-campaign-store", **fields))
    (campaign,) = shop.list("/whatsapp-campaign")
    assert isinstance(campaign["id"], int)
    assert campaign["campaign_name"] == "May Offer"
    until(shop.arrived, what="the campaign's message")
    refused(shop.post("/whatsapp-campaign-store"), 422, *fields)
    for missing in fields:
        less = {name: value for name, value in fields.items() if name != missing}
        refused(shop.post("/whatsapp-campaign-store", **less), 422, missing)
    # If send_scheduled=1, also send schedule_time.
    refused(shop.post("/whatsapp-campaign-store", **fields, send_scheduled=1), 422, "schedule_time")
    later = {**fields, "campaign_name": "June Offer", "send_scheduled": 1, "schedule_time": "2031-06-01 10:00:00"}
    ok(shop.post("/whatsapp-campaign-store", **later))
    both = shop.list("/whatsapp-campaign")
    (june,) = [one for one in both if one["campaign_name"] == "June Offer"]
    assert len(both) == 2
    later |= {"campaign_name": "Summer Offer", "schedule_time": "2031-07-01 10:00:00"}
    ok(shop.post(f"/whatsapp-campaign-update/{june['id']}", **later))
    (summer,) = [one for one in shop.list("/whatsapp-campaign") if one["id"] == june["id"]]
    assert summer["campaign_name"] == "Summer Offer"
    assert "2031-07-01" in json.dumps(summer)
    assert len(shop.arrived()) == 1
    gone = shop.post("/whatsapp-campaign-update/999999", **fields)
    assert gone.status_code >= 400
    assert gone.json()["success"] is False


def test_inbox(shop: Shop) -> None:
    assert shop.list("/chat-rooms") == []
    john = shop.contact()
    ok(shop.post("/send-message", receiver_id=john["id"], message="Hello from user API"))
    shop.incoming(PHONE, text="Is it open today?")
    shop.incoming("918888888888", text="A stranger's word")
    # List user chat rooms; get messages from one chat room.
    said = until(lambda: [room for room in [rooms_of(shop)] if sum(map(len, room)) == 3], what="three messages")[0]
    assert sorted(said) == [["A stranger's word"], ["Hello from user API", "Is it open today?"]]
    # List user contacts for chat UI.
    people = [one["id"] for one in shop.list("/contacts-by-client")]
    assert john["id"] in people
    # Get messages for a contact.
    mine = shop.list(f"/contact-messages/{john['id']}")
    assert [one["message"] for one in mine] == ["Hello from user API", "Is it open today?"]
    # Delete one message.
    ok(shop.api.delete(f"/chat/delete/{mine[0]['id']}"))
    assert [one["id"] for one in shop.list(f"/contact-messages/{john['id']}")] == [mine[1]["id"]]
    # Assign chat/contact to user staff: the page names no fields. A contact has no chat yet.
    asha, mary = staff_of(shop)["id"], shop.contact("918888888889", "Mary")["id"]
    assert refused(shop.post("/assign-staff"), 422)
    for contact in (john["id"], mary):
        ok(shop.post("/assign-staff", contact_id=contact, staff_id=asha))
        (room,) = [one for one in shop.list("/contacts-by-client") if one["id"] == contact]
        assert asha in room.values()
    # Clear chat with contact; the stranger's stays.
    ok(shop.api.get(f"/chat/clear/{john['id']}"))
    assert shop.list(f"/contact-messages/{john['id']}") == []
    (stranger,) = [one for one in people if one != john["id"]]
    assert len(shop.list(f"/contact-messages/{stranger}")) == 1


def test_a_campaign_goes_to_those_of_the_list_who_are_in_the_segment(shop: Shop) -> None:
    john, friend = shop.contact()["id"], shop.contact("919999999998", "Jane Doe")["id"]
    stranger = shop.contact("919999999997", "Not in the list")["id"]
    listed = ok(shop.post("/whatsapp-contact-list-store", name="May Campaign"))["id"]
    ok(
        shop.api.post(
            f"/whatsapp-contact-list-update/{listed}",
            data={"name": "May Campaign", "contact_ids[]": [str(john), str(friend)]},
        )
    )
    vip = ok(shop.post("/tags", name="VIP"))["id"]
    for contact in (john, stranger):
        ok(shop.post("/tags/store/contact-tag", contact_id=contact, tag_id=vip))
    segment = shop.native("POST", "/segments", {"name": "VIPs", "filter": {"tags": ["VIP"]}})["id"]
    fields = {
        "campaign_name": "May Offer",
        "template_id": shop.template_id("demo_text"),
        "contact_list_id": listed,
        "segment_id": segment,
        "body_values[]": "{name}",
    }
    campaign = ok(shop.post("/whatsapp-campaign-store", **fields))["id"]
    row = lambda: next(one for one in shop.list("/whatsapp-campaign") if one["id"] == campaign)  # noqa: E731
    until(lambda: row()["total_read"] == 1, what="the campaign")
    assert (row()["status"], row()["total_contact"]) == ("finished", 1)
    assert [one["content"]["body"][0]["text"] for one in shop.arrived()] == ["John Customer"]
    assert shop.arrived("919999999998") == shop.arrived("919999999997") == []
    # Scheduled in the account's zone, changed, started.
    later = {"send_scheduled": "1", "schedule_time": "2031-06-01 10:00:00"}
    june = ok(shop.post("/whatsapp-campaign-store", **fields, **later))
    assert (june["status"], june["schedule_time"]) == ("scheduled", "2031-06-01T10:00:00+05:30")
    changed = {"campaign_name": "June Offer", "body_values[0]": "dear {name}", "send_scheduled": "0"}
    assert ok(shop.post(f"/whatsapp-campaign-update/{june['id']}", **changed))["campaign_name"] == "June Offer"
    until(lambda: len(shop.arrived()) == 2, what="the changed campaign")
    assert shop.arrived()[-1]["content"]["body"][0]["text"] == "dear John Customer"
    refused(shop.post(f"/whatsapp-campaign-update/{campaign}", campaign_name="Too late"), 422, "campaign")


def test_messages_of_a_contact_who_had_a_campaign_alone_or_was_written_to_first(shop: Shop) -> None:
    """Get messages for a contact: those of campaigns are messages too, and so are those to a number that was no contact
    when they were sent."""
    john = shop.contact()["id"]
    listed = ok(shop.post("/whatsapp-contact-list-store", **{"name": "May", "contact_ids[]": john}))["id"]
    segment = shop.list("/segment")[0]["id"]
    campaign = {"template_id": shop.template_id("alpha_city"), "contact_list_id": listed, "segment_id": segment}
    ok(shop.post("/whatsapp-campaign-store", campaign_name="May Offer", **campaign))
    until(shop.arrived, what="the campaign's message")
    shop.native("POST", "/messages/text", {"to": "918888888877", "text": "Hello"})
    late = shop.contact("918888888877", "Late")["id"]
    for contact in (john, late):
        path = f"/contact-messages/{contact}"
        assert [one["contact_id"] for one in shop.list(path)] == [contact]
        # Clear chat with contact.
        ok(shop.api.get(f"/chat/clear/{contact}"))
        assert shop.list(path) == []
    ok(shop.post("/send-message", receiver_id=john, message="And again"))
    assert [one["message"] for one in shop.list(f"/contact-messages/{john}")] == ["And again"]


def rooms_of(shop: Shop) -> list[list[str]]:
    """What was said in each chat room."""
    return [[one["message"] for one in shop.list(f"/message/{room['id']}")] for room in shop.list("/chat-rooms")]


def event(receiver: Receiver, name: str) -> tuple[Got, dict[str, Any]]:
    """The first webhook of an event: the request and its data, of the form that the page prints."""
    got = receiver.wait(lambda one: one.json["event"] == name)
    assert got.headers["content-type"].startswith("application/json")
    body = got.json
    assert set(body) == {"event", "client_id", "created_at", "data"}
    assert isinstance(body["client_id"], int)
    assert STAMP.fullmatch(body["created_at"]), body
    data: dict[str, Any] = body["data"]
    return got, data


def test_webhooks(shop: Shop, receiver: Receiver) -> None:
    shop.webhook(**{"webhook_url": receiver.url, "events[]": EVENTS, "secret": "keep-private", "enabled": "1"})
    # Send Test Webhook.
    ok(shop.api.post(f"{shop.site}/auth/client/webhook/test"))
    event(receiver, "webhook.test")
    john = shop.contact()
    _, data = event(receiver, "contact.created")
    assert data == {"name": "John Customer", "phone": PHONE, "source": "api"}
    ok(shop.post("/send-message", receiver_id=john["id"], message="Hello from user API"))
    _, data = event(receiver, "message.sent")
    assert "Hello from user API" in data.values()
    # WhatsApp sent/delivered/read/failed status update.
    for status in ("sent", "delivered", "read"):
        receiver.wait(
            lambda one, status=status: one.json["event"] == "whatsapp.status" and status in one.json["data"].values()
        )
    shop.incoming(PHONE, text="Is it open today?")
    _, data = event(receiver, "whatsapp.incoming")
    assert {"Is it open today?", PHONE} <= {one for one in data.values() if isinstance(one, str)}
    ok(shop.post("/ticket-store", department_id=department(shop), subject="The printer is silent", priority="high"))
    _, data = event(receiver, "ticket.created")
    assert "The printer is silent" in data.values()
    # If you add a secret, Chatly sends X-Chatly-Signature.
    for got in receiver.got:
        signed = hmac.new(b"keep-private", got.body, hashlib.sha256).hexdigest()
        assert signed in got.headers["x-chatly-signature"]
    assert len({got.json["client_id"] for got in receiver.got}) == 1


def test_only_the_events_that_were_chosen(shop: Shop, receiver: Receiver) -> None:
    shop.webhook(**{"webhook_url": receiver.url, "events[]": ["message.sent"], "enabled": "1"})
    john = shop.contact()
    ok(shop.post("/send-message", receiver_id=john["id"], message="One"))
    ok(shop.api.post("/send-message", files=form(receiver_id=john["id"], message="Two")))
    receiver.wait(lambda one: "Two" in one.json["data"].values())
    assert [one.json["event"] for one in receiver.got] == ["message.sent", "message.sent"]
    # No secret, no signature.
    assert all("x-chatly-signature" not in one.headers for one in receiver.got)
