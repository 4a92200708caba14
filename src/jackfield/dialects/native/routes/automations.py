"""Automations: rules and sequences, their runs and figures."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends, FastAPI, Query, Request, Response
from msgspec import UNSET
from pydantic import Field

from jackfield.core import AutomationView, Principal, RunView, automation_schema

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..answers.automations import Condition, Goal, Limits, Step, Trigger
from ..context import Context, Pages, example, numbers
from ..envelope import Ok, Paged, deleted, iso, ok, paged
from ..files import TABLES, Format, exported

STEP_COLUMNS = ("step", "done", "skipped", "failed", "waiting", "reasons")
Part = dict[str, Any]
Name = Annotated[Str, Field(min_length=1, max_length=100)]
EXAMPLE: dict[str, Any] = {
    "name": "Opening hours",
    "kind": "rule",
    "trigger": {"type": "message", "match": "contains", "words": ["open", "hours"]},
    "steps": [{"type": "send", "text": "Hello {first_name}, we are open from 9 to 5."}],
}


class AutomationBody(Wire):
    """An automation: what starts it, whom it is for, and its steps."""

    model_config = example(EXAMPLE)

    name: Name
    kind: Literal["rule", "sequence"] = "rule"
    enabled: bool = False
    trigger: Trigger
    conditions: Annotated[list[Condition], Field(max_length=20, description="All must hold.")] = Field(
        default_factory=list
    )
    steps: Annotated[list[Step], Field(min_length=1, max_length=100)]
    limits: Limits = Field(default_factory=dict)
    goal: Annotated[Goal | None, Field(description="What ends a sequence.")] = None

    def document(self) -> Part:
        """What the core takes."""
        return _document(self.trigger, self.conditions, self.steps, self.limits, self.goal)


class AutomationChange(Wire):
    """What to change. A part of the document that is left out stays as it is."""

    model_config = example(name="Opening hours", enabled=True)

    name: Name | None = None
    enabled: bool | None = None
    trigger: Trigger | None = None
    conditions: Annotated[list[Condition] | None, Field(max_length=20)] = None
    steps: Annotated[list[Step] | None, Field(min_length=1, max_length=100)] = None
    limits: Limits | None = None
    goal: Annotated[Goal | None, Field(description="What ends a sequence.")] = None


def _document(trigger: Part, conditions: list[Part], steps: list[Part], limits: Part, goal: Part | None) -> Part:
    return {"trigger": trigger, "conditions": conditions, "steps": steps, "limits": limits, "goal": goal}


def parts_of(document: object) -> answers.AutomationDocument:
    """A document's parts, with what was left out as it holds."""
    parts = msgspec.to_builtins(document)
    return {
        "trigger": parts["trigger"],
        "conditions": parts["conditions"],
        "steps": parts["steps"],
        "limits": parts["limits"],
        "goal": parts["goal"],
    }


def run_answer(view: RunView) -> answers.AutomationRun:
    """A run."""
    return {
        "id": str(view.id),
        "automationId": str(view.automation_id),
        "version": view.version,
        "contactId": str(view.contact_id),
        "profileId": None if view.channel_id is None else str(view.channel_id),
        "to": view.peer,
        "state": view.state,
        "step": view.step,
        "steps": view.visit,
        "dueAt": iso(view.due_at),
        "waitsFor": view.waits_for,
        "reason": view.reason,
        "startedAt": iso(view.created_at),
        "updatedAt": iso(view.updated_at),
        "endedAt": iso(view.ended_at),
    }


def automation_id(given: str | int) -> int:
    """The id of an automation. Raises NotFound for what is none."""
    return parse_id(given, "automation", "AUTOMATION_NOT_FOUND")


def hook_url(context: Context, request: Request, token: str) -> str:
    """The secret address that starts an automation."""
    base = context.options.public_url or str(request.base_url).split("/api")[0]
    return f"{base.rstrip('/')}/api/automations/hooks/{token}"


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    _look(app, context)
    _change(app, context)
    _runs(app, context)


