"""Messages that were settled long ago: when they are archived, and how they are found."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from pydantic import Field

from jackfield.core import ArchiveFilter, ArchiveStatus, Principal

from ..._kit import Wire, parse_id
from .. import answers, shapes
from ..context import Context, Cursor, example
from ..envelope import Ok, Paged, iso, ok, paged
from ..times import planned

MOST_AT_ONCE = 20_000
"""Messages that one request archives at most."""


class ArchivePolicyBody(Wire):
    """When messages are archived: after so many days (30 or more), 0 for never, null as the server is set."""

    model_config = example(afterDays=180)

    after_days: Annotated[int | None, Field(alias="afterDays", ge=0, le=36_500)]


def status(row: ArchiveStatus) -> answers.Archive:
    """How the archive stands."""
    return {
        "afterDays": row.after_days,
        "ownAfterDays": row.own_days,
        "messages": row.messages,
        "oldestAt": iso(row.oldest),
        "newestAt": iso(row.newest),
        "due": row.due.messages,
        "dueSince": iso(row.due.oldest or None),
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    service = context.core.archive
    Reader = Annotated[Principal, Depends(context.allow("messages:read"))]
    Looker = Annotated[Principal, Depends(context.allow("workspace:read"))]
    Writer = Annotated[Principal, Depends(context.allow("workspace:write"))]
    tags: list[Any] = ["Archive"]

    @app.get("/archive", tags=tags, summary="Get the state of the archive")
    async def get_archive(caller: Looker) -> Ok[answers.Archive]:
        """After how many days settled messages are archived (0: never), how many are, and how many could be now."""
        return ok(status(await service.status(caller.workspace_id)))

    @app.put("/archive", tags=tags, summary="Set when messages are archived")
    async def set_archive(body: ArchivePolicyBody, caller: Writer, request: Request) -> Ok[answers.Archive]:
        """For this workspace, in place of JACKFIELD_ARCHIVE_AFTER_DAYS. What is archived stays so."""
        done = await service.choose(caller.workspace_id, body.after_days, by=caller, ip=context.ip(request))
        return ok(status(done))

    @app.post("/archive/run", tags=tags, summary="Archive what is due now")
    async def run_archive(caller: Writer) -> Ok[answers.ArchiveRun]:
        """Up to 20,000 messages; `left` says whether to ask again. Without it what is due is archived once an hour."""
        moved = await service.run(caller.workspace_id, limit=MOST_AT_ONCE)
        return ok({"archived": moved, "left": moved >= MOST_AT_ONCE})

    @app.get("/archive/messages", tags=tags, summary="Find archived messages")
    async def find_archived_messages(
        caller: Reader,
        paging: Cursor,
        id: str | None = None,
        contact_id: Annotated[str | None, Query(alias="contactId")] = None,
        campaign_id: Annotated[str | None, Query(alias="campaignId")] = None,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        since: Annotated[str | None, Query(alias="from", description="ISO 8601")] = None,
        until: Annotated[str | None, Query(description="ISO 8601")] = None,
    ) -> Paged[answers.Message]:
        """By id, person, campaign, profile and time, newest first. `GET /messages` does not list them, but for those of a
        campaign; a chat's history and `GET /messages/{id}` go on into the archive by themselves."""
        page = await service.find(
            caller.workspace_id,
            ArchiveFilter(
                id=parse_id(id, "message", "MESSAGE_NOT_FOUND") if id else None,
                contact_id=parse_id(contact_id, "contact", "CONTACT_NOT_FOUND") if contact_id else None,
                campaign_id=parse_id(campaign_id, "campaign", "CAMPAIGN_NOT_FOUND") if campaign_id else None,
                channel_id=caller.only(parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None),
                since=await planned(context.core, caller.workspace_id, "from", since),
                until=await planned(context.core, caller.workspace_id, "until", until),
            ),
            limit=paging.limit,
            cursor=paging.cursor,
        )
        return paged(page, [shapes.message(row) for row in page.items])
