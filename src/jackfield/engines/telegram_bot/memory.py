"""What a session remembers across restarts: where it is in the stream of updates, moved chats, its open polls."""

from __future__ import annotations

import time

import msgspec

OFFSET_LIVES_S = 6 * 24 * 3600
"""Telegram counts updates on from a random number after a week without any (Bot API, Update.update_id), so that an
offset kept from before could lie above the new ones and would throw them away. Leaving it out is safe: all before it
was confirmed by the poll that carried it."""

POLLS_KEPT = 500
ALBUMS_KEPT = 500
MOVES_KEPT = 2000


class PollMade(msgspec.Struct, frozen=True):
    """A poll of ours: Telegram reports answers by poll id and option number only."""

    provider_id: str
    options: list[str]


class Memory(msgspec.Struct):
    """The stored blob. `offset` is the first update not yet seen, valid if used within OFFSET_LIVES_S."""

    offset: int = 0
    offset_at: float = 0.0
    moved: dict[str, str] = {}
    polls: dict[str, PollMade] = {}
    albums: dict[str, list[int]] = {}
    """Message numbers of an album of ours, by the provider id of its first."""

    @classmethod
    def load(cls, stored: bytes) -> Memory:
        """From the blob; an empty or unreadable one starts afresh (Telegram then gives all unconfirmed updates)."""
        try:
            return msgspec.json.decode(stored, type=cls) if stored else cls()
        except msgspec.DecodeError:
            return cls()

    def dump(self) -> bytes:
        """The blob to store."""
        return msgspec.json.encode(self)

    def fresh_offset(self, now: float | None = None) -> int | None:
        """The offset to poll with, or None when it is unknown or too old."""
        age = (time.time() if now is None else now) - self.offset_at
        return self.offset if self.offset and age < OFFSET_LIVES_S else None

    def advance(self, offset: int) -> None:
        """All updates before `offset` are dealt with."""
        self.offset, self.offset_at = offset, time.time()

    def move(self, old: str, new: str) -> bool:
        """A group became a supergroup; gives whether that was news."""
        if self.moved.get(old) == new:
            return False
        self.moved[old] = new
        while len(self.moved) > MOVES_KEPT:
            del self.moved[next(iter(self.moved))]
        return True

    def current(self, address: str) -> str:
        """The present address of a chat that may have moved; a topic moves with its group."""
        chat, mark, rest = address.partition("~")
        return f"{self.moved.get(chat, chat)}{mark}{rest}"

    def made_album(self, name: str, numbers: list[int]) -> None:
        """Remember an album just sent."""
        self.albums[name] = numbers
        while len(self.albums) > ALBUMS_KEPT:
            del self.albums[next(iter(self.albums))]

    def made_poll(self, poll_id: str, made: PollMade) -> None:
        """Remember a poll just sent."""
        self.polls[poll_id] = made
        while len(self.polls) > POLLS_KEPT:
            del self.polls[next(iter(self.polls))]
