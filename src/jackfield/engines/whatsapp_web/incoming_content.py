"""A received WhatsApp message's content in the core's terms. Imported in child processes only."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from jackfield.core.port import Referral
from jackfield.core.port import content as c

_WRAPPERS = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "groupMentionedMessage",
    "lottieStickerMessage",
    "associatedChildMessage",
    "botForwardedMessage",
)
_SILENT = frozenset(
    {
        "senderKeyDistributionMessage",
        "messageContextInfo",
        "fastRatchetKeySenderKeyDistributionMessage",
        # It says how many pictures follow, each in a message of its own.
        "albumMessage",
    }
)
MEDIA_TOKEN = "wa:"  # noqa: S105
"""Prefix of a media id: what follows is the part of the message that the download needs, which no server keeps."""


def has(message: Any, name: str) -> bool:
    """Whether a field is set; the stubs want every name as a literal."""
    return bool(message.HasField(name))


def unwrap(message: e2e.Message) -> e2e.Message:
    """The message inside its envelopes (disappearing, view once, with caption, ...)."""
    for _ in range(5):
        if message.HasField("deviceSentMessage"):
            message = message.deviceSentMessage.message
            continue
        wrapper = next((name for name in _WRAPPERS if has(message, name)), None)
        if wrapper is None:
            return message
        message = getattr(message, wrapper).message
    return message


def content_of(message: e2e.Message) -> c.Content | None:
    """What an unwrapped message says; None when it says nothing to people (keys for decryption and the like)."""
    for name, reader in _READERS.items():
        if has(message, name):
            found: c.Content = reader(getattr(message, name))
            return found
    kinds = [field.name for field, _ in message.ListFields() if field.name not in _SILENT]
    if not kinds:
        return None
    return c.UnknownContent(raw=MessageToDict(message), note=kinds[0])


def context_of(message: e2e.Message) -> e2e.ContextInfo | None:
    """What an unwrapped message says of where it comes from, whatever its kind: what it quotes, an advertisement, that it
    was forwarded."""
    for field, value in message.ListFields():
        kind = field.message_type
        if kind is None or "contextInfo" not in kind.fields_by_name or not has(value, "contextInfo"):
            continue
        info: e2e.ContextInfo = value.contextInfo
        return info
    return None


def referral_of(context: e2e.ContextInfo) -> Referral | None:
    """The advertisement that led to the message. A link's own preview stands in the same place, without a source."""
    ad = context.externalAdReply
    if not (ad.ctwaClid or ad.sourceID or ad.sourceType):
        return None
    kinds = {ad.IMAGE: "image", ad.VIDEO: "video"}
    return Referral(
        source_type=ad.sourceType or None,
        source_id=ad.sourceID or None,
        source_url=ad.sourceURL or None,
        headline=ad.title or None,
        body=ad.body or None,
        media_type=kinds.get(ad.mediaType),
        media_url=ad.mediaURL or ad.originalImageURL or None,
        thumbnail_url=ad.thumbnailURL or None,
        ctwa_clid=ad.ctwaClid or None,
        welcome_message=ad.greetingMessageBody or None,
    )


OFTEN = 5
"""From so many hands on WhatsApp shows a message as forwarded many times."""


def forwarded_of(context: e2e.ContextInfo) -> str | None:
    """Whether a message was forwarded: once, or often."""
    if context.forwardingScore >= OFTEN:
        return "often"
    return "once" if context.isForwarded else None


MAX_BYTES = 1024
"""Bytes of a field that go into the raw: keys and hashes, not the pictures that messages carry as previews."""


def plain(event: Any) -> dict[str, Any]:
    """An event as JSON, without previews."""
    bare = type(event)()
    bare.CopyFrom(event)
    _without_previews(bare)
    found: dict[str, Any] = MessageToDict(bare)
    return found


def _without_previews(message: Any) -> None:
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for one in value if field.is_repeated else (value,):
                if hasattr(one, "ListFields"):
                    _without_previews(one)
        elif field.type == field.TYPE_BYTES and not field.is_repeated and len(value) > MAX_BYTES:
            message.ClearField(field.name)


# -- files -------------------------------------------------------------------------------------------

_KEPT = ("URL", "directPath", "mediaKey", "fileEncSHA256", "fileSHA256", "fileLength", "mimetype", "mediaKeyTimestamp")


def media_id_of(name: str, part: Any) -> str:
    """A media id from which `media_message` makes the part of the message that a download needs."""
    bare = e2e.Message()
    target = getattr(bare, name)
    for field in _KEPT:
        if part.HasField(field):
            setattr(target, field, getattr(part, field))
    return MEDIA_TOKEN + base64.urlsafe_b64encode(bare.SerializeToString()).decode()


