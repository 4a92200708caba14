"""One channel at work: its lease, connection, sends, and what goes on beside them."""

from .runner import ChannelRunner

__all__ = ["ChannelRunner"]
