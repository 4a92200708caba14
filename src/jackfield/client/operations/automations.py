"""Automations: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_2 import Automation, AutomationRecipe
from .answers_3 import AutomationRun, AutomationStatistics, AutomationTest, AutomationVersion
from .answers_4 import Deleted
from .answers_7 import StoppedRuns
from .inputs_2 import AutomationBody, AutomationChange, AutomationDraft, AutomationStart, AutomationTrial


class ListAutomationsQuery(Paging):
    """What list_automations may be told."""

    kind: NotRequired[Literal["rule", "sequence"] | None]
    enabled: NotRequired[bool | None]


class ExportAutomationStatisticsQuery(TypedDict):
    """What export_automation_statistics may be told."""

    format: NotRequired[Literal["csv", "xlsx"]]


class ListAutomationRunsQuery(Paging):
    """What list_automation_runs may be told."""

    state: NotRequired[Literal["running", "waiting", "done", "stopped", "failed"] | None]
    contactId: NotRequired[str | None]


class AutomationsCalls(Resource):
    """Automations: all calls."""

    def list_automation_recipes(self) -> Call[list[AutomationRecipe]]:
        """Ready-made documents to begin with: welcome, away, menu, order status, abandoned cart, appointment,
        review, win-back."""
        return self._call(list[AutomationRecipe], "GET", "/automations/recipes")

    def test_automation_draft(self, **given: Unpack[AutomationDraft]) -> Call[AutomationTest]:
        """What it would have done in the last days, or would do with one message. Nothing is sent or stored.
        Conditions are asked as things stand now."""
        return self._call(AutomationTest, "POST", "/automations/test", given)

    def test_automation(self, id_: str, /, **given: Unpack[AutomationTrial]) -> Call[AutomationTest]:
        """As `POST /automations/test`, for its newest version."""
        return self._call(AutomationTest, "POST", f"/automations/{quoted(id_)}/test", given)

    def start_automation(self, id_: str, /, **given: Unpack[AutomationStart]) -> Call[AutomationRun]:
        """Whatever its trigger is. 409 `NOT_STARTED` says why it does not: the contact is in it, may not come
        again, or its conditions do not hold."""
        return self._call(AutomationRun, "POST", f"/automations/{quoted(id_)}/start", given)

    def start_automation_by_hook(self, token: str, /, **given: Any) -> Call[bytes]:
        """For programs: the secret address is all that it takes. The body is any JSON object; the trigger says
        where in it the phone number and the variables are."""
        return self._call(bytes, "POST", f"/automations/hooks/{quoted(token)}", given)

    def list_automations(self, **given: Unpack[ListAutomationsQuery]) -> Pages[Automation]:
        """Newest first."""
        return self._pages(Automation, "/automations", given)

    def create_automation(self, **given: Unpack[AutomationBody]) -> Call[Automation]:
        """It is off unless `enabled` says otherwise. Wrong fields are named by their path, such as
        `steps.2.next`."""
        return self._call(Automation, "POST", "/automations", given)

    def get_automation_schema(self) -> Call[dict[str, Any]]:
        """JSON Schema of the document of an automation: every trigger, condition and step with its fields."""
        return self._call(dict[str, Any], "GET", "/automations/schema")

    def get_automation(self, id_: str, /) -> Call[Automation]:
        """One, with its newest version."""
        return self._call(Automation, "GET", f"/automations/{quoted(id_)}")

    def update_automation(self, id_: str, /, **given: Unpack[AutomationChange]) -> Call[Automation]:
        """Change what is given. Another document is a new version; people who are in it go on by theirs."""
        return self._call(Automation, "PATCH", f"/automations/{quoted(id_)}", given)

    def delete_automation(self, id_: str, /) -> Call[Deleted]:
        """With its versions and runs; people who are in it get nothing more."""
        return self._call(Deleted, "DELETE", f"/automations/{quoted(id_)}")

    def list_automation_versions(self, id_: str, /) -> Call[list[AutomationVersion]]:
        """The newest first, up to 100."""
        return self._call(list[AutomationVersion], "GET", f"/automations/{quoted(id_)}/versions")

    def get_automation_statistics(self, id_: str, /) -> Call[AutomationStatistics]:
        """Runs by state, and what became of people at each step; steps of older versions come last."""
        return self._call(AutomationStatistics, "GET", f"/automations/{quoted(id_)}/statistics")

    def export_automation_statistics(
        self, id_: str, /, **given: Unpack[ExportAutomationStatisticsQuery]
    ) -> Call[bytes]:
        """What became of people at each step, as a file; `reasons` has each code with how often it was."""
        return self._call(bytes, "GET", f"/automations/{quoted(id_)}/statistics/export", **given)

    def enable_automation(self, id_: str, /) -> Call[Automation]:
        """From now on; what happened before does not start it. Ends its rest after failures."""
        return self._call(Automation, "POST", f"/automations/{quoted(id_)}/enable")

    def disable_automation(self, id_: str, /) -> Call[Automation]:
        """Nobody comes into it any more; people who are in it wait until it is on again."""
        return self._call(Automation, "POST", f"/automations/{quoted(id_)}/disable")

    def list_automation_runs(self, id_: str, /, **given: Unpack[ListAutomationRunsQuery]) -> Pages[AutomationRun]:
        """People's ways through it, newest first."""
        return self._pages(AutomationRun, f"/automations/{quoted(id_)}/runs", given)

    def stop_automation_run(self, id_: str, run_id: str, /) -> Call[AutomationRun]:
        """It ends here; what it has sent stays sent."""
        return self._call(AutomationRun, "POST", f"/automations/{quoted(id_)}/runs/{quoted(run_id)}/stop")

    def stop_automation_runs(self, id_: str, /) -> Call[StoppedRuns]:
        """Everybody who is in it leaves it; it stays on for others."""
        return self._call(StoppedRuns, "POST", f"/automations/{quoted(id_)}/stop")
