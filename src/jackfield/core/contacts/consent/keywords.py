"""Opt-out and opt-in by keyword: words per language, which a workspace may choose for itself.

A message that is one of these words and nothing else is meant by them. Nobody knows in which language somebody will
write, so all languages of a workspace hold at once; they are kept apart for the people who look after the lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, select, update

from ...ground.events import ContactOptedIn, ContactOptedOut
from ...ground.sealing import erased_address, known_pseudonym_key
from ...ground.unit import Unit
from ...models import Contact, Identity, Suppression, ledger_address
from ..people.consents import optin_columns
from .words import (
    START,
    STOP,
    by_looks,
    closed_up,
    fold,
    is_sign,
    made_of,
    once_each,
    shortened,
    without_courtesy,
    without_greeting,
)

BY_PLATFORM: Final = "platform preference"
"""The reason of an opt-out made by the platform's own switch, which the same switch may take back."""
STOP_KEY: Final = "stop_words"
START_KEY: Final = "start_words"
STOP_REPLY_KEY: Final = "opt_out_reply"
START_REPLY_KEY: Final = "opt_in_reply"
"""Keys of a workspace's settings: words by language (or one list for all), and what is answered to them."""
MAX_WORD: Final = 40
"""Characters of a word."""
MAX_MESSAGE: Final = 200
"""Characters; a longer message is never one of the words, however it is dressed up."""
ANY: Final = "*"

_SIGN_MEANS: Final = "stop"
"""What a sign such as 🛑 says; it holds in a workspace whose words have this one."""

_BUILT_IN: Final = {STOP_KEY: STOP, START_KEY: START}


def words(settings: Mapping[str, Any], key: str) -> dict[str, list[str]]:
    """The words in force by language: the workspace's own, else the built-in ones."""
    own = settings.get(key)
    if isinstance(own, Mapping):
        return {
            str(language): [str(one) for one in some]
            for language, some in own.items()
            if isinstance(some, Sequence) and not isinstance(some, str)
        }
    if isinstance(own, Sequence) and not isinstance(own, str) and own:
        return {ANY: [str(one) for one in own]}
    return {language: list(some) for language, some in _BUILT_IN[key].items()}


