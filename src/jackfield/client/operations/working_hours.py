"""Working hours: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing_extensions import Unpack

from jackfield.client._call import Call
from jackfield.client._resource import Resource, quoted

from .answers_8 import WorkingHours
from .inputs_5 import WorkingHoursBody


class WorkingHoursCalls(Resource):
    """Working hours: all calls."""

    def get_working_hours(self) -> Call[WorkingHours]:
        """Those of the workspace; until they are set it works always."""
        return self._call(WorkingHours, "GET", "/working-hours")

    def set_working_hours(self, **given: Unpack[WorkingHoursBody]) -> Call[WorkingHours]:
        """Those of the workspace, and of departments that have none of their own."""
        return self._call(WorkingHours, "PUT", "/working-hours", given)

    def remove_working_hours(self) -> Call[WorkingHours]:
        """The workspace works always then. The answer is what holds now."""
        return self._call(WorkingHours, "DELETE", "/working-hours")

    def get_department_working_hours(self, id_: str, /) -> Call[WorkingHours]:
        """Its own, else those of the workspace (`source`)."""
        return self._call(WorkingHours, "GET", f"/departments/{quoted(id_)}/working-hours")

    def set_department_working_hours(self, id_: str, /, **given: Unpack[WorkingHoursBody]) -> Call[WorkingHours]:
        """Hours of its own, with holidays of its own: nothing of the workspace's is added."""
        return self._call(WorkingHours, "PUT", f"/departments/{quoted(id_)}/working-hours", given)

    def remove_department_working_hours(self, id_: str, /) -> Call[WorkingHours]:
        """Those of the workspace hold for it then. The answer is what holds now."""
        return self._call(WorkingHours, "DELETE", f"/departments/{quoted(id_)}/working-hours")
