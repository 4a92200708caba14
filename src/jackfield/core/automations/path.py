"""Which step follows which: the same for a run and for a dry run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .facts import Facts
from .steps import END, Branch, Step


class Path:
    """The steps of a document, and the ways between them."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.first = steps[0].id
        self._steps = {step.id: step for step in steps}
        self._after = {step.id: after.id for step, after in pairwise(steps)}

    def step(self, id_: str) -> Step | None:
        """The step of this id; None for the end."""
        return self._steps.get(id_)

    def following(self, step: Step, goto: str | None = None) -> str:
        """The id of the step that comes after one: `goto` where it says so, else as the document has it; END for none."""
        return goto or step.next or self._after.get(step.id, END)


async def way(step: Branch, facts: Facts) -> str | None:
    """Where a branch leads as things stand; None where none of its cases holds."""
    for case in step.cases:
        if await facts.hold(case.conditions):
            return case.next
    return None
