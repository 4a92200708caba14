"""What is recorded for each answer of a network."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, Throttled, Unavailable
from jackfield.core.ledger.claim import Claimed
from jackfield.core.port import Sent
from jackfield.worker.channel.outcome import BACKOFF_S, THROTTLE_ATTEMPTS, login_reason, outcome_of


def claimed(attempts: int = 1) -> Claimed:
    return Claimed(
        id=7, workspace_id=1, campaign_id=0, peer="628", kind="text", content="{}", variables=None, category="service",
        lane=0, tag=None, template=None, source=None, reply_to=None, contact_id=None, attempts=attempts,
        provider_id=None, due_at=0, created_at=0,
    )  # fmt: skip


NOW = 1_000_000


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        (Sent(provider_id="w"), "sent", None),
        (Rejected("131026", "x"), "failed", "131026"),
        (Throttled("130429", "x", 2), "queued", "130429"),
        (Unavailable("503", "x"), "queued", "503"),
        (LoginRequired("190", "x"), "queued", "190"),
        (OutcomeUnknown("timeout", "x"), "uncertain", "timeout"),
        (ValueError("bug"), "uncertain", "internal"),
    ],
)
def test_each_answer_has_its_outcome(answer: Any, state: str, code: str | None) -> None:
    found = outcome_of(claimed(), 1, 2, answer, NOW)
    assert (found.state, found.code) == (state, code)


def test_back_off_grows_and_ends() -> None:
    pauses = []
    for attempt in range(1, len(BACKOFF_S) + 1):
        found = outcome_of(claimed(attempt), 1, 2, Unavailable("down", "x"), NOW)
        assert found.due_at is not None
        pauses.append((found.due_at - NOW) / 1000)
    assert all(low <= pause <= low * 1.25 for low, pause in zip(BACKOFF_S, pauses, strict=True))
    assert outcome_of(claimed(len(BACKOFF_S) + 1), 1, 2, Unavailable("down", "x"), NOW).state == "failed"


def test_throttling_says_nothing_against_the_message() -> None:
    assert outcome_of(claimed(20), 1, 2, Throttled("429", "x", 30), NOW).state == "queued"
    assert outcome_of(claimed(THROTTLE_ATTEMPTS), 1, 2, Throttled("429", "x", 30), NOW).state == "failed"
    one = outcome_of(claimed(3), 1, 2, Throttled("131056", "x", 1, scope="recipient"), NOW)
    assert one.due_at is not None
    assert one.due_at - NOW >= 64_000, "the pair rate waits 4^attempts seconds"


def test_a_channel_that_goes_down_says_how_to_bring_it_up() -> None:
    said = login_reason(LoginRequired("190", "Session has expired on Thursday."))
    assert said.startswith("190: Session has expired on Thursday. Make a permanent token")
    assert login_reason(LoginRequired("some_new_code", "Come back later")) == "some_new_code: Come back later"
