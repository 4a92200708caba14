"""The breaker: a campaign that fails beyond a threshold is paused, with the reason (design, decision 7)."""

from __future__ import annotations

from collections import Counter, deque

import msgspec

from jackfield.core import Outcome, lookup, states


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """Pause when of the last `window` outcomes at least the share `ratio` failed. Data of the channel's settings."""

    window: int = 200
    ratio: float = 0.8


class Breaker:
    """Watches the outcomes of one channel's campaigns: those of the sends, and what the network says later.

    The two are counted apart. A network that takes everything and fails it all afterwards, as the Cloud API does with
    an unpaid account, would else never look worse than half bad.
    """

    def __init__(self, threshold: Threshold | None = None) -> None:
        self.threshold = threshold or Threshold()
        self._outcomes: dict[tuple[int, bool], deque[str | None]] = {}

    def watch(self, campaign_id: int, outcome: Outcome) -> str | None:
        """Count the outcome of one send; gives the reason when the campaign must pause now."""
        return self._count(campaign_id, outcome.state, outcome.code, later=False)

    def heard(self, campaign_id: int, state: str, code: str | None) -> str | None:
        """Count one later report of the network; gives the reason when the campaign must pause now."""
        return self._count(campaign_id, state, code, later=True)

    def _count(self, campaign_id: int, state: str, code: str | None, *, later: bool) -> str | None:
        failed = state == states.FAILED
        if failed and code is not None:
            entry = lookup(code)
            if entry.pauses is not None:
                self.forget(campaign_id)
                return f"{code} {entry.title}: {entry.remedy}"
        if not failed and state != (states.DELIVERED if later else states.SENT):
            return None
        recent = self._outcomes.setdefault((campaign_id, later), deque(maxlen=self.threshold.window))
        recent.append((code or "unknown") if failed else None)
        if not failed or len(recent) < self.threshold.window:
            return None
        codes = Counter(one for one in recent if one is not None)
        total = codes.total()
        if total < self.threshold.ratio * len(recent):
            return None
        code, times = codes.most_common(1)[0]
        self.forget(campaign_id)
        entry = lookup(code)
        return f"{total} of the last {len(recent)} messages failed, {times} of them with {code} ({entry.title})."

    def forget(self, campaign_id: int) -> None:
        """The campaign is over or was resumed."""
        for later in (False, True):
            self._outcomes.pop((campaign_id, later), None)
