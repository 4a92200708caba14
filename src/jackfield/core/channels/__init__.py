"""Channels: made, connected, paced and owned."""

from .lease import Lease
from .pacing import Pacing, QuietHours
from .service import Channels

__all__ = ["Channels", "Lease", "Pacing", "QuietHours"]
