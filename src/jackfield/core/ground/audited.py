"""The audit entry of the request at hand: written in the transaction that makes it true, with what changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from ..models import ApiKey, Automation, Campaign, Channel, ContactList, Endpoint, Member, Segment, Tag, Workspace

TOLD: Final[Mapping[type, tuple[str, ...]]] = {
    Workspace: ("name", "timezone", "default_country", "default_channel_id", "settings"),
    Channel: ("key", "name", "wanted", "pacing", "settings", "config"),
    Endpoint: ("channel_id", "events", "format", "enabled", "settings", "url", "secret"),
    Campaign: ("name", "state"),
    Automation: ("name", "enabled", "version", "document"),
    ContactList: ("name",),
    Segment: ("name", "filter"),
    Tag: ("name", "color"),
    Member: ("email", "role", "disabled"),
    ApiKey: ("name", "scopes", "expires_at"),
}
"""What is told of a change, by model. Contacts are not among them: the log is no second place for personal data."""
HIDDEN: Final = frozenset({"config", "document", "filter", "secret", "url"})
"""Told as changed, without the values: they are secrets or people's data, or hold some."""
CHANGED: Final = "[changed]"
_SECRET: Final = re.compile(r"secret|token|passw|key|phone|url", re.IGNORECASE)
_MOST_TEXT: Final = 200
_MOST_CHANGES: Final = 50


class PendingEntry:
    """An entry that waits for the transaction that it tells of. `describe` gives its values, when they are known."""

    def __init__(self, describe: Callable[[], dict[str, Any]]) -> None:
        self._describe = describe
        self.written = False
        self.closed = False
        """The request is over: what tasks that it left behind store is not it."""

    def values(self, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The entry's columns but for the time; `changes` by field, as (before, after)."""
        found = self._describe()
        if changes:
            found["data"] = {**found["data"], "changes": dict(changes)}
        return found


_pending: ContextVar[PendingEntry | None] = ContextVar("audited", default=None)


@contextmanager
def audited(entry: PendingEntry | None) -> Iterator[None]:
    """Inside the block, the first transaction of this task that changes something writes the entry."""
    token = _pending.set(entry)
    try:
        yield
    finally:
        _pending.reset(token)
        if entry is not None:
            entry.closed = True


def pending() -> PendingEntry | None:
    """The entry that waits, if one does."""
    entry = _pending.get()
    return None if entry is None or entry.written or entry.closed else entry


def changes_of(row: Any) -> dict[str, Any]:
    """What of a row was changed and not flushed yet: (before, after) by field, settings key by key, secrets without
    their values."""
    found: dict[str, Any] = {}
    state = inspect(row)
    for name in TOLD.get(type(row), ()):
        history = state.attrs[name].history
        if not history.has_changes() or not history.deleted:
            continue
        before, after = history.deleted[0], history.added[0] if history.added else None
        if before == after:
            continue
        if name in HIDDEN:
            found[name] = CHANGED
        elif isinstance(before, dict) and isinstance(after, dict):
            for key in sorted({*before, *after}):
                if before.get(key) != after.get(key):
                    hidden = _SECRET.search(str(key)) is not None
                    found[f"{name}.{key}"] = (
                        CHANGED if hidden else [_audit_value(before.get(key)), _audit_value(after.get(key))]
                    )
        else:
            found[name] = [_audit_value(before), _audit_value(after)]
    return dict(list(found.items())[:_MOST_CHANGES])


def watch(session: Session, found: dict[str, Any], seen: list[bool]) -> Callable[..., None]:
    """A listener to flushes: gathers the changes of rows that are told, and whether there were any such rows."""

    def before_flush(*_: Any) -> None:
        for row in session.dirty:
            for name, change in changes_of(row).items():
                # A row that is flushed twice keeps what it was before the first time.
                known = found.get(name)
                both = isinstance(known, list) and isinstance(change, list)
                found[name] = [known[0], change[1]] if both and known is not None else change
        if found or any(type(row) in TOLD for row in (*session.new, *session.deleted)):
            seen.append(True)

    return before_flush


def _audit_value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str) and len(value) <= _MOST_TEXT:
        return value
    if isinstance(value, list) and len(value) <= 50 and all(isinstance(one, str | int) for one in value):
        return [_audit_value(one) for one in value]
    return CHANGED
