"""What a step came to."""

from __future__ import annotations

import msgspec


class Took(msgspec.Struct, kw_only=True):
    """What came of a step. `outcome` is done, skipped or failed; None while the step is not over. `goto`: the step that
    follows, None for the one that says so itself. `due_at` and `waits_for`: the run waits. `state`: the run ends."""

    outcome: str | None = "done"
    reason: str | None = None
    message_id: int | None = None
    goto: str | None = None
    due_at: int | None = None
    waits_for: str | None = None
    state: str | None = None
