"""The line from a session to the network: in this process, or over HTTP to one of its own (`remote.py`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import msgspec

from jackfield.core.port import Report

from . import operations
from .account import Account
from .gate import Refusal, Taken
from .outbox import Parcel
from .subscription import Subscription

Listener = Callable[[list[Report]], Awaitable[None]]
Down = Callable[[str], Awaitable[None]]
Up = Callable[[], Awaitable[None]]


class Line(Protocol):
    """What a session needs of the network. Both kinds behave alike."""

    async def take(self, parcels: Sequence[Parcel]) -> list[Taken | Refusal]:
        """Hand messages over. Raises Unavailable when surely none was taken, else OutcomeUnknown."""
        ...

    async def ask(self, verb: str, body: dict[str, Any]) -> Any:
        """One operation (see `operations`); the answer as plain JSON values. Raises SendError."""
        ...

    async def listen(self, listener: Listener, down: Down, up: Up) -> None:
        """Have happenings handed to `listener`; `down` and `up` tell of the connection."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


class LocalLine:
    """To an account of a network in this process."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._subscription: Subscription | None = None

    async def take(self, parcels: Sequence[Parcel]) -> list[Taken | Refusal]:
        answers = operations.take(self.account, parcels)
        delay = self.account.answer_delay()
        if delay:
            await asyncio.sleep(delay)
        return answers

    async def ask(self, verb: str, body: dict[str, Any]) -> Any:
        return msgspec.to_builtins(operations.operate(self.account, verb, body))

    async def listen(self, listener: Listener, down: Down, up: Up) -> None:
        self._subscription = self.account.subscribe(listener, on_down=down, on_up=up)

    async def close(self) -> None:
        if self._subscription is not None:
            await self._subscription.close()
