"""Contact files into the database: streaming, in short transactions, with memory that does not grow.

An import may be repeated after it was cut short: what it wrote is found again by phone number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update

from ....db.bulk import take_ids
from ...ground import fields
from ...ground.attempt import attempt
from ...ground.events import ContactCreated, ImportProgress
from ...ground.store import Store
from ...ground.unit import Unit
from ...models import Attribute, Automation, Contact, ContactList, Endpoint, Tag
from ..columns import MERGEABLE, combined
from ..people import bulk_write as bulkwrite
from ..people import validate as inputs
from ..people import write
from ..people.consents import FROM_FILE, answered
from ..people.resolve import hold_identities
from . import ContactRow, RefusedRow, UnreadableFile, parse_contacts, refused_csv
from .reader import Source
from .rows import LISTED, Draft, Group, group, take

BATCH = 1000
"""Rows per transaction: 60 to 100 ms on SQLite."""

TELL_EVERY_S = 1.0
"""Least time between two events about the same import."""

MAX_ATTRIBUTES = 1000
"""Columns that one file may bring in as custom fields."""


class ImportReport(msgspec.Struct, kw_only=True):
    """What an import did, in rows of the file. `refused` lists the first 10,000, `refused_total` counts all.

    `dropped` lists numbers that stood beside a good one and are none: the contact came in without them.
    """

    created: int = 0
    merged: int = 0
    skipped: int = 0
    refused: list[RefusedRow] = []
    refused_total: int = 0
    dropped: list[RefusedRow] = []
    dropped_total: int = 0
    titles: list[str] = []
    """The headers of the file; empty when it has none."""

    @property
    def rows(self) -> int:
        """All rows that were read."""
        return self.created + self.merged + self.skipped + self.refused_total

    def refuse(self, row: RefusedRow) -> None:
        """Count a refused row, and list it while there is room."""
        self.refused_total += 1
        if len(self.refused) < LISTED:
            self.refused.append(row)

    def refused_csv(self) -> Iterator[bytes]:
        """The listed refused rows as a CSV file with the file's own columns, and why: to be corrected and imported."""
        return refused_csv(self.refused, self.titles)


Progress = Callable[[ImportReport], None]
"""Called after each batch with the report so far. It must not block."""


Spellings = Callable[[str], tuple[str, ...]]
"""All the ways in which networks know a number, the given one first."""


class _Options(msgspec.Struct, kw_only=True):
    workspace_id: int
    skip: bool
    lists: dict[str, str]
    tags: dict[str, str]
    """Names by folded name, for every contact of the file."""
    source: str
    spellings: Spellings
    ids: dict[tuple[str, str], int] = {}
    """Ids of tags and attributes met so far: (table, folded name)."""


async def import_file(
    store: Store,
    workspace_id: int,
    source: Source,
    *,
    filename: str,
    default_country: str | None,
    mapping: Mapping[str, str | Sequence[str]] | None,
    on_duplicate: str,
    list_name: str | None,
    tags: Sequence[str],
    progress: Progress | None,
    encoding: str | None = None,
    sheet: str | int | None = None,
    spellings: Spellings,
) -> ImportReport:
    """See `Contacts.import_file`."""
    fields.choice("on_duplicate", on_duplicate, ("merge", "skip"))
    options = _Options(
        workspace_id=workspace_id,
        skip=on_duplicate == "skip",
        lists={one.casefold(): one for one in ([inputs.label("list", list_name)] if list_name else [])},
        tags={tag.casefold(): tag for tag in inputs.labels("tags", tags)},
        source="csv",
        spellings=spellings,
        ids={},
    )
    report = ImportReport(refused=[], dropped=[], titles=[])
    rows = parse_contacts(
        source,
        filename=filename,
        default_country=default_country,
        mapping=mapping,
        encoding=encoding,
        sheet=sheet,
        told=lambda columns: report.titles.extend(columns.titles),
    )
    # One batch is read ahead while another is written: that is all the memory there is to it.
    ahead = asyncio.create_task(asyncio.to_thread(take, rows, BATCH))
    clock = asyncio.get_running_loop().time
    told_at = clock()
    try:
        while batch := await ahead:
            ahead = asyncio.create_task(asyncio.to_thread(take, rows, BATCH))
            good = _sort(batch, report)
            if good:
                await _batch(store, options, good, report)
            if progress is not None:
                progress(report)
            if clock() - told_at >= TELL_EVERY_S:
                told_at = clock()
                await _tell(store, workspace_id, filename, report)
    finally:
        # The thread may still be reading the caller's file, which must stay open until it stops.
        await _settled(ahead)
    await _tell(store, workspace_id, filename, report, done=True)
    return report


