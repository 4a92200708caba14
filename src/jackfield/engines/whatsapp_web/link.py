"""What the server and a child process say to each other: length-prefixed MessagePack over a socket pair.

Reports travel by class name, as the core's reports carry no tag of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, SendError, Throttled, Unavailable
from jackfield.core.port import Report

MAX_FRAME = 160 * 1024 * 1024
"""Bytes; a document of 100 MB with room to spare."""


class Ask(msgspec.Struct, tag="ask"):
    """Server to child: carry out `verb` on a channel. Channel 0 is the child itself."""

    id: int
    channel: int
    verb: str
    args: dict[str, Any] = {}


class Failure(msgspec.Struct):
    """A SendError on its way; `kind` is its class name."""

    kind: str
    code: str
    message: str
    retry_after: float = 1.0


class Answer(msgspec.Struct, tag="answer"):
    """Child to server: the outcome of an Ask."""

    id: int
    result: Any = None
    failure: Failure | None = None


class Told(msgspec.Struct, tag="told"):
    """Child to server: reports of a channel. They are told again after a restart until `Heard` names `seq`."""

    channel: int
    seq: int
    reports: list[tuple[str, Any]]


class Heard(msgspec.Struct, tag="heard"):
    """Server to child: everything up to `seq` is durable."""

    channel: int
    seq: int


Frame: TypeAlias = Ask | Answer | Told | Heard

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode

_REPORTS: dict[str, Any] = {kind.__name__: kind for kind in Report.__args__}
_ERRORS = {kind.__name__: kind for kind in (Rejected, Throttled, Unavailable, LoginRequired, OutcomeUnknown)}


def pack(reports: Sequence[Report]) -> list[tuple[str, Any]]:
    """Reports as they travel."""
    return [(type(report).__name__, msgspec.to_builtins(report)) for report in reports]


def unpack(packed: Sequence[tuple[str, Any]]) -> list[Report]:
    """Reports as they arrive."""
    return [msgspec.convert(fields, type=_REPORTS[name]) for name, fields in packed]


def failure_of(error: SendError) -> Failure:
    """A SendError as it travels."""
    return Failure(type(error).__name__, error.code, error.message, getattr(error, "retry_after", 1.0))


def error_of(failure: Failure) -> SendError:
    """A SendError as it arrives; an unknown kind is an unknown outcome."""
    kind = _ERRORS.get(failure.kind, OutcomeUnknown)
    if kind is Throttled:
        return Throttled(failure.code, failure.message, failure.retry_after)
    return kind(failure.code, failure.message)


async def read_frame(reader: asyncio.StreamReader) -> Frame | None:
    """The next frame; None at the end of the stream. Raises ValueError for one that is too large."""
    try:
        size = int.from_bytes(await reader.readexactly(4))
        if size > MAX_FRAME:
            raise ValueError(f"a frame of {size} bytes")
        frame: Frame = _decode(await reader.readexactly(size))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return frame


def write_frame(writer: asyncio.StreamWriter, frame: Frame) -> None:
    """Queue a frame; a closed connection is noticed by the reader."""
    body = _encode(frame)
    writer.write(len(body).to_bytes(4) + body)


__all__ = [
    "Answer",
    "Ask",
    "Failure",
    "Frame",
    "Heard",
    "Told",
    "error_of",
    "failure_of",
    "pack",
    "read_frame",
    "unpack",
    "write_frame",
]
