"""The migrations as steps in their order, and which of them an older version bears beside it.

Read from the files' text: to import Alembic and all migrations would take a tenth of each start.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Final, Literal

import msgspec

RELEASED: Final = "0281"
"""The last revision of the last release: from there on new steps say what they are. `make release` moves it; until there is
a first release, the schema of the installations made from the source counts as one."""
VERSIONS: Final = Path(__file__).parent / "versions"

Kind = Literal["pre", "post", "stop"]
"""`pre`: servers of the release before work on beside it, so it runs before they are replaced. `post`: this version works
without it, and older ones do not work with it, so it runs after the last of them has stopped. `stop`: neither, or the file
does not say; all servers stop for it."""

_FACTS = re.compile(r'^(revision|down_revision|step)(?:: [^=]+)? = "(\w+)"', re.MULTILINE)


class Step(msgspec.Struct, frozen=True):
    """One migration. `title` is the first line of its file."""

    revision: str
    before: str
    kind: Kind
    title: str


def steps(folder: Path | None = None) -> tuple[Step, ...]:
    """All migrations of this version in their order. Raises ValueError where they are no single line."""
    return _read(folder or VERSIONS)


@cache
def _read(folder: Path) -> tuple[Step, ...]:
    found: dict[str, Step] = {}
    for path in sorted(folder.glob("[0-9]*.py")):
        text = path.read_text(encoding="utf-8")
        facts = dict(_FACTS.findall(text))
        kind = facts.get("step", "stop")
        if kind not in ("pre", "post", "stop"):
            raise ValueError(f'{path.name}: step is {kind!r}; write "pre", "post" or "stop"')
        title = text.split('"""', 2)[1].strip() if text.startswith('"""') else path.stem
        step = Step(facts["revision"], facts.get("down_revision", ""), kind, title)
        if step.before in found:
            raise ValueError(f"{path.name} and {found[step.before].revision} both follow {step.before or 'nothing'}")
        found[step.before] = step
    ordered: list[Step] = []
    while (following := found.get(ordered[-1].revision if ordered else "")) is not None:
        ordered.append(following)
    if len(ordered) != len(found):
        raise ValueError("the migrations are no single line from the first to the last")
    return tuple(ordered)


def pending(current: str | None) -> tuple[Step, ...]:
    """The steps that follow a revision; all of them for None. Raises ValueError for one that this version does not know."""
    every = steps()
    if current is None:
        return every
    for place, step in enumerate(every):
        if step.revision == current:
            return every[place + 1 :]
    raise ValueError(f"{current} is no revision of this version")


def borne(waiting: tuple[Step, ...]) -> tuple[Step, ...]:
    """Those of the steps that come first and that older servers bear beside them."""
    return tuple(takewhile(lambda step: step.kind == "pre", waiting))


def needed() -> str:
    """The first revision that this version works with: all but the `post` steps at the end."""
    every = steps()
    return next(step.revision for step in reversed(every) if step.kind != "post")


def misplaced() -> list[str]:
    """What is wrong with the steps since the last release, in words: each says its kind, and none that old servers bear
    comes after one that they do not, for it could not run before it."""
    wrong = []
    last = ""
    for step in pending(RELEASED):
        if step.kind == "stop":
            wrong.append(f'{step.revision} does not say what it is: step = "pre" or "post"')
        if step.kind == "pre" and last:
            wrong.append(f"{step.revision} is pre and comes after {last}, which is not: give {last} a higher number")
        if step.kind != "pre":
            last = step.revision
    return wrong
