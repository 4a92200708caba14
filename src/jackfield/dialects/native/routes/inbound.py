"""What came in and could not be applied: listed, shown raw, replayed."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from pydantic import Field

from jackfield.core import PROBLEM_REASONS, Principal, ProblemView

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..context import Context, Cursor, example
from ..envelope import Ok, Paged, iso, ok, paged
from ..times import parse_time

REASON = "^(" + "|".join(PROBLEM_REASONS) + ")$"


class ReplayProblemsBody(Wire):
    """Which problems to replay; all that are open when nothing is given."""

    model_config = example(reason="not_understood")

    profile_id: Annotated[str | int | None, Field(alias="profileId")] = None
    reason: Annotated[Str | None, Field(pattern=REASON)] = None
    since: Annotated[str | int | None, Field(alias="from", description="ISO 8601")] = None
    until: Annotated[str | int | None, Field(description="ISO 8601")] = None
    cursor: Annotated[Str | None, Field(max_length=2000, description="`cursor` of the answer before.")] = None


def problem(row: ProblemView) -> answers.InboundProblem:
    """A problem, without what was kept of it."""
    return {
        "id": str(row.id),
        "profileId": str(row.channel_id),
        "reason": row.reason,
        "explanation": PROBLEM_REASONS.get(row.reason, ""),
        "kind": row.kind,
        "detail": row.detail,
        "messageId": str(row.message_id) if row.message_id else None,
        "status": "open" if row.resolved_at is None else "resolved",
        "attempts": row.attempts,
        "createdAt": iso(row.created_at),
        "triedAt": iso(row.tried_at),
        "resolvedAt": iso(row.resolved_at),
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    service = context.core.inbound
    Reader = Annotated[Principal, Depends(context.allow("messages:read"))]
    Writer = Annotated[Principal, Depends(context.allow("messages:write"))]
    tags: list[Any] = ["Inbound problems"]

    async def find(caller: Principal, given: str) -> ProblemView:
        row = await service.get(caller.workspace_id, parse_id(given, "problem", "PROBLEM_NOT_FOUND"))
        caller.channel(row.channel_id)
        return row

    def channel_of(caller: Principal, given: str | int | None) -> int | None:
        return caller.only(parse_id(given, "profile", "PROFILE_NOT_FOUND") if given not in (None, "") else None)

    @app.get("/inbound/problems", tags=tags, summary="List inbound problems")
    async def list_inbound_problems(
        caller: Reader,
        paging: Cursor,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        reason: Annotated[str | None, Query(pattern=REASON)] = None,
        status: Annotated[str, Query(pattern="^(open|resolved|all)$")] = "open",
        since: Annotated[str | None, Query(alias="from", description="ISO 8601")] = None,
        until: Annotated[str | None, Query(description="ISO 8601")] = None,
    ) -> Paged[answers.InboundProblem]:
        """What a provider was told we have and what could not be applied, newest first."""
        page = await service.list(
            caller.workspace_id,
            channel_id=channel_of(caller, profile_id),
            reason=reason,
            since=parse_time("from", since),
            until=parse_time("until", until),
            resolved=None if status == "all" else status == "resolved",
            limit=paging.limit,
            cursor=paging.cursor,
        )
        return paged(page, [problem(row) for row in page.items])

    @app.post("/inbound/problems/replay", tags=tags, summary="Replay inbound problems")
    async def replay_inbound_problems(
        caller: Writer, body: ReplayProblemsBody | None = None
    ) -> Ok[answers.ReplayedProblems]:
        """Try to apply open problems again, oldest first, up to 500 at a time; `cursor` goes on from there. What is
        applied already changes nothing."""
        given = body or ReplayProblemsBody()
        done = await service.replay_many(
            caller.workspace_id,
            channel_id=channel_of(caller, given.profile_id),
            reason=given.reason,
            since=parse_time("from", given.since),
            until=parse_time("until", given.until),
            cursor=given.cursor,
        )
        return ok({"tried": done.tried, "resolved": done.resolved, "cursor": done.cursor})

    @app.get("/inbound/problems/{id}", tags=tags, summary="Get an inbound problem")
    async def get_inbound_problem(id: str, caller: Reader) -> Ok[answers.InboundProblemDetails]:
        """One problem, with what came in as it was kept."""
        row = await find(caller, id)
        return ok({**problem(row), "raw": row.raw})

    @app.post("/inbound/problems/{id}/replay", tags=tags, summary="Replay an inbound problem")
    async def replay_inbound_problem(id: str, caller: Writer) -> Ok[answers.InboundProblemDetails]:
        """Try to apply it again, for example after an update of the server. `status` tells whether it was; one that is
        resolved stays as it is."""
        found = await find(caller, id)
        row = await service.replay(caller.workspace_id, found.id)
        return ok({**problem(row), "raw": row.raw})
