"""The breaker: a campaign that fails beyond a threshold is paused, with the reason (design, decision 7)."""

from __future__ import annotations

from collections import Counter, deque

import msgspec

from jackfield.core import states
from jackfield.core.errorbook import lookup
from jackfield.core.messages.record import Outcome


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """Pause when of the last `window` outcomes at least the share `ratio` failed. Data of the channel's settings."""

    window: int = 200
    ratio: float = 0.8


class Breaker:
    """Watches the outcomes of one channel's campaigns."""

    def __init__(self, threshold: Threshold | None = None) -> None:
        self.threshold = threshold or Threshold()
        self._outcomes: dict[int, deque[str | None]] = {}

    def watch(self, campaign_id: int, outcome: Outcome) -> str | None:
        """Count one outcome; gives the reason when the campaign must pause now."""
        failed = outcome.state == states.FAILED
        if failed and outcome.code is not None:
            entry = lookup(outcome.code)
            if entry.pauses is not None:
                self._outcomes.pop(campaign_id, None)
                return f"{outcome.code} {entry.title}: {entry.remedy}"
        if outcome.state not in (states.SENT, states.FAILED):
            return None
        recent = self._outcomes.setdefault(campaign_id, deque(maxlen=self.threshold.window))
        recent.append((outcome.code or "unknown") if failed else None)
        if not failed or len(recent) < self.threshold.window:
            return None
        codes = Counter(code for code in recent if code is not None)
        total = codes.total()
        if total < self.threshold.ratio * len(recent):
            return None
        code, times = codes.most_common(1)[0]
        del self._outcomes[campaign_id]
        entry = lookup(code)
        return f"{total} of the last {len(recent)} messages failed, {times} of them with {code} ({entry.title})."

    def forget(self, campaign_id: int) -> None:
        """The campaign is over or was resumed."""
        self._outcomes.pop(campaign_id, None)
