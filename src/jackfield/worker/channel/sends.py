"""What came of the messages that were handed to a channel's network, counted and timed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from jackfield.core import LoginRequired, Meters, OutcomeUnknown, Rejected, Throttled, Unavailable
from jackfield.core.port import Sent

FAILED: Final = "failed"
OUTCOMES: Final[dict[type[Any], str]] = {
    Sent: "sent",
    Rejected: "rejected",
    Throttled: "throttled",
    Unavailable: "unavailable",
    LoginRequired: "login_required",
    OutcomeUnknown: "unknown",
}
"""An answer's class and its name. Whatever else an engine raises is a fault of it."""


class Sends:
    """The counts of one channel's engine; all channels of an engine are counted together."""

    def __init__(self, meters: Meters, engine: str) -> None:
        self._sends = meters.sends
        self._seconds = meters.send_seconds
        self._engine = engine
        self._labels = {kind: (engine, outcome) for kind, outcome in OUTCOMES.items()}
        self._failed = (engine, FAILED)
        self._engine_label = (engine,)

    def note(self, answer: object, seconds: float) -> None:
        """One message was handed over, and answered after so long."""
        self._sends.add(self._labels.get(type(answer), self._failed))
        self._seconds.observe(self._engine_label, seconds)

    def note_many(self, answers: Sequence[object], seconds: float) -> None:
        """Several were handed over together."""
        for kind, number in Counter(map(type, answers)).items():
            self._sends.add(self._labels.get(kind, self._failed), number)
        self._seconds.observe(self._engine_label, seconds, len(answers))
