"""What a message says, as requests give it: one model per kind, with MultiWA's spellings.

The models are the only check of a message's content in this API; `content()` makes the core's content of what passed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AliasChoices, Field, model_validator

from jackfield.core import ContactCard, Content, Document, Image, Location, Poll, Reaction, Video
from jackfield.core import content as contents

from .._kit import Filled, Str, Wire
from .._problems import field_error
from .texts import (
    MEDIA,
    AlbumContent,
    AudioContent,
    ContentBody,
    DocumentContent,
    FileName,
    ImageContent,
    Label,
    MediaId,
    StickerContent,
    TextContent,
    Url,
    VideoContent,
    VoiceContent,
    link_or_file,
)
from .values import Number, Value


class LocationContent(ContentBody):
    """A point on the map, in degrees."""

    latitude: Annotated[Number, Field(ge=-90, le=90)]
    longitude: Annotated[Number, Field(ge=-180, le=180)]
    description: Label = None
    name: Annotated[Label, Field(description="As `description`.")] = None
    address: Label = None

    def content(self) -> Content:
        """As the core takes it."""
        return Location(
            latitude=self.latitude,
            longitude=self.longitude,
            name=self.description or self.name or None,
            address=self.address or None,
        )


Emails = Annotated[list[Annotated[Str, Field(max_length=200)]] | None, Field(max_length=10)]


class ContactCardBody(Wire):
    """One contact card."""

    name: Annotated[Filled, Field(max_length=200)]
    phone: Annotated[Value, Field(min_length=1, max_length=40, description="As it is to be shown.")]
    emails: Emails = None
    organization: Annotated[Str | None, Field(max_length=200)] = None

    def card(self) -> ContactCard:
        """As the core takes it."""
        emails = [one for one in self.emails or [] if one]
        return ContactCard(name=self.name, phones=[self.phone], emails=emails, organization=self.organization or None)


class ContactContent(ContentBody):
    """A contact card, or several as `contacts`."""

    name: Annotated[Str | None, Field(max_length=200)] = None
    phone: Annotated[Value | None, Field(max_length=40)] = None
    emails: Emails = None
    organization: Annotated[Str | None, Field(max_length=200)] = None
    contacts: Annotated[list[ContactCardBody] | None, Field(min_length=1, max_length=257)] = None

    @model_validator(mode="after")
    def _has_a_card(self) -> Self:
        if self.contacts is None:
            for field in ("name", "phone"):
                if not getattr(self, field):
                    raise field_error(field, "Is required.")
        return self

    def content(self) -> Content:
        """As the core takes it."""
        if self.contacts is not None:
            return contents.Contacts(contacts=[one.card() for one in self.contacts])
        card = ContactCardBody(
            name=self.name or "", phone=self.phone or "", emails=self.emails, organization=self.organization
        )
        return contents.Contacts(contacts=[card.card()])


class PollContent(ContentBody):
    """A question with two to twelve answers."""

    question: Annotated[Filled, Field(max_length=255)]
    options: Annotated[list[Annotated[Filled, Field(max_length=100)]], Field(min_length=2, max_length=12)]
    allow_multiple: Annotated[
        bool,
        Field(
            validation_alias=AliasChoices("allowMultiple", "allowMultipleAnswers"),
            serialization_alias="allowMultiple",
        ),
    ] = False

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if len(set(self.options)) != len(self.options):
            raise field_error("options", "Options must differ.")
        return self

    def content(self) -> Content:
        """As the core takes it."""
        return Poll(question=self.question, options=self.options, multiple=self.allow_multiple)


class ReactionContent(ContentBody):
    """An emoji on a message; an empty one takes it back."""

    message_id: Annotated[
        Annotated[Value, Field(min_length=1, max_length=500)],
        Field(
            validation_alias=AliasChoices("messageId", "target"),
            serialization_alias="messageId",
            description="Our id, or the provider's.",
        ),
    ]
    emoji: Annotated[Str, Field(max_length=64)] = ""
    custom_emoji_id: Annotated[
        Value | None, Field(alias="customEmojiId", max_length=40, description="A picture of Telegram's own instead.")
    ] = None

    def content(self) -> Content:
        """As the core takes it."""
        custom = self.custom_emoji_id or None
        return Reaction(
            target=self.message_id, emoji=self.emoji or ("\N{SPARKLES}" if custom else ""), custom_emoji_id=custom
        )


# -- interactive kinds ------------------------------------------------------------------------------


class HeaderBody(Wire):
    """The header of an interactive message: `text`, or a file with its `type`."""

    type: Literal["text", "image", "video", "document"] = "text"
    text: Annotated[Str | None, Field(max_length=4096)] = None
    url: Url = None
    media_id: MediaId = None
    filename: FileName = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type == "text":
            if not self.text:
                raise field_error("text", "Is required.")
        elif not self.url and self.media_id in (None, ""):
            raise field_error("url", "Is required.")
        return self

    def header(self) -> contents.InteractiveHeader:
        """As the core takes it."""
        if self.type == "text":
            return contents.InteractiveHeader(text=self.text)
        file = self.url or f"{MEDIA}{self.media_id}"
        if self.type == "image":
            return contents.InteractiveHeader(media=Image(url=file))
        if self.type == "video":
            return contents.InteractiveHeader(media=Video(url=file))
        return contents.InteractiveHeader(media=Document(url=file, filename=self.filename or None))


class InteractiveContent(ContentBody):
    """What all interactive kinds share."""

    body: Annotated[Filled, Field(max_length=65536, validation_alias=AliasChoices("body", "text"))]
    header: Annotated[HeaderBody | Str | None, Field(description="Text, or `{type, url}` of a file.")] = None
    footer: Annotated[Str | None, Field(max_length=4096)] = None

    def frame(self) -> dict[str, Any]:
        """Body, header and footer, as the core takes them."""
        header = self.header
        if isinstance(header, str):
            shown = contents.InteractiveHeader(text=header) if header else None
        else:
            shown = header.header() if header is not None else None
        return {"body": self.body, "header": shown, "footer": self.footer or None}


class ReplyButtonBody(Wire):
    """A button that answers with its `id`."""

    id: Annotated[Filled, Field(max_length=1000)]
    title: Annotated[Filled, Field(max_length=1000)]


class ButtonsContent(InteractiveContent):
    """Reply buttons."""

    buttons: Annotated[list[ReplyButtonBody], Field(min_length=1, max_length=100)]

    def content(self) -> Content:
        """As the core takes it."""
        buttons = [contents.ReplyButton(id=one.id, title=one.title) for one in self.buttons]
        return contents.Buttons(**self.frame(), buttons=buttons)


class RowBody(Wire):
    """A row that can be chosen."""

    id: Annotated[Filled, Field(max_length=1000)]
    title: Annotated[Filled, Field(max_length=1000)]
    description: Annotated[Str | None, Field(max_length=1000)] = None


class SectionBody(Wire):
    """A titled group of rows; one that stands alone needs no title."""

    title: Annotated[Str, Field(max_length=1000)] = ""
    rows: Annotated[list[RowBody], Field(min_length=1, max_length=1000)]


class ListContent(InteractiveContent):
    """A menu that opens from a button."""

    button: Annotated[Filled, Field(max_length=1000)]
    sections: Annotated[list[SectionBody], Field(min_length=1, max_length=1000)]

    def content(self) -> Content:
        """As the core takes it."""
        sections = [
            contents.Section(
                title=one.title,
                rows=[contents.Row(id=row.id, title=row.title, description=row.description) for row in one.rows],
            )
            for one in self.sections
        ]
        return contents.ListMenu(**self.frame(), button=self.button, sections=sections)


class CtaUrlContent(InteractiveContent):
    """A button that opens a link."""

    title: Annotated[Filled, Field(max_length=1000)]
    url: Annotated[Str, AfterValidator(link_or_file), Field(max_length=4096)]

    def content(self) -> Content:
        """As the core takes it."""
        return contents.CtaUrl(**self.frame(), title=self.title, url=self.url)


CatalogId = Annotated[Value, Field(alias="catalogId", min_length=1, max_length=200)]
Optional = Annotated[Str, Field(max_length=65536, validation_alias=AliasChoices("body", "text"))]


class ProductContent(InteractiveContent):
    """One product of a catalog."""

    body: Optional = ""
    catalog_id: CatalogId
    product_id: Annotated[Value, Field(alias="productId", min_length=1, max_length=200)]

    def content(self) -> Content:
        """As the core takes it."""
        return contents.Product(**self.frame(), catalog_id=self.catalog_id, product_id=self.product_id)


class ProductSectionBody(Wire):
    """A titled group of products, by retailer id."""

    title: Annotated[Str, Field(max_length=1000)] = ""
    product_ids: Annotated[list[Value], Field(alias="productIds", min_length=1, max_length=1000)]


class ProductListContent(InteractiveContent):
    """Several products of a catalog, in sections."""

    catalog_id: CatalogId
    sections: Annotated[list[ProductSectionBody], Field(min_length=1, max_length=1000)]

    def content(self) -> Content:
        """As the core takes it."""
        sections = [contents.ProductSection(title=one.title, product_ids=one.product_ids) for one in self.sections]
        return contents.ProductList(**self.frame(), catalog_id=self.catalog_id, sections=sections)


class CatalogContent(InteractiveContent):
    """The whole catalog; `thumbnailProductId` is the product shown."""

    thumbnail_product_id: Annotated[Value | None, Field(alias="thumbnailProductId", max_length=200)] = None

    def content(self) -> Content:
        """As the core takes it."""
        return contents.CatalogMessage(**self.frame(), thumbnail_product_id=self.thumbnail_product_id)


class AddressContent(InteractiveContent):
    """Asks for a postal address. `country` is the ISO code; the rest is in Meta's shape."""

    country: Annotated[Filled, Field(max_length=10)]
    values: dict[Str, Any] | None = None
    saved_addresses: Annotated[list[dict[str, Any]] | None, Field(alias="savedAddresses", max_length=100)] = None
    validation_errors: Annotated[dict[str, Str] | None, Field(alias="validationErrors")] = None

    def content(self) -> Content:
        """As the core takes it."""
        return contents.AddressRequest(
            **self.frame(),
            country=self.country,
            values=self.values,
            saved_addresses=self.saved_addresses,
            validation_errors=self.validation_errors,
        )


