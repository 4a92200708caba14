"""The fields of bodies and the query parameters that each endpoint has: what is not here is refused by its name."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from .._access import GuardedRoute
from .context import BASE
from .reference import entries

TEMPLATE: Final = frozenset(
    (
        "templateName",
        "languageCode",
        "headerParams",
        "bodyParams",
        "link",
        "filename",
        "copyCodeParam",
        "copyCode",
        "ltoFields",
        "carouselBodies",
        "carouselFileData",
        "quickReplies",
        "urlVariables",
    )
)
_INTERACTIVE = frozenset(
    (
        "interactiveType",
        "header",
        "headerText",
        "body",
        "bodyText",
        "footer",
        "footerText",
        "buttonText",
        "buttons",
        "sections",
        "action",
        "catalogProductId",
        "isoCountryCode",
        "validationErrors",
        "values",
    )
)
OF_FILES: Final = {
    "image": frozenset(("link", "caption")),
    "video": frozenset(("link", "caption")),
    "audio": frozenset(("link",)),
    "document": frozenset(("link", "caption", "filename")),
}
"""Fields of each kind of file."""
_BODY = frozenset(("interactiveType", "bodyText", "body", "message"))
_FOOTER = frozenset(("footerText", "footer"))
_HEADER = frozenset(("headerText", "header"))
OF_INTERACTIVE: Final = {
    "single_product": _BODY | _FOOTER | {"action"},
    "product_list": _BODY | _FOOTER | _HEADER | {"action", "sections"},
    "catalog_message": _BODY | _FOOTER | {"catalogProductId"},
    "list": _BODY | _FOOTER | _HEADER | {"buttonText", "sections"},
    "cta_url": _BODY | _FOOTER | _HEADER | {"buttons"},
    "address_message": _BODY | _FOOTER | {"isoCountryCode", "values", "validationErrors"},
    "location_request_message": _BODY | {"isoCountryCode"},
}
"""Fields of each interactive type, under all spellings."""
ENVELOPE: Final = frozenset(("to", "type", "contact"))
"""Fields of `POST /messages` that every type has."""
MESSAGE: Final = TEMPLATE | _INTERACTIVE | {"to", "type", "message", "caption", "contact"}
"""Of `POST /messages`, whatever its type."""
BROADCAST: Final = TEMPLATE | {
    "name",
    "broadcastType",
    "messageType",
    "regularMessageType",
    "message",
    "caption",
    "contactList",
    "status",
    "scheduleAt",
}
CAMPAIGN_SEND: Final = TEMPLATE | {
    "campaignName",
    "destination",
    "userName",
    "source",
    "defaultContactFieldValues",
    "caption",
}
CONTACT: Final = frozenset(
    (
        "name",
        "userName",
        "mobile",
        "email",
        "tags",
        "list",
        "attributes",
        "optin",
        "incomingBlocked",
        "source",
    )
)
CHANGES: Final = frozenset(
    ("name", "mobile", "optin", "incomingBlocked", "tags", "tagsToAdd", "tagsToRemove", "attributes")
)

_OTHER_NAMES: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("GET", "/messages"): frozenset(("mobile", "page")),
    ("GET", "/templates/{identifier}"): frozenset(("id", "languageCode")),
    ("POST", "/contacts"): frozenset(("onDuplicate",)),
    ("GET", "/contacts"): frozenset(("attributes", "attributes[")),
}
"""Query parameters that are taken beside the documented ones."""


class PabblyRoute(GuardedRoute):
    """A route whose query parameters are those of the reference."""

    @cached_property
    def queries(self) -> frozenset[str]:
        """The documented ones, and their other names."""
        path = self.path.removeprefix(BASE).rstrip("/")
        (method,) = self.methods or ("GET",)
        documented = {
            param.name
            for one in entries()
            if one.method == method and one.path.rstrip("/") == path
            for param in one.query
        }
        return frozenset(documented) | _OTHER_NAMES.get((method, path), frozenset())
