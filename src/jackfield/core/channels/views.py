"""`ChannelView`: a channel as the services give it out."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec
import pydantic

from ..ground.views import view_of
from ..models import Channel
from ..port import Networks


class ChannelView(msgspec.Struct, frozen=True, kw_only=True):
    """One connected number or bot.

    `wanted` is what people want (up or down), `status` what is: disconnected, connecting, pairing, connected,
    logged_out, banned, failed. `network` is the name of the engine's network, such as "whatsapp", `simulated` whether
    its people are made up. `config` holds the engine's configuration sealed: it shows in no repr and cannot be encoded.
    `login` is the current login step, `account` what the provider says of the number. Times are Unix ms.
    """

    id: int
    workspace_id: int
    key: str | None
    name: str
    engine: str
    network: str
    simulated: bool
    config: pydantic.SecretStr
    settings: dict[str, Any]
    pacing: dict[str, Any]
    wanted: str
    status: str
    status_reason: str | None
    address: str | None
    display_name: str | None
    login: dict[str, Any] | None
    account: dict[str, Any] | None
    lease_owner: str | None
    lease_until: int
    created_at: int
    connected_at: int | None


def channel_view(row: Channel, networks: Networks) -> ChannelView:
    """The view of a channel's row."""
    network = networks.of(row.engine)
    config = pydantic.SecretStr(row.config)
    return view_of(ChannelView, row, network=network.name, simulated=network.simulated, config=config)


AnyChannel: TypeAlias = Channel | ChannelView
"""What the core's own services take."""
