"""Edits, deletions and receipts count in whatever order they come, and an edit of a caption keeps the file."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from jackfield.core import ChannelView, Rejected

from .conftest import NUMBER, PERSON, Door, text, value, webhook


def edit(id_: str, original: str, message: dict[str, Any], at: int = 1_790_000_100) -> dict[str, Any]:
    """The person edits a message."""
    changed = {"original_message_id": original, "message": message}
    return {"from": PERSON, "id": id_, "timestamp": str(at), "type": "edit", "edit": changed}


def words(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


def revoke(id_: str, original: str, at: int = 1_790_000_200) -> dict[str, Any]:
    """The person deletes a message for everyone."""
    revoked = {"original_message_id": original}
    return {"from": PERSON, "id": id_, "timestamp": str(at), "type": "revoke", "revoke": revoked}


async def only(door: Door, channel: ChannelView) -> dict[str, Any]:
    (message,) = await door.messages(channel)
    return message


async def test_an_edit_that_comes_before_its_message_is_applied_when_that_comes(door: Door) -> None:
    channel = await door.number()
    await door.post(channel.id, webhook(value(edit("wamid.E", "wamid.1", words("new")))))
    (problem,) = await door.problems()
    assert problem["reason"] == "waits_for_original"
    await door.post(channel.id, webhook(value(text("wamid.1", "old"))))
    message = await only(door, channel)
    assert (message["text"], message["editedAt"] is not None) == ("new", True)
    assert await door.problems() == []
    told = await door.events("message.received", "message.edited")
    assert [(type_, data["body"]) for type_, data in told] == [("message.received", "old"), ("message.edited", "new")]


async def test_a_deletion_that_comes_before_its_message_is_applied_when_that_comes(door: Door) -> None:
    channel = await door.number()
    await door.post(channel.id, webhook(value(revoke("wamid.R", "wamid.1"))))
    await door.post(channel.id, webhook(value(text("wamid.1"))))
    assert (await only(door, channel))["deletedAt"] is not None
    assert [type_ for type_, _ in await door.events("message.received", "message.deleted")] == [
        "message.received",
        "message.deleted",
    ]
    assert await door.problems() == []


async def test_a_receipt_that_comes_before_the_echo_of_its_message_is_applied_when_that_comes(door: Door) -> None:
    channel = await door.number()
    receipt = {"id": "wamid.E", "status": "read", "timestamp": "1790000009", "recipient_id": PERSON}
    await door.post(channel.id, webhook(value(statuses=[receipt])))
    echo = {"from": "15550783881", "to": PERSON, "id": "wamid.E", "timestamp": "1790000000", **words("On it")}
    echoes = {"metadata": {"phone_number_id": NUMBER}, "message_echoes": [echo]}
    await door.post(channel.id, webhook(echoes, field="smb_message_echoes"))
    assert (await only(door, channel))["status"] == "read"
    assert await door.problems() == []


async def test_several_early_changes_are_applied_in_the_order_of_their_times(door: Door) -> None:
    channel = await door.number()
    for change in (
        edit("wamid.E2", "wamid.1", words("third"), 1_790_000_300),
        edit("wamid.E1", "wamid.1", words("second"), 1_790_000_200),
    ):
        await door.post(channel.id, webhook(value(change)))
    await door.post(channel.id, webhook(value(text("wamid.1", "first"))))
    assert (await only(door, channel))["text"] == "third"
    assert [data["body"] for _, data in await door.events("message.edited")] == ["second", "third"]


async def test_an_edit_that_was_overtaken_takes_nothing_back(door: Door) -> None:
    channel = await door.number()
    await door.post(channel.id, webhook(value(text("wamid.1", "first"))))
    await door.post(channel.id, webhook(value(edit("wamid.E2", "wamid.1", words("third"), 1_790_000_300))))
    await door.post(channel.id, webhook(value(edit("wamid.E1", "wamid.1", words("second"), 1_790_000_200))))
    assert (await only(door, channel))["text"] == "third"


async def test_an_early_change_waits_for_a_message_of_its_own_profile(door: Door) -> None:
    channel, other = await door.number(), await door.number("999")
    await door.post(channel.id, webhook(value(edit("wamid.E", "wamid.1", words("new")))))
    await door.post(other.id, webhook(value(text("wamid.1", "old"), number="999")))
    assert (await only(door, other))["text"] == "old"
    assert len(await door.problems(profileId=channel.id)) == 1


async def test_an_early_edit_of_telegram_is_applied_when_its_message_comes(door: Door) -> None:
    channel, headers = await door.bot()
    person = {"id": 7, "is_bot": False, "first_name": "Kim"}
    said = {"message_id": 1, "date": 1_790_000_000, "chat": {"id": 7, "type": "private"}, "from": person, "text": "old"}
    later = {**said, "text": "new", "edit_date": 1_790_000_100}
    for update in ({"update_id": 2, "edited_message": later}, {"update_id": 1, "message": said}):
        answer = await door.client.post(f"/hooks/{channel.id}", json=update, headers=headers)
        assert answer.status_code == 200
    assert (await only(door, channel))["text"] == "new"


DIGEST = base64.b64encode(hashlib.sha256(b"picture").digest()).decode()
FILE = {"id": "111", "mime_type": "image/jpeg", "sha256": DIGEST, "caption": "old"}


async def pictured(door: Door, edited: dict[str, Any]) -> dict[str, Any]:
    """The content of a picture that we have fetched, after an edit of its media object."""
    channel = await door.number()
    came = {"from": PERSON, "id": "wamid.1", "timestamp": "1790000000", "type": "image", "image": FILE}
    await door.post(channel.id, webhook(value(came)))
    file = await door.core.media.store(
        door.workspace_id, b"picture", mime="image/jpeg", channel_id=channel.id, provider_media_id="111"
    )
    await door.core.intake.attach_media(channel.id, "wamid.1", file)
    change = edit("wamid.E", "wamid.1", {"type": "image", "image": edited})
    await door.post(channel.id, webhook(value(change)))
    content: dict[str, Any] = (await only(door, channel))["content"]
    return {**content, "ours": content.get("url") == f"media:{file.id}"}


@pytest.mark.parametrize(
    "edited",
    [{"caption": "new"}, {**FILE, "caption": "new"}, {"id": "222", "sha256": DIGEST, "caption": "new"}],
    ids=["only the caption", "the same file", "the same file under another id"],
)
async def test_an_edit_of_a_caption_keeps_the_file(door: Door, edited: dict[str, Any]) -> None:
    content = await pictured(door, edited)
    assert (content["type"], content["caption"], content["media_id"], content["ours"]) == ("image", "new", "111", True)


async def test_an_edit_that_brings_another_file_shows_that_one(door: Door) -> None:
    content = await pictured(door, {"id": "222", "sha256": "def", "caption": "new"})
    assert (content["media_id"], content["ours"]) == ("222", False)


class Files:
    """A live session that can download."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    async def download(self, media_id: str) -> tuple[bytes, str]:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer, "image/jpeg"


