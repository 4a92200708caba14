"""Traces, as the core knows them: who makes them is a vendor's library outside, and mostly nobody does.

A trace goes through the database: an accepted message keeps its context (`traceparent`, W3C Trace Context level 1) among what its
row has beside the columns, so what is done for it by another task, process or day joins the trace. Without a tracer nothing is
asked, stored or read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

TRACE: Final = "trace"
"""Key of a message's `extra`: the context that it was accepted in, where somebody records that trace."""

Value = str | int | bool


class Span(Protocol):
    """Something that is being done."""

    traceparent: str
    """The context for what is done for it elsewhere."""

    def end(self, facts: Mapping[str, Value] | None = None, *, error: str | None = None) -> None:
        """It is done. `error`: a code or a word of ours that says how it failed."""
        ...


class Tracer(Protocol):
    """What makes traces."""

    def current(self) -> str | None:
        """The context of the request that this task answers; None where there is none, or nobody records it."""
        ...

    def begin(self, name: str, facts: Mapping[str, Value], *, parent: str, started_at: int | None = None) -> Span:
        """Begin something on the way out, such as a request to a network, under a stored context. `started_at` in Unix ns."""
        ...

    def note(self, name: str, facts: Mapping[str, Value], *, parent: str, error: str | None = None) -> None:
        """Something was heard from outside that belongs to a stored context."""
        ...
