"""What is kept of a problem, as JSON: a report that was read and could not be applied, or a callback that could not be read.

`{"report": "Incoming", "data": {...}}`, `{"body": "..."}`, `{"base64": "..."}` of a body that is no UTF-8,
`{"media": {...}}`, a file that could not be fetched, or `{"receipts": {...}}`, how many came that are not kept themselves.
"""

from __future__ import annotations

import base64
from typing import Any, Final, get_args

import msgspec

from ...port import Report, UnknownReport

_REPORTS: Final[dict[str, type[Any]]] = {one.__name__: one for one in get_args(Report)}


def of_report(report: Report) -> str:
    """A report as kept. Raises what the encoder raises for one that is nested too deeply."""
    data = {"report": type(report).__name__, "data": report}
    return msgspec.json.encode(data).decode()


def of_body(body: bytes) -> str:
    """A callback's body as kept."""
    try:
        return msgspec.json.encode({"body": body.decode()}).decode()
    except UnicodeDecodeError:
        return msgspec.json.encode({"base64": base64.b64encode(body).decode()}).decode()


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """A file that could not be fetched: the provider's ids of its message and of the file."""

    provider_id: str
    media_id: str


def of_media(provider_id: str, media_id: str) -> str:
    """A file that could not be fetched, as kept."""
    return msgspec.json.encode({"media": Media(provider_id=provider_id, media_id=media_id)}).decode()


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many receipts came that are not kept, and since when (Unix ms)."""

    count: int
    since: int


def of_count(counted: Counted) -> str:
    """A count of receipts, as kept."""
    return msgspec.json.encode({"receipts": counted}).decode()


def callback_of(report: UnknownReport) -> bytes:
    """What the engine reads again of a report that it could not read."""
    return report.callback if report.callback is not None else msgspec.json.encode(report.raw)


def opened(payload: str) -> Report | Media | Counted | bytes:
    """The report, the file, the count, or the body of the callback, that was kept."""
    kept: dict[str, Any] = msgspec.json.decode(payload)
    if "media" in kept:
        return msgspec.convert(kept["media"], type=Media)
    if "receipts" in kept:
        return msgspec.convert(kept["receipts"], type=Counted)
    if "report" in kept:
        report: Report = msgspec.convert(kept["data"], type=_REPORTS[kept["report"]])
        return report
    return kept["body"].encode() if "body" in kept else base64.b64decode(kept["base64"])


def readable(payload: str) -> Any:
    """What was kept for people to read: the callback's own JSON where it is one, else its text, else the report."""
    kept: dict[str, Any] = msgspec.json.decode(payload)
    if "report" in kept:
        data = kept["data"]
        return data.get("raw") or data if isinstance(data, dict) else data
    if "body" not in kept:
        return kept
    try:
        return msgspec.json.decode(kept["body"])
    except (msgspec.DecodeError, RecursionError):
        return kept["body"]
