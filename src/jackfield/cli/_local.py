"""Commands on the configured database: the native API within this process, and what no API can do for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from jackfield.client import ImportResult, Profile, Sent
from jackfield.core import Core, ImportReport
from jackfield.dialects.native.routes.contacts import previewed, refused

from ._common import opened, somebody_sends, working, workspace_of
from ._desk import Desk, Progress, unseen
from ._inside import InsideClient


@asynccontextmanager
async def here(workspace: int | None) -> AsyncIterator[Local]:
    """The configured database, opened for one workspace."""
    async with opened() as core:
        yield Local(core, await workspace_of(core, workspace))


class Local(Desk):
    """See Desk. Files are read in place, and messages are sent by a worker here while no server runs."""

    remote = False

    def __init__(self, core: Core, workspace_id: int) -> None:
        super().__init__(InsideClient(core, workspace_id))
        self._core = core
        self._workspace_id = workspace_id

    def working(self) -> AbstractAsyncContextManager[object]:
        """See Desk."""
        return working(self._core)

    def is_online(self, profile: Profile) -> bool:
        """See Desk. What the row says may be of a process that has ended."""
        return int(profile.id) in self._core.channels.live

    def somebody_sends(self) -> bool:
        """See Desk."""
        return somebody_sends(self._core)

    async def send(self, profile: Profile, to: str, text: str, at: str | None, wait: float) -> Sent:
        """See Desk."""
        if at is not None:
            return await super().send(profile, to, text, at, wait)
        async with self.working():
            return await super().send(profile, to, text, at, wait)

    async def preview_contacts(
        self,
        file: Path,
        *,
        default_country: str | None,
        mapping: Mapping[str, Any] | None,
        encoding: str | None,
        sheet: str | None,
    ) -> dict[str, Any]:
        """See Desk."""
        with open(file, "rb") as source:
            found = await self._core.contacts.preview_file(
                self._workspace_id,
                source,
                filename=file.name,
                default_country=default_country,
                mapping=dict(mapping) if mapping else None,
                encoding=encoding,
                sheet=sheet,
            )
        return dict(previewed(found))

    async def import_contacts(
        self,
        file: Path,
        *,
        on_duplicate: str,
        default_country: str | None = None,
        mapping: Mapping[str, Any] | None = None,
        list_name: str | None = None,
        refused_file: Path | None = None,
        encoding: str | None = None,
        sheet: str | None = None,
        progress: Progress = unseen,
    ) -> ImportResult:
        """See Desk."""
        with open(file, "rb") as source:

            def report_progress(so_far: ImportReport) -> None:
                progress(source.tell(), so_far.rows)

            report = await self._core.contacts.import_file(
                self._workspace_id,
                source,
                filename=file.name,
                default_country=default_country,
                mapping=dict(mapping) if mapping else None,
                on_duplicate=on_duplicate,
                list_name=list_name,
                encoding=encoding,
                sheet=sheet,
                progress=report_progress,
            )
        if refused_file is not None:
            with open(refused_file, "wb") as target:
                for piece in report.refused_csv():
                    target.write(piece)
        return msgspec.convert(
            {
                "created": report.created,
                "merged": report.merged,
                "skipped": report.skipped,
                "rows": report.rows,
                "refused": [refused(one) for one in report.refused],
                "refusedTotal": report.refused_total,
                "dropped": [refused(one) for one in report.dropped],
                "droppedTotal": report.dropped_total,
            },
            ImportResult,
        )
