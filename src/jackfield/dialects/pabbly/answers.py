"""The types of what Pabbly's calls answer, for the OpenAPI document. The data itself is made in `shapes`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from .._openapi import name_of

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""ISO 8601 in UTC."""
Id = Annotated[str, Field(json_schema_extra={"pattern": "^[0-9a-f]{24}$"})]
"""24 hex digits."""
Json = dict[str, Any]
Texts = list[str]
_Version = TypedDict("_Version", {"__v": int})
"""Two underscores would be mangled in a class."""


class Failure(TypedDict):
    """A request that was refused or went wrong. `error` is for people, `code` is stable."""

    success: Literal[False]
    status: Literal["error"]
    error: str
    code: str


class MetaContact(TypedDict):
    """A recipient, as given and as WhatsApp knows it."""

    input: NotRequired[str]
    wa_id: NotRequired[str]


class MetaMessage(TypedDict):
    """A message that was taken."""

    id: str
    message_status: str


class MetaResponse(TypedDict):
    """Meta's answer to a send."""

    messaging_product: Literal["whatsapp"]
    contacts: list[MetaContact]
    messages: list[MetaMessage]
    status: int


class Sent(TypedDict):
    """A message that was accepted."""

    to: str
    chatId: Id
    messageId: Id
    metaResponse: MetaResponse


class SentCampaign(TypedDict):
    """A message of an API campaign that was accepted."""

    messaging_product: Literal["whatsapp"]
    contacts: list[MetaContact]
    messages: list[MetaMessage]
    code: int


class CampaignSent(TypedDict):
    """A message of an API campaign that was accepted. The truth value is text here, as the vendor has it."""

    success: Literal["true"]
    status: Literal["success"]
    data: SentCampaign


Message = TypedDict(
    "Message",
    {
        "_id": Id,
        "chatId": Id | None,
        "waMessageId": str | None,
        "direction": Literal["incoming", "outgoing"],
        "from": str | None,
        "to": str | None,
        "type": str,
        "message": str,
        "link": str | None,
        "mediaId": str | None,
        "templateName": str | None,
        "status": str,
        "errorCode": str | None,
        "error": str | None,
        "tag": str | None,
        "source": str | None,
        "createdAt": Time,
        "sentAt": Time | None,
        "deliveredAt": Time | None,
        "readAt": Time | None,
        "failedAt": Time | None,
    },
)
Message.__doc__ = "A message of the ledger."


class Messages(TypedDict):
    """A page of messages; `next` is the address of the next one, null on the last."""

    messages: list[Message]
    next: str | None
    count: int


class _Pagination(TypedDict):
    totalPages: int
    currentPage: int
    limit: int
    hasNextPage: bool
    hasPrevPage: bool


class TemplatePagination(_Pagination):
    """Where a page of templates stands."""

    totalTemplates: int


class Pagination(_Pagination):
    """Where a page stands."""

    totalResults: int


class Template(_Version):
    """A template; `components` are Meta's."""

    _id: Id
    settingId: Id
    waTemplateId: str
    name: str
    language: str
    components: list[Json]
    status: str
    category: str
    createdAt: Time
    updatedAt: Time
    type: Literal["text", "image", "video", "document", "location", "carousel", "lto"]


class Templates(TypedDict):
    """A page of templates."""

    templates: list[Template]
    pagination: TemplatePagination


class CustomField(TypedDict):
    """A value that a template needs, with the one it was approved with."""

    key: str
    value: str
    helpText: str


class CustomFields(TypedDict):
    """The values that a template needs."""

    headerParams: list[CustomField]
    bodyParams: list[CustomField]
    link: list[CustomField]
    copyCodeParam: list[CustomField]


class FoundTemplate(TypedDict):
    """A template with the values it needs."""

    template: Template
    customFields: CustomFields


class RegularMessage(TypedDict):
    """A broadcast's message that is no template."""

    type: str
    message: NotRequired[str]
    link: NotRequired[str]
    caption: NotRequired[str]
    filename: NotRequired[str]


Values = list[str] | dict[str, str]
"""Values of a template by place, or by name."""