class Keywords:
    """A workspace's words, ready to be compared, and its answers."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.stop = _folded(words(settings, STOP_KEY))
        self._stop_by_looks = frozenset(map(by_looks, self.stop))
        self._stop_closed_up = frozenset(map(closed_up, self.stop))
        self._stop_shortened = frozenset(once_each(word) for word in self.stop)
        self.start = _folded(words(settings, START_KEY)) - self.stop
        self.stop_reply = _text(settings.get(STOP_REPLY_KEY))
        self.start_reply = _text(settings.get(START_REPLY_KEY))

    def meaning_of(self, text: str) -> tuple[str, str] | None:
        """("stop" or "start", the word) when the text is one of the words and nothing else (see `words`).

        A command starts nothing: "/start" opens every chat with a bot.
        """
        if len(text) > MAX_MESSAGE:
            return None
        if is_sign(text):
            return ("stop", _SIGN_MEANS) if _SIGN_MEANS in self.stop else None
        folded = fold(text)
        for word in dict.fromkeys((folded, without_greeting(folded))):
            if self._stops(word):
                return "stop", word
        word = folded if folded in self.start else without_courtesy(folded)
        return ("start", word) if word in self.start and not text.lstrip().startswith("/") else None

    def _stops(self, word: str) -> bool:
        """Whether a folded text is a word that stops, however it is spaced, spelled out or dragged out."""
        if not word or len(word) > MAX_WORD:
            return False
        return (
            word in self.stop
            or made_of(word, self.stop)
            or by_looks(word) in self._stop_by_looks
            or closed_up(word) in self._stop_closed_up
            or ((short := shortened(word)) != word and short in self._stop_shortened)
        )


def _folded(by_language: Mapping[str, Sequence[str]]) -> frozenset[str]:
    return frozenset(fold(word) for some in by_language.values() for word in some if fold(word))


def _text(value: Any) -> str | None:
    return value.strip()[:1000] if isinstance(value, str) and value.strip() else None


async def opt_out(
    unit: Unit, workspace_id: int, address: str, contact_id: int | None, reason: str, channel_id: int | None = None
) -> None:
    """Record that a person wants no more marketing: on the contact and on the suppression list.

    A person's own word takes the place of the platform's switch, so that the switch no longer lifts it; the switch takes
    nobody's place, be it a word or a form.
    """
    if contact_id is not None:
        mine = [Contact.id == contact_id]
        if reason == BY_PLATFORM:
            mine.append(Contact.optin.is_not(False))
        await unit.conn.execute(
            update(Contact).where(*mine).values(optin=False, updated_at=unit.now, **optin_columns(reason, unit.now))
        )
    await unit.conn.execute(
        unit.upsert(Suppression).on_conflict_do_nothing(),
        {
            "workspace_id": workspace_id,
            "address": address,
            "reason": reason,
            "source": reason.split(" ")[0],
            "created_at": unit.now,
        },
    )
    if reason != BY_PLATFORM:
        listed = await listed_addresses(unit, workspace_id, address, contact_id)
        await unit.conn.execute(
            update(Suppression)
            .where(*listed, Suppression.reason == BY_PLATFORM)
            .values(reason=reason, source=reason.split(" ")[0])
        )
    unit.emit(workspace_id, ContactOptedOut(address=address, reason=reason, contact_id=contact_id), channel_id)


async def opt_in(
    unit: Unit, workspace_id: int, address: str, contact_id: int | None, reason: str, channel_id: int | None = None
) -> bool:
    """Record that a person wants marketing (again), under all of its addresses; gives whether that is news."""
    mine = await listed_addresses(unit, workspace_id, address, contact_id)
    gone = await unit.conn.execute(delete(Suppression).where(*mine))
    news = bool(gone.rowcount)
    if contact_id is not None:
        known = await unit.conn.scalar(select(Contact.optin).where(Contact.id == contact_id))
        if known is not True:
            news = True
            await unit.conn.execute(
                update(Contact)
                .where(Contact.id == contact_id)
                .values(optin=True, updated_at=unit.now, **optin_columns(reason, unit.now))
            )
    if news:
        unit.emit(workspace_id, ContactOptedIn(address=address, reason=reason, contact_id=contact_id), channel_id)
    return news


async def listed_addresses(unit: Unit, workspace_id: int, address: str, contact_id: int | None) -> list[Any]:
    """The conditions for what the suppression list has of a person: the address, and all others of the contact."""
    addresses = {address}
    if contact_id is not None:
        addresses.update(
            (
                await unit.conn.execute(
                    select(ledger_address(Identity.kind, Identity.value)).where(Identity.contact_id == contact_id)
                )
            ).scalars()
        )
    key = await known_pseudonym_key(unit.conn)
    if key is not None:
        # Who was erased and says yes again, says it for the hash too.
        addresses |= {erased_address(key, workspace_id, one) for one in addresses}
    return [Suppression.workspace_id == workspace_id, Suppression.address.in_(addresses)]


async def keep_refusal(unit: Unit, workspace_id: int, contact_id: int) -> None:
    """Put the addresses of a contact that refused marketing onto the suppression list, before the contact is deleted."""
    rows = (
        await unit.conn.execute(
            select(
                ledger_address(Identity.kind, Identity.value).label("address"), Contact.optin_source, Contact.optin_at
            )
            .join(Contact, Contact.id == Identity.contact_id)
            .where(
                Identity.contact_id == contact_id, Contact.optin.is_(False), Identity.kind.not_in(("email", "username"))
            )
        )
    ).all()
    if rows:
        await unit.conn.execute(
            unit.upsert(Suppression).on_conflict_do_nothing(),
            [
                {
                    "workspace_id": workspace_id,
                    "address": row.address,
                    "reason": row.optin_source or "contact deleted",
                    "source": "contact",
                    "created_at": row.optin_at or unit.now,
                }
                for row in rows
            ],
        )
