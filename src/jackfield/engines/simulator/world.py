"""A network with people in it: pure asyncio, in memory, deterministic under a seed.

`World.account` gives a number on it; `Account.take` hands it messages, `Account.subscribe` tells what happens.
The embedded engine, the stand-alone server, its Graph API and its Bot API all stand on this.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec

from .account import Account
from .clock import Clock
from .faults import Faults
from .gate import Refusal, Taken
from .outbox import Entry, Outbox, Parcel
from .people import TEMPERS, Behaviour, Temper

__all__ = ["Account", "Behaviour", "Entry", "Faults", "Outbox", "Parcel", "Refusal", "Taken", "Temper", "World"]


class World:
    """`people` "plain": everybody gets and reads everything, nothing fails. "lively": as in life; see `people.py`.

    `scale` multiplies every delay (0: at once); `latency_ms` is how long every answer to a send takes. `epoch` keeps
    the ids of one run of the network apart from those of the next; ids are the only thing that depends on it.
    """

    def __init__(
        self,
        seed: int = 0,
        people: Temper = "plain",
        *,
        behaviour: Behaviour | None = None,
        scale: float | None = None,
        qr_rotate_s: float = 20.0,
        qr_rotations: int = 6,
        latency_ms: float = 0.0,
        epoch: int | None = None,
    ) -> None:
        if behaviour is None and people not in TEMPERS:
            raise ValueError(f"people must be one of {', '.join(TEMPERS)}, not {people!r}")
        self.seed = seed
        chosen = behaviour or TEMPERS[people]
        self.behaviour = chosen if scale is None else msgspec.structs.replace(chosen, scale=scale)
        self.latency_ms = latency_ms
        self.qr_rotate_s = qr_rotate_s
        self.qr_rotations = qr_rotations
        # 32 bits of tenths of a second: ids repeat after 13 years.
        self.epoch = int(time.time() * 10) & 0xFFFFFFFF if epoch is None else epoch
        self.clock = Clock()
        self.accounts: dict[str, Account] = {}

    def account(self, key: str, **settings: Any) -> Account:
        """The number (or bot) of this key, made at the first call.

        `settings` (phone, name, behaviour, enforce_window, sent_status, paired) count only then.
        """
        account = self.accounts.get(key)
        if account is None:
            account = self.accounts[key] = Account(self, key, **settings)
        return account

    def forget(self, key: str) -> None:
        """Drop an account with all it knows."""
        account = self.accounts.pop(key, None)
        if account is not None:
            account.happenings.clear()
            account.pairing.stop()
