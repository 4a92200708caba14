"""What a process counts and times of its own doing, for whoever watches it.

Plain dictionaries that are added to where the thing happens: no lock, no library, no thread. They are put into the words of a
monitoring system when it asks, outside of the core. Labels are names of ours, templates of routes and ids, never addresses,
numbers or texts; `MOST_LABELS` bounds what a meter may hold whatever its labels are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

MOST_LABELS: Final = 2000
"""Sets of labels that one meter keeps apart; what comes later is counted under `OTHER`."""
OTHER: Final = "other"

Labels = tuple[str, ...]


class Meter:
    """What is told of a meter: `name` without prefix and suffix, `help` as one sentence, the names of its labels."""

    def __init__(self, name: str, help: str, *labels: str) -> None:
        self.name = name
        self.help = help
        self.labels = labels
        self._other: Labels = (OTHER,) * len(labels)


class Count(Meter):
    """A number that only grows, by labels."""

    def __init__(self, name: str, help: str, *labels: str) -> None:
        super().__init__(name, help, *labels)
        self.values: dict[Labels, float] = {}

    def add(self, labels: Labels, number: float = 1) -> None:
        """Count so many more."""
        values = self.values
        if labels not in values:
            if len(values) >= MOST_LABELS:
                labels = self._other
            values[labels] = values.get(labels, 0)
        values[labels] += number


class Times(Meter):
    """How long something took, in seconds, by labels: how often within each of `bounds`, and the sum.

    `most` bounds the sets of labels: each is a dozen of series.
    """

    def __init__(self, name: str, help: str, *labels: str, bounds: Sequence[float], most: int = 500) -> None:
        super().__init__(name, help, *labels)
        self.bounds = tuple(bounds)
        self.values: dict[Labels, list[float]] = {}
        """The sum, then the number in each range: one more than there are bounds."""
        self._most = most

    def observe(self, labels: Labels, seconds: float, number: int = 1) -> None:
        """Something took so long; so many times."""
        row = self.values.get(labels)
        if row is None:
            if len(self.values) >= self._most:
                labels = self._other
            row = self.values.setdefault(labels, [0.0] * (len(self.bounds) + 2))
        row[0] += seconds * number
        row[1 + bisect_left(self.bounds, seconds)] += number


class Meters:
    """All meters of a process."""

    def __init__(self) -> None:
        self.http_requests = Count(
            "http_requests",
            "Requests answered, by method, template of the route (`none`: there is none) and status.",
            *("method", "route", "status"),
        )
        self.http_seconds = Times(
            "http_request_seconds",
            "From a request's headers to the end of its answer; without streams, and sends that wait on purpose (`?wait=`).",
            *("method", "route"),
            bounds=(0.005, 0.025, 0.1, 0.25, 1, 5),
        )
        self.sends = Count(
            "engine_sends",
            "Messages handed to a network, by what came of it: sent, rejected, throttled, unavailable, login_required, unknown"
            " (it may have gone out) or failed (a fault of the engine).",
            *("engine", "outcome"),
        )
        self.send_seconds = Times(
            "engine_send_seconds",
            "From handing a message to a network until its answer.",
            "engine",
            bounds=(0.025, 0.1, 0.25, 0.5, 1, 2.5, 10, 30),
        )
        self.webhook_attempts = Count(
            "webhook_attempts",
            "Attempts to deliver to an endpoint (its id), by what came of it: delivered, unreachable, slow_down, no_answer,"
            " refused, gone or fault (ours).",
            *("endpoint", "outcome"),
        )
        self.webhook_seconds = Times(
            "webhook_seconds",
            "How long attempts to deliver to an endpoint (its id) took.",
            "endpoint",
            bounds=(0.05, 0.25, 1, 5, 15),
            most=200,
        )
        self.webhooks_parked = Count("webhooks_parked", "Deliveries that were given up; they can be replayed.")
        self.archived = Count("archived_messages", "Messages that this process moved into the archive.")
        self.loop_lag = Times(
            "event_loop_lag_seconds",
            "How much later than asked the event loop came back, twice a second.",
            bounds=(0.005, 0.02, 0.05, 0.1, 0.25, 1),
        )

    def all(self) -> list[Count | Times]:
        """Each of them."""
        return [one for one in vars(self).values() if isinstance(one, Count | Times)]
