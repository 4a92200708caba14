"""Which numbers a network knows."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from jackfield.core import CanCheckContacts, ChannelView, Core, Invalid

from .._jids import to_jid
from . import answers


async def on_network(core: Core, channel: ChannelView, given: Sequence[str | int]) -> list[answers.Checked]:
    """What the network knows of each number, in their order. Raises Unsupported, Conflict (not connected), SendError."""
    session = core.channels.session(channel, CanCheckContacts)  # type: ignore[type-abstract]
    asked = [(str(one), phone_of(core, channel, one)) for one in given]
    phones = list(dict.fromkeys(peer for _, peer in asked if peer is not None))
    found = {one.phone: one for one in await session.check_contacts(phones)} if phones else {}
    told: list[answers.Checked] = []
    for text, peer in asked:
        known = found.get(peer) if peer is not None else None
        exists = known is not None and known.exists
        address = (known.address or peer) if known is not None and exists else None
        told.append({"input": text, "phone": peer, "exists": exists, "chatId": to_jid(address) if address else None})
    return told


def phone_of(core: Core, channel: ChannelView, given: str | int) -> str | None:
    """A phone number as its digits; None for what is none."""
    peer: str | None = None
    with contextlib.suppress(Invalid):
        peer, _ = core.networks.parse(channel.engine, given)
    return peer if peer is not None and peer.isdigit() else None
