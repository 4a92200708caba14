"""The legal moves of a message, as a table: every pair of states is tried."""

from __future__ import annotations

import itertools

import pytest

from jackfield.core.ledger import states
from jackfield.core.ledger.states import MOVES, may_move

# Rows: from. Columns in this order: to. "y" where the move is legal.
COLUMNS = ["scheduled", "queued", "sending", "sent", "delivered", "read", "failed", "cancelled", "skipped", "uncertain"]
TABLE = """
scheduled  - y - - - - y y y -
queued     - - y - - - y y y -
sending    - y - y y y y - - y
sent       - - - - y y y - - -
delivered  - - - - - y - - - -
read       - - - - - - - - - -
failed     - - - - y y - - - -
cancelled  - - - - - - - - - -
skipped    - - - - - - - - - -
uncertain  - y - y y y y - - -
"""
LEGAL = {
    (row.split()[0], column)
    for row in TABLE.strip().splitlines()
    for column, mark in zip(COLUMNS, row.split()[1:], strict=True)
    if mark == "y"
}


@pytest.mark.parametrize(("old", "new"), list(itertools.product(COLUMNS, COLUMNS)))
def test_moves(old: str, new: str) -> None:
    assert may_move(old, new) == ((old, new) in LEGAL)


def test_the_table_is_whole() -> None:
    assert set(COLUMNS) == set(states.OUTGOING)
    assert set(MOVES) == {*COLUMNS, states.RECEIVED}
    assert set(states.OUTGOING) == states.SETTLED | states.OPEN


def test_nothing_goes_back() -> None:
    rank = {"sent": 1, "delivered": 2, "read": 3}
    for old, new in LEGAL:
        if old in rank and new in rank:
            assert rank[new] > rank[old]
