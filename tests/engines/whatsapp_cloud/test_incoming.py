"""Messages and statuses in Meta's webhooks, and what they become."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core.port import (
    Incoming,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    Status,
    UnknownReport,
)
from jackfield.core.port import content as c
from jackfield.engines.whatsapp_cloud.incoming import parse

from .webhooks import CONTACT, METADATA, NUMBER, messages, one, row, statuses, webhook

CONTENTS: list[tuple[str, dict[str, Any], c.Content]] = [
    ("text", row("text", {"body": "Does it come in another color?"}), c.Text(text="Does it come in another color?")),
    (
        "image",
        row("image", {"caption": "Taj", "mime_type": "image/jpeg", "sha256": "SfI", "id": "1003383421387256"}),
        c.Image(media_id="1003383421387256", caption="Taj", mime="image/jpeg", sha256="SfI"),
    ),
    (
        "document",
        row("document", {"filename": "a.pdf", "mime_type": "application/pdf", "sha256": "x", "id": "2"}),
        c.Document(media_id="2", filename="a.pdf", mime="application/pdf", sha256="x"),
    ),
    (
        "voice note",
        row("audio", {"mime_type": "audio/ogg; codecs=opus", "sha256": "x", "id": "3", "voice": True}),
        c.Audio(media_id="3", mime="audio/ogg; codecs=opus", sha256="x", voice=True),
    ),
    ("video", row("video", {"mime_type": "video/mp4", "id": "4"}), c.Video(media_id="4", mime="video/mp4")),
    (
        "sticker",
        row("sticker", {"mime_type": "image/webp", "id": "5", "animated": True}),
        c.Sticker(media_id="5", mime="image/webp", animated=True),
    ),
    (
        "location",
        row("location", {"address": "1071 5th Ave", "latitude": 40.782910, "longitude": -73.959075, "name": "Museum"}),
        c.Location(latitude=40.782910, longitude=-73.959075, name="Museum", address="1071 5th Ave"),
    ),
    (
        "contacts",
        row(
            "contacts",
            [
                {
                    "name": {"first_name": "Barbara", "formatted_name": "Barbara J. Johnson"},
                    "org": {"company": "Social Tsunami"},
                    "phones": [{"phone": "+1 (955) 555-0194", "wa_id": "19555550194", "type": "MOBILE"}],
                }
            ],
        ),
        c.Contacts(
            contacts=[
                c.ContactCard(
                    name="Barbara J. Johnson",
                    phones=["+1 (955) 555-0194"],
                    organization="Social Tsunami",
                    raw={
                        "name": {"first_name": "Barbara", "formatted_name": "Barbara J. Johnson"},
                        "org": {"company": "Social Tsunami"},
                        "phones": [{"phone": "+1 (955) 555-0194", "wa_id": "19555550194", "type": "MOBILE"}],
                    },
                )
            ]
        ),
    ),
    ("reaction", row("reaction", {"message_id": "wamid.B", "emoji": "😀"}), c.Reaction(target="wamid.B", emoji="😀")),
    ("reaction taken back", row("reaction", {"message_id": "wamid.B"}), c.Reaction(target="wamid.B", emoji="")),
    (
        "template button",
        row("button", {"payload": "Unsubscribe", "text": "Unsubscribe"}),
        c.ButtonReply(id="Unsubscribe", title="Unsubscribe"),
    ),
    (
        "reply button",
        row("interactive", {"type": "button_reply", "button_reply": {"id": "cancel", "title": "Cancel"}}),
        c.ButtonReply(id="cancel", title="Cancel"),
    ),
    (
        "list row",
        row("interactive", {"type": "list_reply", "list_reply": {"id": "p", "title": "Mail", "description": "1 day"}}),
        c.ListReply(id="p", title="Mail", description="1 day"),
    ),
    (
        "flow",
        row(
            "interactive",
            {
                "type": "nfm_reply",
                "nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"flow_token":"t","size":2}'},
            },
        ),
        c.FlowReply(data={"flow_token": "t", "size": 2}, name="flow", body="Sent"),
    ),
    (
        "call permission",
        row(
            "interactive",
            {
                "type": "call_permission_reply",
                "call_permission_reply": {"response": "accept", "response_source": "user_action"},
            },
        ),
        c.System(text="Calls are allowed", kind="call_permission_reply"),
    ),
    (
        "order",
        row(
            "order",
            {
                "catalog_id": "194836987003835",
                "text": "Love these!",
                "product_items": [
                    {"product_retailer_id": "di9ozbzfi4", "quantity": 2, "item_price": 30, "currency": "USD"},
                    {"product_retailer_id": "nqryix03ez", "quantity": 1, "item_price": 25.5, "currency": "USD"},
                ],
            },
        ),
        c.Order(
            catalog_id="194836987003835",
            text="Love these!",
            items=[
                c.OrderItem(product_id="di9ozbzfi4", quantity=2, price="30", currency="USD"),
                c.OrderItem(product_id="nqryix03ez", quantity=1, price="25.5", currency="USD"),
            ],
        ),
    ),
    (
        "welcome",
        {**row("request_welcome", None)},
        c.System(text="The chat was opened for the first time", kind="request_welcome"),
    ),
]


@pytest.mark.parametrize(("message", "expected"), [r[1:] for r in CONTENTS], ids=[r[0] for r in CONTENTS])
def test_contents(message: dict[str, Any], expected: c.Content) -> None:
    report = one("messages", messages(message))
    assert isinstance(report, Incoming)
    assert report.content == expected
    assert report.provider_id == "wamid.A"
    assert report.chat == report.sender == "16505551234"
    assert report.sender_name == "Sheena Nelson"
    assert report.timestamp == 1749416383000
    assert report.identities == {"phone": "16505551234", "bsuid": "US.13491208655302741918"}
    assert report.raw == message


def test_unsupported_is_kept_raw_with_its_reason() -> None:
    message = {
        "from": "16505551234",
        "id": "wamid.A",
        "timestamp": "1749416383",
        "type": "unsupported",
        "errors": [{"code": 131051, "title": "Message type unknown", "error_data": {"details": "Not supported."}}],
        "unsupported": {"type": "poll"},
    }
    report = one("messages", messages(message))
    assert isinstance(report, Incoming)
    assert report.content == c.UnknownContent(raw=message, note="Not supported.")


@pytest.mark.parametrize(
    "message",
    [
        row("hologram", {"x": 1}),
        row("text", {}),
        row("text", None),
        row("location", {"latitude": "north"}),
        row("interactive", {"type": "telepathy_reply", "telepathy_reply": {}}),
        row("interactive", {"type": "nfm_reply", "nfm_reply": {"response_json": "{not json"}}),
        row("order", {"product_items": [{"quantity": "many"}]}),
        row("contacts", "nobody"),
    ],
    ids=lambda message: str(message["type"]),
)
def test_what_cannot_be_read_is_kept_raw_not_lost(message: dict[str, Any]) -> None:
    report = one("messages", messages(message))
    assert isinstance(report, Incoming)
    assert isinstance(report.content, c.UnknownContent)
    assert report.content.raw == message


def test_a_reply_and_a_group_message() -> None:
    message = row("text", {"body": "x"}, context={"from": "15550783881", "id": "wamid.B"}, group_id="Y2FwaV9ncm91cDox")
    report = one("messages", messages(message))
    assert isinstance(report, Incoming)
    assert (report.reply_to, report.chat, report.chat_kind) == ("wamid.B", "Y2FwaV9ncm91cDox", "group")
    assert report.sender == "16505551234"


def test_a_person_without_a_phone_number() -> None:
    contact = {"profile": {"name": "Ana", "username": "ana.silva"}, "user_id": "BR.1502576394655843"}
    message = {
        "from_user_id": "BR.1502576394655843",
        "id": "wamid.A",
        "timestamp": "1749416383",
        "type": "text",
        "text": {"body": "Oi"},
    }
    report = one("messages", messages(message, contacts=[contact]))
    assert isinstance(report, Incoming)
    assert report.sender == report.chat == "BR.1502576394655843"
    assert report.identities == {"bsuid": "BR.1502576394655843", "username": "ana.silva"}
    assert report.sender_name == "Ana"


def test_several_messages_find_their_own_contacts() -> None:
    other = {"profile": {"name": "Bo"}, "wa_id": "4915112345678"}
    first, second = row("text", {"body": "1"}), {**row("text", {"body": "2"}), "from": "4915112345678", "id": "wamid.B"}
    reports = parse(webhook("messages", messages(first, second, contacts=[CONTACT, other])), NUMBER)
    assert [report.sender_name for report in reports if isinstance(report, Incoming)] == ["Sheena Nelson", "Bo"]


def test_a_changed_number_tells_who_the_person_is_now() -> None:
    system = {
        "body": "User A changed from 16505551234 to 12195555358",
        "wa_id": "12195555358",
        "user_id": "US.2",
        "type": "user_changed_number",
    }
    value = messages(row("system", system), contacts=[])
    known, notice = parse(webhook("messages", value), NUMBER)
    assert known == PeerKnown(identities={"phone": "12195555358", "bsuid": "US.2"}, previous={"phone": "16505551234"})
    assert isinstance(notice, Incoming)
    assert notice.content == c.System(text=system["body"], kind="user_changed_number")
    assert notice.sender == "12195555358"


def test_edits_and_deletions() -> None:
    edit = {
        **row(
            "edit",
            {"original_message_id": "wamid.O", "message": {"type": "text", "text": {"body": "new"}, "id": "wamid.O"}},
        )
    }
    assert one("messages", messages(edit)) == MessageEdited(
        provider_id="wamid.O", content=c.Text(text="new"), timestamp=1749416383000, chat="16505551234", raw=edit
    )
    revoke = row("revoke", {"original_message_id": "wamid.O"})
    assert one("messages", messages(revoke)) == MessageDeleted(
        provider_id="wamid.O", timestamp=1749416383000, chat="16505551234", raw=revoke
    )


def test_statuses() -> None:
    sent = {
        "id": "wamid.S",
        "status": "sent",
        "timestamp": "1750030073",
        "recipient_id": "16505551234",
        "biz_opaque_callback_data": "ref-7",
        "pricing": {"billable": True, "pricing_model": "PMP", "category": "marketing", "type": "regular"},
    }
    rows = [sent, {**sent, "status": "delivered"}, {**sent, "status": "read"}, {**sent, "status": "played"}]
    reports = parse(webhook("messages", statuses(*rows)), NUMBER)
    assert [(r.state, r.ref, r.recipient) for r in reports if isinstance(r, Status)] == [
        ("sent", "ref-7", "16505551234"),
        ("delivered", "ref-7", "16505551234"),
        ("read", "ref-7", "16505551234"),
        ("read", "ref-7", "16505551234"),
    ]
    first = reports[0]
    assert isinstance(first, Status)
    assert first.timestamp == 1750030073000
    assert first.raw is not None
    assert first.raw["pricing"]["category"] == "marketing"


def test_a_failed_status_carries_code_and_words() -> None:
    failed = {
        "id": "wamid.S",
        "status": "failed",
        "timestamp": "1750030073",
        "recipient_user_id": "US.1",
        "errors": [
            {
                "code": 131049,
                "title": "This message was not delivered to maintain healthy ecosystem engagement.",
                "message": "This message was not delivered to maintain healthy ecosystem engagement.",
                "error_data": {"details": "In order to maintain a healthy ecosystem, the message failed."},
                "href": "https://developers.facebook.com/",
            }
        ],
    }
    report = one("messages", statuses(failed))
    assert isinstance(report, Status)
    assert (report.state, report.code, report.recipient) == ("failed", "131049", "US.1")
    assert report.message is not None
    assert "maintain a healthy ecosystem" in report.message
    bare = one("messages", statuses({**failed, "errors": []}))
    assert isinstance(bare, Status)
    assert bare.code == "unknown"


def test_a_status_that_nobody_knows_is_kept() -> None:
    report = one("messages", statuses({"id": "wamid.S", "status": "warning", "timestamp": "1"}))
    assert isinstance(report, UnknownReport)
    assert report.kind == "status:warning"


def test_one_broken_row_does_not_harm_the_others() -> None:
    good = {"id": "wamid.S", "status": "sent", "timestamp": "1", "recipient_id": "1"}
    value = {**statuses(good, {"status": "sent"}, "what"), "messages": [None, row("text", {"body": "x"})]}  # type: ignore[arg-type]
    reports = parse(webhook("messages", value), NUMBER)
    assert [type(report).__name__ for report in reports] == [
        "UnknownReport",
        "Incoming",
        "Status",
        "UnknownReport",
        "UnknownReport",
    ]


def test_coexistence_echoes_history_and_address_book() -> None:
    echo = {
        "from": "15550783881",
        "to": "16505551234",
        "id": "wamid.E",
        "timestamp": "1739321024",
        "type": "text",
        "text": {"body": "On it"},
    }
    report = one("smb_message_echoes", {"metadata": METADATA, "message_echoes": [echo]})
    assert isinstance(report, Incoming)
    assert (report.from_me, report.chat, report.sender) == (True, "16505551234", "15550783881")

    theirs = {"from": "16505551234", "id": "wamid.H1", "timestamp": "1", "type": "text", "text": {"body": "a"}}
    ours = {
        "from": "15550783881",
        "to": "16505551234",
        "id": "wamid.H2",
        "timestamp": "2",
        "type": "text",
        "text": {"body": "b"},
        "history_context": {"status": "READ"},
    }
    value = {
        "metadata": METADATA,
        "history": [
            {"metadata": {"phase": 0, "progress": 55}, "threads": [{"id": "16505551234", "messages": [theirs, ours]}]},
            {"errors": [{"code": 2593109, "title": "History sync is turned off"}]},
        ],
    }
    first, second, became, declined = parse(webhook("history", value), NUMBER)
    assert became == Status(provider_id="wamid.H2", state="read", timestamp=2000)
    assert isinstance(first, Incoming)
    assert isinstance(second, Incoming)
    assert (first.history, first.from_me, first.chat) == (True, False, "16505551234")
    assert (second.history, second.from_me, second.chat) == (True, True, "16505551234")
    assert isinstance(declined, UnknownReport)

    contact = {"full_name": "Pablo Morales", "first_name": "Pablo", "phone_number": "16505551234"}
    sync = {"type": "contact", "contact": contact, "action": "add", "metadata": {"timestamp": "1"}}
    assert one("smb_app_state_sync", {"metadata": METADATA, "state_sync": [sync]}) == PeerKnown(
        identities={"phone": "16505551234"}, name="Pablo Morales"
    )
    gone = one("smb_app_state_sync", {"metadata": METADATA, "state_sync": [{**sync, "action": "remove"}]})
    assert isinstance(gone, UnknownReport)


@pytest.mark.parametrize(
    "data",
    [
        webhook("tomorrows_news", {"a": 1}),
        {"object": "page"},
        {},
        [],
        7,
        None,
        {"entry": [None, {"changes": None}, {"changes": [None]}, {"changes": [{"field": "messages"}]}]},
        webhook("message_template_status_update", {"event": "APPROVED"}),
        webhook("user_preferences", {"user_preferences": [{}]}),
        webhook("messages", {"messages": "no", "statuses": {}, "errors": [{"code": 1}]}),
    ],
)
def test_the_unknown_is_kept(data: Any) -> None:
    reports = parse(data, NUMBER)
    assert reports
    assert all(isinstance(report, UnknownReport) for report in reports)


def test_another_numbers_webhook_does_not_enter_this_channel() -> None:
    value = messages(row("text", {"body": "x"}))
    value["metadata"] = {**METADATA, "phone_number_id": "999"}
    report = one("messages", value)
    assert isinstance(report, UnknownReport)
    assert report.kind == "other_number"