def media_message(media_id: str) -> tuple[e2e.Message, str]:
    """The message to download and its MIME type. Raises ValueError for an id that is not ours."""
    if not media_id.startswith(MEDIA_TOKEN):
        raise ValueError("not a media id of this engine")
    message = e2e.Message.FromString(base64.urlsafe_b64decode(media_id[len(MEDIA_TOKEN) :]))
    fields = message.ListFields()
    if len(fields) != 1:
        raise ValueError("not a media id of this engine")
    return message, fields[0][1].mimetype or "application/octet-stream"


def _file(name: str, part: Any) -> dict[str, Any]:
    return {
        "media_id": media_id_of(name, part),
        "mime": (part.mimetype or "application/octet-stream").partition(";")[0],
        "size": part.fileLength or None,
        "sha256": part.fileSHA256.hex() or None,
    }


def _image(part: e2e.ImageMessage) -> c.Content:
    return c.Image(**_file("imageMessage", part), caption=part.caption or None)


def _video(part: e2e.VideoMessage, name: str = "videoMessage") -> c.Content:
    return c.Video(**_file(name, part), caption=part.caption or None)


def _audio(part: e2e.AudioMessage) -> c.Content:
    return c.Audio(**_file("audioMessage", part), voice=part.PTT)


def _document(part: e2e.DocumentMessage) -> c.Content:
    name = part.fileName or part.title or None
    return c.Document(**_file("documentMessage", part), caption=part.caption or None, filename=name)


def _sticker(part: e2e.StickerMessage) -> c.Content:
    return c.Sticker(**_file("stickerMessage", part), animated=part.isAnimated)


# -- the rest ----------------------------------------------------------------------------------------


def _location(part: Any) -> c.Content:
    return c.Location(
        latitude=part.degreesLatitude,
        longitude=part.degreesLongitude,
        name=getattr(part, "name", None) or None,
        address=getattr(part, "address", None) or None,
        url=getattr(part, "URL", None) or None,
    )


def card_of(part: e2e.ContactMessage) -> c.ContactCard:
    """A contact card from its vCard; lines that are not understood stay in `raw`."""
    phones, emails, organization = [], [], None
    for line in part.vcard.replace("\r\n", "\n").split("\n"):
        name, _, value = line.partition(":")
        kind = name.partition(";")[0].rpartition(".")[2].upper()
        if kind == "TEL" and value:
            phones.append(value.strip())
        elif kind == "EMAIL" and value:
            emails.append(value.strip())
        elif kind == "ORG" and value:
            organization = value.strip(" ;")
    return c.ContactCard(
        name=part.displayName, phones=phones, emails=emails, organization=organization, raw={"vcard": part.vcard}
    )


def _poll(part: e2e.PollCreationMessage) -> c.Content:
    options = [option.optionName for option in part.options]
    return c.Poll(question=part.name, options=options, multiple=part.selectableOptionsCount != 1)


def _flow(part: e2e.InteractiveResponseMessage) -> c.Content:
    answer = part.nativeFlowResponseMessage
    try:
        data = msgspec.json.decode(answer.paramsJSON or "{}", type=dict[str, Any])
    except msgspec.DecodeError:
        data = {}
    return c.FlowReply(data=data, name=answer.name or None, body=part.body.text or None)


_READERS: dict[str, Any] = {
    "conversation": lambda part: c.Text(text=part),
    "extendedTextMessage": lambda part: c.Text(text=part.text),
    "imageMessage": _image,
    "videoMessage": _video,
    "ptvMessage": lambda part: _video(part, "ptvMessage"),
    "audioMessage": _audio,
    "documentMessage": _document,
    "stickerMessage": _sticker,
    "locationMessage": _location,
    "liveLocationMessage": _location,
    "contactMessage": lambda part: c.Contacts(contacts=[card_of(part)]),
    "contactsArrayMessage": lambda part: c.Contacts(contacts=[card_of(card) for card in part.contacts]),
    "pollCreationMessage": _poll,
    "pollCreationMessageV2": _poll,
    "pollCreationMessageV3": _poll,
    "pollCreationMessageV5": _poll,
    "buttonsResponseMessage": lambda part: c.ButtonReply(id=part.selectedButtonID, title=part.selectedDisplayText),
    "templateButtonReplyMessage": lambda part: c.ButtonReply(id=part.selectedID, title=part.selectedDisplayText),
    "listResponseMessage": lambda part: c.ListReply(
        id=part.singleSelectReply.selectedRowID, title=part.title, description=part.description or None
    ),
    "interactiveResponseMessage": _flow,
    "pinInChatMessage": lambda part: c.System(text="A message was pinned or unpinned.", kind="message_pinned"),
    "keepInChatMessage": lambda part: c.System(text="A message was kept in the chat.", kind="message_kept"),
}
