"""Working hours of the workspace and of its departments."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from pydantic import Field

from jackfield.core import Principal, WorkingHoursView

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..context import Context, example
from ..envelope import Ok, iso, ok


class SpanBody(Wire):
    """From `start` to `end` (HH:MM). An `end` that is not after `start` is on the next day; 24:00 is midnight."""

    model_config = example(start="09:00", end="17:00")

    start: Annotated[Str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    end: Annotated[Str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


Spans = Annotated[list[SpanBody], Field(max_length=12)]


class WeekBody(Wire):
    """The spans of each day; a day that is left out is closed."""

    model_config = example(mon=[{"start": "09:00", "end": "12:30"}, {"start": "13:30", "end": "17:00"}])

    mon: Spans = Field(default_factory=list)
    tue: Spans = Field(default_factory=list)
    wed: Spans = Field(default_factory=list)
    thu: Spans = Field(default_factory=list)
    fri: Spans = Field(default_factory=list)
    sat: Spans = Field(default_factory=list)
    sun: Spans = Field(default_factory=list)


class HolidayBody(Wire):
    """A date with hours of its own (none: closed). `yearly`: in every year, whichever stands in the date."""

    model_config = example(date="2026-12-25", name="Christmas Day", yearly=True)

    date: Annotated[Str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="YYYY-MM-DD")]
    name: Annotated[Str, Field(max_length=100)] = ""
    yearly: bool = False
    hours: Spans = Field(default_factory=list)


class WorkingHoursBody(Wire):
    """The whole of the working hours; what is left out is closed."""

    model_config = example(
        timezone="Europe/Berlin",
        days={
            "mon": [{"start": "09:00", "end": "12:30"}, {"start": "13:30", "end": "17:00"}],
            "fri": [{"start": "18:00", "end": "02:00"}],
        },
        holidays=[
            {"date": "2026-12-25", "name": "Christmas Day", "yearly": True},
            {"date": "2026-12-31", "name": "New Year's Eve", "hours": [{"start": "09:00", "end": "12:00"}]},
        ],
    )

    timezone: Annotated[Str | None, Field(max_length=64, description="The workspace's where it is left out.")] = None
    days: WeekBody
    holidays: Annotated[list[HolidayBody], Field(max_length=400)] = Field(default_factory=list)

    def parts(self) -> dict[str, Any]:
        """What the core takes."""
        return {
            "timezone": self.timezone,
            "days": self.days.model_dump(),
            "holidays": [one.model_dump() for one in self.holidays],
        }


def working_hours(view: WorkingHoursView) -> answers.WorkingHours:
    """Working hours."""
    hours = view.hours

    def spans(found: Any) -> list[answers.WorkingSpan]:
        return [{"start": one.start, "end": one.end} for one in found]

    def of(day: str) -> list[answers.WorkingSpan]:
        return spans(hours.days.get(day, ()))

    return {
        "departmentId": None if view.department_id is None else str(view.department_id),
        "source": view.source,
        "timezone": hours.timezone,
        "days": {
            "mon": of("mon"),
            "tue": of("tue"),
            "wed": of("wed"),
            "thu": of("thu"),
            "fri": of("fri"),
            "sat": of("sat"),
            "sun": of("sun"),
        },
        "holidays": [
            {"date": one.date, "name": one.name, "yearly": one.yearly, "hours": spans(one.hours)}
            for one in hours.holidays
        ],
        "open": view.open,
        "opensAt": iso(view.opens_at),
        "closesAt": iso(view.closes_at),
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    service = context.core.working_times
    Reader = Annotated[Principal, Depends(context.allow("workspace:read"))]
    Writer = Annotated[Principal, Depends(context.allow("workspace:write"))]
    tags: list[Any] = ["Working hours"]

    def id_of(given: str) -> int:
        return parse_id(given, "department", "DEPARTMENT_NOT_FOUND")

    @app.get("/working-hours", tags=tags, summary="Get the working hours")
    async def get_working_hours(caller: Reader) -> Ok[answers.WorkingHours]:
        """Those of the workspace; until they are set it works always."""
        return ok(working_hours(await service.get(caller.workspace_id)))

    @app.put("/working-hours", tags=tags, summary="Set the working hours")
    async def set_working_hours(body: WorkingHoursBody, caller: Writer, request: Request) -> Ok[answers.WorkingHours]:
        """Those of the workspace, and of departments that have none of their own."""
        view = await service.put(caller.workspace_id, **body.parts(), by=caller, ip=context.ip(request))
        return ok(working_hours(view))

    @app.delete("/working-hours", tags=tags, summary="Remove the working hours")
    async def remove_working_hours(caller: Writer, request: Request) -> Ok[answers.WorkingHours]:
        """The workspace works always then. The answer is what holds now."""
        return ok(working_hours(await service.delete(caller.workspace_id, by=caller, ip=context.ip(request))))

    @app.get("/departments/{id}/working-hours", tags=tags, summary="Get a department's working hours")
    async def get_department_working_hours(id: str, caller: Reader) -> Ok[answers.WorkingHours]:
        """Its own, else those of the workspace (`source`)."""
        return ok(working_hours(await service.get(caller.workspace_id, id_of(id))))

    @app.put("/departments/{id}/working-hours", tags=tags, summary="Set a department's working hours")
    async def set_department_working_hours(
        id: str, body: WorkingHoursBody, caller: Writer, request: Request
    ) -> Ok[answers.WorkingHours]:
        """Hours of its own, with holidays of its own: nothing of the workspace's is added."""
        view = await service.put(
            caller.workspace_id, department_id=id_of(id), **body.parts(), by=caller, ip=context.ip(request)
        )
        return ok(working_hours(view))

    @app.delete("/departments/{id}/working-hours", tags=tags, summary="Remove a department's working hours")
    async def remove_department_working_hours(id: str, caller: Writer, request: Request) -> Ok[answers.WorkingHours]:
        """Those of the workspace hold for it then. The answer is what holds now."""
        view = await service.delete(caller.workspace_id, department_id=id_of(id), by=caller, ip=context.ip(request))
        return ok(working_hours(view))
