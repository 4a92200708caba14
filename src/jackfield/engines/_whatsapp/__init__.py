"""What all engines for WhatsApp share: addresses, limits of interactive messages, rules of values, names of files."""

from .addressing import WhatsAppAddressing
from .files import file_problem, fitting_name
from .kinds import INTERACTIVE, PLAIN
from .limits import check_interactive
from .values import check_template, spacing_problem, value_of

__all__ = [
    "INTERACTIVE",
    "PLAIN",
    "WhatsAppAddressing",
    "check_interactive",
    "check_template",
    "file_problem",
    "fitting_name",
    "spacing_problem",
    "value_of",
]
