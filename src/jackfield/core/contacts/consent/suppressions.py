"""`Suppressions`: addresses that campaigns must skip, and why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, select

from ...ground import fields
from ...ground.attempt import attempt
from ...ground.errors import Invalid
from ...ground.events import ContactOptedOut
from ...ground.listing import page_by_id
from ...ground.paging import Page
from ...ground.sealing import erased_address, known_pseudonym_key
from ...ground.store import Store
from ...ground.unit import Unit
from ...models import Suppression
from ...port import Networks
from ..files import ContactRow, RefusedRow, TableFormat, parse_contacts, phone_cell, table
from ..files.reader import Source
from ..files.rows import LISTED, take
from ..people import validate as inputs
from ..people.countries import country_of_workspace

CHUNK = 1000
COLUMNS = ("phone", "reason", "source", "since")


class SuppressionView(msgspec.Struct, kw_only=True):
    """An address that campaigns skip; `source`: keyword, preference, import, manual."""

    id: int
    address: str
    reason: str
    source: str
    created_at: int


class SuppressionReport(msgspec.Struct, kw_only=True):
    """What an import of suppressions did; `refused` lists the first 10,000."""

    added: int = 0
    known: int = 0
    refused: list[RefusedRow] = []
    refused_total: int = 0


class Suppressions:
    """The service."""

    def __init__(self, store: Store, networks: Networks) -> None:
        self._store = store
        self._networks = networks

    async def add(
        self, workspace_id: int, address: str | int, *, reason: str = "by hand", source: str = "manual"
    ) -> SuppressionView:
        """Suppress an address (a phone in any spelling, or another recipient); a known one stays as it is.

        Raises Invalid.
        """
        country = await country_of_workspace(self._store, workspace_id)
        clean = _address(self._networks, address, country)
        why = fields.text("reason", reason, maximum=500)
        how = fields.text("source", source, maximum=50)

        async def work(unit: Unit) -> SuppressionView:
            if await self._insert(unit, workspace_id, {clean: why}, how):
                unit.emit(workspace_id, ContactOptedOut(address=clean, reason=why))
            row = await unit.session.scalar(
                select(Suppression).where(Suppression.workspace_id == workspace_id, Suppression.address == clean)
            )
            assert row is not None
            return _view(row)

        return await attempt(self._store, work)

    async def remove(self, workspace_id: int, address: str | int) -> None:
        """Let campaigns reach an address again. Raises NotFound (SUPPRESSION_NOT_FOUND) and Invalid."""
        clean = _address(self._networks, address, await country_of_workspace(self._store, workspace_id))
        async with self._store.unit() as unit:
            key = await known_pseudonym_key(unit.conn)
            forms = [clean] if key is None else [clean, erased_address(key, workspace_id, clean)]
            gone = await unit.conn.execute(
                delete(Suppression).where(Suppression.workspace_id == workspace_id, Suppression.address.in_(forms))
            )
            if not gone.rowcount:
                raise inputs.not_found("Suppression", clean, "SUPPRESSION_NOT_FOUND")

    async def list(
        self,
        workspace_id: int,
        *,
        q: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[SuppressionView]:
        """Newest first. `q`: the address contains."""
        query = select(Suppression).where(Suppression.workspace_id == workspace_id)
        if q:
            text = fields.text("q", q, maximum=160, required=False)
            query = query.where(Suppression.address.contains(text.lstrip("+"), autoescape=True))
        async with self._store.db.read() as session:
            return await page_by_id(
                session, query, Suppression.id, _view, limit=limit, cursor=cursor, page=page, total=total
            )

    async def among(self, workspace_id: int, addresses: Sequence[str]) -> set[str]:
        """Which of these addresses (as the ledger has them) are suppressed."""
        found: set[str] = set()
        async with self._store.db.read() as session:
            key = await known_pseudonym_key(session)
            hashed = {} if key is None else {erased_address(key, workspace_id, one): one for one in addresses}
            asked = [*addresses, *hashed]
            for start in range(0, len(asked), CHUNK):
                some = asked[start : start + CHUNK]
                found.update(
                    await session.scalars(
                        select(Suppression.address).where(
                            Suppression.workspace_id == workspace_id, Suppression.address.in_(some)
                        )
                    )
                )
        return {hashed.get(one, one) for one in found}

    async def import_file(
        self,
        workspace_id: int,
        source: Source,
        *,
        filename: str = "",
        default_country: str | None = None,
        mapping: Mapping[str, str | Sequence[str]] | None = None,
        reason: str = "imported",
    ) -> SuppressionReport:
        """Suppress every phone number of a CSV or XLSX file. No events are told. Raises UnreadableFile."""
        why = fields.text("reason", reason, maximum=500)
        country = default_country or await country_of_workspace(self._store, workspace_id)
        report = SuppressionReport(refused=[])
        rows = parse_contacts(source, filename=filename, default_country=country, mapping=mapping)
        while True:
            batch = await asyncio.to_thread(take, rows, CHUNK)
            if not batch:
                return report
            wanted: dict[str, str] = {}
            for row in batch:
                if isinstance(row, ContactRow):
                    wanted.update(dict.fromkeys(row.phones, why))
                else:
                    report.refused_total += 1
                    if len(report.refused) < LISTED:
                        report.refused.append(row)

            async def work(unit: Unit, wanted: dict[str, str] = wanted) -> int:
                return await self._insert(unit, workspace_id, wanted, "import")

            added = await attempt(self._store, work)
            report.added += added
            report.known += len(wanted) - added

    async def export(self, workspace_id: int, *, format: TableFormat = "csv") -> AsyncIterator[bytes]:
        """All of them as a file in pieces, oldest first."""
        after = 0
        file = table(format, COLUMNS)
        yield file.add([])
        while True:
            query = (
                select(Suppression)
                .where(Suppression.workspace_id == workspace_id, Suppression.id > after)
                .order_by(Suppression.id)
                .limit(CHUNK)
            )
            async with self._store.db.read() as session:
                rows = (await session.scalars(query)).all()
            if not rows:
                break
            after = rows[-1].id
            yield file.add(
                {
                    "phone": phone_cell(row.address) if row.address.isdigit() else row.address,
                    "reason": row.reason,
                    "source": row.source,
                    "since": inputs.iso_time(row.created_at),
                }
                for row in rows
            )
        yield file.end()

    async def _insert(self, unit: Unit, workspace_id: int, wanted: Mapping[str, str], source: str) -> int:
        """Insert those that are new; gives how many."""
        if not wanted:
            return 0
        mine = select(Suppression.address).where(
            Suppression.workspace_id == workspace_id, Suppression.address.in_(list(wanted))
        )
        known = set((await unit.conn.execute(mine)).scalars())
        rows = [
            {
                "workspace_id": workspace_id,
                "address": address,
                "reason": reason,
                "source": source,
                "created_at": unit.now,
            }
            for address, reason in sorted(wanted.items())
            if address not in known
        ]
        if rows:
            await unit.conn.execute(unit.upsert(Suppression).on_conflict_do_nothing(), rows)
        return len(rows)


def _address(networks: Networks, given: str | int, country: str | None) -> str:
    try:
        return inputs.phone(given, country, "address")
    except Invalid as error:
        if isinstance(given, str) and any(char.isalpha() or char == "@" for char in given):
            fields.text("address", given, maximum=160)
            return networks.parse_any(given)[0]
        raise error


def _view(row: Any) -> SuppressionView:
    return SuppressionView(
        id=row.id, address=row.address, reason=row.reason, source=row.source, created_at=row.created_at
    )
