"""Outgoing webhooks: subscriptions, the log of deliveries, signatures, and the port for formats."""

from .deliveries import PENDING, URGENT, Deliveries, DeliveryView
from .formats import BaseFormat, Fact, Rendered, Target, WebhookFormat
from .names import SUBSCRIBABLE, parse_events
from .service import EndpointView, Webhooks
from .signing import hex_hmac, message_id, new_secret, signature, standard_headers

__all__ = [
    "PENDING",
    "SUBSCRIBABLE",
    "URGENT",
    "BaseFormat",
    "Deliveries",
    "DeliveryView",
    "EndpointView",
    "Fact",
    "Rendered",
    "Target",
    "WebhookFormat",
    "Webhooks",
    "hex_hmac",
    "message_id",
    "new_secret",
    "parse_events",
    "signature",
    "standard_headers",
]
