"""Graph API answers that are not success, as what they mean for the message. Pure functions.

The rule of certainty (design, decision 6): an answer with Graph's own error body says that the message was not
taken, whatever its HTTP status; a connection that broke after the request had left says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from jackfield.core import errorbook
from jackfield.core.errorbook import RetryClass
from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, SendError, Throttled, Unavailable

_THROTTLES = frozenset({"4", "80007", "130429", "613", "133015", "http:429"})
_LONG_WAITS = {"4": 60.0, "80007": 60.0, "613": 60.0, "133015": 300.0}
"""Seconds to wait when Meta names none: call budgets are counted by the hour, throughput by the second."""

_PAIR_BASE = 4.0
_PAIR_MOST = 600.0
"""Meta advises 4^X seconds for the pair rate (131056); ten minutes is the span its budget is counted in."""


class GraphError(msgspec.Struct, frozen=True, kw_only=True):
    """Graph's error object. `code` as text; `details` is `error_data.details`, which says what to mend."""

    code: str
    message: str
    subcode: int | None = None
    details: str | None = None
    type: str | None = None
    trace: str | None = None

    @property
    def words(self) -> str:
        """What a person should read: the details go before the title."""
        title = self.message.partition(") ")[2] if self.message.startswith("(#") else self.message
        if self.details and self.details != title:
            return f"{title}: {self.details}" if title else self.details
        return title or "Meta gave no reason"


def parse_error(body: bytes) -> GraphError | None:
    """Graph's error object of a response body; None when the body is not Graph's."""
    try:
        data = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    error = data.get("error") if isinstance(data, dict) else None
    return error_object(error) if isinstance(error, dict) else None


def error_object(error: Mapping[str, Any]) -> GraphError | None:
    """An error object as it stands in answers (`error`) and webhooks (`errors[]`); None without a code."""
    code = error.get("code")
    if isinstance(code, bool) or not isinstance(code, int | str) or code == "":
        return None
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else data
    subcode = error.get("error_subcode")
    return GraphError(
        code=str(code),
        message=str(error.get("message") or error.get("title") or ""),
        subcode=subcode if isinstance(subcode, int) else None,
        details=str(details) if details else _text(error.get("error_user_msg")),
        type=_text(error.get("type")),
        trace=_text(error.get("fbtrace_id")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def send_error(
    status: int, body: bytes, headers: Mapping[str, str], attempt: int = 1, number: str | None = None
) -> SendError:
    """What a response that is not 2xx means for the message that was sent.

    `headers` has names in lower case, or finds them so; `attempt` counts the tries of this message from 1; `number` is
    the channel's own phone number id.
    """
    error = parse_error(body)
    if error is None:
        return _without_body(status, headers)
    code = error.code
    # Graph says "object does not exist" (100 with subcode 33) for a wrong id or a token that may not see it. When it
    # is the number's, that is the channel's fault, not the message's.
    if code == "100" and error.subcode == 33 and number and f"'{number}'" in error.message:
        code = "33"
    # Template limits arrive as code 100 with the true reason in the subcode.
    elif code == "100" and error.subcode and error.subcode > 1_000_000 and errorbook.known(error.subcode):
        code = str(error.subcode)
    words = error.words
    entry = errorbook.lookup(code)
    retry_class = errorbook.classify(code, status)
    if retry_class is RetryClass.RECIPIENT_BACKOFF:
        wait = min(_PAIR_BASE ** max(1, attempt), _PAIR_MOST)
        return Throttled(code, words, retry_after=wait, scope="recipient")
    if code in _THROTTLES or (status == 429 and retry_class is RetryClass.BACKOFF):
        return Throttled(code, words, retry_after=_retry_after(code, headers))
    if retry_class is RetryClass.BACKOFF:
        return Unavailable(code, words)
    if retry_class is RetryClass.PAUSE and (entry.pauses == "account" or not errorbook.known(code)):
        return LoginRequired(code, words)
    return Rejected(code, words)


def _without_body(status: int, headers: Mapping[str, str]) -> SendError:
    """An answer that does not bear Graph's mark: from a gateway or proxy on the way."""
    code = f"http:{status}"
    if status == 429:
        return Throttled(code, "Too many requests", retry_after=_retry_after(code, headers))
    if status in (401, 403, 407):
        return LoginRequired(code, f"HTTP {status} without Graph's error body")
    if status == 503:
        return Unavailable(code, "HTTP 503: the service takes no requests now")
    if status >= 500 or status == 408:
        # A gateway that gave up on the server behind it does not know whether that server took the message.
        return OutcomeUnknown("outcome_unknown", f"HTTP {status} without Graph's error body")
    return Rejected(code, f"HTTP {status} without Graph's error body")


def _retry_after(code: str, headers: Mapping[str, str]) -> float:
    """Seconds to wait: Retry-After, else Meta's estimate in its usage header, else a default by code."""
    given = headers.get("retry-after")
    if given is not None and given.strip().isdigit():
        return float(max(1, int(given)))
    usage = headers.get("x-business-use-case-usage")
    if usage:
        try:
            data = msgspec.json.decode(usage)
            # Meta's estimate is in minutes.
            minutes = max(
                (float(row.get("estimated_time_to_regain_access") or 0) for rows in data.values() for row in rows),
                default=0.0,
            )
            if minutes > 0:
                return minutes * 60
        except (msgspec.DecodeError, AttributeError, TypeError, ValueError):
            pass
    return _LONG_WAITS.get(code, 1.0)
