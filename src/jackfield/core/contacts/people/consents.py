"""What a contact's answer to marketing carries along: where it came from, and when."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import select

from ...ground.sealing import erased_address, known_pseudonym_key
from ...models import Identity, Suppression, ledger_address

_FORMS: Final = 5000
"""Addresses that one question asks for."""
FROM_FILE: Final = "import"
"""The source of what a file of contacts says."""


class RefusalView(msgspec.Struct, frozen=True, kw_only=True):
    """That a person wants no marketing: where that came from (a keyword, the platform's switch, the API, a file, a
    person's hand), and when (Unix ms)."""

    source: str
    at: int


def optin_columns(source: str, at: int) -> dict[str, Any]:
    """The columns that go with a new value of `optin`."""
    return {"optin_source": source[:500], "optin_at": at}


def answered(row: Any, optin: bool | None, source: str, at: int) -> dict[str, Any]:
    """The columns that go with `optin` when it takes the place of the row's; none when it is the same."""
    return {} if optin is None or optin == row["optin"] else optin_columns(source, at)


def merged(winner: Any, loser: Any, optin: bool | None) -> dict[str, Any]:
    """The columns that go with `optin` when two contacts become one: those of the contact whose answer holds, of two with
    the same answer the earlier one."""
    both = [row for row in (winner, loser) if row["optin"] is optin]
    if optin is None or not both:
        return {}
    first = min(both, key=lambda row: row["optin_at"] or 0)
    return {"optin_source": first["optin_source"], "optin_at": first["optin_at"]}


def refusal_of(row: Any, listed: RefusalView | None) -> RefusalView | None:
    """A contact's refusal: its own answer, else what the suppression list has of one of its addresses."""
    if row.optin is False:
        return RefusalView(source=row.optin_source or row.source, at=row.optin_at or row.created_at)
    return listed


async def listed_refusals(reads: Any, workspace_id: int, contact_ids: list[int]) -> dict[int, RefusalView]:
    """What the suppression list has of these contacts, the earliest entry of each: by their addresses, and by the hashes
    of them where somebody was erased and has come back."""
    key = await known_pseudonym_key(reads)
    owners: dict[str, list[int]] = {}
    rows = await reads.execute(
        select(Identity.contact_id, ledger_address(Identity.kind, Identity.value).label("address")).where(
            Identity.contact_id.in_(contact_ids), Identity.workspace_id == workspace_id
        )
    )
    for row in rows:
        for form in (row.address, *(() if key is None else (erased_address(key, workspace_id, row.address),))):
            owners.setdefault(form, []).append(row.contact_id)
    found: dict[int, RefusalView] = {}
    forms = list(owners)
    for start in range(0, len(forms), _FORMS):
        rows = await reads.execute(
            select(Suppression.address, Suppression.reason, Suppression.created_at)
            .where(Suppression.workspace_id == workspace_id, Suppression.address.in_(forms[start : start + _FORMS]))
            .order_by(Suppression.id)
        )
        for row in rows:
            for contact_id in owners[row.address]:
                known = found.get(contact_id)
                if known is None or row.created_at < known.at:
                    found[contact_id] = RefusalView(source=row.reason, at=row.created_at)
    return found
