"""Routes of the native API, one file per noun. `REGISTER` lists them."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI

from ..context import Context
from . import auth, bulk, campaigns, contacts, messages, profiles, webhooks

REGISTER: tuple[Callable[[FastAPI, Context], None], ...] = (
    auth.register,
    profiles.register,
    messages.register,
    bulk.register,
    campaigns.register,
    contacts.register,
    webhooks.register,
)
