"""Inbound problems: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_5 import InboundProblem, InboundProblemDetails
from .answers_6 import ReplayedProblems
from .inputs_4 import ReplayProblemsBody

_ListInboundProblemsQuery = TypedDict("_ListInboundProblemsQuery", {"from": "NotRequired[str | None]"})


class ListInboundProblemsQuery(Paging, _ListInboundProblemsQuery):
    """What list_inbound_problems may be told."""

    profileId: NotRequired[str | None]
    reason: NotRequired[str | None]
    status: NotRequired[str]
    until: NotRequired[str | None]


class InboundCalls(Resource):
    """Inbound problems: all calls."""

    def list_inbound_problems(self, **given: Unpack[ListInboundProblemsQuery]) -> Pages[InboundProblem]:
        """What a provider was told we have and what could not be applied, newest first."""
        return self._pages(InboundProblem, "/inbound/problems", given)

    def replay_inbound_problems(self, **given: Unpack[ReplayProblemsBody]) -> Call[ReplayedProblems]:
        """Try to apply open problems again, oldest first, up to 500 at a time; `cursor` goes on from there. What
        is applied already changes nothing."""
        return self._call(ReplayedProblems, "POST", "/inbound/problems/replay", given)

    def get_inbound_problem(self, id_: str, /) -> Call[InboundProblemDetails]:
        """One problem, with what came in as it was kept."""
        return self._call(InboundProblemDetails, "GET", f"/inbound/problems/{quoted(id_)}")

    def replay_inbound_problem(self, id_: str, /) -> Call[InboundProblemDetails]:
        """Try to apply it again, for example after an update of the server. `status` tells whether it was; one
        that is resolved stays as it is."""
        return self._call(InboundProblemDetails, "POST", f"/inbound/problems/{quoted(id_)}/replay")
