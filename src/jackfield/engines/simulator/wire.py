"""How happenings and sends look on the wire between a session and a stand-alone network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from jackfield.core.port import Report

from .gate import Refusal, Taken


class WireParcel(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A parcel whose payload is JSON as it stands."""

    ref: str
    to: str
    kind: str
    payload: msgspec.Raw
    message_id: str | None = None
    category: str = "service"
    template: str | None = None


class Events(msgspec.Struct):
    """One answer to a poll: kinds with their happenings, and the number that acknowledges them."""

    next: int
    events: list[tuple[str, msgspec.Raw]]


class Claim(msgspec.Struct):
    """Which run of the network answers; a poll that is refused because another session listens says it too."""

    run: int


KINDS: dict[str, type] = {kind.__name__: kind for kind in get_args(Report)}
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {name: msgspec.json.Decoder(kind) for name, kind in KINDS.items()}
encode = msgspec.json.Encoder().encode
parcels_decoder = msgspec.json.Decoder(list[WireParcel])
answers_decoder: msgspec.json.Decoder[list[Taken | Refusal]] = msgspec.json.Decoder(list[Taken | Refusal])
events_decoder = msgspec.json.Decoder(Events)
claim_decoder = msgspec.json.Decoder(Claim)
refusal_decoder = msgspec.json.Decoder(Refusal)


def encode_events(reports: Sequence[Report], upto: int) -> bytes:
    """A poll's answer."""
    return encode({"next": upto, "events": [(type(report).__name__, report) for report in reports]})


def decode_events(body: bytes) -> tuple[list[Report], int]:
    """The happenings of a poll's answer, and the number that acknowledges them."""
    events = events_decoder.decode(body)
    return [_DECODERS[kind].decode(raw) for kind, raw in events.events], events.next
