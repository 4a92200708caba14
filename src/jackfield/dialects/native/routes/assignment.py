"""Rules that give chats to members, and what they did."""

from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Request
from pydantic import Field

from jackfield.core import ChatAssignmentView, NextView, Principal, RuleInput, RuleView

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..context import Context, Cursor, example
from ..envelope import Ok, Paged, iso, ok, paged
from .chats import find_chat

Id = Str | int


class RuleBody(Wire):
    """A rule: for which chats, and who gets them. What is left out asks nothing; without members and department everybody is
    meant."""

    model_config = example(
        name="Sales",
        tags=["lead"],
        visit="first",
        how="least_busy",
        onlineOnly=True,
        maxOpen=10,
    )

    id: Annotated[Id | None, Field(description="Of a rule that is there; a new one has none.")] = None
    name: Annotated[Str, Field(min_length=1, max_length=100)]
    enabled: bool = True
    profile_ids: Annotated[list[Id], Field(alias="profileIds", max_length=200, description="On one of these.")] = Field(
        default_factory=list
    )
    tags: Annotated[
        list[Annotated[Str, Field(min_length=1, max_length=64)]],
        Field(max_length=50, description="The contact has one of these."),
    ] = Field(default_factory=list)
    hours: Annotated[
        Literal["open", "closed"] | None, Field(description="Within the working hours of the workspace, or outside.")
    ] = None
    visit: Annotated[
        Literal["first", "again"] | None, Field(description="The chat is new, or somebody comes back.")
    ] = None
    how: Annotated[
        Literal["round_robin", "least_busy"],
        Field(description="In turn; or to whoever has the fewest open chats, in turn among those."),
    ] = "round_robin"
    member_ids: Annotated[list[Id], Field(alias="memberIds", max_length=200)] = Field(default_factory=list)
    department_id: Annotated[Id | None, Field(alias="departmentId", description="Its members.")] = None
    online_only: Annotated[
        bool, Field(alias="onlineOnly", description="Only to who used the dashboard within 15 minutes.")
    ] = False
    max_open: Annotated[
        int | None, Field(alias="maxOpen", ge=1, le=1000, description="Not to who has so many open chats.")
    ] = None

    def parsed(self) -> RuleInput:
        """What the core takes. Raises NotFound for an id that is none."""
        return RuleInput(
            id=None if self.id in (None, "") else parse_id(self.id, "rule", "NOT_FOUND"),
            name=self.name,
            enabled=self.enabled,
            channel_ids=[parse_id(one, "profile", "PROFILE_NOT_FOUND") for one in self.profile_ids],
            tags=self.tags,
            hours=self.hours,
            visit=self.visit,
            how=self.how,
            member_ids=[parse_id(one, "member", "MEMBER_NOT_FOUND") for one in self.member_ids],
            department_id=None
            if self.department_id in (None, "")
            else parse_id(self.department_id, "department", "DEPARTMENT_NOT_FOUND"),
            online_only=self.online_only,
            max_open=self.max_open,
        )


class RulesBody(Wire):
    """All rules in their order; one that is left out is gone."""

    model_config = example(
        rules=[
            {"name": "Sales", "tags": ["lead"], "how": "least_busy", "onlineOnly": True, "maxOpen": 10},
            {"name": "Everybody in turn"},
        ]
    )

    rules: Annotated[list[RuleBody], Field(max_length=50)]


def rule(view: RuleView) -> answers.AssignmentRule:
    """A rule."""
    return {
        "id": str(view.id),
        "name": view.name,
        "enabled": view.enabled,
        "profileIds": [str(one) for one in view.channel_ids],
        "tags": view.tags,
        "hours": view.hours,
        "visit": view.visit,
        "how": view.how,
        "memberIds": [str(one) for one in view.member_ids],
        "departmentId": None if view.department_id is None else str(view.department_id),
        "onlineOnly": view.online_only,
        "maxOpen": view.max_open,
    }


def following(view: NextView) -> answers.AssignmentNext:
    """Who is next by a rule."""
    return {
        "ruleId": str(view.rule_id),
        "memberId": None if view.member_id is None else str(view.member_id),
        "candidates": [
            {"memberId": str(one.member_id), "name": one.name, "open": one.open, "refusal": one.refusal}
            for one in view.candidates
        ],
    }


def assignment(view: ChatAssignmentView) -> answers.ChatAssignment:
    """What a rule did with a chat."""
    return {
        "id": str(view.id),
        "chatId": str(view.chat_id),
        "memberId": None if view.member_id is None else str(view.member_id),
        "ruleId": str(view.rule_id),
        "ruleName": view.rule_name,
        "createdAt": iso(view.created_at),
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    service = context.core.assignments
    Reader = Annotated[Principal, Depends(context.allow("workspace:read"))]
    Writer = Annotated[Principal, Depends(context.allow("workspace:write"))]
    ChatReader = Annotated[Principal, Depends(context.allow("chats:read"))]
    tags: list[Any] = ["Assignment"]

    @app.get("/assignment-rules", tags=tags, summary="List the assignment rules")
    async def list_assignment_rules(caller: Reader) -> Ok[list[answers.AssignmentRule]]:
        """In their order: the first that fits a chat, and finds somebody, gives it away."""
        return ok([rule(one) for one in await service.rules(caller.workspace_id)])

    @app.put("/assignment-rules", tags=tags, summary="Set the assignment rules")
    async def set_assignment_rules(
        body: RulesBody, caller: Writer, request: Request
    ) -> Ok[list[answers.AssignmentRule]]:
        """All of them, in their order. A private chat that somebody's message opens, and that is nobody's, is given away in
        the transaction of that message."""
        given = [one.parsed() for one in body.rules]
        found = await service.put(caller.workspace_id, given, by=caller, ip=context.ip(request))
        return ok([rule(one) for one in found])

    @app.get("/assignment-rules/next", tags=tags, summary="Who gets the next chat")
    async def list_next_assignees(caller: Reader) -> Ok[list[answers.AssignmentNext]]:
        """By each rule as things stand now, whatever it asks of the chat."""
        return ok([following(one) for one in await service.next(caller.workspace_id)])

    @app.get("/chats/{id}/assignments", tags=tags, summary="What rules did with a chat")
    async def list_chat_assignments(id: str, caller: ChatReader, paging: Cursor) -> Paged[answers.ChatAssignment]:
        """To whom rules gave the chat, newest first."""
        view = await find_chat(context, caller, id)
        page = await service.history(caller.workspace_id, view.chat.id, limit=paging.limit, cursor=paging.cursor)
        return paged(page, [assignment(one) for one in page.items])
