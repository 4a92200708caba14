"""Meta's error bodies, as the Graph API writes them.

Shape and titles follow the error codes page (developers.facebook.com, WhatsApp Business Platform, 2026-05-15):
`{"error": {"message": "(#code) title", "type", "code", "error_data": {"messaging_product", "details"}, "fbtrace_id"}}`.
"""

from __future__ import annotations

from random import Random
from typing import Any

from ..faults import fault

_trace = Random()

HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

TITLES = {
    "0": "AuthException",
    "1": "API Unknown",
    "2": "API Service",
    "3": "API Method",
    "4": "Application request limit reached",
    "10": "Permission Denied",
    "33": "Parameter value is not valid",
    "100": "Invalid parameter",
    "190": "Invalid OAuth access token",
    "368": "Temporarily blocked for policies violations",
    "80007": "Rate limit issues",
    "130429": "Rate limit hit",
    "130472": "User's number is part of an experiment",
    "130497": "Business account is restricted from messaging users in this country.",
    "131000": "Something went wrong",
    "131005": "Access denied",
    "131008": "Required parameter is missing",
    "131009": "Parameter value is not valid",
    "131016": "Service unavailable",
    "131021": "Recipient cannot be sender",
    "131026": "Message undeliverable",
    "131030": "Recipient phone number not in allowed list",
    "131031": "Account has been locked",
    "131037": "WhatsApp provided number needs display name approval before message can be sent",
    "131042": "Business eligibility payment issue",
    "131045": "Incorrect certificate",
    "131047": "Re-engagement message",
    "131048": "Spam rate limit hit",
    "131049": "This message was not delivered to maintain healthy ecosystem engagement.",
    "131050": "User has stopped marketing messages",
    "131051": "Unsupported message type",
    "131052": "Media download error",
    "131053": "Media upload error",
    "131056": "(Business Account, Consumer Account) pair rate limit hit",
    "131057": "Account in maintenance mode",
    "131062": "Business-scoped User ID (BSUID) recipients are not supported for this message.",
    "131063": "Marketing templates disabled for Cloud API",
    "131064": "Message failed to reach messaging limit",
    "132000": "Number of parameters does not match the expected number of params",
    "132001": "Template name does not exist in the translation",
    "132005": "Translated text too long",
    "132007": "Template format character policy violated",
    "132008": "Template parameter format",
    "132012": "Parameter format does not match format in the created template",
    "132015": "Template is paused",
    "132016": "Template is disabled",
    "132018": "There's an issue with the parameters in your template",
    "132068": "Flow is blocked",
    "132069": "Flow is throttled",
    "133000": "Incomplete Deregistration",
    "133004": "Server Temporarily Unavailable",
    "133005": "Two step verification PIN Mismatch",
    "133010": "Phone number not registered",
    "133015": "Please wait a few minutes before attempting to register this phone number",
    "133016": "Account register deregister rate limit exceeded",
    "135000": "Generic user error",
}

_OF_GRAPH = frozenset({"0", "1", "2", "3", "4", "10", "100", "190", "80007"})
"""Codes of the Graph API itself, which come without `error_data`."""


class GraphProblem(Exception):
    """A request that the Graph API refuses. `http` overrides the code's own status; `user` is what people are shown."""

    def __init__(
        self,
        code: str | int,
        details: str | None = None,
        *,
        http: int | None = None,
        subcode: int | None = None,
        message: str | None = None,
        retry_after: float | None = None,
        user: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(details or message or str(code))
        self.code = str(code)
        self.details = details
        self.http = http
        self.subcode = subcode
        self.message = message
        self.retry_after = retry_after
        self.user = user

    @property
    def status(self) -> int:
        """The HTTP status that Meta gives this code."""
        if self.http is not None:
            return self.http
        try:
            return fault(self.code).http
        except ValueError:
            return 400

    def body(self) -> dict[str, Any]:
        """The error body."""
        number = int(self.code) if self.code.isdigit() else 131000
        title = TITLES.get(self.code) or _words(self.code)
        of_graph = self.code in _OF_GRAPH
        message = self.message or f"(#{number}) {self.details if of_graph and self.details else title}"
        error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": number}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.user is not None:
            error |= {"is_transient": False, "error_user_title": self.user[0], "error_user_msg": self.user[1]}
        if not of_graph:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details or title}
        error["fbtrace_id"] = f"A{_trace.getrandbits(96):024x}"
        return {"error": error}


def webhook_error(code: str, details: str | None = None) -> dict[str, Any]:
    """The error object as statuses carry it."""
    title = TITLES.get(code) or _words(code)
    return {
        "code": int(code) if code.isdigit() else 131000,
        "title": title,
        "message": title,
        "error_data": {"details": details or title},
        "href": HREF,
    }


def _words(code: str) -> str:
    try:
        return fault(code).message
    except ValueError:
        return "Something went wrong"


def unknown_object(object_id: str, method: str = "GET") -> GraphProblem:
    """What Graph says of an id that does not exist or that the token may not see."""
    return GraphProblem(
        100,
        http=400,
        subcode=33,
        message=(
            f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded due to "
            "missing permissions, or does not support this operation. Please read the Graph API documentation at "
            "https://developers.facebook.com/docs/graph-api"
        ),
    )


def bad_token(words: str = "Invalid OAuth access token - Cannot parse access token") -> GraphProblem:
    """What Graph says of a token that it does not accept."""
    return GraphProblem(190, http=401, message=words)


def required(name: str) -> GraphProblem:
    """What Graph says of a top-level parameter that is missing."""
    return GraphProblem(100, f"The parameter {name} is required.")


def missing(details: str) -> GraphProblem:
    """131008 with its details."""
    return GraphProblem(131008, details)


def invalid(details: str) -> GraphProblem:
    """131009 with its details."""
    return GraphProblem(131009, details)
