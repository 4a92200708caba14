"""The states of a message and of a campaign, and which moves are legal: the one place that says so.

Status never moves backwards (design, decision 1), except that a provider may report `delivered` or `read` after
`failed`: field.md, "delivered can follow failed".
"""

from __future__ import annotations

from typing import Final

SCHEDULED: Final = "scheduled"
QUEUED: Final = "queued"
SENDING: Final = "sending"
SENT: Final = "sent"
DELIVERED: Final = "delivered"
READ: Final = "read"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
SKIPPED: Final = "skipped"
UNCERTAIN: Final = "uncertain"
RECEIVED: Final = "received"

OUTGOING: Final = (
    SCHEDULED,
    QUEUED,
    SENDING,
    SENT,
    DELIVERED,
    READ,
    FAILED,
    CANCELLED,
    SKIPPED,
    UNCERTAIN,
)
"""All states of an outgoing message, in the order in which people read them."""

MOVES: Final[dict[str, frozenset[str]]] = {
    SCHEDULED: frozenset({QUEUED, CANCELLED, SKIPPED, FAILED}),
    QUEUED: frozenset({SENDING, CANCELLED, SKIPPED, FAILED}),
    # Back to queued only when the message surely did not go out.
    SENDING: frozenset({SENT, DELIVERED, READ, FAILED, UNCERTAIN, QUEUED}),
    UNCERTAIN: frozenset({SENT, DELIVERED, READ, FAILED, QUEUED}),
    SENT: frozenset({DELIVERED, READ, FAILED}),
    DELIVERED: frozenset({READ}),
    READ: frozenset(),
    FAILED: frozenset({DELIVERED, READ}),
    CANCELLED: frozenset(),
    SKIPPED: frozenset(),
    RECEIVED: frozenset(),
}
"""From each state, where a message may go."""

SETTLED: Final = frozenset({SENT, DELIVERED, READ, FAILED, CANCELLED, SKIPPED})
"""States in which nothing more is owed by us."""

OPEN: Final = frozenset({SCHEDULED, QUEUED, SENDING, UNCERTAIN})
"""States in which a campaign is not over."""


def may_move(old: str, new: str) -> bool:
    """Whether a message in state `old` may become `new`."""
    return new in MOVES[old]


CAMPAIGN_MOVES: Final[dict[str, frozenset[str]]] = {
    "draft": frozenset({"scheduled", "running", "cancelled"}),
    "scheduled": frozenset({"running", "cancelled", "draft", "paused"}),
    "running": frozenset({"paused", "finished", "cancelled"}),
    "paused": frozenset({"running", "scheduled", "cancelled"}),
    "finished": frozenset({"running"}),
    "cancelled": frozenset(),
}
"""From each campaign state, where it may go. An api campaign that had run dry runs again when triggered."""

SERVICE, AUTHENTICATION, UTILITY, MARKETING = range(4)
LANES: Final[dict[str, int]] = {
    "service": SERVICE,
    "authentication": AUTHENTICATION,
    "utility": UTILITY,
    "marketing": MARKETING,
}
"""Category to lane: lower goes first, so replies never wait behind a campaign (design, decision 7)."""

HELD: Final = 100
"""Added to the lane of a message that a person must release first: no claim asks for such a lane, whatever the state."""
