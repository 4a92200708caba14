"""Events that end or trouble a connection, with the reason in words. Imported in child processes only."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import Any

from neonize.events import EVENT_TO_INT, INT_TO_EVENT
from neonize.proto import Neonize_pb2 as nz

from jackfield.core.port import Disconnected

_FAILURE = nz.ConnectFailure.DESCRIPTOR.fields_by_name["Reason"].enum_type
_BAN = nz.TemporaryBan.DESCRIPTOR.fields_by_name["Code"].enum_type

OUTDATED = (
    f"WhatsApp no longer accepts this version of the library (neonize {version('neonize')}). "
    "Install the newest with: pip install -U neonize. Then restart Jackfield; the pairing stays."
)
_LOGGED_OUT = {
    "LOGGED_OUT": "The device was unlinked on the phone (or WhatsApp ended it). Pair the number again.",
    "MAIN_DEVICE_GONE": "The phone's account is gone: WhatsApp was deleted or moved. Pair the number again.",
    "UNKNOWN_LOGOUT": "WhatsApp logged the device out. Pair the number again.",
    "TEMP_BANNED": "WhatsApp has banned this number for a while. See the WhatsApp app on the phone.",
    "CLIENT_OUTDATED": OUTDATED,
    "BAD_USER_AGENT": OUTDATED,
}
_BANNED = {
    "SEND_TO_TOO_MANY_PEOPLE": "it wrote to too many people who do not have it in their address book",
    "BLOCKED_BY_USERS": "too many people blocked it",
    "CREATED_TOO_MANY_GROUPS": "it made too many groups",
    "SENT_TOO_MANY_SAME_MESSAGE": "it sent the same message to too many people",
    "BROADCAST_LIST": "it sent too many messages to a broadcast list",
}


def _name(enum: Any, number: int) -> str:
    value = enum.values_by_number.get(number)
    return value.name if value is not None else str(number)


def _logged_out(event: nz.LoggedOut) -> Disconnected:
    name = _name(_FAILURE, event.Reason)
    return Disconnected(reason=_LOGGED_OUT.get(name, _LOGGED_OUT["UNKNOWN_LOGOUT"]), permanent=True)


def _banned(event: nz.TemporaryBan) -> Disconnected:
    name = _name(_BAN, event.Code)
    until = ""
    if event.Expire:
        # Nanoseconds or seconds of the ban's length, depending on neonize's version; an hour is 3.6e12 ns.
        seconds = event.Expire / 1e9 if event.Expire > 10**9 else event.Expire
        until = time.strftime(" until %Y-%m-%d %H:%M UTC", time.gmtime(time.time() + seconds))
    why = _BANNED.get(name, f"code {name}")
    return Disconnected(reason=f"WhatsApp has banned this number{until}: {why}.", permanent=True)


def _failed(event: nz.ConnectFailure) -> Disconnected:
    name = _name(_FAILURE, event.Reason)
    if name in _LOGGED_OUT:
        return Disconnected(reason=_LOGGED_OUT[name], permanent=True)
    return Disconnected(reason=f"WhatsApp refused the connection: {name} {event.Message}".strip())


def _pairing(event: nz.PairStatus) -> Disconnected | None:
    if event.Status != nz.PairStatus.ERROR:
        return None
    return Disconnected(reason=f"Pairing failed: {event.Error or 'WhatsApp gave no reason'}.", permanent=True)


def _unanswered(event: nz.KeepAliveTimeout) -> Disconnected:
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(event.LastSuccess))
    return Disconnected(reason=f"WhatsApp has not answered since {since}; it is asked again.")


_REPLACED = "Another program opened the same paired session. Make sure that one program only uses it."
_READERS: dict[int, Any] = {
    EVENT_TO_INT[nz.LoggedOut]: _logged_out,
    EVENT_TO_INT[nz.TemporaryBan]: _banned,
    EVENT_TO_INT[nz.ConnectFailure]: _failed,
    EVENT_TO_INT[nz.PairStatus]: _pairing,
    EVENT_TO_INT[nz.KeepAliveTimeout]: _unanswered,
    EVENT_TO_INT[nz.StreamReplaced]: lambda event: Disconnected(reason=_REPLACED, permanent=True),
    EVENT_TO_INT[nz.ClientOutdated]: lambda event: Disconnected(reason=OUTDATED, permanent=True),
    EVENT_TO_INT[nz.Disconnected]: lambda event: Disconnected(
        reason="The connection to WhatsApp broke; it reconnects."
    ),
    EVENT_TO_INT[nz.StreamError]: lambda event: Disconnected(reason=f"WhatsApp ended the stream ({event.Code})."),
}


def state_of(code: int, body: bytes) -> Disconnected | None:
    """What an event says of the connection, if it says that it is down."""
    reader = _READERS.get(code)
    if reader is None:
        return None
    found: Disconnected | None = reader(INT_TO_EVENT[code].FromString(body))
    return found
