"""One search over what people look for."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query

from jackfield.core import SEARCHED, Principal

from .. import answers, shapes
from ..checks import invalid
from ..context import Context
from ..envelope import Ok, ok
from .chats import chat

SCOPES = {
    "contacts": ("contacts:read",),
    "chats": ("chats:read",),
    "messages": ("chats:read", "messages:read"),
    "campaigns": ("campaigns:read",),
}
"""What a caller must be allowed to see of each kind."""


def kinds_of(caller: Principal, given: list[str]) -> list[str]:
    """The kinds that are looked through: those asked for, without those that the caller may not see. Raises Invalid."""
    asked = [name.strip() for one in given for name in one.split(",") if name.strip()]
    unknown = [name for name in asked if name not in SEARCHED]
    if unknown:
        raise invalid("kinds", f"Must be one of {', '.join(SEARCHED)}.")
    return [name for name in asked or SEARCHED if all(caller.may(scope) for scope in SCOPES[name])]


def register(app: FastAPI, context: Context) -> None:
    """Add the route."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("chats:read"))]
    tags: list[Any] = ["Search"]

    @app.get("/search", tags=tags, summary="Search everything")
    async def search(
        caller: Reader,
        q: Annotated[
            str, Query(min_length=1, max_length=200, description="Words, a name, a number.", examples=["budi"])
        ],
        kinds: Annotated[
            list[str] | None,
            Query(description="contacts, chats, messages, campaigns; repeated or separated by commas."),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=50, description="Objects of each kind.")] = 10,
        cursor: Annotated[
            str | None, Query(max_length=2000, description="One of `cursors` of the page before, with its kind alone.")
        ] = None,
    ) -> Ok[answers.Found]:
        """Contacts, chats and campaigns whose name, number or address contains `q`; messages of chats that have all its
        words, where a word of three or more letters may go on. When no name contains `q`, names with typing errors. The
        newest of each kind; `cursors` open their next pages. What the caller may not see is left out; messages are found
        some moments after they were written."""
        chosen = kinds_of(caller, kinds or [])
        found = await core.search.find(
            caller.workspace_id, q, chosen, limit=limit, cursor=cursor, channel_id=caller.channel_id
        )
        contacts: list[answers.FoundContact] = [
            {"id": str(one.id), "name": one.name, "phone": one.phone, "email": one.email} for one in found.contacts
        ]
        messages: list[answers.FoundMessage] = [
            {
                "chat": {"id": str(one.chat_id), "name": one.chat_name},
                "message": shapes.message(one.message),
                "snippet": {
                    "text": one.snippet.text,
                    "ranges": [{"start": start, "end": end} for start, end in one.snippet.ranges],
                },
            }
            for one in found.messages
        ]
        campaigns: list[answers.FoundCampaign] = [
            {"id": str(one.id), "name": one.name, "status": one.state} for one in found.campaigns
        ]
        return ok(
            {
                "contacts": contacts,
                "chats": [chat(one) for one in found.chats],
                "messages": messages,
                "campaigns": campaigns,
                "cursors": {
                    "contacts": found.cursors.get("contacts"),
                    "chats": found.cursors.get("chats"),
                    "messages": found.cursors.get("messages"),
                    "campaigns": found.cursors.get("campaigns"),
                },
            }
        )
