"""Sends: one route per kind of message, and one that takes any kind."""

from base64 import b64decode
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request
from pydantic import Field, PrivateAttr

from jackfield.core import ChannelView, Content, Principal

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..checks import invalid
from ..contents import ContactContent, LocationContent, PollContent, ReactionContent
from ..context import Context, example
from ..convert import content_of
from ..envelope import Ok, ok
from ..sending import SendBody, compose, recipient, send
from ..texts import (
    MEDIA as MEDIA_LINK,
)
from ..texts import (
    AlbumContent,
    AudioContent,
    ContentBody,
    DocumentContent,
    FileContent,
    ImageContent,
    StickerContent,
    VideoContent,
    VoiceContent,
)
from ..values import TemplateValues

InteractiveKind = Literal[
    "buttons",
    "list",
    "cta_url",
    "product",
    "product_list",
    "catalog",
    "address",
    "location_request",
    "contact_request",
    "flow",
    "inline_keyboard",
]
Wait = Annotated[float, Query(ge=0, le=60, description="Seconds to wait for the network's answer; 0: do not wait.")]


class InlineFile(FileContent):
    """A file that may be in the request itself, which MultiWA's client does."""

    base64: Annotated[
        Str | None, Field(description="The file itself in base64, or as a data URL, instead of a link.")
    ] = None

    _kept: int | None = PrivateAttr(default=None)

    @property
    def has_bytes(self) -> bool:
        """Whether the file itself is in the request."""
        return bool(self.base64)

    @property
    def file(self) -> str:
        """The file as engines fetch it."""
        return super().file if self._kept is None else f"{MEDIA_LINK}{self._kept}"

    async def keep(self, context: Context, caller: Principal) -> None:
        """Keep the file that is in the request, as if it had been uploaded. Raises Invalid."""
        if not self.base64:
            return
        if self.url or self.media_id not in (None, ""):
            raise invalid("base64", "Give a link, an upload or base64, not several of them.")
        head, comma, text = self.base64.partition(",")
        mime = head.removeprefix("data:").partition(";")[0] if comma and head.startswith("data:") else None
        try:
            data = b64decode("".join((text if comma else head).split()), validate=True)
        except ValueError:
            raise invalid("base64", "Is not base64.") from None
        if not data:
            raise invalid("base64", "The file is empty.")
        name = getattr(self, "filename", None)
        made = await context.core.media.store(
            caller.workspace_id, data, mime=mime or None, filename=name, channel_id=caller.channel_id
        )
        self._kept = made.id


class ImageBody(InlineFile, ImageContent, SendBody):
    """A picture."""

    model_config = example(to="628123456789", url="https://example.com/cat.jpg", caption="A cat")


class VideoBody(InlineFile, VideoContent, SendBody):
    """A film clip."""

    model_config = example(to="628123456789", url="https://example.com/clip.mp4", caption="A clip")


class DocumentBody(InlineFile, DocumentContent, SendBody):
    """Any file, shown with its name."""

    model_config = example(to="628123456789", url="https://example.com/bill.pdf", filename="bill.pdf")


class AudioBody(InlineFile, AudioContent, SendBody):
    """Sound; `voice` makes it a voice note."""

    model_config = example(to="628123456789", url="https://example.com/song.mp3")


class VoiceBody(InlineFile, VoiceContent, SendBody):
    """A voice note."""

    model_config = example(to="628123456789", url="https://example.com/note.ogg")


class StickerBody(InlineFile, StickerContent, SendBody):
    """A sticker (webp)."""

    model_config = example(to="628123456789", url="https://example.com/sticker.webp")


class AlbumBody(AlbumContent, SendBody):
    """Two to ten files that are shown together (Telegram)."""

    model_config = example(
        to="628123456789",
        items=[
            {"type": "image", "url": "https://example.com/a.jpg", "caption": "Both"},
            {"type": "image", "url": "https://example.com/b.jpg"},
        ],
    )


class LocationBody(LocationContent, SendBody):
    """A point on the map, in degrees."""

    model_config = example(to="628123456789", latitude=-6.2, longitude=106.8, description="The office")


class ContactCardsBody(ContactContent, SendBody):
    """A contact card, or several as `contacts`."""

    model_config = example(to="628123456789", name="Siti", phone="+62 811 222 333")


class PollBody(PollContent, SendBody):
    """A question with two to twelve answers."""

    model_config = example(to="628123456789", question="Lunch?", options=["Rice", "Noodles"], allowMultiple=False)


