"""Messages: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_1 import Accepted
from .answers_4 import DeletedMessage, Message
from .answers_6 import RawPayload
from .answers_7 import Typing
from .inputs_1 import AlbumBody, AnyBody, AudioBody
from .inputs_3 import ContactCardsBody, DocumentBody, EditBody, ImageBody
from .inputs_4 import LocationBody, PollBody, ReactionBody, ReplyBody
from .inputs_5 import StickerBody, TemplateMessageBody, TextBody, TypingBody, VideoBody, VoiceBody

_ListMessagesQuery = TypedDict("_ListMessagesQuery", {"from": "NotRequired[str | None]"})


class ListMessagesQuery(Paging, _ListMessagesQuery):
    """What list_messages may be told."""

    status: NotRequired[str | None]
    profileId: NotRequired[str | None]
    campaignId: NotRequired[str | None]
    to: NotRequired[str | None]
    tag: NotRequired[str | None]
    template: NotRequired[str | None]
    direction: NotRequired[str | None]
    until: NotRequired[str | None]
    sort: NotRequired[str]


class MessagesCalls(Resource):
    """Messages: all calls."""

    def send_image(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[ImageBody]
    ) -> Call[Accepted]:
        """A picture."""
        return self._call(Accepted, "POST", "/messages/image", given, wait=wait, key=key)

    def send_video(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[VideoBody]
    ) -> Call[Accepted]:
        """A film clip."""
        return self._call(Accepted, "POST", "/messages/video", given, wait=wait, key=key)

    def send_document(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[DocumentBody]
    ) -> Call[Accepted]:
        """Any file, shown with its name."""
        return self._call(Accepted, "POST", "/messages/document", given, wait=wait, key=key)

    def send_audio(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[AudioBody]
    ) -> Call[Accepted]:
        """Sound; `voice` makes it a voice note."""
        return self._call(Accepted, "POST", "/messages/audio", given, wait=wait, key=key)

    def send_voice(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[VoiceBody]
    ) -> Call[Accepted]:
        """A voice note."""
        return self._call(Accepted, "POST", "/messages/voice", given, wait=wait, key=key)

    def send_sticker(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[StickerBody]
    ) -> Call[Accepted]:
        """A sticker (webp)."""
        return self._call(Accepted, "POST", "/messages/sticker", given, wait=wait, key=key)

    def send_album(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[AlbumBody]
    ) -> Call[Accepted]:
        """Two to ten files that are shown together (Telegram)."""
        return self._call(Accepted, "POST", "/messages/album", given, wait=wait, key=key)

    def send_location(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[LocationBody]
    ) -> Call[Accepted]:
        """A point on the map."""
        return self._call(Accepted, "POST", "/messages/location", given, wait=wait, key=key)

    def send_contact(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[ContactCardsBody]
    ) -> Call[Accepted]:
        """One contact card, or several."""
        return self._call(Accepted, "POST", "/messages/contact", given, wait=wait, key=key)

    def send_poll(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[PollBody]
    ) -> Call[Accepted]:
        """A poll; what people choose comes in as messages of type `poll_vote`."""
        return self._call(Accepted, "POST", "/messages/poll", given, wait=wait, key=key)

    def send_template(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[TemplateMessageBody]
    ) -> Call[Accepted]:
        """An approved template; its category decides the lane unless `category` does."""
        return self._call(Accepted, "POST", "/messages/template", given, wait=wait, key=key)

    def send_interactive(self, *, wait: float | None = None, key: str | None = None, **given: Any) -> Call[Accepted]:
        """`type` says which: buttons `{body, buttons: [{id, title}]}`, list `{body, button, sections: [{title,
        rows: [{id, title, description?}]}]}`, cta_url `{body, title, url}`, product `{catalogId, productId}`,
        product_list `{body, header, catalogId, sections: [{title, productIds}]}`, catalog `{body,
        thumbnailProductId?}`, address `{body, country}`, location_request `{body}`, contact_request `{body}`
        (asks for the phone number), flow `{body, flowId, button, token?, action?, screen?, data?}`. All take
        `header` (text, or `{type, url}`) and `footer`."""
        return self._call(Accepted, "POST", "/messages/interactive", given, wait=wait, key=key)

    def send_reaction(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[ReactionBody]
    ) -> Call[Accepted]:
        """React with an emoji; an empty one takes the reaction back."""
        return self._call(Accepted, "POST", "/messages/reaction", given, wait=wait, key=key)

    def send_message(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[AnyBody]
    ) -> Call[Accepted]:
        """`type` and `content`, as in bulk messages."""
        return self._call(Accepted, "POST", "/messages", given, wait=wait, key=key)

    def list_messages(self, **given: Unpack[ListMessagesQuery]) -> Pages[Message]:
        """Messages in and out, newest first; `status`, `tag`, `template`, `campaignId`, `to` and times narrow
        it."""
        return self._pages(Message, "/messages", given)

    def show_typing(self, *, key: str | None = None, **given: Unpack[TypingBody]) -> Call[Typing]:
        """Show "typing..." in the chat, or stop showing it."""
        return self._call(Typing, "POST", "/messages/typing", given, key=key)

    def reply_to_message(
        self, id_: str, /, *, wait: float | None = None, key: str | None = None, **given: Unpack[ReplyBody]
    ) -> Call[Accepted]:
        """Answer in the message's own chat, quoting it."""
        return self._call(Accepted, "POST", f"/messages/{quoted(id_)}/reply", given, wait=wait, key=key)

    def send_text(
        self, *, wait: float | None = None, key: str | None = None, **given: Unpack[TextBody]
    ) -> Call[Accepted]:
        """Send a text. It is durable when this answers; follow it with `GET /messages/{id}` or a webhook."""
        return self._call(Accepted, "POST", "/messages/text", given, wait=wait, key=key)

    def get_message(self, id_: str, /) -> Call[Message]:
        """One message with its status, and why it failed if it did."""
        return self._call(Message, "GET", f"/messages/{quoted(id_)}")

    def edit_message(self, id_: str, /, **given: Unpack[EditBody]) -> Call[Message]:
        """Change what was sent, where the engine can; a message that still waits is changed before it goes
        out."""
        return self._call(Message, "PATCH", f"/messages/{quoted(id_)}", given)

    def delete_message(self, id_: str, /) -> Call[DeletedMessage]:
        """Take a message back on the recipient's phone too; one that still waits is cancelled."""
        return self._call(DeletedMessage, "DELETE", f"/messages/{quoted(id_)}")

    def get_raw_message(self, id_: str, /) -> Call[list[RawPayload]]:
        """An incoming message, and its edits and deletion, as the network sent them, oldest first. They are kept
        for JACKFIELD_RAW_RETENTION_DAYS; after that, and for messages of ours, the list is empty."""
        return self._call(list[RawPayload], "GET", f"/messages/{quoted(id_)}/raw")

    def fetch_message_file(self, id_: str, /) -> Call[Message]:
        """Fetch the file of an incoming message from the network, where that failed when it came. `content.url`
        names our copy afterwards."""
        return self._call(Message, "POST", f"/messages/{quoted(id_)}/media")

    def cancel_message(self, id_: str, /) -> Call[Message]:
        """Cancel a message that is scheduled or queued."""
        return self._call(Message, "POST", f"/messages/{quoted(id_)}/cancel")

    def mark_message_read(self, id_: str, /) -> Call[Message]:
        """Send the peer a read receipt for a message that came in."""
        return self._call(Message, "POST", f"/messages/{quoted(id_)}/read")
