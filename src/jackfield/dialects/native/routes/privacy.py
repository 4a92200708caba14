"""A person's data: all that is known of them handed over, or erased."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import Depends, FastAPI, Request
from starlette.responses import StreamingResponse

from jackfield.core import Principal, now_ms

from ..._kit import parse_id
from .. import answers
from ..context import Context
from ..envelope import Ok, iso, ok

READS = ("messages:read", "chats:read", "tickets:read", "calls:read", "campaigns:read", "media:read")
"""What one must be allowed to see, beside contacts, to be given everything of one."""
WRITES = ("messages:write", "chats:write", "tickets:write", "media:write")
"""The same for erasing it."""


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("contacts:read"))]
    Writer = Annotated[Principal, Depends(context.allow("contacts:write"))]
    tags: list[Any] = ["Contacts"]

    def id_of(given: str) -> int:
        return parse_id(given, "contact", "CONTACT_NOT_FOUND")

    @app.get("/contacts/{id}/personal-data", tags=tags, summary="Export all that is known of a contact")
    async def export_personal_data(
        id: str, caller: Reader, request: Request
    ) -> Ok[answers.PersonalData] | StreamingResponse:
        """Everything known of a person, for a request of access: identities, attributes, consent, chats, messages, events,
        deliveries, campaigns, notes, tickets, calls, files, merges, and what the audit log has of them (with `audit:read`).
        It is as long as it is, and comes in pieces. Asks for the scopes to read messages, chats, tickets, calls, campaigns
        and media too; noted in the audit log."""
        for scope in READS:
            caller.require(scope)
        pieces = await core.privacy.export(
            caller.workspace_id, id_of(id), audit=caller.may("audit:read"), by=caller, ip=context.ip(request)
        )

        async def document() -> AsyncIterator[bytes]:
            yield b'{"success":true,"data":'
            async with contextlib.aclosing(pieces) as some:  # type: ignore[type-var]
                async for piece in some:
                    yield piece
            yield b',"meta":' + msgspec.json.encode({"timestamp": iso(now_ms())}) + b"}"

        headers = {
            "Content-Disposition": f'attachment; filename="contact-{id_of(id)}.json"',
            "Cache-Control": "no-store",
        }
        return StreamingResponse(document(), media_type="application/json", headers=headers)

    @app.delete("/contacts/{id}/personal-data", tags=tags, summary="Erase a contact with all that is known of it")
    async def erase_personal_data(id: str, caller: Writer, request: Request) -> Ok[answers.Erased]:
        """Forget a person: contact, chats, messages, events, deliveries, files, tickets, notes and calls, and their
        addresses wherever else they stand. Campaigns keep their figures. The suppression list keeps hashes of the addresses,
        so that campaigns never write to them again. This cannot be undone. Asks for the scopes to write messages, chats,
        tickets and media too. 409 MESSAGE_IN_FLIGHT while a message to them is being sent; when it is cut off, ask again."""
        for scope in WRITES:
            caller.require(scope)
        done = await core.privacy.erase(caller.workspace_id, id_of(id), by=caller, ip=context.ip(request))
        return ok({"id": str(id_of(id)), **msgspec.structs.asdict(done)})  # type: ignore[typeddict-item]