class TemplateMessageBody(TemplateValues, SendBody):
    """A template with its values, which are checked against what the template needs before anything is sent."""

    model_config = example(
        to="628123456789", name="summer_time", language="en", header=["Asha"], body=["Sunday", "20%"]
    )

    name: Annotated[Str, Field(min_length=1, max_length=512)]
    language: Annotated[Str | None, Field(max_length=16, description="The first approved one when left out.")] = None


class InteractiveBody(SendBody):
    """Buttons, a list, a link, products, a catalog, a request for an address or location, a flow."""

    model_config = example(
        to="628123456789",
        type="buttons",
        body="Shall we deliver tomorrow?",
        buttons=[{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}],
    )
    model_config["extra"] = "allow"

    type: InteractiveKind


class ReactionBody(ReactionContent, SendBody):
    """An emoji on a message; an empty one takes it back. `to` is needed only with a provider's id."""

    model_config = example(messageId="1", emoji="👍")


class AnyBody(SendBody):
    """Any kind: `content` is what the kind's own route takes."""

    model_config = example(to="628123456789", type="text", content={"text": "Hello!"})

    type: Annotated[Str, Field(max_length=30)] = "text"
    content: dict[str, Any] | Str


class Written(Wire):
    """What a message says: `text`, or `type` and `content`."""

    text: Annotated[Str, Field(max_length=65536)] | None = None
    type: Annotated[Str, Field(max_length=30)] = "text"
    content: dict[str, Any] | Str | None = None

    async def written(self, context: Context, channel: ChannelView) -> Content:
        """The content. Raises Invalid, NotFound (a template)."""
        if self.content is not None:
            return await compose(context, channel, self.type, self.content)
        if self.text is None or not self.text.strip():
            raise invalid("text", "Text is required.")
        return content_of("text", {"text": self.text})


class EditBody(Written):
    """The new text, or new `content` of a `type`."""

    model_config = example(text="Hello again!")


class ReplyBody(Written, SendBody):
    """An answer that quotes a message: `text`, or `type` and `content`."""

    model_config = example(text="Thank you!")


class TypingBody(SendBody):
    """To whom, and whether it begins or ends."""

    model_config = example(to="628123456789", on=True)

    on: bool = True
    state: Annotated[
        Literal["composing", "available"] | None, Field(description="MultiWA's words for it, instead of `on`.")
    ] = None

    @property
    def begins(self) -> bool:
        """Whether it begins. Raises Invalid."""
        if self.state is not None and "on" in self.model_fields_set:
            raise invalid("state", "Give on or state, not both.")
        return self.on if self.state is None else self.state == "composing"


MEDIA: tuple[tuple[str, type[ContentBody], str], ...] = (
    ("image", ImageBody, "Send image"),
    ("video", VideoBody, "Send video"),
    ("document", DocumentBody, "Send document"),
    ("audio", AudioBody, "Send audio"),
    ("voice", VoiceBody, "Send a voice note"),
    ("sticker", StickerBody, "Send a sticker"),
    ("album", AlbumBody, "Send an album"),
)


