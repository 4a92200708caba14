"""A received Telegram message's content in the core's terms."""

from __future__ import annotations

from typing import Any, TypeAlias

from jackfield.core.port import content as c

Json: TypeAlias = dict[str, Any]


def content_of(message: Json) -> c.Content:
    """What a message says; a kind that has no form of ours is kept raw. Raises KeyError on a malformed one."""
    for key, reader in _READERS:
        if message.get(key) is not None:
            return reader(message[key], message)
    kind = next((key for key in message if key not in _FRAME), "unknown")
    return c.UnknownContent(raw=message, note=kind)


_FRAME = frozenset(
    """message_id date chat from sender_chat edit_date reply_to_message message_thread_id is_topic_message
    author_signature has_protected_content via_bot media_group_id forward_origin entities caption caption_entities
    business_connection_id sender_business_bot sender_boost_count external_reply quote is_from_offline
    is_automatic_forward link_preview_options effect_id show_caption_above_media""".split()  # noqa: SIM905
)


def entities_of(given: Any) -> list[c.Entity]:
    """Formatted pieces, links and mentions as they came; one that is malformed is left out."""
    found = []
    for one in given if isinstance(given, list) else ():
        try:
            user = one.get("user") or {}
            found.append(
                c.Entity(
                    type=str(one["type"]),
                    offset=int(one["offset"]),
                    length=int(one["length"]),
                    url=one.get("url"),
                    user=str(user["id"]) if user.get("id") is not None else None,
                    language=one.get("language"),
                    custom_emoji_id=one.get("custom_emoji_id"),
                )
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return found


def _file(file: Json, message: Json, mime: str | None = None) -> dict[str, Any]:
    return {
        "media_id": file["file_id"],
        "caption": message.get("caption"),
        "filename": file.get("file_name"),
        "mime": file.get("mime_type") or mime,
        "size": file.get("file_size"),
        "album": message.get("media_group_id"),
        "entities": entities_of(message.get("caption_entities")),
    }


def _text(value: str, message: Json) -> c.Content:
    return c.Text(text=value, entities=entities_of(message.get("entities")))


def _photo(sizes: list[Json], message: Json) -> c.Content:
    """Telegram gives each photo in several sizes; the largest is the one that was sent."""
    largest = max(sizes, key=lambda size: size["width"] * size["height"])
    return c.Image(**_file(largest, message, "image/jpeg"))


def _video(file: Json, message: Json) -> c.Content:
    return c.Video(**_file(file, message, "video/mp4"))


def _audio(file: Json, message: Json) -> c.Content:
    return c.Audio(**_file(file, message, "audio/mpeg"))


def _voice(file: Json, message: Json) -> c.Content:
    return c.Audio(**_file(file, message, "audio/ogg"), voice=True)


def _document(file: Json, message: Json) -> c.Content:
    return c.Document(**_file(file, message, "application/octet-stream"))


def _sticker(file: Json, message: Json) -> c.Content:
    moving = bool(file.get("is_animated") or file.get("is_video"))
    mime = "application/x-tgsticker" if file.get("is_animated") else "video/webm" if moving else "image/webp"
    return c.Sticker(**_file(file, message, mime), animated=moving, emoji=file.get("emoji"))


def _venue(venue: Json, message: Json) -> c.Content:
    point = venue["location"]
    return c.Location(
        latitude=point["latitude"], longitude=point["longitude"], name=venue["title"], address=venue["address"]
    )


def _location(point: Json, message: Json) -> c.Content:
    return c.Location(latitude=point["latitude"], longitude=point["longitude"])


def _contact(card: Json, message: Json) -> c.Content:
    name = " ".join(part for part in (card["first_name"], card.get("last_name")) if part)
    return c.Contacts(contacts=[c.ContactCard(name=name, phones=[card["phone_number"]], raw=card)])


def _poll(poll: Json, message: Json) -> c.Content:
    options = [option["text"] for option in poll["options"]]
    return c.Poll(question=poll["question"], options=options, multiple=bool(poll.get("allows_multiple_answers")))


def _dice(dice: Json, message: Json) -> c.Content:
    return c.Text(text=f"{dice['emoji']} {dice['value']}")


def _payment(payment: Json, message: Json) -> c.Content:
    """A payment that went through: what a form of Telegram's own told, so it is kept as the answer to a form."""
    price = amount(payment["total_amount"], payment["currency"])
    return c.FlowReply(data=payment, name="payment", body=f"Paid {price}.")


def _refund(payment: Json, message: Json) -> c.Content:
    price = amount(payment["total_amount"], payment["currency"])
    return c.FlowReply(data=payment, name="refund", body=f"Got {price} back.")


def _web_app(sent: Json, message: Json) -> c.Content:
    """What a web app sent, which is a form of ours."""
    return c.FlowReply(data={"data": sent["data"]}, name=sent.get("button_text"), body=sent["data"])


_WHOLE = frozenset("XTR BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())  # noqa: SIM905
_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies without a smaller unit, and those with a thousand of them (ISO 4217); XTR are Telegram's stars."""


def amount(units: int, currency: str) -> str:
    """A price as people write it, from the currency's smallest units."""
    digits = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    return f"{int(units) / 10**digits:.{digits}f} {'stars' if currency == 'XTR' else currency}"


_READERS = (
    ("text", _text),
    ("successful_payment", _payment),
    ("refunded_payment", _refund),
    ("web_app_data", _web_app),
    ("photo", _photo),
    # An animation comes with a document of the same file beside it, a venue with its location: these go first.
    ("animation", _video),
    ("video", _video),
    ("video_note", _video),
    ("audio", _audio),
    ("voice", _voice),
    ("document", _document),
    ("sticker", _sticker),
    ("venue", _venue),
    ("location", _location),
    ("contact", _contact),
    ("poll", _poll),
    ("dice", _dice),
)


def notice_of(message: Json) -> c.System | None:
    """The line that Telegram shows for a service message, if it is one that tells of people or the group."""
    actor = _name(message.get("from") or message["chat"])
    if joined := message.get("new_chat_members"):
        return c.System(text=f"{', '.join(map(_name, joined))} joined.", kind="member_joined")
    if left := message.get("left_chat_member"):
        return c.System(text=f"{_name(left)} left.", kind="member_left")
    if title := message.get("new_chat_title"):
        return c.System(text=f"{actor} changed the name to {title}.", kind="group_renamed")
    if message.get("migrate_to_chat_id") or message.get("migrate_from_chat_id"):
        return c.System(text="The group became a supergroup.", kind="group_migrated")
    if message.get("group_chat_created") or message.get("supergroup_chat_created"):
        return c.System(text=f"{actor} created the group.", kind="group_created")
    if message.get("channel_chat_created"):
        return c.System(text="The channel was created.", kind="group_created")
    if message.get("new_chat_photo"):
        return c.System(text=f"{actor} changed the group's picture.", kind="group_picture")
    if message.get("delete_chat_photo"):
        return c.System(text=f"{actor} removed the group's picture.", kind="group_picture")
    if message.get("pinned_message"):
        return c.System(text=f"{actor} pinned a message.", kind="message_pinned")
    if topic := message.get("forum_topic_created"):
        return c.System(text=f"{actor} opened the topic {topic['name']}.", kind="topic_opened")
    if (topic := message.get("forum_topic_edited")) is not None:
        named = f"{actor} named the topic {topic['name']}." if topic.get("name") else f"{actor} changed the topic."
        return c.System(text=named, kind="topic_changed")
    if message.get("forum_topic_closed") is not None or message.get("general_forum_topic_hidden") is not None:
        return c.System(text=f"{actor} closed the topic.", kind="topic_closed")
    if message.get("forum_topic_reopened") is not None or message.get("general_forum_topic_unhidden") is not None:
        return c.System(text=f"{actor} opened the topic again.", kind="topic_opened")
    other = next((key for key in _NOTICES if message.get(key) is not None), None)
    return None if other is None else c.System(text=_NOTICES[other].format(actor), kind=other)


_NOTICES = {
    "message_auto_delete_timer_changed": "{} changed after what time messages are deleted.",
    "chat_background_set": "{} changed the chat's background.",
    "write_access_allowed": "{} allowed the bot to write.",
    "connected_website": "{} logged in to a website with Telegram.",
    "proximity_alert_triggered": "{} is close by.",
    "boost_added": "{} boosted the group.",
    "video_chat_scheduled": "{} scheduled a video chat.",
    "video_chat_started": "{} started a video chat.",
    "video_chat_ended": "The video chat ended.",
    "video_chat_participants_invited": "{} invited people to the video chat.",
    "giveaway_created": "{} started a giveaway.",
    "giveaway_completed": "The giveaway ended.",
    "checklist_tasks_done": "{} ticked tasks of a checklist.",
    "checklist_tasks_added": "{} added tasks to a checklist.",
    "paid_message_price_changed": "The price of messages changed.",
    "direct_message_price_changed": "The price of direct messages changed.",
    "chat_owner_left": "The group's owner left.",
    "chat_owner_changed": "The group has another owner.",
    "suggested_post_approved": "A suggested post was approved.",
    "suggested_post_approval_failed": "A suggested post could not be approved.",
    "suggested_post_declined": "A suggested post was declined.",
    "suggested_post_paid": "A suggested post was paid.",
    "suggested_post_refunded": "A suggested post was refunded.",
}
"""What else Telegram shows as a line of its own and nobody has written, in words; its details are in the raw."""


def _name(who: Json) -> str:
    parts = (who.get("first_name"), who.get("last_name"))
    return " ".join(part for part in parts if part) or who.get("title") or who.get("username") or str(who["id"])
