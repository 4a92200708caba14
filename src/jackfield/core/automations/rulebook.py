"""The documents of automations, read once: a version never changes."""

from __future__ import annotations

from typing import Any, Final

from .document import Document
from .matching import Rule
from .views import document_of

MAX_DOCUMENTS: Final = 4000
"""Versions kept."""


class Rulebook:
    """What was read, of one database. Only what is committed is read through it: a number that was rolled back is given
    again."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Document] = {}

    def find(self, automation_id: int, version: int) -> Document | None:
        """A version that was read before."""
        return self._known.get((automation_id, version))

    def rule(self, row: Any, version: int | None = None, stored: dict[str, Any] | None = None) -> Rule:
        """A row of automations, or some columns of one, as a rule; `version` and what is `stored` of it where it is not the
        newest."""
        number = row.version if version is None else version
        document = self.find(row.id, number)
        if document is None:
            document = document_of(row.document if stored is None else stored)
            if len(self._known) >= MAX_DOCUMENTS:
                self._known.clear()
            self._known[(row.id, number)] = document
        return Rule(
            id=row.id,
            workspace_id=row.workspace_id,
            kind=row.kind,
            version=number,
            enabled_at=row.enabled_at,
            document=document,
        )
