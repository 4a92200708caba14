"""Reports: what was sent and received, how fast people were answered, and which calls programs made."""

from typing import Annotated, Literal, NamedTuple

import msgspec
from fastapi import Depends, FastAPI, Query, Response

from jackfield.core import Forbidden, Principal, ResponseRow, ResponseTimes, UsageRow, Waits, now_ms

from ..._kit import parse_id
from .. import answers
from ..context import Context
from ..envelope import Ok, iso, ok
from ..files import TABLES, Format, exported
from ..times import planned

DAY_MS = 86_400_000
RESPONSE_COLUMNS = (
    "key", "name", "first_count", "first_median", "first_p90", "all_count", "all_median", "all_p90", "waiting",
    "unanswered",
)  # fmt: skip
CORE_NAMES = {"profile": "channel", "status": "state"}
"""Groups that the core calls otherwise."""

UsageBy = Annotated[
    str, Query(pattern="^(day|hour|profile|channel|template|tag|campaign|category|status)$", alias="by")
]
ResponsesBy = Annotated[Literal["day", "agent", "team", "profile", "channel"], Query(alias="by")]
Since = Annotated[str | None, Query(alias="from", description="ISO 8601; 30 days back when left out.")]
Until = Annotated[str | None, Query(description="ISO 8601; now when left out.")]
ProfileId = Annotated[str | None, Query(alias="profileId")]
Api = Annotated[str | None, Query(max_length=50, description="`native`, or a dialect's name.")]
Zone = Annotated[
    str | None, Query(max_length=64, description="A time zone such as Asia/Jakarta; the workspace's when left out.")
]
Programs = Annotated[
    bool, Query(description="Count what programs send through an API as answers too: of other inboxes, and bots.")
]


class Span(NamedTuple):
    """A span of time in Unix ms."""

    since: int
    until: int


async def span_of(context: Context, caller: Principal, since: str | None, until: str | None) -> Span:
    """The span that a report is asked for; 30 days until now when nothing is said. Raises Invalid."""
    end = await planned(context.core, caller.workspace_id, "until", until) or now_ms() + 1
    return Span(await planned(context.core, caller.workspace_id, "from", since) or end - 30 * DAY_MS, end)


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    reader = Depends(context.allow("usage:read"))
    _usage(app, context, reader)
    _responses(app, context, reader)
    _requests(app, context, reader)


def channel_of(caller: Principal, profile_id: str | None) -> int | None:
    """The channel that a report is about; None: all that the caller may see. Raises NotFound."""
    return caller.only(parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None)


def _usage(app: FastAPI, context: Context, reader: object) -> None:
    core = context.core
    Reader = Annotated[Principal, reader]

    async def rows_of(caller: Principal, by: str, span: Span, profile_id: str | None) -> list[UsageRow]:
        return await core.usage.report(
            caller.workspace_id,
            by=CORE_NAMES.get(by, by),
            since=span.since,
            until=span.until,
            channel_id=channel_of(caller, profile_id),
        )

    @app.get(
        "/usage/export",
        tags=["Usage"],
        summary="Export usage",
        responses=TABLES,
        response_class=Response,
    )
    async def export_usage(
        caller: Reader,
        by: UsageBy = "day",
        since: Since = None,
        until: Until = None,
        profile_id: ProfileId = None,
        format: Format = "csv",
    ) -> Response:
        """The rows of the usage as a file."""
        rows = await rows_of(caller, by, await span_of(context, caller, since, until), profile_id)
        return exported(f"usage-by-{by}", format, UsageRow.__struct_fields__, map(msgspec.to_builtins, rows))

    @app.get("/usage", tags=["Usage"], summary="Usage and statistics")
    async def get_usage(
        caller: Reader, by: UsageBy = "day", since: Since = None, until: Until = None, profile_id: ProfileId = None
    ) -> Ok[answers.UsageReport]:
        """Messages in and out, by day, hour, profile (or `channel`, the same), template, tag, campaign, category or status.
        `sent` contains delivered and read, as in a funnel. Days and hours are UTC."""
        span = await span_of(context, caller, since, until)
        rows = await rows_of(caller, by, span, profile_id)
        return ok(
            {
                "by": by,
                "from": iso(span.since),
                "until": iso(span.until),
                "rows": [msgspec.to_builtins(row) for row in rows],
                "sum": {
                    "total": sum(row.total for row in rows),
                    "received": sum(row.received for row in rows),
                    "sent": sum(row.sent for row in rows),
                    "delivered": sum(row.delivered for row in rows),
                    "read": sum(row.read for row in rows),
                    "failed": sum(row.failed for row in rows),
                    "skipped": sum(row.skipped for row in rows),
                    "pending": sum(row.pending for row in rows),
                },
            }
        )


