"""Whose report it is: the channel, with its workspace and its engine's network."""

from __future__ import annotations

import msgspec

from ..port import Network


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The channel that reports. `keeps_raw`: whether what it reports is kept as the network sent it."""

    channel_id: int
    workspace_id: int
    network: Network
    keeps_raw: bool = True