class LocationRequestContent(InteractiveContent):
    """Asks for the recipient's location."""

    def content(self) -> Content:
        """As the core takes it."""
        return contents.LocationRequest(**self.frame())


class ContactRequestContent(InteractiveContent):
    """Asks for the recipient's phone number."""

    def content(self) -> Content:
        """As the core takes it."""
        return contents.ContactRequest(**self.frame())


class FlowContent(InteractiveContent):
    """Opens a WhatsApp Flow: `navigate` to `screen` with `data`, or `data_exchange` with the flow's own endpoint."""

    flow_id: Annotated[Value, Field(alias="flowId", min_length=1, max_length=200)]
    button: Annotated[Filled, Field(max_length=1000)]
    token: Annotated[Value | None, Field(max_length=2000)] = None
    mode: Annotated[Str, Field(max_length=20)] = "published"
    action: Annotated[Str | None, Field(max_length=50)] = None
    screen: Annotated[Str | None, Field(max_length=200)] = None
    data: dict[str, Any] | None = None

    def content(self) -> Content:
        """As the core takes it."""
        names = ("flow_id", "button", "token", "mode", "action", "screen", "data")
        return contents.FlowMessage(**self.frame(), **{name: getattr(self, name) for name in names})


class InlineButtonBody(Wire):
    """A button under a text: answers with `data`, or opens `url`."""

    text: Annotated[Filled, Field(max_length=1000)]
    data: Annotated[Value | None, Field(max_length=1000)] = None
    url: Annotated[Str | None, Field(max_length=4096)] = None


