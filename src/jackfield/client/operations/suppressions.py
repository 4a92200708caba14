"""Suppressions: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_5 import Keywords
from .answers_7 import Suppression, SuppressionImport, Unsuppressed
from .inputs_4 import OptOutBody
from .inputs_5 import SuppressionBody


class ListSuppressionsQuery(Paging):
    """What list_suppressions may be told."""

    q: NotRequired[str | None]


class ImportSuppressionsForm(TypedDict):
    """ImportSuppressionsForm"""

    defaultCountry: NotRequired[str | None]
    mapping: NotRequired[str | None]
    reason: NotRequired[str]


class ExportSuppressionsQuery(TypedDict):
    """What export_suppressions may be told."""

    format: NotRequired[Literal["csv", "xlsx"]]


class SuppressionsCalls(Resource):
    """Suppressions: all calls."""

    def list_suppressions(self, **given: Unpack[ListSuppressionsQuery]) -> Pages[Suppression]:
        """Newest first; `q`: the address contains."""
        return self._pages(Suppression, "/suppressions", given)

    def add_suppression(self, **given: Unpack[SuppressionBody]) -> Call[Any]:
        """Campaigns skip it from now on, and say so."""
        return self._call(Any, "POST", "/suppressions", given)

    def import_suppressions(
        self, file: str | Path | bytes, /, **given: Unpack[ImportSuppressionsForm]
    ) -> Call[SuppressionImport]:
        """Suppress every number of a file."""
        return self._upload(SuppressionImport, "/suppressions/import", file, given)

    def export_suppressions(self, **given: Unpack[ExportSuppressionsQuery]) -> Call[bytes]:
        """All of them, oldest first."""
        return self._call(bytes, "GET", "/suppressions/export", **given)

    def get_keywords(self) -> Call[Keywords]:
        """The words in force by language, and the answers to them."""
        return self._call(Keywords, "GET", "/suppressions/keywords")

    def update_keywords(self, **given: Unpack[OptOutBody]) -> Call[Keywords]:
        """Fields that are left out stay; null takes the built-in words back."""
        return self._call(Keywords, "PUT", "/suppressions/keywords", given)

    def remove_suppression(self, address: str, /) -> Call[Unsuppressed]:
        """By the address, in any spelling."""
        return self._call(Unsuppressed, "DELETE", f"/suppressions/{quoted(address)}")
