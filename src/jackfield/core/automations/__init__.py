"""Automations: what happens next, by itself. Rules answer and sort, sequences write over days."""

from .document import schema
from .dry_run import DryRuns
from .reading import EventReader
from .rulebook import Rulebook
from .running import RunDriver
from .schedules import Schedules
from .service import Automations
from .triggering import Triggers
from .walking import Services

__all__ = [
    "Automations",
    "DryRuns",
    "EventReader",
    "Rulebook",
    "RunDriver",
    "Schedules",
    "Services",
    "Triggers",
    "schema",
]