def automation_answer(context: Context, request: Request, view: AutomationView) -> answers.Automation:
    """An automation."""
    return {
        "id": str(view.id),
        "name": view.name,
        "kind": view.kind,
        "enabled": view.enabled,
        "version": view.version,
        **parts_of(view.document),
        "hookUrl": hook_url(context, request, view.hook_token) if view.hook_token is not None else None,
        "restReason": view.rest_reason,
        "running": view.live or 0,
        "createdAt": iso(view.created_at),
        "updatedAt": iso(view.updated_at),
    }


def _look(app: FastAPI, context: Context) -> None:
    service = context.core.automations
    Reader = Annotated[Principal, Depends(context.allow("automations:read"))]
    tags: list[Any] = ["Automations"]

    @app.get("/automations", tags=tags, summary="List automations")
    async def list_automations(
        caller: Reader,
        paging: Pages,
        request: Request,
        kind: Annotated[Literal["rule", "sequence"] | None, Query(description="Only these.")] = None,
        enabled: Annotated[bool | None, Query(description="Only those that are on, or off.")] = None,
    ) -> Paged[answers.Automation]:
        """Newest first."""
        page = await service.list(caller.workspace_id, kind=kind, enabled=enabled, **numbers(paging))
        return paged(page, [automation_answer(context, request, one) for one in page.items])

    @app.get("/automations/schema", tags=tags, summary="Get the schema of automations")
    async def get_automation_schema(caller: Reader) -> Ok[answers.Json]:
        """JSON Schema of the document of an automation: every trigger, condition and step with its fields."""
        return ok(automation_schema())

    @app.get("/automations/{id}", tags=tags, summary="Get an automation")
    async def get_automation(id: str, caller: Reader, request: Request) -> Ok[answers.Automation]:
        """One, with its newest version."""
        view = await service.get(caller.workspace_id, automation_id(id))
        return ok(automation_answer(context, request, view))

    @app.get("/automations/{id}/versions", tags=tags, summary="List the versions of an automation")
    async def list_automation_versions(id: str, caller: Reader) -> Ok[list[answers.AutomationVersion]]:
        """The newest first, up to 100."""
        found = await service.versions(caller.workspace_id, automation_id(id))
        return ok([{"version": number, **parts_of(document)} for number, document in found.items()])

    @app.get("/automations/{id}/statistics", tags=tags, summary="Get the figures of an automation")
    async def get_automation_statistics(id: str, caller: Reader) -> Ok[answers.AutomationStatistics]:
        """Runs by state, and what became of people at each step; steps of older versions come last."""
        found = await service.statistics(caller.workspace_id, automation_id(id))
        counts = found.runs
        return ok(
            {
                "runs": {
                    "running": counts["running"],
                    "waiting": counts["waiting"],
                    "done": counts["done"],
                    "stopped": counts["stopped"],
                    "failed": counts["failed"],
                },
                "steps": [
                    {
                        "step": one.step,
                        "done": one.done,
                        "skipped": one.skipped,
                        "failed": one.failed,
                        "waiting": one.waiting,
                        "reasons": one.reasons,
                    }
                    for one in found.steps
                ],
            }
        )

    @app.get(
        "/automations/{id}/statistics/export",
        tags=tags,
        summary="Export the figures of an automation",
        responses=TABLES,
        response_class=Response,
    )
    async def export_automation_statistics(id: str, caller: Reader, format: Format = "csv") -> Response:
        """What became of people at each step, as a file; `reasons` has each code with how often it was."""
        number = automation_id(id)
        found = await service.statistics(caller.workspace_id, number)
        rows = [
            {**msgspec.to_builtins(one), "reasons": [f"{code}: {count}" for code, count in one.reasons.items()]}
            for one in found.steps
        ]
        return exported(f"automation-{number}", format, STEP_COLUMNS, rows)


