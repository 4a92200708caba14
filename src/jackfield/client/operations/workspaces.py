"""Workspaces: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing_extensions import Unpack

from jackfield.client._call import Call
from jackfield.client._resource import Resource, quoted

from .answers_6 import NewWorkspace
from .answers_8 import Workspace
from .inputs_5 import WorkspaceBody, WorkspaceChange


class WorkspacesCalls(Resource):
    """Workspaces: all calls."""

    def list_workspaces(self) -> Call[list[Workspace]]:
        """Your own."""
        return self._call(list[Workspace], "GET", "/workspaces")

    def create_workspace(self, **given: Unpack[WorkspaceBody]) -> Call[NewWorkspace]:
        """A new tenant with its owner and a first API key, shown this once. For the operator: it takes an owner
        of the first workspace who is logged in, or a key with the scope `*` that such an owner made."""
        return self._call(NewWorkspace, "POST", "/workspaces", given)

    def get_workspace(self, id_: str, /) -> Call[Workspace]:
        """Your own."""
        return self._call(Workspace, "GET", f"/workspaces/{quoted(id_)}")

    def update_workspace(self, id_: str, /, **given: Unpack[WorkspaceChange]) -> Call[Workspace]:
        """Name, time zone, default country and profile, settings."""
        return self._call(Workspace, "PATCH", f"/workspaces/{quoted(id_)}", given)
