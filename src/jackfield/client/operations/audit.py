"""Audit: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource

from .answers_1 import AuditEntry

_ListAuditEntriesQuery = TypedDict("_ListAuditEntriesQuery", {"from": "NotRequired[str | None]"})


class ListAuditEntriesQuery(Paging, _ListAuditEntriesQuery):
    """What list_audit_entries may be told."""

    actor: NotRequired[str | None]
    action: NotRequired[str | None]
    target: NotRequired[str | None]
    until: NotRequired[str | None]


_ExportAuditEntriesQuery = TypedDict("_ExportAuditEntriesQuery", {"from": "NotRequired[str | None]"})


class ExportAuditEntriesQuery(_ExportAuditEntriesQuery):
    """What export_audit_entries may be told."""

    actor: NotRequired[str | None]
    action: NotRequired[str | None]
    target: NotRequired[str | None]
    until: NotRequired[str | None]
    format: NotRequired[Literal["csv", "xlsx"]]


class AuditCalls(Resource):
    """Audit: all calls."""

    def list_audit_entries(self, **given: Unpack[ListAuditEntriesQuery]) -> Pages[AuditEntry]:
        """Who did what, and from where; newest first."""
        return self._pages(AuditEntry, "/audit", given)

    def export_audit_entries(self, **given: Unpack[ExportAuditEntriesQuery]) -> Call[bytes]:
        """All entries that match, newest first. The export is an entry itself."""
        return self._call(bytes, "GET", "/audit/export", **given)
