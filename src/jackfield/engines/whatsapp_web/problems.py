"""whatsmeow's errors, which neonize hands on as text, in the core's terms.

Texts are those of go.mau.fi/whatsmeow (errors.go, send.go). Whatever is not known to come before the message went on
the wire is an unknown outcome.
"""

from __future__ import annotations

import re

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, SendError, Throttled, Unavailable

RESTRICTED = "463"
"""The server's answer when this number may answer people but not open new chats."""

_SERVER = re.compile(r"server returned error (\d+)")

_NOT_SENT = (
    "websocket not connected",
    "failed to get device list",
    "failed to get user devices",
    "failed to get group members",
    "failed to get own",
    "failed to fetch prekeys",
    "client not found",
    "failed to refresh media connections",
)
_LOGGED_OUT = ("store doesn't contain a device jid", "not logged in", "logged out")


def of_send(error: Exception) -> SendError:
    """Why a send failed."""
    text = str(error)
    lowered = text.lower()
    if found := _SERVER.search(lowered):
        return _of_server(found.group(1), text)
    if any(words in lowered for words in _LOGGED_OUT):
        return LoginRequired("LOGGED_OUT", "The phone is not paired (any more). Pair it again by QR or code.")
    if any(words in lowered for words in _NOT_SENT):
        return Unavailable("DISCONNECTED", text)
    if "timed out" in lowered or "context deadline exceeded" in lowered:
        return OutcomeUnknown("timeout", text)
    return OutcomeUnknown("outcome_unknown", text)


def _of_server(code: str, text: str) -> SendError:
    if code == RESTRICTED:
        return Rejected(RESTRICTED, "WhatsApp lets this number answer people but not open new chats for now.")
    if code in ("420", "429"):
        return Throttled(code, text, 60.0)
    if code in ("401", "403", "404"):
        return Rejected("NOT_GROUP_MEMBER", f"This number may not write there ({text}).")
    if code.startswith("5"):
        return Unavailable(code, text)
    return Rejected(code, text)


def of_request(error: Exception) -> SendError:
    """Why anything but a send failed (groups, lookups, files): the server's refusal is final, all else may pass."""
    text = str(error)
    lowered = text.lower()
    if any(words in lowered for words in _LOGGED_OUT):
        return LoginRequired("LOGGED_OUT", "The phone is not paired (any more). Pair it again by QR or code.")
    if "rate-overlimit" in lowered or "429" in lowered:
        return Throttled("429", text, 60.0)
    if "not-authorized" in lowered or "forbidden" in lowered or "403" in lowered or "401" in lowered:
        return Rejected("403", f"WhatsApp does not allow this number to do that ({text}).")
    if "item-not-found" in lowered or "404" in lowered or "not found" in lowered or "gone" in lowered:
        return Rejected("404", f"WhatsApp knows no such thing ({text}).")
    if "bad-request" in lowered or "400" in lowered or "not-acceptable" in lowered or "conflict" in lowered:
        return Rejected("400", text)
    return Unavailable("DISCONNECTED", text)
