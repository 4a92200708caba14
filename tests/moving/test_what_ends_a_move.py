"""An answer that concerns all ends a move, which goes on there later; one about a single thing is reported."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from jackfield.client import ApiError
from jackfield.moving import Batch, Mover, Person, State
from jackfield.moving.mover import Target
from jackfield.moving.records import Labels, Template

from .test_without_phone import Book, nothing_to_connect


class Refusing:
    """A server that answers every write with one error; it is its own desk and its own client."""

    def __init__(self, status: int) -> None:
        self._status = status

    @property
    def api(self) -> Refusing:
        return self

    async def pages(self, path: str, **_: Any) -> AsyncIterator[dict[str, Any]]:
        for one in ():
            yield one

    async def post(self, path: str, body: Any = None, **_: Any) -> Any:
        raise ApiError(self._status, "CODE", "No.")


class Labelled(Book):
    """A source with a tag and nothing else."""

    async def labels(self) -> Labels:
        return Labels(tags=["vip"])

    async def people(self, cursor: str | None) -> AsyncIterator[Batch[Person]]:
        yield Batch(rows=[], cursor=None)


class Mailed(Book):
    """A source with a contact that has an e-mail address alone."""

    async def templates(self) -> list[Template]:
        return []

    async def people(self, cursor: str | None) -> AsyncIterator[Batch[Person]]:
        yield Batch(rows=[Person(id="a", name="Asha", email="asha@example.com")], cursor=None)


def move(source: type[Book], status: int, file: Path) -> tuple[Mover, State]:
    state = State(file, "http://book")
    target = cast("Target", Refusing(status))
    return Mover(source("http://book", "key"), target, state, ready=nothing_to_connect), state


@pytest.mark.parametrize("source", [Labelled, Mailed])
@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_what_concerns_all_ends_it(source: type[Book], status: int, tmp_path: Path) -> None:
    mover, state = move(source, status, tmp_path / "state.json")
    with pytest.raises(ApiError):
        await mover.run()
    assert state.report.refusals == []
    assert not state.is_done("labels" if source is Labelled else "contacts")
    state.close()
    # The run that goes on counts what was not finished, once.
    again = State(tmp_path / "state.json", "http://book")
    assert again.report.of("contacts").seen == 0
    again.close()


@pytest.mark.parametrize(("source", "kind"), [(Labelled, "tags"), (Mailed, "contacts")])
async def test_what_concerns_one_is_reported(source: type[Book], kind: str, tmp_path: Path) -> None:
    mover, state = move(source, 400, tmp_path / "state.json")
    report = await mover.run()
    assert [(one.kind, one.reason) for one in report.refusals] == [(kind, "No.")]
    state.close()
