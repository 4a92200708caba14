"""Campaigns: content x audience, one message row per recipient."""

from .service import BulkMessage, Campaigns

__all__ = ["BulkMessage", "Campaigns"]
