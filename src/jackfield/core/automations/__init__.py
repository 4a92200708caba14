"""Automations: what happens next, by itself. Rules answer and sort, sequences write over days."""

from .document import schema
from .service import Automations

__all__ = ["Automations", "schema"]
