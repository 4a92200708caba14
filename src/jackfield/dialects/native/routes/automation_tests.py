"""Automations tried without sending anything, started from outside, and recipes to begin with."""

from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI
from pydantic import ConfigDict, Field

from jackfield.core import RECIPES, Principal, Tested, TestedMessage, TestedStep

from ..._access import PUBLIC
from ..._kit import Str, Wire, parse_id
from .. import answers
from ..answers.automations import Condition, Goal, Limits, Step, Trigger
from ..context import Context, example
from ..envelope import Ok, iso, ok
from .automations import EXAMPLE, Part, automation_id, parts_of, run_answer


class AutomationDraft(Wire):
    """What to try: a document (`trigger`, `conditions`, `steps` as of an automation) with the messages of some days, or
    with one `text`."""

    model_config = example({**{name: EXAMPLE[name] for name in ("kind", "trigger", "steps")}, "days": 7})

    kind: Literal["rule", "sequence"] = "rule"
    trigger: Trigger
    conditions: Annotated[list[Condition], Field(max_length=20)] = Field(default_factory=list)
    steps: Annotated[list[Step], Field(min_length=1, max_length=100)]
    limits: Limits = Field(default_factory=dict)
    goal: Goal | None = None
    days: Annotated[int, Field(ge=1, le=31, description="How far to look back.")] = 7
    text: Annotated[Str | None, Field(max_length=4096, description="Try it with this message instead.")] = None
    button: Annotated[Str | None, Field(max_length=200, description="Id of a button that is pressed instead.")] = None
    contact_id: Annotated[Str | int | None, Field(alias="contactId", description="Who writes.")] = None
    profile_id: Annotated[Str | int | None, Field(alias="profileId", description="Where it is written.")] = None

    def document(self) -> Part:
        """What the core takes."""
        return {
            "trigger": self.trigger,
            "conditions": self.conditions,
            "steps": self.steps,
            "limits": self.limits,
            "goal": self.goal,
        }


class AutomationTrial(Wire):
    """How far to look back, or one message to try."""

    model_config = example(days=7)

    days: Annotated[int, Field(ge=1, le=31, description="How far to look back.")] = 7
    text: Annotated[Str | None, Field(max_length=4096, description="Try it with this message instead.")] = None
    button: Annotated[Str | None, Field(max_length=200, description="Id of a button that is pressed instead.")] = None
    contact_id: Annotated[Str | int | None, Field(alias="contactId", description="Who writes.")] = None
    profile_id: Annotated[Str | int | None, Field(alias="profileId", description="Where it is written.")] = None


class HookBody(Wire):
    """Any JSON object."""

    model_config = ConfigDict(
        extra="allow", json_schema_extra={"example": {"phone": "+6281234567890", "order": {"id": 17}}}
    )


class AutomationStart(Wire):
    """Whom to start it for."""

    model_config = example(contactId="1")

    contact_id: Annotated[Str | int, Field(alias="contactId")]


def step_answers(steps: list[TestedStep]) -> list[answers.TestedStep]:
    """Steps that would be taken."""
    return [{"step": one.step, "type": one.type, "text": one.text} for one in steps]


def tested_answer(found: Tested | TestedMessage) -> answers.AutomationTest:
    """What a dry run found."""
    if isinstance(found, TestedMessage):
        return {"matches": found.matches, "why": found.why, "steps": step_answers(found.steps), "past": None}
    past: answers.AutomationPast = {
        "lookedAt": found.looked_at,
        "matched": found.matched,
        "people": found.people,
        "complete": found.complete,
        "found": [
            {
                "at": iso(one.at),
                "contactId": str(one.contact_id),
                "contactName": one.contact_name,
                "messageId": None if one.message_id is None else str(one.message_id),
                "text": one.text,
                "steps": step_answers(one.steps),
            }
            for one in found.found
        ],
    }
    return {"matches": found.matched > 0, "why": None, "steps": [], "past": past}


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("automations:read"))]
    Writer = Annotated[Principal, Depends(context.allow("automations:write"))]
    tags: list[Any] = ["Automations"]

    async def tried(
        caller: Principal, kind: str, document: Any, body: AutomationDraft | AutomationTrial
    ) -> answers.AutomationTest:
        contact = body.contact_id
        contact_id = None if contact is None else parse_id(contact, "contact", "CONTACT_NOT_FOUND")
        if contact_id is not None:
            await core.contacts.get(caller.workspace_id, contact_id)
        if body.text is None and body.button is None:
            return tested_answer(await core.automation_tests.past(caller.workspace_id, kind, document, days=body.days))
        profile = body.profile_id
        found = await core.automation_tests.message(
            caller.workspace_id,
            kind,
            document,
            text=body.text or "",
            button=body.button,
            contact_id=contact_id,
            channel_id=None if profile is None else (await context.channel(caller, profile)).id,
        )
        return tested_answer(found)

    @app.get("/automations/recipes", tags=tags, summary="List recipes")
    async def list_automation_recipes(caller: Reader) -> Ok[list[answers.AutomationRecipe]]:
        """Ready-made documents to begin with: welcome, away, menu, order status, abandoned cart, appointment, review,
        win-back."""
        return ok(
            [
                {"key": one.key, "title": one.title, "about": one.about, "kind": one.kind, **parts_of(one.parsed())}
                for one in RECIPES
            ]
        )

    @app.post("/automations/test", tags=tags, summary="Try a draft of an automation")
    async def test_automation_draft(body: AutomationDraft, caller: Reader) -> Ok[answers.AutomationTest]:
        """What it would have done in the last days, or would do with one message. Nothing is sent or stored. Conditions are
        asked as things stand now."""
        return ok(await tried(caller, body.kind, body.document(), body))

    @app.post("/automations/{id}/test", tags=tags, summary="Try an automation")
    async def test_automation(id: str, body: AutomationTrial, caller: Reader) -> Ok[answers.AutomationTest]:
        """As `POST /automations/test`, for its newest version."""
        view = await core.automations.get(caller.workspace_id, automation_id(id))
        return ok(await tried(caller, view.kind, view.document, body))

    @app.post("/automations/{id}/start", tags=tags, summary="Start an automation for a contact", status_code=201)
    async def start_automation(id: str, body: AutomationStart, caller: Writer) -> Ok[answers.AutomationRun]:
        """Whatever its trigger is. 409 `NOT_STARTED` says why it does not: the contact is in it, may not come again, or its
        conditions do not hold."""
        number = automation_id(id)
        await core.automations.get(caller.workspace_id, number)
        contact = parse_id(body.contact_id, "contact", "CONTACT_NOT_FOUND")
        return ok(run_answer(await core.automation_triggers.by_hand(caller.workspace_id, number, contact)), 201)

    @app.post(
        "/automations/hooks/{token}",
        tags=tags,
        summary="Start an automation by its address",
        status_code=202,
        openapi_extra={PUBLIC: True},
    )
    async def start_automation_by_hook(token: str, body: HookBody) -> Ok[answers.HookTaken]:
        """For programs: the secret address is all that it takes. The body is any JSON object; the trigger says where in it the
        phone number and the variables are."""
        _, run = await core.automation_triggers.by_hook(token, body.model_extra)
        return ok({"runId": str(run.id)}, 202)