async def failed_file(door: Door) -> tuple[ChannelView, dict[str, Any]]:
    """A message whose file could not be fetched."""
    channel = await door.number()
    came = {"from": PERSON, "id": "wamid.1", "timestamp": "1790000000", "type": "image", "image": FILE}
    await door.post(channel.id, webhook(value(came)))
    await door.core.incoming_files.failed(channel, "wamid.1", "111", "100: (#100) Param phone_number_id")
    await door.core.channels.set_status(channel.id, "connected")
    return channel, await only(door, channel)


async def test_a_file_that_could_not_be_fetched_is_told_and_fetched_again_later(door: Door) -> None:
    channel, message = await failed_file(door)
    (problem,) = await door.problems()
    assert (problem["reason"], problem["messageId"]) == ("media_not_fetched", message["id"])
    ((_, told),) = await door.events("inbound.problem")
    assert (told["message_id"], told["detail"]) == (int(message["id"]), "100: (#100) Param phone_number_id")
    door.core.channels.live[channel.id] = Files(Rejected("131052", "gone"), b"picture")  # type: ignore[assignment]
    path = f"/inbound/problems/{problem['id']}/replay"
    still = await door.api("POST", path)
    assert (still["status"], still["detail"]) == ("open", "131052: gone")
    assert (await door.api("POST", path))["status"] == "resolved"
    assert (await only(door, channel))["content"]["url"].startswith("media:")


async def test_a_message_s_file_can_be_fetched_again_by_the_message(door: Door) -> None:
    channel, message = await failed_file(door)
    door.core.channels.live[channel.id] = Files(b"picture")  # type: ignore[assignment]
    for _ in range(2):
        shown = await door.api("POST", f"/messages/{message['id']}/media")
        assert shown["content"]["url"].startswith("media:")
    assert await door.problems() == []


async def test_a_message_without_a_file_has_none_to_fetch(door: Door) -> None:
    channel = await door.number()
    await door.post(channel.id, webhook(value(text("wamid.1"))))
    message = await only(door, channel)
    answer = await door.client.post(
        f"/api/messages/{message['id']}/media", headers={"X-API-Key": "test-key-0123456789"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "NO_FILE")