def _responses(app: FastAPI, context: Context, reader: object) -> None:
    core = context.core
    Reader = Annotated[Principal, reader]

    async def report_of(
        caller: Principal, by: str, span: Span, zone: str, profile_id: str | None, programs: bool
    ) -> ResponseTimes:
        return await core.responses.report(
            caller.workspace_id,
            by=CORE_NAMES.get(by, by),
            since=span.since,
            until=span.until,
            zone=zone,
            channel_id=channel_of(caller, profile_id),
            programs=programs,
        )

    @app.get(
        "/usage/response-times/export",
        tags=["Usage"],
        summary="Export response times",
        responses=TABLES,
        response_class=Response,
    )
    async def export_response_times(
        caller: Reader,
        by: ResponsesBy = "day",
        since: Since = None,
        until: Until = None,
        zone: Zone = None,
        profile_id: ProfileId = None,
        programs: Programs = False,
        format: Format = "csv",
    ) -> Response:
        """The rows of the response times as a file. `median` and `p90` are seconds, and empty where nobody waited."""
        span = await span_of(context, caller, since, until)
        place = zone or await core.accounts.timezone(caller.workspace_id)
        found = await report_of(caller, by, span, place, profile_id, programs)
        rows = [
            {"key": row.key, "name": row.name, **_flat("first", row.first), **_flat("all", row.all)}
            | {"waiting": row.waiting, "unanswered": row.unanswered}
            for row in found.rows
        ]
        return exported(f"response-times-by-{by}", format, RESPONSE_COLUMNS, rows)

    @app.get("/usage/response-times", tags=["Usage"], summary="Response times")
    async def get_response_times(
        caller: Reader,
        by: ResponsesBy = "day",
        since: Since = None,
        until: Until = None,
        zone: Zone = None,
        profile_id: ProfileId = None,
        programs: Programs = False,
    ) -> Ok[answers.ResponseReport]:
        """How long people waited for an answer by a person, in private chats, by day (of `zone`), agent, team (the member's
        department) or profile (or `channel`, the same). A wait begins with a message in, after an answer or after 24 hours
        of silence, and ends with the next answer by a member who was logged in or at the phone itself. What automations
        and campaigns send is no answer."""
        span = await span_of(context, caller, since, until)
        place = zone or await core.accounts.timezone(caller.workspace_id)
        found = await report_of(caller, by, span, place, profile_id, programs)
        return ok(
            {
                "by": by,
                "from": iso(span.since),
                "until": iso(span.until),
                "zone": place,
                "rows": [{"key": row.key, "name": row.name, **_sums(row)} for row in found.rows],
                "sum": _sums(found.sum),
            }
        )


def _sums(row: ResponseRow) -> answers.ResponseSums:
    return {
        "first": _waits(row.first),
        "all": _waits(row.all),
        "waiting": row.waiting,
        "unanswered": row.unanswered,
    }


def _waits(waits: Waits) -> answers.Waits:
    return {"count": waits.count, "median": _seconds(waits.median), "p90": _seconds(waits.p90)}


def _flat(name: str, waits: Waits) -> dict[str, object]:
    return {f"{name}_{key}": value for key, value in _waits(waits).items()}


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


def _requests(app: FastAPI, context: Context, reader: object) -> None:
    core = context.core
    Reader = Annotated[Principal, reader]

    async def rows_of(caller: Principal, span: Span, api: str | None) -> list[answers.ApiUse]:
        if caller.channel_id is not None:
            raise Forbidden("Requests are counted for the whole workspace; this key is bound to one profile.")
        rows = await core.api_uses.list(caller.workspace_id, since=span.since, until=span.until, dialect=api)
        return [
            {"day": (iso(row.day) or "")[:10], "api": row.dialect, "call": row.operation, "count": row.count}
            for row in rows
        ]

    @app.get(
        "/usage/requests/export",
        tags=["Usage"],
        summary="Export requests to the APIs",
        responses=TABLES,
        response_class=Response,
    )
    async def export_request_usage(
        caller: Reader, since: Since = None, until: Until = None, api: Api = None, format: Format = "csv"
    ) -> Response:
        """The rows of the requests as a file."""
        rows = await rows_of(caller, await span_of(context, caller, since, until), api)
        return exported("requests", format, ("day", "api", "call", "count"), rows)

    @app.get("/usage/requests", tags=["Usage"], summary="Requests to the APIs")
    async def get_request_usage(
        caller: Reader, since: Since = None, until: Until = None, api: Api = None
    ) -> Ok[answers.ApiUses]:
        """How often each call was made, by day (UTC) and API, the latest day first. Counts are written every few
        seconds."""
        span = await span_of(context, caller, since, until)
        rows = await rows_of(caller, span, api)
        return ok(
            {
                "from": iso(span.since),
                "until": iso(span.until),
                "rows": rows,
                "sum": sum(row["count"] for row in rows),
            }
        )
