"""Calls that people make to an account."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from jackfield.core.port import IncomingCall, Report

from .clock import Clock


class Calls:
    """A call rings until it is rejected, or ends as missed after `ring_ms`."""

    def __init__(self, clock: Clock, tell: Callable[[Report], None], ring_ms: float) -> None:
        self._clock = clock
        self._tell = tell
        self.ring_ms = ring_ms
        self.ringing: dict[str, IncomingCall] = {}

    def ring(self, call_id: str, caller: str, is_video: bool) -> IncomingCall:
        """Somebody calls."""
        call = IncomingCall(
            call_id=call_id,
            caller=caller,
            started_at=self._clock.now_ms(),
            is_video=is_video,
            identities={"phone": caller},
        )
        self.ringing[call_id] = call
        self._tell(call)
        self._clock.after(self.ring_ms, self._miss, call_id)
        return call

    def _miss(self, call_id: str) -> None:
        self.end(call_id, "missed")

    def end(self, call_id: str, status: str) -> bool:
        """The call is over; False if it does not ring (any more)."""
        call = self.ringing.pop(call_id, None)
        if call is None:
            return False
        self._tell(msgspec.structs.replace(call, status=status, ended_at=self._clock.now_ms()))
        return True
