"""How far a database may be migrated now, given what else works on it."""

from __future__ import annotations

from typing import Literal

from . import AHEAD, Schema, SchemaRefused

Steps = Literal["all", "pre", "none"]


def allowed(schema: Schema, steps: Steps, *, anyway: bool = False) -> str | None:
    """The revision to bring the database to; None: leave it as it is.

    `all` stops at the steps that older servers bear while connections of theirs are open, unless `anyway`. `pre` runs those
    alone. Raises SchemaRefused where this version could not work with what comes out.
    """
    if schema.is_current:
        return None
    if schema.is_ahead:
        if schema.is_usable:
            return None
        raise SchemaRefused(AHEAD.format(at=schema.revision, newest=schema.newest))
    if steps == "none":
        if schema.is_usable:
            return None
        raise SchemaRefused(
            f"The schema is at {schema.revision or 'nothing'}, and this version needs {_first_usable(schema)}: run"
            " `jackfield migrate --pre` (JACKFIELD_MIGRATE=none leaves that to you)."
        )
    if schema.revision is None:
        return schema.newest
    if steps == "all" and (anyway or not schema.older or not schema.unsafe):
        return schema.newest
    barrier = next((step for step in schema.unsafe if step.kind != "post"), None)
    if barrier is None:
        return schema.safe[-1].revision if schema.safe else None
    if schema.older:
        raise SchemaRefused(
            f"Servers of an older version work on this database ({schema.older} connections), and they do not bear step"
            f" {barrier.revision} ({barrier.title}). Stop them all, then run `jackfield migrate`."
        )
    first = schema.unsafe[0]
    why = (
        f"step {first.revision} is to run after older servers have stopped, and {barrier.revision} needs it"
        if first.kind == "post"
        else f"older servers do not bear step {first.revision} ({first.title})"
    )
    raise SchemaRefused(
        f"This cannot be done beside older servers: {why}. Stop them all and run `jackfield migrate`, or go by the versions"
        " between, one after the other."
    )


def _first_usable(schema: Schema) -> str:
    left = [step.revision for step in schema.waiting if step not in schema.unsafe or step.kind != "post"]
    return left[-1] if left else schema.newest
