"""Webhook deliveries: found, claimed, sent, retried, parked."""

from .health import Health, Pace
from .worker import DeliveryWorker

__all__ = ["DeliveryWorker", "Health", "Pace"]
