"""Python client of the native API: one class, for synchronous and asynchronous programs alike.

    from jackfield.client import Client

    with Client("http://localhost:3001", "your key") as client:
        sent = client.messages.text("628123456789", "Hello!").now()
        for contact in client.contacts.list(tag="vip"):
            print(contact.name)

    async with Client("http://localhost:3001", "your key") as client:
        sent = await client.messages.text("628123456789", "Hello!")
        async for event in client.events("message.*"):
            print(event.type, event.data)

A call is made when it is awaited, or by `.now()`; a list is read page by page as it is walked over. What failed for a
reason that may pass is tried again; sends carry an idempotency key, so that a repeat is never a second message.
"""

from ._call import Call, Pages
from ._client import Client
from ._errors import ApiError, ConnectionFailed
from ._events import Events
from .models import (
    Batch,
    Campaign,
    CampaignPreview,
    Chat,
    Contact,
    Delivery,
    Event,
    ImportResult,
    InboundProblem,
    Key,
    Message,
    Profile,
    QrCode,
    Reason,
    ReplayedProblems,
    Sent,
    Stats,
    Webhook,
)

__all__ = [
    "ApiError",
    "Batch",
    "Call",
    "Campaign",
    "CampaignPreview",
    "Chat",
    "Client",
    "ConnectionFailed",
    "Contact",
    "Delivery",
    "Event",
    "Events",
    "ImportResult",
    "InboundProblem",
    "Key",
    "Message",
    "Pages",
    "Profile",
    "QrCode",
    "Reason",
    "ReplayedProblems",
    "Sent",
    "Stats",
    "Webhook",
]
