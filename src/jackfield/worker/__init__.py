"""What runs in the background: one runner per channel, deliveries, housekeeping."""
