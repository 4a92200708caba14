"""What a message says, independent of dialect and engine.

Every kind is one frozen struct; the stored form is JSON tagged by `type`. Dialects convert into these, engines translate
out of them (and back, for what comes in). Limits that a *platform* sets are the engines' affair (`Network.check`); here
only shape is checked.
"""

from .codec import KINDS, Content, decode, encode, kind_of, parse, stored_files, summary
from .incoming import (
    ButtonReply,
    FlowReply,
    ListReply,
    Order,
    OrderItem,
    PaymentMethod,
    PollVote,
    System,
    UnknownContent,
)
from .interactive import (
    AddressRequest,
    Buttons,
    CatalogMessage,
    CtaUrl,
    FlowMessage,
    InlineButton,
    InlineKeyboard,
    Interactive,
    InteractiveHeader,
    ListMenu,
    LocationRequest,
    Product,
    ProductList,
    ProductSection,
    ReplyButton,
    Row,
    Section,
)
from .media import Audio, Document, Image, Media, MediaContent, Sticker, Video
from .placeholders import fill, personalise
from .plain import ContactCard, Contacts, Location, Poll, Reaction, Text
from .template import ButtonParam, CardParam, HeaderParam, Param, Template

__all__ = [
    "KINDS",
    "AddressRequest",
    "Audio",
    "ButtonParam",
    "ButtonReply",
    "Buttons",
    "CardParam",
    "CatalogMessage",
    "ContactCard",
    "Contacts",
    "Content",
    "CtaUrl",
    "Document",
    "FlowMessage",
    "FlowReply",
    "HeaderParam",
    "Image",
    "InlineButton",
    "InlineKeyboard",
    "Interactive",
    "InteractiveHeader",
    "ListMenu",
    "ListReply",
    "Location",
    "LocationRequest",
    "Media",
    "MediaContent",
    "Order",
    "OrderItem",
    "Param",
    "PaymentMethod",
    "Poll",
    "PollVote",
    "Product",
    "ProductList",
    "ProductSection",
    "Reaction",
    "ReplyButton",
    "Row",
    "Section",
    "Sticker",
    "System",
    "Template",
    "Text",
    "UnknownContent",
    "Video",
    "decode",
    "encode",
    "fill",
    "kind_of",
    "parse",
    "personalise",
    "stored_files",
    "summary",
]
