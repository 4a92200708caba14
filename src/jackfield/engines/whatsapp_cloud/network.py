"""WhatsApp as Meta's Cloud API reaches it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Final

from jackfield.core.port import Addressing, Network
from jackfield.core.port.content import Content

from .._whatsapp import INTERACTIVE, PLAIN, WhatsAppAddressing, check_interactive, check_template
from .._whatsapp.files import MEDIA_TYPES
from .._whatsapp.wamid import message_token

GROUP: Final = re.compile(r"Y2FwaV9ncm91cDo[A-Za-z0-9+/=_-]+")
"""The Cloud API's group ids are base64 of "capi_group:..."."""


class _Addressing(WhatsAppAddressing):
    """People are written to by number, or by their business-scoped user id."""

    identity_kinds: ClassVar[tuple[str, ...]] = ("phone", "bsuid")

    def read(self, text: str) -> tuple[str, str]:
        """As every WhatsApp address, and the ids of the Cloud API's own groups."""
        return (text, "group") if GROUP.fullmatch(text) else super().read(text)

    def identity(self, address: str) -> tuple[str, str] | None:
        """A group is nobody."""
        return None if GROUP.fullmatch(address) else super().identity(address)


class CloudNetwork(Network):
    """WhatsApp for business accounts."""

    engine: ClassVar[str] = "whatsapp_cloud"
    name: ClassVar[str] = "whatsapp"
    addressing: ClassVar[Addressing] = _Addressing()
    kinds: ClassVar[frozenset[str]] = PLAIN | INTERACTIVE | {"template"}
    contact_source: ClassVar[str] = "wa"
    has_service_window: ClassVar[bool] = True
    needs_address: ClassVar[bool] = True
    file_types: ClassVar[Mapping[str, frozenset[str]]] = MEDIA_TYPES
    shared_callback: ClassVar[str | None] = "whatsapp"

    def message_key(self, provider_id: str) -> str:
        """The token at the end of a message's id: the id names the person by number or by user id."""
        return message_token(provider_id) or provider_id

    def check_limits(self, content: Content) -> None:
        """WhatsApp's limits of interactive messages, and its rules for a template's values."""
        check_interactive(content)
        check_template(content)


NETWORK = CloudNetwork()