async def _tell(store: Store, workspace_id: int, filename: str, report: ImportReport, *, done: bool = False) -> None:
    async with store.unit() as unit:
        event = ImportProgress(
            filename=filename[:200],
            rows=report.rows,
            created=report.created,
            merged=report.merged,
            skipped=report.skipped,
            refused=report.refused_total,
            done=done,
        )
        unit.emit(workspace_id, event)


async def _settled(task: asyncio.Task[Any]) -> None:
    if not task.done():
        await asyncio.wait([task])
    if not task.cancelled():
        task.exception()


def _sort(batch: list[ContactRow | RefusedRow], report: ImportReport) -> list[ContactRow]:
    good: list[ContactRow] = []
    for row in batch:
        if isinstance(row, RefusedRow):
            report.refuse(row)
            continue
        good.append(row)
        for refusal in row.dropped:
            report.dropped_total += 1
            if len(report.dropped) < LISTED:
                report.dropped.append(RefusedRow(row.line, refusal.value[:200], refusal.code, refusal.reason))
    return good


async def _batch(store: Store, options: _Options, rows: list[ContactRow], report: ImportReport) -> None:
    async def work(unit: Unit) -> Group:
        try:
            return await _write(unit, options, rows)
        except BaseException:
            # What was looked up may have been made in this very transaction, or deleted meanwhile.
            options.ids.clear()
            raise

    done = await attempt(store, work)
    created = sum(1 for one in done.drafts if one.fresh)
    report.created += created
    report.merged += done.merged
    report.skipped += done.skipped
    for row in done.refused:
        report.refuse(row)


async def _write(unit: Unit, options: _Options, rows: list[ContactRow]) -> Group:
    await hold_identities(unit, [options.workspace_id])
    phones = {phone for row in rows for phone in row.phones}
    others = {phone: forms[1:] for phone in phones if len(forms := options.spellings(phone)) > 1}
    phones.update(form for forms in others.values() for form in forms)
    owners = await bulkwrite.owners_of_phones(unit, options.workspace_id, list(phones))
    if others:
        _spell_as_known(rows, others, owners)
    old = await _contacts(unit, set(owners.values()))
    done = group(rows, owners, old, skip=options.skip)
    fresh = [one for one in done.drafts if not one.id]
    known = [one for one in done.drafts if one.id]
    contacts = await _new_contacts(unit, options, fresh)
    await _fill(unit, known, old)
    identities: bulkwrite.Rows = [
        (options.workspace_id, one.id, "phone", phone, unit.now)
        for one in done.drafts
        for phone in one.phones
        if phone not in owners
    ]
    labels = await _labels(unit, options, done.drafts)
    await bulkwrite.insert(unit, (bulkwrite.CONTACTS, contacts), (bulkwrite.IDENTITIES, identities), *labels)
    return done


def _spell_as_known(rows: list[ContactRow], others: Mapping[str, Sequence[str]], owners: Mapping[str, int]) -> None:
    """Give numbers that networks know in several spellings the one of the contact that has them, or of the first row."""
    seen: set[str] = set()
    for row in rows:
        for place, phone in enumerate(row.phones):
            if phone in others and phone not in owners and phone not in seen:
                known = next((one for one in others[phone] if one in owners or one in seen), phone)
                row.phones[place] = known
                seen.add(known)
        if len(row.phones) > 1 and seen:
            row.phones[:] = dict.fromkeys(row.phones)


async def _contacts(unit: Unit, ids: set[int]) -> dict[int, dict[str, Any]]:
    if not ids:
        return {}
    columns = Contact.__table__.c
    found = await unit.conn.execute(
        select(columns.id, *(columns[name] for name in (*MERGEABLE, "optin_source", "optin_at"))).where(
            columns.id.in_(ids)
        )
    )
    return {row["id"]: dict(row) for row in found.mappings()}


async def _new_contacts(unit: Unit, options: _Options, drafts: list[Draft]) -> bulkwrite.Rows:
    """The rows of new contacts, who get their ids and are told of when somebody asked to hear it."""
    if not drafts:
        return []
    for one, id_ in zip(drafts, await take_ids(unit.conn, Contact.__tablename__, len(drafts)), strict=True):
        one.id = id_
        one.fresh = True
    # A million events would be written to be read by nobody; they are told when somebody asked for them.
    if await _is_told(unit, options.workspace_id):
        for one in drafts:
            unit.emit(
                options.workspace_id,
                ContactCreated(id=one.id, name=one.name, phone=one.phones[0], source=options.source),
            )
    workspace_id, now = options.workspace_id, unit.now
    return [(one.id, workspace_id, *_values(one, options), *_answer(one, now), now, now) for one in drafts]