class InlineKeyboardContent(ContentBody):
    """Text with rows of inline buttons (Telegram)."""

    text: Annotated[Filled, Field(max_length=65536, validation_alias=AliasChoices("text", "body"))]
    rows: Annotated[
        list[Annotated[list[InlineButtonBody], Field(min_length=1, max_length=100)]],
        Field(min_length=1, max_length=100),
    ]

    def content(self) -> Content:
        """As the core takes it."""
        rows = [[contents.InlineButton(text=one.text, data=one.data, url=one.url) for one in row] for row in self.rows]
        return contents.InlineKeyboard(text=self.text, rows=rows)


INTERACTIVE: dict[str, type[ContentBody]] = {
    "buttons": ButtonsContent,
    "list": ListContent,
    "cta_url": CtaUrlContent,
    "product": ProductContent,
    "product_list": ProductListContent,
    "catalog": CatalogContent,
    "address": AddressContent,
    "location_request": LocationRequestContent,
    "contact_request": ContactRequestContent,
    "flow": FlowContent,
    "inline_keyboard": InlineKeyboardContent,
}
"""Kinds that `POST /messages/interactive` takes."""
KINDS: dict[str, type[ContentBody]] = {
    "text": TextContent,
    "chat": TextContent,
    "image": ImageContent,
    "video": VideoContent,
    "document": DocumentContent,
    "audio": AudioContent,
    "voice": VoiceContent,
    "sticker": StickerContent,
    "album": AlbumContent,
    "location": LocationContent,
    "contact": ContactContent,
    "contacts": ContactContent,
    "poll": PollContent,
    "reaction": ReactionContent,
    **INTERACTIVE,
}
"""What `type` may say, but for templates: the kinds of the ledger, and MultiWA's words for some."""
