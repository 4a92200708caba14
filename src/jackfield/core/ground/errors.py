"""What can go wrong, as one tree.

- `JackfieldError`: anything the core tells its caller; `code` is stable, the message is for people.
    - `Invalid`: the request cannot be carried out as it stands (`details` may name the fields).
        - `UnknownPlaceholders`: a message has placeholders that nothing fills
    - `Unauthenticated`, `Forbidden`, `NotFound`, `Conflict`, `LimitReached`, `Unsupported`
- `SendError`: what an engine reports of one send; its class says whether the message surely did
  not go out (design, decision 6).
    - `Rejected`: surely not sent, and never will be as it stands
    - `Throttled`: surely not sent; try again after a while
    - `Unavailable`: surely not sent; the way to the network is down
    - `LoginRequired`: surely not sent; the channel's session needs a person
    - `OutcomeUnknown`: may or may not have gone out; never blindly resent

Dialects map the first tree to their own status codes and envelopes; nothing here knows HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class JackfieldError(Exception):
    """Base of what the core raises on purpose. `code` is stable; the message is for people."""

    code = "ERROR"

    def __init__(self, message: str, *, code: str | None = None, details: Any = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        self.details = details


class Invalid(JackfieldError):
    """The request is wrong as it stands; `details` is a map of field to messages where fields are known."""

    code = "VALIDATION_ERROR"


class UnknownPlaceholders(Invalid):
    """Placeholders in a message that nothing fills: the recipients would read them. `marks` are they as they are written,
    such as `{name}`; `why` says what could fill them; `index` is the message's place in a bulk send."""

    def __init__(self, marks: Sequence[str], why: str) -> None:
        self.marks = tuple(marks)
        self.index: int | None = None
        self.why = f"Nothing fills {', '.join(marks)}: {why}"
        super().__init__(f"content: {self.why}", details={"content": [self.why]})


class Unauthenticated(JackfieldError):
    """No credentials, or ones that are unknown, expired or revoked."""

    code = "UNAUTHORIZED"


class Forbidden(JackfieldError):
    """Known caller, but not allowed to do this."""

    code = "FORBIDDEN"


class NotFound(JackfieldError):
    """No such object in this workspace; another workspace's object is not told apart."""

    code = "NOT_FOUND"


class Conflict(JackfieldError):
    """The object's present state does not allow it, or such an object exists already."""

    code = "CONFLICT"


class LimitReached(JackfieldError):
    """A limit of the plan, the channel or the caller is used up; `retry_after` in seconds where known."""

    code = "LIMIT_REACHED"

    def __init__(
        self, message: str, *, code: str | None = None, details: Any = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, code=code, details=details)
        self.retry_after = retry_after


class Unsupported(JackfieldError):
    """The channel's engine does not have this capability; said before anything is sent."""

    code = "UNSUPPORTED"


class SendError(Exception):
    """One message's failure as an engine saw it.

    `code` is the provider's own code as text ("131026", "telegram:403", "timeout"), `message` its words,
    `certain` whether the message surely did not reach the network.
    """

    certain = True

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Rejected(SendError):
    """The network refused this message for good; sending it again unchanged is pointless."""


class Throttled(SendError):
    """Too fast. `retry_after` is in seconds; `scope` says what must slow down: "channel" or "recipient"."""

    def __init__(self, code: str, message: str, retry_after: float = 1.0, scope: str = "channel") -> None:
        super().__init__(code, message)
        self.retry_after = retry_after
        self.scope = scope


class Unavailable(SendError):
    """The network could not be reached or said 5xx before taking the message; surely not sent."""


class LoginRequired(SendError):
    """The session is logged out, the token is revoked or the number is banned; a person must act."""


class OutcomeUnknown(SendError):
    """The connection broke after the request left: the message may have gone out. Never blindly resent."""

    certain = False
