"""Campaigns: content x audience, one message row per recipient."""

from .change import CampaignChanges
from .create import BulkMessage
from .service import Campaigns
from .views import CampaignView, Counts

__all__ = ["BulkMessage", "CampaignChanges", "CampaignView", "Campaigns", "Counts"]
