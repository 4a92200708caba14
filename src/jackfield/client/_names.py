"""How the document's tags and operations are called in the client."""

from __future__ import annotations

import re
from typing import Final

GROUPS: Final = {
    "AI": "ai",
    "Archive": "archive",
    "Assignment": "assignment",
    "Attributes": "attributes",
    "Audit": "audit",
    "Authentication": "auth",
    "Automations": "automations",
    "Bulk": "bulk",
    "Calls": "calls",
    "Campaigns": "campaigns",
    "Canned replies": "canned_replies",
    "Catalogs": "catalogs",
    "Chats": "chats",
    "Contacts": "contacts",
    "Departments": "departments",
    "Drafts": "drafts",
    "Groups": "groups",
    "Inbound problems": "inbound",
    "Keys": "keys",
    "Knowledge": "knowledge",
    "Lists": "lists",
    "Live events": "logs",
    "Media": "media",
    "Messages": "messages",
    "Newsletters": "newsletters",
    "Profiles": "profiles",
    "Reply targets": "reply_targets",
    "Saved views": "saved_views",
    "Schedules": "schedules",
    "Search": "search",
    "Segments": "segments",
    "Suppressions": "suppressions",
    "Survey": "survey",
    "Tags": "tags",
    "Team": "team",
    "Templates": "templates",
    "Tickets": "tickets",
    "Usage": "usage",
    "Webhooks": "webhooks",
    "Working hours": "working_hours",
    "Workspaces": "workspaces",
}
"""Tag of the document to attribute of the client."""
ELSEWHERE: Final = {"events": "events"}
"""Operations that are methods of the client itself."""


def method_of(operation_id: str) -> str:
    """`listChats` as `list_chats`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", operation_id).lower()
