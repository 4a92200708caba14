"""Channels: made, connected, paced and owned."""

from .lease import Lease
from .pacing import Pacing, QuietHours
from .provider import AtProvider
from .service import Channels

__all__ = ["AtProvider", "Channels", "Lease", "Pacing", "QuietHours"]
