"""The simulator's network: WhatsApp's addresses and limits, and every kind of message."""

from __future__ import annotations

from typing import ClassVar

from jackfield.core.port import Addressing, Network
from jackfield.core.port.content import Content

from .._whatsapp import INTERACTIVE, PLAIN, WhatsAppAddressing, check_interactive, check_template


class SimulatorNetwork(Network):
    """People with phones, in this process or in another."""

    engine: ClassVar[str] = "simulator"
    name: ClassVar[str] = "whatsapp"
    addressing: ClassVar[Addressing] = WhatsAppAddressing()
    kinds: ClassVar[frozenset[str]] = PLAIN | INTERACTIVE | {"poll", "template", "inline_keyboard"}
    simulated: ClassVar[bool] = True
    contact_source: ClassVar[str] = "wa"

    def check_limits(self, content: Content) -> None:
        """WhatsApp's limits of interactive messages, and its rules for a template's values."""
        check_interactive(content)
        check_template(content)


NETWORK = SimulatorNetwork()
