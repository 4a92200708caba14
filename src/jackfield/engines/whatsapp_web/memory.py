"""What a session keeps in its channel's state: the sealing key, who has written, and a restriction that still holds."""

from __future__ import annotations

import secrets
import time

import msgspec

WARM_KEPT = 5000


class Memory(msgspec.Struct):
    """The stored blob. `warm` are the addresses of people who wrote to us, oldest first; times are Unix seconds."""

    seal_key: bytes = b""
    warm: list[str] = []
    restricted_until: float = 0.0

    @classmethod
    def load(cls, stored: bytes) -> Memory:
        """From the blob. An unreadable one starts afresh: old uncertain sends can then no longer be recognised."""
        try:
            memory = msgspec.msgpack.decode(stored, type=cls) if stored else cls()
        except msgspec.DecodeError:
            memory = cls()
        if len(memory.seal_key) != 32:
            memory.seal_key = secrets.token_bytes(32)
        return memory

    def dump(self) -> bytes:
        """The blob to store."""
        return msgspec.msgpack.encode(self)


class Breaker:
    """After WhatsApp refused a new chat (463), messages to strangers stop here while answers go on.

    A stranger is a person who has not written to this number; each refused attempt would only prolong the
    restriction. When the time is over the next stranger is tried, and a new refusal starts it again.
    """

    def __init__(self, memory: Memory, hours: float) -> None:
        self._memory, self._hours = memory, hours
        self._warm = dict.fromkeys(memory.warm)
        self.unsaved = 0

    def wrote(self, *addresses: str) -> None:
        """These people have written."""
        for address in addresses:
            if self._warm.pop(address, address) is not None:
                self.unsaved += 1
            self._warm[address] = None
            if len(self._warm) > WARM_KEPT:
                del self._warm[next(iter(self._warm))]

    def is_stranger(self, to: str, reply_to: str | None) -> bool:
        """Whether a message would open a new chat; groups and newsletters never do."""
        return "@g.us" not in to and "@newsletter" not in to and reply_to is None and to not in self._warm

    @property
    def open(self) -> bool:
        """Whether strangers are refused now."""
        return time.time() < self._memory.restricted_until

    def trip(self) -> None:
        """WhatsApp refused a stranger."""
        self._memory.restricted_until = time.time() + self._hours * 3600
        self.unsaved += 1

    def save_into(self) -> Memory:
        """The memory with all that is known now."""
        self._memory.warm = list(self._warm)
        self.unsaved = 0
        return self._memory

    @property
    def until(self) -> str:
        """When it ends, in words."""
        return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(self._memory.restricted_until))
