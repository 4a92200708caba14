"""Automations, their runs and their figures, as this API shows them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from ..automation_shapes import SHAPE
from ._base import Json, Time

Kind = Annotated[str, Field(json_schema_extra={"enum": ["rule", "sequence"]})]
RunState = Annotated[str, Field(json_schema_extra={"enum": ["running", "waiting", "done", "stopped", "failed"]})]
Trigger = Annotated[Json, WithJsonSchema({"type": "object", SHAPE: "AutomationTrigger"})]
Condition = Annotated[Json, WithJsonSchema({"type": "object", SHAPE: "AutomationCondition"})]
Step = Annotated[Json, WithJsonSchema({"type": "object", SHAPE: "AutomationStep"})]
Limits = Annotated[Json, WithJsonSchema({"type": "object", SHAPE: "AutomationLimits"})]
Goal = Annotated[Json, WithJsonSchema({"type": "object", SHAPE: "AutomationGoal"})]


class AutomationDocument(TypedDict):
    """What an automation does: the parts as `GET /automations/schema` has them."""

    trigger: Trigger
    conditions: list[Condition]
    steps: list[Step]
    limits: Limits
    goal: Goal | None


class Automation(AutomationDocument):
    """A rule or a sequence. `restReason`: why it rests after too many failures. `running`: people who are in it now.
    `hookUrl`: the secret address that starts it, of those with the trigger `webhook`."""

    id: str
    name: str
    kind: Kind
    enabled: bool
    version: int
    hookUrl: str | None
    restReason: str | None
    running: int
    createdAt: Time | None
    updatedAt: Time | None


class AutomationVersion(AutomationDocument):
    """A version: people who were in it when a newer one came go on by it."""

    version: int


class AutomationRun(TypedDict):
    """A person's way through an automation. `step` is the one that comes next, `waitsFor` what it waits for (`reply`,
    `call`), `dueAt` when it goes on by itself."""

    id: str
    automationId: str
    version: int
    contactId: str
    profileId: str | None
    to: str | None
    state: RunState
    step: str
    steps: int
    dueAt: Time | None
    waitsFor: str | None
    reason: str | None
    startedAt: Time | None
    updatedAt: Time | None
    endedAt: Time | None


class AutomationRunCounts(TypedDict):
    """Runs by state."""

    running: int
    waiting: int
    done: int
    stopped: int
    failed: int


class AutomationStepCount(TypedDict):
    """How people fared at a step: `done` took it, `skipped` were left out at it, `failed`, and `waiting` are at it now.
    `reasons` says why, with how many."""

    step: str
    done: int
    skipped: int
    failed: int
    waiting: int
    reasons: dict[str, int]


class AutomationStatistics(TypedDict):
    """What became of the people in an automation."""

    runs: AutomationRunCounts
    steps: list[AutomationStepCount]


class StoppedRuns(TypedDict):
    """How many runs were ended."""

    stopped: int


class AutomationRecipe(AutomationDocument):
    """A ready-made automation to begin with."""

    key: str
    title: str
    about: str
    kind: Kind


class TestedStep(TypedDict):
    """A step that would be taken; `text` is what it would send or write down."""

    step: str
    type: str
    text: str | None


class AutomationTestEvent(TypedDict):
    """Something that happened, and what the automation would have done until it waits."""

    at: Time | None
    contactId: str
    contactName: str
    messageId: str | None
    text: str
    steps: list[TestedStep]


class AutomationPast(TypedDict):
    """What would have been: `matched` times for `people` people; `found` has the newest, up to 200. `complete`: everything
    of the time was looked at."""

    lookedAt: int
    matched: int
    people: int
    complete: bool
    found: list[AutomationTestEvent]


class AutomationTest(TypedDict):
    """A dry run. With one message: whether it `matches`, `why` not (`trigger`, `conditions`), and the steps. With the past:
    `past`."""

    matches: bool
    why: str | None
    steps: list[TestedStep]
    past: AutomationPast | None


class HookTaken(TypedDict):
    """The run that a program has started."""

    runId: str
