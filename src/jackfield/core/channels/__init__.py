"""Channels: made, connected, paced and owned."""

from ..networks.provider import AtProvider
from ..quotas.pacing import Pacing, QuietHours
from .lease import Lease
from .service import Channels

__all__ = ["AtProvider", "Channels", "Lease", "Pacing", "QuietHours"]