class Broadcast(_Version):
    """A broadcast or an API campaign, with what was given when it was made."""

    _id: Id
    name: str
    broadcastType: Literal["broadcast", "api"]
    messageType: NotRequired[Literal["template", "regular"]]
    templateName: NotRequired[str]
    headerParams: NotRequired[Values]
    bodyParams: NotRequired[Values]
    urlVariables: NotRequired[list[Any]]
    copyCode: NotRequired[str]
    copyCodeParam: NotRequired[str]
    link: NotRequired[str]
    filename: NotRequired[str]
    caption: NotRequired[str]
    regularMessage: NotRequired[RegularMessage]
    contactList: NotRequired[list[str]]
    scheduleAt: NotRequired[Time]
    status: str
    createdAt: Time
    updatedAt: Time
    startedAt: NotRequired[Time]


class AttributeValue(TypedDict):
    """A custom field of a contact."""

    name: str
    value: str


class Attribute(AttributeValue):
    """A custom field of a contact, with the id of the field."""

    _id: str


class Contact(_Version):
    """A contact. `status` is inactive for those who refused marketing."""

    _id: Id
    name: str | None
    countryCode: str
    mobile: str
    status: Literal["active", "inactive"]
    source: str | None
    optin: bool
    attributes: list[Attribute]
    incomingBlocked: bool
    broadcastIds: list[str]
    list: Texts
    tags: Texts
    createdAt: Time
    updatedAt: Time


class OneContact(Contact):
    """A contact with its account."""

    settingId: Id
    userId: Id
    lastActive: Time | None


class Contacts(TypedDict):
    """A page of contacts; `next` is the address of the next one, null on the last."""

    contacts: list[Contact]
    next: str | None
    totalCount: int
    currentPage: int
    remainingCount: int
    count: int


class CreatedContact(TypedDict):
    """A contact that was saved."""

    _id: Id
    mobile: str
    name: str | None
    optin: bool
    incomingBlocked: bool
    tags: list[str]
    attributes: list[AttributeValue]
    source: str | None
    list: Texts


class FailedContact(TypedDict):
    """A contact that was not saved, as it was given, and why."""

    mobile: Any
    name: Any
    reason: str
    code: str


class SavedContacts(TypedDict):
    """What became of the contacts that were given."""

    createdContacts: list[CreatedContact]
    failedCount: int
    failedContacts: list[FailedContact]


class ContactList(TypedDict):
    """A contact list."""

    _id: Id
    name: str
    createdAt: Time
    incomingBlocked: bool
    tags: list[str]
    optin: bool
    attributes: list[AttributeValue]


class ContactLists(TypedDict):
    """All contact lists."""

    lists: list[ContactList]
    total: int


class Tag(TypedDict):
    """A tag."""

    _id: Id
    name: str
    createdAt: Time
    firstMessage: bool
    keywords: list[str]


class Tags(TypedDict):
    """All tags."""

    tags: list[Tag]
    total: int


class Media(TypedDict):
    """A link to a file, which works for an hour."""

    mediaId: str
    mediaUrl: str
    mimeType: str
    expiresAt: Time


class Catalog(TypedDict):
    """A catalog."""

    catalogId: str
    name: str
    productCount: int
    type: str


class Catalogs(TypedDict):
    """A page of catalogs, and the one that is selected for the number."""

    catalogs: list[Catalog]
    selectedCatalogId: str | None
    waBusinessPortfolioId: str
    pagination: Pagination


class Product(TypedDict):
    """A product variant."""

    productId: str
    retailerId: str
    retailerProductGroupId: str | None
    catalogId: str
    name: str
    description: str
    price: str
    salePrice: str | None
    currency: str
    availability: str
    status: str
    imageUrl: str
    url: str
    brand: str
    condition: str


class Products(TypedDict):
    """A page of a catalog's products."""

    products: list[Product]
    catalogId: str
    catalogName: str
    pagination: Pagination


def envelope(data: Any) -> Any:
    """The type of a whole answer whose `data` is of this type; a campaign's send is whole already."""
    if data is CampaignSent:
        return data
    make: Any = TypedDict
    fields = {"status": Literal["success"], "success": Literal[True], "message": str, "data": data}
    return make(name_of(data) + "Answer", fields)
