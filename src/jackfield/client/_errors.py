"""What a client's call can raise."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """The server refused: HTTP `status`, stable `code`, `message` for people, `details` where there are some.

    `retry_after` is in seconds where the server said when to come again.
    """

    def __init__(
        self, status: int, code: str, message: str, details: Any = None, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.retry_after = retry_after


class ConnectionFailed(Exception):
    """The server could not be reached, or did not answer in time, as often as it was tried."""
