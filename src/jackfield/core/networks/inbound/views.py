"""Problems as the service gives them out."""

from __future__ import annotations

from typing import Any

import msgspec

from ...ground.views import view_of
from ...models import InboundProblem
from . import payload


class ProblemView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that came in and could not be applied. `reason` is one of `REASONS`, `raw` what was kept of it.

    `attempts` counts replays, `resolved_at` is set once one of them has applied it. Times are Unix ms.
    """

    id: int
    workspace_id: int
    channel_id: int
    reason: str
    kind: str
    detail: str | None
    message_id: int | None
    raw: Any
    attempts: int
    created_at: int
    tried_at: int | None
    resolved_at: int | None


def problem_view(row: InboundProblem) -> ProblemView:
    """The view of a row."""
    return view_of(ProblemView, row, raw=payload.readable(row.payload))


def problem_line(row: InboundProblem) -> ProblemView:
    """The view of a row in a list, without what was kept: that may be megabytes."""
    return view_of(ProblemView, row, raw=None)


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay of many did: how many were tried, how many of them are solved, and where to go on (None: that was
    all)."""

    tried: int
    resolved: int
    cursor: str | None