async def _is_told(unit: Unit, workspace_id: int) -> bool:
    """Whether a webhook endpoint, or an automation that is on, wants to hear of new contacts."""
    subscribed = await unit.conn.scalars(
        select(Endpoint.events).where(Endpoint.workspace_id == workspace_id, Endpoint.enabled.is_(True))
    )
    if any("*" in events or ContactCreated.type in events for events in subscribed):
        return True
    documents = await unit.conn.scalars(
        select(Automation.document).where(Automation.workspace_id == workspace_id, Automation.enabled.is_(True))
    )
    return any(one["trigger"]["type"] == "contact_created" for one in documents)


_in_order = itemgetter(*bulkwrite.WRITTEN)


def _values(one: Draft, options: _Options) -> tuple[Any, ...]:
    """The values of `bulk_write.WRITTEN` of a new contact, whose columns are completed."""
    columns = one.columns
    columns["phone"] = one.phones[0]
    columns["country"] = one.country()
    columns.setdefault("source", options.source)
    columns.setdefault("blocked", False)
    values: tuple[Any, ...] = _in_order(columns)
    return values


def _answer(one: Draft, now: int) -> tuple[str | None, int | None]:
    """Where the answer to marketing came from, and when; nothing when the file does not say."""
    return (None, None) if one.columns.get("optin") is None else (FROM_FILE, now)


_FILL = (
    update(Contact)
    .where(Contact.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in (*MERGEABLE, "updated_at", "optin_source", "optin_at")})
)


async def _fill(unit: Unit, drafts: list[Draft], old: dict[int, dict[str, Any]]) -> None:
    """Give known contacts what they lack."""
    changed: list[dict[str, Any]] = []
    for one in sorted(drafts, key=lambda draft: draft.id):
        row = old[one.id]
        told = {**one.columns, "phone": one.phones[0] if one.phones else None, "country": one.country()}
        new = {name: combined(name, row[name], told.get(name)) for name in MERGEABLE}
        if any(new[name] != row[name] for name in MERGEABLE):
            changed.append(
                {
                    "key": one.id,
                    "new_updated_at": unit.now,
                    "new_optin_source": row["optin_source"],
                    "new_optin_at": row["optin_at"],
                    **{f"new_{name}": new[name] for name in MERGEABLE},
                    **{
                        f"new_{name}": value for name, value in answered(row, new["optin"], FROM_FILE, unit.now).items()
                    },
                }
            )
    if changed:
        await unit.conn.execute(_FILL, changed)


async def _labels(
    unit: Unit, options: _Options, drafts: list[Draft]
) -> tuple[tuple[bulkwrite.Table, bulkwrite.Rows], ...]:
    """The rows of tags, attributes and lists, which are made when they are new."""
    tags, lists = dict(options.tags), dict(options.lists)
    attributes: dict[str, str] = {}
    for one in drafts:
        if one.tags:
            tags.update(one.tags)
        if one.lists:
            lists.update(one.lists)
        if not one.attributes.keys() <= attributes.keys():
            for folded, (name, _) in one.attributes.items():
                attributes.setdefault(folded, name)
    tag_ids = await _ids(unit, options, Tag, tags)
    attribute_ids = await _ids(unit, options, Attribute, attributes)
    if sum(table == Attribute.__tablename__ for table, _ in options.ids) > MAX_ATTRIBUTES:
        raise UnreadableFile(
            "too_many_columns",
            f"More than {MAX_ATTRIBUTES} columns would become custom fields. Remove those that are not wanted.",
        )
    list_ids = await _ids(unit, options, ContactList, lists)
    every_tag, every_list = sorted(options.tags), sorted(options.lists)
    return (
        (
            bulkwrite.TAGS,
            [
                (one.id, tag_ids[folded])
                for one in drafts
                for folded in (sorted({*one.tags, *every_tag}) if one.tags else every_tag)
            ],
        ),
        (
            bulkwrite.VALUES,
            [(one.id, attribute_ids[folded], value) for one in drafts for folded, (_, value) in one.attributes.items()],
        ),
        (
            bulkwrite.MEMBERS,
            [
                (list_ids[folded], one.id)
                for one in drafts
                for folded in (sorted({*one.lists, *every_list}) if one.lists else every_list)
            ],
        ),
    )


async def _ids(
    unit: Unit, options: _Options, model: type[Tag] | type[Attribute] | type[ContactList], names: Mapping[str, str]
) -> dict[str, int]:
    table = model.__tablename__
    missing = [name for folded, name in names.items() if (table, folded) not in options.ids]
    if missing:
        made = await write.ensure(unit, model, options.workspace_id, missing)
        options.ids.update({(table, folded): id_ for folded, id_ in made.items()})
    return {folded: options.ids[table, folded] for folded in names}