def _change(app: FastAPI, context: Context) -> None:
    service = context.core.automations
    Writer = Annotated[Principal, Depends(context.allow("automations:write"))]
    tags: list[Any] = ["Automations"]

    @app.post("/automations", tags=tags, summary="Create an automation", status_code=201)
    async def create_automation(body: AutomationBody, caller: Writer, request: Request) -> Ok[answers.Automation]:
        """It is off unless `enabled` says otherwise. Wrong fields are named by their path, such as `steps.2.next`."""
        made = await service.create(caller.workspace_id, body.name, body.kind, body.document(), enabled=body.enabled)
        return ok(automation_answer(context, request, made), 201)

    @app.patch("/automations/{id}", tags=tags, summary="Change an automation")
    async def update_automation(
        id: str, body: AutomationChange, caller: Writer, request: Request
    ) -> Ok[answers.Automation]:
        """Change what is given. Another document is a new version; people who are in it go on by theirs."""
        parts = {"trigger", "conditions", "steps", "limits", "goal"}
        changed = await service.update(
            caller.workspace_id,
            automation_id(id),
            name=body.name if body.name is not None else UNSET,
            parts=body.model_dump(exclude_none=True, include=parts),
            enabled=body.enabled if body.enabled is not None else UNSET,
        )
        return ok(automation_answer(context, request, changed))

    @app.post("/automations/{id}/enable", tags=tags, summary="Switch an automation on")
    async def enable_automation(id: str, caller: Writer, request: Request) -> Ok[answers.Automation]:
        """From now on; what happened before does not start it. Ends its rest after failures."""
        view = await service.update(caller.workspace_id, automation_id(id), enabled=True)
        return ok(automation_answer(context, request, view))

    @app.post("/automations/{id}/disable", tags=tags, summary="Switch an automation off")
    async def disable_automation(id: str, caller: Writer, request: Request) -> Ok[answers.Automation]:
        """Nobody comes into it any more; people who are in it wait until it is on again."""
        view = await service.update(caller.workspace_id, automation_id(id), enabled=False)
        return ok(automation_answer(context, request, view))

    @app.delete("/automations/{id}", tags=tags, summary="Delete an automation")
    async def delete_automation(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """With its versions and runs; people who are in it get nothing more."""
        number = automation_id(id)
        await service.delete(caller.workspace_id, number)
        return deleted(number)


def _runs(app: FastAPI, context: Context) -> None:
    service = context.core.automations
    Reader = Annotated[Principal, Depends(context.allow("automations:read"))]
    Writer = Annotated[Principal, Depends(context.allow("automations:write"))]
    tags: list[Any] = ["Automations"]

    @app.get("/automations/{id}/runs", tags=tags, summary="List the runs of an automation")
    async def list_automation_runs(
        id: str,
        caller: Reader,
        paging: Pages,
        state: Annotated[
            Literal["running", "waiting", "done", "stopped", "failed"] | None, Query(description="Only these.")
        ] = None,
        contactId: Annotated[str | None, Query(max_length=20, description="Only of this contact.")] = None,
    ) -> Paged[answers.AutomationRun]:
        """People's ways through it, newest first."""
        contact = parse_id(contactId, "contact", "CONTACT_NOT_FOUND") if contactId else None
        page = await service.runs(
            caller.workspace_id, automation_id(id), state=state, contact_id=contact, **numbers(paging)
        )
        return paged(page, [run_answer(one) for one in page.items])

    @app.post("/automations/{id}/runs/{runId}/stop", tags=tags, summary="Stop a run")
    async def stop_automation_run(id: str, runId: str, caller: Writer) -> Ok[answers.AutomationRun]:
        """It ends here; what it has sent stays sent."""
        run = parse_id(runId, "run", "RUN_NOT_FOUND")
        return ok(run_answer(await service.stop(caller.workspace_id, automation_id(id), run)))

    @app.post("/automations/{id}/stop", tags=tags, summary="Stop all runs of an automation")
    async def stop_automation_runs(id: str, caller: Writer) -> Ok[answers.StoppedRuns]:
        """Everybody who is in it leaves it; it stays on for others."""
        return ok({"stopped": await service.stop_all(caller.workspace_id, automation_id(id))})
