"""What a message says, independent of dialect and engine.

Every kind is one frozen struct; the stored form is JSON tagged by `type`. Dialects convert into these,
engines translate out of them (and back, for what comes in). `decode` and `encode` are the only way to and
from storage. Limits that a *platform* sets are the engines' affair; here only shape is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from ..ground.errors import Invalid


class _Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of all kinds of content."""


class Text(_Content, frozen=True, kw_only=True, tag="text"):
    """Plain text. `preview` asks for a link preview."""

    text: str
    preview: bool = True


class _Media(_Content, frozen=True, kw_only=True):
    """A file: exactly one of `url` (public or `media:` + our media id) and `media_id` (the provider's) is set.

    `mime`, `filename` and `size` (bytes) are filled where known.
    """

    url: str | None = None
    media_id: str | None = None
    caption: str | None = None
    filename: str | None = None
    mime: str | None = None
    size: int | None = None
    sha256: str | None = None


class Image(_Media, frozen=True, kw_only=True, tag="image"):
    """A picture."""


class Video(_Media, frozen=True, kw_only=True, tag="video"):
    """A film clip."""


class Audio(_Media, frozen=True, kw_only=True, tag="audio"):
    """Sound; `voice` marks a voice note."""

    voice: bool = False


class Document(_Media, frozen=True, kw_only=True, tag="document"):
    """Any file, shown with its name."""


class Sticker(_Media, frozen=True, kw_only=True, tag="sticker"):
    """A sticker (webp)."""

    animated: bool = False


class Location(_Content, frozen=True, kw_only=True, tag="location"):
    """A point on the map, in degrees."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class ContactCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person on a contact card; `phones` as given. `raw` keeps the provider's fields that we do not name."""

    name: str
    phones: list[str] = []
    emails: list[str] = []
    organization: str | None = None
    raw: dict[str, Any] | None = None


class Contacts(_Content, frozen=True, kw_only=True, tag="contacts"):
    """One or more contact cards."""

    contacts: list[ContactCard]


class Poll(_Content, frozen=True, kw_only=True, tag="poll"):
    """A question with answers to choose from."""

    question: str
    options: list[str]
    multiple: bool = False


class Reaction(_Content, frozen=True, kw_only=True, tag="reaction"):
    """An emoji on a message (`target` is the provider's id of it); an empty emoji takes it back."""

    target: str
    emoji: str


