"""The one transition: what may move, what is kept all the same, what is told; and that nothing moves a message elsewhere."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from sqlalchemy import Select, select

import jackfield
from jackfield.core import Core
from jackfield.core.campaigns import BulkMessage
from jackfield.core.channels.lease import acquire, release
from jackfield.core.ground.events import BY_STATE, load
from jackfield.core.ledger import states
from jackfield.core.ledger.claim import ClaimRequest, claim_batch
from jackfield.core.ledger.record import Outcome, StatusItem, record_batch, status_batch
from jackfield.core.ledger.settle import Verdict, settle
from jackfield.core.ledger.states import OUTGOING, may_move
from jackfield.core.ledger.submit import Submission
from jackfield.core.ledger.transition import Move, Row, transition
from jackfield.core.models import Event
from jackfield.core.port import Status
from jackfield.core.port.content import Image, Text


class Unit:
    """What a transition asks of a unit, in memory."""

    def __init__(self) -> None:
        self.conn = self
        self.dialect = SimpleNamespace(name="postgresql")
        self.events: list[Any] = []
        self.gathered: list[Any] = []
        self.statements: list[tuple[Any, Any]] = []

    def emit(self, workspace_id: int, event: Any, channel_id: int) -> None:
        self.events.append(event)

    def gather(self, topic: str, items: list[Any]) -> None:
        assert topic == "settled"
        self.gathered += items

    async def execute(self, statement: Any, rows: Any = None) -> list[Any]:
        if not isinstance(statement, Select):
            self.statements.append((statement, rows))
        # No message has a chat here.
        return []


def row_in(state: str, number: int = 1, **more: Any) -> Row:
    times = dict.fromkeys(("sent_at", "delivered_at", "read_at", "failed_at", "uncertain_at"))
    words = dict.fromkeys(("content", "contact_id", "provider_id", "tag", "template", "source", "error_code", "error"))
    row = {"id": number, "workspace_id": 1, "channel_id": 2, "campaign_id": 0, "state": state, "claim": None}
    return {**row, "attempts": 1, "peer": "491", "kind": "text", "due_at": 5, "extra": None, **times, **words, **more}


@pytest.mark.parametrize(("old", "new"), list(itertools.product(OUTGOING, OUTGOING)))
async def test_only_legal_moves_change_the_state_and_are_told(old: str, new: str) -> None:
    unit, row = Unit(), row_in(old)
    await transition(unit, [(row, Move(to=new, at=9))])  # type: ignore[arg-type]
    legal = may_move(old, new)
    assert row["state"] == (new if legal else old)
    assert [event.type for event in unit.events] == ([BY_STATE[new].type] if legal and new in BY_STATE else [])


async def test_a_receipt_that_another_overtook_keeps_its_time() -> None:
    unit, row = Unit(), row_in(states.SENDING, claim=3)
    steps = [(row, Move(to=new, at=at, provider_id="w")) for new, at in (("read", 7), ("delivered", 6), ("read", 8))]
    assert await transition(unit, steps) == [True, True, False]  # type: ignore[arg-type]
    assert (row["state"], row["read_at"], row["delivered_at"], row["sent_at"]) == ("read", 7, 6, 7)
    assert [event.type for event in unit.events] == ["message.read"]
    assert len(unit.statements) == 1, "a row is written once, however often it moved"


async def test_a_failure_that_comes_too_late_leaves_no_trace() -> None:
    unit, row = Unit(), row_in(states.READ, provider_id="w")
    assert await transition(unit, [(row, Move(to="failed", at=9, code="1"))]) == [False]  # type: ignore[arg-type]
    assert (row["failed_at"], row["error_code"], unit.statements) == (None, None, [])


async def test_what_was_put_back_and_went_out_after_all_is_not_sent_again() -> None:
    unit, row = Unit(), row_in(states.QUEUED, claim=3)
    await transition(unit, [(row, Move(to="sent", at=9, provider_id="w"))])  # type: ignore[arg-type]
    assert row["state"] == states.SENT
    fresh = row_in(states.QUEUED)
    await transition(unit, [(fresh, Move(to="sent", at=9))])  # type: ignore[arg-type]
    assert fresh["state"] == states.QUEUED, "what nobody ever claimed cannot have gone out"


async def test_rows_that_share_a_move_are_written_by_one_statement() -> None:
    unit, move = Unit(), Move(to=states.SENDING, at=9, claim=4, attempts=1)
    rows = [{"id": number, "state": states.QUEUED, "attempts": number} for number in range(1000)]
    assert all(await transition(unit, [(row, move) for row in rows]))  # type: ignore[arg-type]
    assert len(unit.statements) == 1
    assert (rows[7]["state"], rows[7]["claim"], rows[7]["attempts"]) == (states.SENDING, 4, 8)


# -- on the database ------------------------------------------------------------------------------------


@pytest.fixture
async def channel(core: Core, workspace: int) -> int:
    return (await core.channels.create(workspace, name="One")).id


async def told(core: Core, type_: str) -> list[dict[str, Any]]:
    async with core.db.read() as session:
        rows = await session.scalars(select(Event).where(Event.type == type_).order_by(Event.id))
        return [msgspec.to_builtins(load(row.type, row.data)) for row in rows]


async def in_flight(core: Core, workspace: int, channel: int, count: int, owner: str = "a") -> tuple[list[int], int]:
    """Messages that an owner has claimed, and its token."""
    image = Image(url="https://example.org/a.png", caption="Look")
    ids = [
        (
            await core.messages.submit(
                Submission(
                    workspace_id=workspace,
                    channel_id=channel,
                    peer=f"6281000{number}",
                    content=image,
                    tag="t",
                    source="api",
                )
            )
        ).id
        for number in range(count)
    ]
    async with core.unit() as unit:
        lease = await acquire(unit, channel, owner, 60)
    assert lease is not None
    claim = await core.writer.submit(claim_batch, ClaimRequest(channel_id=channel, token=lease.token, limit=100))
    assert [one.id for one in claim.messages] == ids
    return ids, lease.token


async def test_sent_is_told_alike_by_whoever_finds_it_out(core: Core, workspace: int, channel: int) -> None:
    (first, second, third), token = await in_flight(core, workspace, channel, 3)
    record = {"channel_id": channel, "token": token, "at": 1}
    await core.writer.submit(record_batch, Outcome(id=first, state="sent", provider_id="w1", **record))
    report = Status(provider_id="w2", state="sent", timestamp=1, ref=str(second))
    await core.writer.submit(status_batch, StatusItem(channel_id=channel, status=report))
    await core.writer.submit(record_batch, Outcome(id=third, state="uncertain", code="timeout", **record))
    async with core.unit() as unit:
        await settle(unit, channel, [Verdict(id=third, provider_id="w3")])
    recorded, reported, looked_up = await told(core, "message.sent")
    assert (recorded["body"], recorded["has_media"], recorded["source"]) == ("Look", True, "api")
    own = {"id", "peer", "provider_id", "timestamp", "chat_id"}
    assert {key: value for key, value in recorded.items() if key not in own} == {
        key: value for key, value in reported.items() if key not in own
    }
    assert {key: value for key, value in recorded.items() if key not in own} == {
        key: value for key, value in looked_up.items() if key not in own
    }


async def test_a_crash_is_told(core: Core, workspace: int, channel: int) -> None:
    ids, token = await in_flight(core, workspace, channel, 2)
    heard: list[Any] = []
    core.bus.subscribe("settled", heard.extend)
    async with core.unit() as unit:
        await release(unit, channel, token)
    async with core.unit() as unit:
        lease = await acquire(unit, channel, "b", 60)
    assert lease is not None
    assert lease.taken_over == 2
    events = await told(core, "message.uncertain")
    assert [(one["id"], one["state"], one["code"], one["body"]) for one in events] == [
        (id_, "uncertain", "shutdown", "Look") for id_ in ids
    ]
    assert sorted(one.id for one in heard) == ids


async def test_cancelling_is_told(core: Core, workspace: int, channel: int) -> None:
    item = Submission(workspace_id=workspace, channel_id=channel, peer="49151", content=Text(text="Later"), tag="t")
    single = (await core.messages.submit(item)).id
    await core.messages.cancel(workspace, single)
    people = [BulkMessage(peer=f"6281{number:05d}", content=Text(text="Buy")) for number in range(5)]
    campaign = await core.campaigns.create_bulk(workspace, channel, people)
    await core.campaigns.cancel(workspace, campaign.id)
    first, *others = await told(core, "message.cancelled")
    assert (first["id"], first["state"], first["body"], first["tag"]) == (single, "cancelled", "Later", "t")
    assert [(one["campaign_id"], one["body"]) for one in others] == [(campaign.id, "Buy")] * 5


# -- nowhere else ---------------------------------------------------------------------------------------

COLUMNS = {"state", "sent_at", "delivered_at", "read_at", "failed_at", "uncertain_at", "error_code", "error"}
"""What `transition` alone may change of a message that is there."""
SOURCE = Path(jackfield.__file__).parent


def writes(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lines that change a message: `update(Message)...values(column=...)`, also by a dictionary, and `row.column = ...`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
            if "update(Message)" not in ast.unparse(node.func):
                continue
            names = [word.arg for word in node.keywords]
            for given in (*node.args, *(word.value for word in node.keywords if word.arg is None)):
                names += (
                    ["state"] if not isinstance(given, ast.Dict) else [ast.unparse(key) for key in given.keys if key]
                )
            yield from ((node.lineno, str(name)) for name in names if str(name).split(".")[-1].strip("'\"") in COLUMNS)
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = [part for target in targets for part in ast.walk(target) if isinstance(part, ast.Attribute)]
            for part in parts:
                if part.attr in COLUMNS and ast.unparse(part.value) not in ("self", "campaign", "endpoint", "run"):
                    yield node.lineno, ast.unparse(part)


@pytest.mark.parametrize(
    "line",
    [
        "update(Message).where(Message.id == 1).values(state='sent')",
        "update(Message).where(x).values({Message.state: 'sent'})",
        "update(Message).where(x).values({'read_at': 1})",
        "update(Message).where(x).values(**values)",
        "message.state = 'sent'",
        "row.state, row.sent_at = 'sent', 1",
    ],
)
def test_the_search_finds_what_it_is_for(line: str) -> None:
    assert list(writes(ast.parse(line)))


def test_nothing_else_changes_a_message() -> None:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text()
        if path.name == "transition.py" or "Message" not in text or "models" not in text:
            continue
        # Erasing a person takes the network's words away, in which their number may be; their messages' states stay.
        words = {"'error'"} if path.match("core/privacy/erase.py") else set()
        found += [
            f"{path.relative_to(SOURCE)}:{line}: {what}" for line, what in writes(ast.parse(text)) if what not in words
        ]
    assert found == []
