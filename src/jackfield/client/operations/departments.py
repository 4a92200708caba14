"""Departments: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing_extensions import Unpack

from jackfield.client._call import Call
from jackfield.client._resource import Resource, quoted

from .answers_4 import Deleted, Department
from .inputs_3 import DepartmentBody


class DepartmentsCalls(Resource):
    """Departments: all calls."""

    def list_departments(self) -> Call[list[Department]]:
        """By name; a workspace without any gets its General one."""
        return self._call(list[Department], "GET", "/departments")

    def create_department(self, **given: Unpack[DepartmentBody]) -> Call[Department]:
        """Make a department."""
        return self._call(Department, "POST", "/departments", given)

    def get_department(self, id_: str, /) -> Call[Department]:
        """One department."""
        return self._call(Department, "GET", f"/departments/{quoted(id_)}")

    def rename_department(self, id_: str, /, **given: Unpack[DepartmentBody]) -> Call[Department]:
        """Give it another name."""
        return self._call(Department, "PATCH", f"/departments/{quoted(id_)}", given)

    def delete_department(self, id_: str, /) -> Call[Deleted]:
        """Its tickets stay, without one."""
        return self._call(Deleted, "DELETE", f"/departments/{quoted(id_)}")