class Param(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One value for a template variable; `name` for named parameters, else the place in the list counts."""

    text: str
    name: str | None = None


class HeaderParam(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A template header's value: `text` parameters, or one media file, or a location."""

    text: list[Param] = []
    media: Image | Video | Document | None = None
    location: Location | None = None


class ButtonParam(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A template button's value.

    `kind`: "url" (`text` is the suffix), "quick_reply" (`text` is the payload), "copy_code" (`text` is the
    code), "otp" (`text` is the code), "flow" (`action` holds token and data), "catalog" and "mpm" (`action`
    holds thumbnail and sections). `index` counts the template's buttons from 0.
    """

    index: int
    kind: str
    text: str | None = None
    action: dict[str, Any] | None = None


class CardParam(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One carousel card's values."""

    header: HeaderParam | None = None
    body: list[Param] = []
    buttons: list[ButtonParam] = []


class Template(_Content, frozen=True, kw_only=True, tag="template"):
    """An approved template with its values. `offer_expires_at` is the limited-time offer's end in Unix ms."""

    name: str
    language: str
    header: HeaderParam | None = None
    body: list[Param] = []
    buttons: list[ButtonParam] = []
    cards: list[CardParam] = []
    offer_expires_at: int | None = None


class InteractiveHeader(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Header of an interactive message: text or one media file."""

    text: str | None = None
    media: Image | Video | Document | None = None


class Interactive(_Content, frozen=True, kw_only=True):
    """What all interactive kinds share."""

    body: str
    header: InteractiveHeader | None = None
    footer: str | None = None


class ReplyButton(msgspec.Struct, frozen=True, kw_only=True):
    """A button that answers with its `id`."""

    id: str
    title: str


class Buttons(Interactive, frozen=True, kw_only=True, tag="buttons"):
    """Up to three reply buttons."""

    buttons: list[ReplyButton]


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A selectable row of a list."""

    id: str
    title: str
    description: str | None = None


class Section(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A titled group of rows; one that stands alone needs no title."""

    title: str = ""
    rows: list[Row]


class ListMenu(Interactive, frozen=True, kw_only=True, tag="list"):
    """A menu that opens from a button."""

    button: str
    sections: list[Section]


class CtaUrl(Interactive, frozen=True, kw_only=True, tag="cta_url"):
    """A button that opens a link."""

    title: str
    url: str


class Product(Interactive, frozen=True, kw_only=True, tag="product"):
    """One product of a catalog."""

    catalog_id: str
    product_id: str
    body: str = ""


class ProductSection(msgspec.Struct, frozen=True, kw_only=True):
    """A titled group of products, by retailer id."""

    title: str = ""
    product_ids: list[str]


class ProductList(Interactive, frozen=True, kw_only=True, tag="product_list"):
    """Several products of a catalog in sections."""

    catalog_id: str
    sections: list[ProductSection]


class CatalogMessage(Interactive, frozen=True, kw_only=True, tag="catalog"):
    """The whole catalog; `thumbnail_product_id` is the product shown."""

    thumbnail_product_id: str | None = None


class AddressRequest(Interactive, frozen=True, kw_only=True, tag="address"):
    """Asks for a postal address. `country` is the ISO code."""

    country: str
    values: dict[str, Any] | None = None
    saved_addresses: list[dict[str, Any]] | None = None
    validation_errors: dict[str, str] | None = None


class LocationRequest(Interactive, frozen=True, kw_only=True, tag="location_request"):
    """Asks for the recipient's location."""


class FlowMessage(Interactive, frozen=True, kw_only=True, tag="flow"):
    """Opens a WhatsApp Flow.

    `action` is "navigate" (to `screen`, with `data`) or "data_exchange" (the flow's own endpoint gives the first screen);
    without it the flow opens at `screen`, or at its first one.
    """

    flow_id: str
    button: str
    token: str | None = None
    mode: str = "published"
    action: str | None = None
    screen: str | None = None
    data: dict[str, Any] | None = None


class InlineButton(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Telegram inline button: answers with `data`, or opens `url`."""

    text: str
    data: str | None = None
    url: str | None = None


class InlineKeyboard(_Content, frozen=True, kw_only=True, tag="inline_keyboard"):
    """Text with rows of inline buttons (Telegram)."""

    text: str
    rows: list[list[InlineButton]]


class ButtonReply(_Content, frozen=True, kw_only=True, tag="button_reply"):
    """Incoming: a pressed button (reply button, template quick reply or inline button)."""

    id: str
    title: str


class ListReply(_Content, frozen=True, kw_only=True, tag="list_reply"):
    """Incoming: a chosen row of a list."""

    id: str
    title: str
    description: str | None = None


class FlowReply(_Content, frozen=True, kw_only=True, tag="flow_reply"):
    """Incoming: a completed flow's data."""

    data: dict[str, Any]
    name: str | None = None
    body: str | None = None


class OrderItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order; price as text in the currency's main unit."""

    product_id: str
    quantity: int
    price: str
    currency: str


class Order(_Content, frozen=True, kw_only=True, tag="order"):
    """Incoming: an order from a catalog."""

    catalog_id: str
    items: list[OrderItem]
    text: str | None = None


class PollVote(_Content, frozen=True, kw_only=True, tag="poll_vote"):
    """Incoming: the options chosen in a poll (`target` is the poll's provider id)."""

    target: str
    options: list[str]


class System(_Content, frozen=True, kw_only=True, tag="system"):
    """A notice of the network or of ours, such as a number change."""

    text: str
    kind: str = "system"


class UnknownContent(_Content, frozen=True, kw_only=True, tag="unsupported"):
    """Incoming: something we or the provider's API cannot show; kept raw."""

    raw: dict[str, Any] = {}
    note: str | None = None


Content: TypeAlias = (
    Text
    | Image
    | Video
    | Audio
    | Document
    | Sticker
    | Location
    | Contacts
    | Poll
    | Reaction
    | Template
    | Buttons
    | ListMenu
    | CtaUrl
    | Product
    | ProductList
    | CatalogMessage
    | AddressRequest
    | LocationRequest
    | FlowMessage
    | InlineKeyboard
    | ButtonReply
    | ListReply
    | FlowReply
    | Order
    | PollVote
    | System
    | UnknownContent
)

MediaContent: TypeAlias = Image | Video | Audio | Document | Sticker

_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Content)
_encoder = msgspec.json.Encoder()


def encode(content: Content) -> str:
    """The stored form: compact JSON text."""
    return _encoder.encode(content).decode()


def decode(stored: str | bytes) -> Content:
    """The content of a stored form."""
    content: Content = _decoder.decode(stored)
    return content


def parse(data: Mapping[str, Any]) -> Content:
    """Content from a caller's mapping (already in our field names).

    Raises `Invalid` that names what is wrong.
    """
    try:
        content: Content = msgspec.convert(data, type=Content)
    except msgspec.ValidationError as error:
        raise Invalid(f"content: {error}") from error
    return content


def kind_of(content: Content) -> str:
    """The tag under which this content is stored, such as "text" or "product_list"."""
    return str(content.__struct_config__.tag)


def stored_files(content: Content) -> set[int]:
    """Ids of our own files (`media:ID`) that a message shows, wherever in it they stand."""
    if isinstance(content, Text):
        return set()
    found: set[int] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            url = value.get("url")
            if isinstance(url, str) and url.startswith("media:") and url[6:].isdigit():
                found.add(int(url[6:]))
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(msgspec.to_builtins(content))
    return found


def summary(content: Content) -> str:
    """One line for lists and notifications: the text, caption or a bracketed kind."""
    if isinstance(content, Text | InlineKeyboard):
        return content.text
    if isinstance(content, _Media):
        return content.caption or f"[{kind_of(content)}]"
    if isinstance(content, Interactive):
        return content.body
    if isinstance(content, Template):
        return f"[template {content.name}]"
    if isinstance(content, Poll):
        return content.question
    if isinstance(content, ButtonReply | ListReply):
        return content.title
    if isinstance(content, Reaction):
        return content.emoji
    return f"[{kind_of(content)}]"


_PLACEHOLDER = re.compile(r"\{\{?\s*([\w .-]{1,64}?)\s*\}?\}")


def fill(text: str, variables: Mapping[str, Any]) -> str:
    """`{name}` and `{{name}}` replaced from `variables`; an unknown placeholder stays as it is written.

    Lookups ignore case, so that `{Name}` finds `name`. Values are inserted as they are and are not
    themselves searched for placeholders.
    """
    if "{" not in text:
        return text
    folded: dict[str, Any] = {}

    def replace(match: re.Match[str]) -> str:
        key = match.group(1)
        if key in variables:
            value = variables[key]
        else:
            if not folded:
                folded.update((str(name).casefold(), value) for name, value in variables.items())
            if key.casefold() not in folded:
                return match.group(0)
            value = folded[key.casefold()]
        return "" if value is None else str(value)

    return _PLACEHOLDER.sub(replace, text)


def personalise(content: Content, variables: Mapping[str, Any]) -> Content:
    """The content with every placeholder in its texts filled (see `fill`)."""
    if isinstance(content, Text):
        text = fill(content.text, variables)
        return content if text is content.text else Text(text=text, preview=content.preview)
    return _map_texts(content, lambda text: fill(text, variables))


def _map_texts(content: Content, change: Callable[[str], str]) -> Content:
    def walk(value: Any) -> Any:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, list):
            return [walk(item) for item in value]
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        return value

    plain = msgspec.to_builtins(content)
    changed: Content = msgspec.convert({k: v if k == "type" else walk(v) for k, v in plain.items()}, type=Content)
    return changed
