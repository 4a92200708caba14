"""From an engine's answer to what the ledger records: the retry policy, as data and one pure function."""

from __future__ import annotations

from random import Random
from typing import Final

from jackfield.core import (
    Claimed,
    LoginRequired,
    Outcome,
    OutcomeUnknown,
    Rejected,
    SendError,
    Throttled,
    Unavailable,
    known,
    lookup,
    states,
)
from jackfield.core.port import Sent

BACKOFF_S: Final = (1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
"""Pauses between attempts that surely did not go out, in seconds; after the last the message fails. About a day."""
THROTTLE_ATTEMPTS: Final = 40
"""How often a message may be throttled before it fails: throttling says nothing against the message."""
RECIPIENT_BASE_S: Final = 4.0
"""Meta's advice for the pair rate (131056): wait 4^X seconds, X counting the attempts."""

_random = Random()


def outcome_of(
    message: Claimed, channel_id: int, token: int, answer: Sent | SendError | BaseException, now: int
) -> Outcome:
    """What to record for one attempt. Times are Unix ms."""

    def outcome(state: str, **fields: object) -> Outcome:
        return Outcome(id=message.id, channel_id=channel_id, token=token, state=state, at=now, **fields)  # type: ignore[arg-type]

    if isinstance(answer, Sent):
        return outcome(states.SENT, provider_id=answer.provider_id, raw=answer.raw, held=answer.held)
    if isinstance(answer, OutcomeUnknown) or not isinstance(answer, SendError):
        code = answer.code if isinstance(answer, SendError) else "internal"
        text = answer.message if isinstance(answer, SendError) else f"{type(answer).__name__} while sending"
        return outcome(states.UNCERTAIN, code=code, message=text)
    if isinstance(answer, Rejected):
        return outcome(states.FAILED, code=answer.code, message=answer.message)
    if isinstance(answer, LoginRequired):
        # The channel stops; the message waits for it and loses no attempt.
        return outcome(states.QUEUED, code=answer.code, message=answer.message, due_at=now, free=True)
    if isinstance(answer, Throttled):
        if message.attempts >= THROTTLE_ATTEMPTS:
            return outcome(states.FAILED, code=answer.code, message=answer.message)
        pause = max(answer.retry_after, 0.05)
        if answer.scope == "recipient":
            pause = max(pause, min(RECIPIENT_BASE_S ** min(message.attempts, 6), 3600))
        return outcome(states.QUEUED, code=answer.code, message=answer.message, due_at=now + _jittered(pause))
    if isinstance(answer, Unavailable):
        if message.attempts > len(BACKOFF_S):
            return outcome(states.FAILED, code=answer.code, message=answer.message)
        pause = BACKOFF_S[message.attempts - 1]
        return outcome(states.QUEUED, code=answer.code, message=answer.message, due_at=now + _jittered(pause))
    return outcome(states.FAILED, code=answer.code, message=answer.message)


def login_reason(error: LoginRequired) -> str:
    """Why a channel went down and how a person brings it up again: the provider's words and the error book's remedy."""
    if error.code == "INSTALL":
        return error.message
    text = f"{error.code}: {error.message}"
    entry = lookup(error.code)
    if not known(error.code) or entry.remedy in text:
        return text
    return f"{text.rstrip('.!?:;, ')}. {entry.remedy}"


def _jittered(seconds: float) -> int:
    """Milliseconds around `seconds`, up to a quarter more, so that what failed together does not return together."""
    return int(seconds * 1000 * _random.uniform(1.0, 1.25))
