"""Routes of the native API, one file per noun. `REGISTER` lists them."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI

from ..context import Context
from . import (
    auth,
    automations,
    broadcasts,
    bulk,
    campaigns,
    catalogs,
    chats,
    contacts,
    desk,
    groups,
    inbound,
    labels,
    lookups,
    media,
    messages,
    multiwa,
    numbers,
    privacy,
    profiles,
    schedules,
    search,
    second_factor,
    sends,
    setup,
    suppressions,
    team,
    templates,
    tickets,
    webhooks,
    workspaces,
)

REGISTER: tuple[Callable[[FastAPI, Context], None], ...] = (
    auth.register,
    setup.register,
    second_factor.register,
    profiles.register,
    numbers.register,
    multiwa.register,
    broadcasts.register,
    sends.register,
    messages.register,
    schedules.register,
    bulk.register,
    campaigns.register,
    automations.register,
    templates.register,
    media.register,
    contacts.register,
    privacy.register,
    lookups.register,
    labels.register,
    suppressions.register,
    chats.register,
    desk.register,
    search.register,
    groups.register,
    catalogs.register,
    tickets.register,
    webhooks.register,
    inbound.register,
    team.register,
    workspaces.register,
)
