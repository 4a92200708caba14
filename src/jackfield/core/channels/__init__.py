"""Channels: made, connected and owned."""

from .lease import Lease
from .service import Channels

__all__ = ["Channels", "Lease"]
