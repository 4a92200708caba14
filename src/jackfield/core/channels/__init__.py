"""Channels: made, connected and owned."""

from .lease import Lease
from .service import Channels
from .views import ChannelView

__all__ = ["ChannelView", "Channels", "Lease"]
