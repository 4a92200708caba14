"""Chatly's routes, one file per noun."""

from . import account, campaigns, contacts, inbox, labels, messages, team, telegram, tickets

REGISTER = (
    account.register,
    contacts.register,
    messages.register,
    campaigns.register,
    telegram.register,
    inbox.register,
    tickets.register,
    team.register,
    labels.register,
)
"""What adds the routes under /api; the webhook's stand beside it."""
