"""The order of what goes to one peer: a conversation arrives as it was written.

Two things would disturb it. A peer's pace sends messages back to the queue, and they would come out of it in the
order of their random waits; so who waits for a peer stands in line. And sends run side by side; so of one peer's
messages only one is on its way to the network at a time.

Lines are per lane: a reply does not wait behind a campaign's message to the same person. Nothing here is durable, and
nothing waits on it for long: who is no longer there (cancelled, its campaign paused) loses the place.
"""

from __future__ import annotations

from collections import deque

from jackfield.core import Claimed

from .pacing import Pacer

GONE_AFTER_MS = 2000
"""How long after its time somebody in line may still come: the queue hands messages over in the order of their time."""

SWEEP_AT = 10_000
"""Lines at which those are given up in which nobody is left."""


class Peers:
    """The peers of one channel. Times are Unix ms."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._lines: dict[tuple[str, int], dict[int, int]] = {}
        self._busy: dict[str, deque[Claimed]] = {}

    # -- standing in line ----------------------------------------------------------------------------

    def due(self, message: Claimed, now: int) -> int | None:
        """When this message may go, counted from its place in line; None: now, and the peer's pace has counted it."""
        key = (message.peer, message.lane)
        line = self._lines.get(key)
        if line is None:
            wait = self._pacer.peer_wait(message.peer)
            if wait <= 0:
                return None
            if len(self._lines) >= SWEEP_AT:
                self._lines = {
                    key: line for key, line in self._lines.items() if max(line.values()) > now - GONE_AFTER_MS
                }
            line = self._lines[key] = {}
        else:
            self._forget(line, message.id, now)
            ahead = self._ahead(line, message.id)
            if ahead:
                place = max(now, next(iter(line.values()))) + ahead * max(
                    1, int(self._pacer.limits.per_recipient_s * 1000)
                )
                line[message.id] = place
                return place
            wait = self._pacer.peer_wait(message.peer)
            if wait <= 0:
                line.pop(message.id, None)
                if not line:
                    del self._lines[key]
                return None
        line[message.id] = now + int(wait * 1000) + 1
        return line[message.id]

    @staticmethod
    def _forget(line: dict[int, int], asking: int, now: int) -> None:
        """Take out of the front who did not come when it was time."""
        while line:
            first, due = next(iter(line.items()))
            if first == asking or due > now - GONE_AFTER_MS:
                return
            del line[first]

    @staticmethod
    def _ahead(line: dict[int, int], asking: int) -> int:
        """How many stand before this one; all of them when it is new."""
        for place, one in enumerate(line):
            if one == asking:
                return place
        return len(line)

    def again(self, message: Claimed, due: int) -> list[tuple[Claimed, int]]:
        """The network said that it was too fast: the message stands first in line, and nobody passes it before `due`.

        Gives those that waited for its send, with the times of their places behind it.
        """
        pace = max(1, int(self._pacer.limits.per_recipient_s * 1000))
        waiting = self._busy.get(message.peer, deque())
        behind = [(one, due + place * pace) for place, one in enumerate(waiting, 1)]
        waiting.clear()
        for lane in {one.lane for one in (message, *(one for one, _ in behind))}:
            front = {one.id: at for one, at in ((message, due), *behind) if one.lane == lane}
            self._lines[message.peer, lane] = front | self._lines.get((message.peer, lane), {})
        for _ in behind:
            self._pacer.return_peer(message.peer)
        return behind

    # -- one at a time -------------------------------------------------------------------------------

    def begin(self, message: Claimed) -> bool:
        """Whether the message may be sent now; else it is kept, and `after` gives it to whoever is sending."""
        waiting = self._busy.get(message.peer)
        if waiting is not None:
            waiting.append(message)
            return False
        self._busy[message.peer] = deque()
        return True

    def after(self, peer: str) -> Claimed | None:
        """The send to this peer is over; gives the next message to send to it."""
        waiting = self._busy[peer]
        if waiting:
            return waiting.popleft()
        del self._busy[peer]
        return None

    def take_waiting(self) -> list[Claimed]:
        """All messages that wait for a send to their peer, taken out."""
        found = [message for waiting in self._busy.values() for message in waiting]
        for waiting in self._busy.values():
            waiting.clear()
        return found
