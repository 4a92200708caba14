"""What came of the messages that were handed to a channel's network: counted, timed, and traced where traces are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from time import time_ns
from typing import Any, Final

from jackfield.core import (
    Claimed,
    LoginRequired,
    Meters,
    OutcomeUnknown,
    Queue,
    Rejected,
    SendError,
    Throttled,
    Tracer,
    TraceValue,
    Unavailable,
)
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

    def __init__(self, meters: Meters, engine: str, channel_id: int = 0, tracer: Tracer | None = None) -> None:
        self.traces = tracer is not None
        self._tracer = tracer
        self._channel_id = channel_id
        self._sends = meters.sends
        self._seconds = meters.send_seconds
        self._engine = engine
        self._labels = {kind: (engine, outcome) for kind, outcome in OUTCOMES.items()}
        self._failed = (engine, FAILED)
        self._engine_label = (engine,)

    async def look(self, queue: Queue, messages: Sequence[Claimed]) -> None:
        """Find the traces of what was claimed. Only where traces are made."""
        if messages:
            await queue.add_traces(messages)

    def note(self, message: Claimed, answer: object, seconds: float) -> None:
        """One message was handed over, and answered after so long."""
        if self._tracer is not None and message.trace is not None:
            self._trace(self._tracer, message, message.trace, answer, seconds)
        self._sends.add(self._labels.get(type(answer), self._failed))
        self._seconds.observe(self._engine_label, seconds)

    def note_many(self, messages: Sequence[Claimed], answers: Sequence[object], seconds: float) -> None:
        """Several were handed over together."""
        if self._tracer is not None:
            for message, answer in zip(messages, answers, strict=True):
                if message.trace is not None:
                    self._trace(self._tracer, message, message.trace, answer, seconds)
        for kind, number in Counter(map(type, answers)).items():
            self._sends.add(self._labels.get(kind, self._failed), number)
        self._seconds.observe(self._engine_label, seconds, len(answers))

    def _trace(self, tracer: Tracer, message: Claimed, trace: str, answer: object, seconds: float) -> None:
        outcome = self._labels.get(type(answer), self._failed)[1]
        facts: dict[str, TraceValue] = {
            "messaging.system": self._engine,
            "messaging.operation.type": "send",
            "jackfield.message.id": message.id,
            "jackfield.channel.id": self._channel_id,
            "jackfield.workspace.id": message.workspace_id,
            "jackfield.attempt": message.attempts,
            "jackfield.outcome": outcome,
        }
        code = answer.code if isinstance(answer, SendError) else outcome
        span = tracer.begin(
            f"send {self._engine}", facts, parent=trace, started_at=time_ns() - int(seconds * 1_000_000_000)
        )
        span.end(error=None if isinstance(answer, Sent) else code)
