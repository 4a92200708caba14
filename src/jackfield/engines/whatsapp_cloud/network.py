"""WhatsApp as Meta's Cloud API reaches it."""

from __future__ import annotations

from typing import ClassVar

from jackfield.core.port import Addressing, Network
from jackfield.core.port.content import Content

from .._whatsapp import INTERACTIVE, PLAIN, WhatsAppAddressing, check_interactive, check_template
from .._whatsapp.wamid import message_token


class _Addressing(WhatsAppAddressing):
    """People are written to by number, or by their business-scoped user id."""

    identity_kinds: ClassVar[tuple[str, ...]] = ("phone", "bsuid")


class CloudNetwork(Network):
    """WhatsApp for business accounts."""

    engine: ClassVar[str] = "whatsapp_cloud"
    name: ClassVar[str] = "whatsapp"
    addressing: ClassVar[Addressing] = _Addressing()
    kinds: ClassVar[frozenset[str]] = PLAIN | INTERACTIVE | {"template"}
    contact_source: ClassVar[str] = "wa"
    shared_callback: ClassVar[str | None] = "whatsapp"

    def message_key(self, provider_id: str) -> str:
        """The token at the end of a message's id: the id names the person by number or by user id."""
        return message_token(provider_id) or provider_id

    def check_limits(self, content: Content) -> None:
        """WhatsApp's limits of interactive messages, and its rules for a template's values."""
        check_interactive(content)
        check_template(content)


NETWORK = CloudNetwork()
