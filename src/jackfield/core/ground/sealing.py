"""The secret key and the database: whether they belong together, and changing the key.

A change goes through all that is sealed, in small batches, with the old key and the new one side by side; what has been
done stays done when it is cut off, and the next run goes on.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from sqlalchemy import Column, LargeBinary, Table, Text, func, select, type_coerce, update

from ...db.base import Base, Sealed, SealedText, now_ms
from ...db.secrets import is_current, is_sealed, open_sealed
from ..models import Channel, InstanceSecret
from .errors import JackfieldError
from .store import Store

PSEUDONYMS: Final = "pseudonyms"
ERASED: Final = "erased:"
"""Before a pseudonym, where an address stood."""
BATCH: Final = 200
"""Rows per transaction: some 10 ms of SQLite's writer."""

WRONG_KEY: Final = (
    "This database was sealed with another secret key. Set JACKFIELD_SECRET_KEY to the key that it was made with, or put"
    " its secret.key back into the data folder. To change the key, give the old one as JACKFIELD_SECRET_KEY_OLD as well."
)
KEY_UNKNOWN: Final = (
    "A server that does not know the new key works on this database. Restart every server with the new key as"
    " JACKFIELD_SECRET_KEY and the old one as JACKFIELD_SECRET_KEY_OLD, then run this again."
)


class WrongSecretKey(JackfieldError):
    """The secret key is not the one that the database was sealed with."""

    code = "WRONG_SECRET_KEY"


