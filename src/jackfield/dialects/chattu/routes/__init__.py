"""Chattu's routes, one file per noun."""

from . import chats, clients, groups, logs, messages, page, schedules, session

REGISTER = (
    session.register,
    clients.register,
    messages.register,
    schedules.register,
    logs.register,
    chats.register,
    groups.register,
    page.register,
)
"""What adds the routes to the app."""
