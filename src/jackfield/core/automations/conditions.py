"""Conditions: whom an automation is for, and which way a branch goes."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from .hours import Hours

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class _Condition(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, tag_field="type"
):
    """Base of conditions. `negate` turns it round."""

    negate: bool = False


class InChannel(_Condition, frozen=True, kw_only=True, tag="channel", rename="camel"):
    """It is about one of these channels (profiles), by id."""

    channel_ids: Annotated[list[str | int], msgspec.Meta(min_length=1, max_length=50)]


class HasTag(_Condition, frozen=True, kw_only=True, tag="tag", rename="camel"):
    """The contact has this tag."""

    tag: Name


class InList(_Condition, frozen=True, kw_only=True, tag="list", rename="camel"):
    """The contact is in this list."""

    list: Name


class Compares(_Condition, frozen=True, kw_only=True, rename="camel"):
    """Base of what compares a value: `is` one of `values` and `contains` without regard to case, `exists`, or as numbers
    `less` or `greater` than the first of `values`."""

    op: Literal["is", "contains", "exists", "less", "greater"] = "is"
    values: Annotated[list[Annotated[str, msgspec.Meta(max_length=1000)]], msgspec.Meta(max_length=100)] = []


class AttributeIs(Compares, frozen=True, kw_only=True, tag="attribute", rename="camel"):
    """An attribute of the contact."""

    attribute: Name


class VariableIs(Compares, frozen=True, kw_only=True, tag="variable", rename="camel"):
    """A variable of the run: an answer, or what a webhook told. `answer` is what was answered last."""

    variable: Name = "answer"


class AtHours(_Condition, frozen=True, kw_only=True, tag="hours", rename="camel"):
    """It is within these hours now."""

    hours: Hours


class AtWork(_Condition, frozen=True, kw_only=True, tag="working_hours", rename="camel"):
    """It is within working hours now; turned round, outside them. Those of the department `departmentId`, else (and where it is
    gone) of the workspace; where nobody has set any it is always within them."""

    department_id: str | int | None = None


class ConsentIs(_Condition, frozen=True, kw_only=True, tag="consent", rename="camel"):
    """The person may get marketing (`allowed`): they have not refused it."""

    consent: Literal["allowed", "given", "refused"] = "allowed"


class ChatIs(_Condition, frozen=True, kw_only=True, tag="chat", rename="camel"):
    """The chat is open or done, or has an assignee."""

    status: Literal["open", "done", "assigned"]


Condition: TypeAlias = InChannel | HasTag | InList | AttributeIs | VariableIs | AtHours | AtWork | ConsentIs | ChatIs
Conditions: TypeAlias = Annotated[list[Condition], msgspec.Meta(max_length=20)]
"""All must hold."""


def number_of(given: str | int | None) -> int | None:
    """An id as a number; 0, which nothing has, for what is none."""
    if given is None or given == "":
        return None
    return int(given) if str(given).isdecimal() else 0
