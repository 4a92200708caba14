"""What all engines for WhatsApp share: addresses, and the limits of interactive messages."""

from .addressing import WhatsAppAddressing
from .kinds import INTERACTIVE, PLAIN
from .limits import check_interactive

__all__ = ["INTERACTIVE", "PLAIN", "WhatsAppAddressing", "check_interactive"]
