"""WhatsApp through Meta's Cloud API."""

from .config import WhatsAppCloudConfig
from .engine import WhatsAppCloudEngine
from .template import check

__all__ = ["WhatsAppCloudConfig", "WhatsAppCloudEngine", "check"]