class Sealing:
    """What is sealed with the secret key, and the secrets that the installation made for itself."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pseudonyms: bytes | None = None

    async def check(self, *, adopt: bool = True) -> None:
        """Make sure that the database opens with the secret key, before anything is done with it.

        With `adopt` a new key that has the old one beside it is taken as the one in use from now on.
        Raises WrongSecretKey.
        """
        raw = await self._raw_mark()
        if raw is None:
            async for _, _, _, _, sealed in self._sealed():
                if not _opens(sealed):
                    raise WrongSecretKey(WRONG_KEY)
                break
            await self.pseudonym_key()
        elif not _opens(raw):
            raise WrongSecretKey(WRONG_KEY)
        elif adopt and not is_current(raw):
            async with self._store.unit() as unit:
                row = await unit.session.get_one(InstanceSecret, PSEUDONYMS)
                await unit.conn.execute(
                    update(InstanceSecret).where(InstanceSecret.name == PSEUDONYMS).values(value=row.value)
                )

    async def is_adopted(self) -> bool:
        """Whether a server has started with the key in use, or nothing was sealed before."""
        raw = await self._raw_mark()
        return raw is None or is_current(raw)

    async def is_served(self) -> bool:
        """Whether some process holds a channel's lease now. One that serves the API alone holds none."""
        async with self._store.db.read() as session:
            found = await session.scalar(select(Channel.id).where(Channel.lease_until > now_ms()).limit(1))
        return found is not None

    async def reseal(self, progress: Callable[[int], None] | None = None) -> int:
        """Seal everything with the key in use that is sealed with one before it. Gives how many values were sealed anew;
        `progress` is told so many so far.

        Safe to run beside servers that know both keys, and to run again after it was cut off. Raises WrongSecretKey for a value
        that opens with neither key.
        """
        done = 0
        while True:
            # What is written while we go through is found by the next round; the last one finds nothing.
            found = await self._round(done, progress)
            if not found:
                return done
            done += found

    async def _round(self, before: int, progress: Callable[[int], None] | None) -> int:
        done = 0
        waiting: list[tuple[Table, Column[Any], Any, bytes | str]] = []
        async for table, column, id_, raw, sealed in self._sealed():
            if is_current(sealed):
                continue
            if not _opens(sealed):
                raise WrongSecretKey(
                    f"{table.name}.{column.name} of row {id_!r} opens neither with the new key nor with the old one."
                    " Nothing is lost: what was sealed anew opens with the new key, the rest with the old one."
                )
            waiting.append((table, column, id_, raw))
            if len(waiting) >= BATCH:
                done += await self._write(waiting)
                waiting = []
                if progress is not None:
                    progress(before + done)
        done += await self._write(waiting)
        return done

    async def _write(self, rows: list[tuple[Table, Column[Any], Any, bytes | str]]) -> int:
        if not rows:
            return 0
        async with self._store.unit() as unit:
            for table, column, id_, raw in rows:
                sealed = raw.encode() if isinstance(raw, str) else raw
                (key,) = table.primary_key.columns
                # Only as it was read: what somebody changed meanwhile was sealed by them.
                await unit.conn.execute(
                    update(table)
                    .where(key == id_, _unopened(column) == raw)
                    .values({column.name: open_sealed(sealed).decode()})
                )
        return len(rows)

    async def _sealed(self) -> AsyncIterator[tuple[Table, Column[Any], Any, bytes | str, bytes]]:
        """Every sealed value of the database: table, column, row's key, value as stored, value as sealed."""
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, Sealed):
                    continue
                (key,) = table.primary_key.columns
                last: Any = None
                while True:
                    query = select(key, _unopened(column)).where(column.is_not(None)).order_by(key).limit(BATCH)
                    if last is not None:
                        query = query.where(key > last)
                    async with self._store.db.read() as session:
                        rows = (await session.execute(query)).all()
                    for id_, raw in rows:
                        if not isinstance(raw, str):
                            yield table, column, id_, raw, raw
                        elif is_sealed(raw):
                            yield table, column, id_, raw, raw.encode()
                    if len(rows) < BATCH:
                        break
                    last = rows[-1][0]

    async def _raw_mark(self) -> bytes | None:
        query = select(_unopened(InstanceSecret.__table__.c.value)).where(InstanceSecret.name == PSEUDONYMS)
        async with self._store.db.read() as session:
            raw: bytes | None = await session.scalar(query)
        return raw

    # -- pseudonyms

    async def pseudonym_key(self) -> bytes:
        """The key of the hashes under which erased addresses are known: random, made once, never shown."""
        if self._pseudonyms is None:
            async with self._store.unit() as unit:
                row = await unit.session.get(InstanceSecret, PSEUDONYMS)
                if row is None:
                    # Two processes may start at once on one database: the row of the first one counts.
                    async with unit.part():
                        if not self._store.db.is_sqlite:
                            await unit.session.execute(select(func.pg_advisory_xact_lock(7_265_002)))
                            row = await unit.session.get(InstanceSecret, PSEUDONYMS)
                        if row is None:
                            row = InstanceSecret(name=PSEUDONYMS, value=secrets.token_hex(32), created_at=unit.now)
                            unit.session.add(row)
                            await unit.session.flush()
                self._pseudonyms = bytes.fromhex(row.value)
        return self._pseudonyms

    async def pseudonym(self, workspace_id: int, text: str) -> str:
        """What stands for an address (or another text) that is not to be known any more: equal for equal ones of a
        workspace, and not to be turned back without the installation's key."""
        return pseudonym_of(await self.pseudonym_key(), workspace_id, text)


async def known_pseudonym_key(reads: Any) -> bytes | None:
    """The key, read by whoever has a connection; None before there is one, when nobody has been erased."""
    value = (await reads.execute(select(InstanceSecret.value).where(InstanceSecret.name == PSEUDONYMS))).scalar()
    return None if value is None else bytes.fromhex(value)


def erased_address(key: bytes, workspace_id: int, address: str) -> str:
    """How the suppression list has an address of somebody who was erased."""
    return f"{ERASED}{pseudonym_of(key, workspace_id, address)}"


def pseudonym_of(key: bytes, workspace_id: int, text: str) -> str:
    """See Sealing.pseudonym; 128 bits as hex."""
    return hmac.new(key, f"{workspace_id}:{text}".encode(), hashlib.sha256).hexdigest()[:32]


def _unopened(column: Any) -> Any:
    """The column as it is stored."""
    return type_coerce(column, Text if isinstance(column.type, SealedText) else LargeBinary)


def _opens(sealed: bytes) -> bool:
    try:
        open_sealed(sealed)
    except ValueError:
        return False
    return True
