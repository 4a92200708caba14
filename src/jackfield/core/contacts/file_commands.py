"""Contact files in and out, as commands of `Contacts`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from ..ground.store import Store
from ..port.network import Networks
from .files import TableFormat
from .files.exporting import export
from .files.importing import ImportReport, Progress, import_file
from .files.preview import FilePreview, preview
from .files.reader import Source
from .people.countries import country_of_workspace


class ContactFiles:
    """Import, preview and export of one workspace's contacts."""

    def __init__(self, store: Store, networks: Networks) -> None:
        self._store = store
        self._networks = networks

    async def import_file(
        self,
        workspace_id: int,
        source: Source,
        *,
        filename: str = "",
        default_country: str | None = None,
        mapping: Mapping[str, str | Sequence[str]] | None = None,
        on_duplicate: str = "merge",
        list_name: str | None = None,
        tags: Sequence[str] = (),
        progress: Progress | None = None,
        encoding: str | None = None,
        sheet: str | int | None = None,
    ) -> ImportReport:
        """Import a contact file: CSV, XLSX, XLS, ODS, vCard, JSON or an HTML table.

        `source` is a path or a binary file, which must stay open until this ends. `encoding` (of text) and `sheet` (name
        or number from 1) override the guess.

        Rows repeat by phone number, in the file and against the database. "merge" fills what a contact lacks and
        adds phones, tags, attributes and the list, and never takes a refusal of marketing back; "skip" leaves known
        contacts alone. `default_country` falls back to the workspace's. `tags` and `list_name` (both made when
        missing) apply to every contact that is created or merged. An import that was cut short may be repeated.

        contact.created is told for each new contact when an endpoint of the workspace subscribes to it, and not
        otherwise: a million events would be written to be read by nobody.

        Raises Invalid, and UnreadableFile (an Invalid) for a file that is no table of contacts; when that shows
        further down only, the rows before it are in.
        """
        return await import_file(
            self._store,
            workspace_id,
            source,
            filename=filename,
            default_country=default_country or await country_of_workspace(self._store, workspace_id),
            mapping=mapping,
            on_duplicate=on_duplicate,
            list_name=list_name,
            tags=tags,
            progress=progress,
            encoding=encoding,
            sheet=sheet,
            spellings=self._networks.spellings,
        )

    async def preview_file(
        self,
        workspace_id: int,
        source: Source,
        *,
        filename: str = "",
        default_country: str | None = None,
        mapping: Mapping[str, str | Sequence[str]] | None = None,
        encoding: str | None = None,
        sheet: str | int | None = None,
    ) -> FilePreview:
        """What `import_file` would make of a file: encoding, sheet, columns with samples, counts, refusals.

        Nothing is written. Raises Invalid and UnreadableFile as an import does.
        """
        country = default_country or await country_of_workspace(self._store, workspace_id)
        return await asyncio.to_thread(
            preview,
            source,
            filename=filename,
            default_country=country,
            mapping=mapping,
            encoding=encoding,
            sheet=sheet,
        )

    def export(
        self, workspace_id: int, filter: Mapping[str, Any] | None = None, *, format: TableFormat = "csv"
    ) -> AsyncIterator[bytes]:
        """The contacts of a filter as a file in pieces, oldest first, with every attribute of the workspace.

        No cell is taken for a formula by a spreadsheet, and what it gives can be imported again. Raises Invalid at
        the first piece.
        """
        return export(self._store, workspace_id, filter or {}, format)
