"""WhatsApp as a paired phone reaches it."""

from __future__ import annotations

from typing import ClassVar

from jackfield.core.port import Addressing, Network

from .._whatsapp import PLAIN, WhatsAppAddressing


class _Addressing(WhatsAppAddressing):
    """People are written to by number, or by their LID where WhatsApp hides the number."""

    identity_kinds: ClassVar[tuple[str, ...]] = ("phone", "lid")


class PhoneNetwork(Network):
    """WhatsApp for people; a phone sends no interactive messages."""

    engine: ClassVar[str] = "whatsapp_web"
    name: ClassVar[str] = "whatsapp"
    addressing: ClassVar[Addressing] = _Addressing()
    kinds: ClassVar[frozenset[str]] = PLAIN | {"poll"}
    contact_source: ClassVar[str] = "wa"


NETWORK = PhoneNetwork()