def kind_of_chat(peer: str) -> str:
    """Which kind of chat a peer of the ledger is."""
    if peer.endswith("@newsletter"):
        return "newsletter"
    return "group" if peer.endswith("@g.us") or peer.startswith("-") else "private"


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]
    tags: list[Any] = ["Messages"]

    def media_route(kind: str, model: type[ContentBody], summary: str) -> None:
        @app.post(f"/messages/{kind}", tags=tags, summary=summary, name=f"send_{kind}", description=model.__doc__)
        async def send_media(body: model, request: Request, caller: Writer, wait: Wait = 0) -> Ok[answers.Accepted]:  # type: ignore[valid-type]
            given: Any = body
            if isinstance(given, InlineFile):
                await given.keep(context, caller)
            return await send(context, caller, request, given, given.content(), wait=wait)

    for kind, model, summary in MEDIA:
        media_route(kind, model, summary)

    @app.post("/messages/location", tags=tags, summary="Send location")
    async def send_location(
        body: LocationBody, request: Request, caller: Writer, wait: Wait = 0
    ) -> Ok[answers.Accepted]:
        """A point on the map."""
        return await send(context, caller, request, body, body.content(), wait=wait)

    @app.post("/messages/contact", tags=tags, summary="Send contact card")
    async def send_contact(
        body: ContactCardsBody, request: Request, caller: Writer, wait: Wait = 0
    ) -> Ok[answers.Accepted]:
        """One contact card, or several."""
        return await send(context, caller, request, body, body.content(), wait=wait)

    @app.post("/messages/poll", tags=tags, summary="Send poll")
    async def send_poll(body: PollBody, request: Request, caller: Writer, wait: Wait = 0) -> Ok[answers.Accepted]:
        """A poll; what people choose comes in as messages of type `poll_vote`."""
        return await send(context, caller, request, body, body.content(), wait=wait)

    @app.post("/messages/template", tags=tags, summary="Send a template")
    async def send_template(
        body: TemplateMessageBody, request: Request, caller: Writer, wait: Wait = 0
    ) -> Ok[answers.Accepted]:
        """An approved template; its category decides the lane unless `category` does."""
        channel = await context.channel(caller, body.profile_id)
        row = await core.templates.find(caller.workspace_id, channel.id, body.name, body.language or None, to_send=True)
        content = core.templates.compose(row, body.values())
        return await send(context, caller, request, body, content, wait=wait, channel=channel)

    @app.post("/messages/interactive", tags=tags, summary="Send an interactive message")
    async def send_interactive(
        body: InteractiveBody, request: Request, caller: Writer, wait: Wait = 0
    ) -> Ok[answers.Accepted]:
        """`type` says which: buttons `{body, buttons: [{id, title}]}`, list `{body, button, sections: [{title, rows:
        [{id, title, description?}]}]}`, cta_url `{body, title, url}`, product `{catalogId, productId}`, product_list
        `{body, header, catalogId, sections: [{title, productIds}]}`, catalog `{body, thumbnailProductId?}`, address
        `{body, country}`, location_request `{body}`, contact_request `{body}` (asks for the phone number), flow
        `{body, flowId, button, token?, action?, screen?, data?}`. All take `header` (text, or
        `{type, url}`) and `footer`."""
        content = content_of(body.type, body.model_extra or {}, "")
        return await send(context, caller, request, body, content, wait=wait)

    @app.post("/messages/reaction", tags=tags, summary="React to a message")
    async def send_reaction(
        body: ReactionBody, request: Request, caller: Writer, wait: Wait = 0
    ) -> Ok[answers.Accepted]:
        """React with an emoji; an empty one takes the reaction back."""
        given = body.message_id
        channel: ChannelView | None = None
        peer: tuple[str, str] | None = None
        if given.isascii() and given.isdigit() and body.to is None and body.chat_id is None:
            row = await context.actions.target(caller.workspace_id, parse_id(given, "message", "MESSAGE_NOT_FOUND"))
            caller.channel(row.channel_id)
            channel = await core.channels.get(caller.workspace_id, row.channel_id)
            peer = row.peer, kind_of_chat(row.peer)
        return await send(
            context,
            caller,
            request,
            body,
            body.content(),
            wait=wait,
            channel=channel,
            peer=peer,
        )

    @app.post("/messages", tags=tags, summary="Send any kind of message")
    async def send_message(body: AnyBody, request: Request, caller: Writer, wait: Wait = 0) -> Ok[answers.Accepted]:
        """`type` and `content`, as in bulk messages."""
        channel = await context.channel(caller, body.profile_id)
        content = await compose(context, channel, body.type, body.content)
        return await send(context, caller, request, body, content, wait=wait, channel=channel)

    @app.post("/messages/typing", tags=tags, summary="Show that somebody types")
    async def show_typing(body: TypingBody, caller: Writer) -> Ok[answers.Typing]:
        """Show "typing..." in the chat, or stop showing it."""
        channel = await context.channel(caller, body.profile_id)
        peer, _ = recipient(core, body, channel)
        await context.actions.typing(channel, peer, body.begins)
        return ok({"to": peer, "typing": body.begins})

    @app.post("/messages/{id}/reply", tags=tags, summary="Reply to a message")
    async def reply_to_message(
        id: str, body: ReplyBody, request: Request, caller: Writer, wait: Wait = 0
    ) -> Ok[answers.Accepted]:
        """Answer in the message's own chat, quoting it."""
        row = await context.actions.target(caller.workspace_id, parse_id(id, "message", "MESSAGE_NOT_FOUND"))
        caller.channel(row.channel_id)
        channel = await core.channels.get(caller.workspace_id, row.channel_id)
        content = await body.written(context, channel)
        body = body.model_copy(update={"reply_to": str(row.id)})
        peer = row.peer, kind_of_chat(row.peer)
        return await send(context, caller, request, body, content, wait=wait, channel=channel, peer=peer)
