"""Faults of all kinds while messages flow, and a judge of its own after each; docs/reliability.md tells the whole story.

The short form runs in every `make test`. The whole form (`make chaos`) does every kind, 300 faults and more:
`JACKFIELD_CHAOS_SEED` replays a schedule, `JACKFIELD_CHAOS_KINDS` names parts of the names of kinds (comma-separated),
`JACKFIELD_CHAOS_FAULTS` says how many, `JACKFIELD_CHAOS_MINUTES` how long at most, `JACKFIELD_CHAOS_STAGES` leaves out the
cluster or the box.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from .faults import BOX, CLUSTER
from .fleet import box, cluster
from .rounds import Report, run

SEED = int(
    os.environ.get("JACKFIELD_CHAOS_SEED")
    or (time.time_ns() % 1_000_000 if os.environ.get("JACKFIELD_CHAOS") else 20261)
)
"""The short form is the same in every run."""
FAULTS = int(os.environ.get("JACKFIELD_CHAOS_FAULTS") or 320)
"""Of the whole form, on both stages together."""
ON_THE_BOX = 0.3
"""So many of them are done to the single box."""

whole = pytest.mark.skipif(not os.environ.get("JACKFIELD_CHAOS"), reason="the whole form: make chaos")


def _chosen(faults: dict[str, object]) -> list[str]:
    parts = [part.strip() for part in os.environ.get("JACKFIELD_CHAOS_KINDS", "").split(",") if part.strip()]
    return [kind for kind in sorted(faults) if not parts or any(part in kind for part in parts)]


SHORT = (
    "kill -9 of a worker that owns a channel",
    "PostgreSQL cut in the middle of a commit",
    "PostgreSQL refuses connections",
)
"""Done in every run of the tests, one round each, to a cluster of three. Nothing may be lost, doubled or stuck there; the
order of webhooks is judged in the whole form, for on a busy machine deliveries fail by their own time-outs."""


@pytest.mark.timeout(900)
def test_a_handful_of_faults(tmp_path: Path) -> None:
    report = Report(SEED)
    with cluster(tmp_path, small=True) as stage:
        run(stage, CLUSTER, len(SHORT), report, kinds=SHORT, messages=16)
    bad = [one for one in report.problems if ": disordered: " not in one]
    assert not bad, f"seed {SEED}:\n" + "\n".join(bad)


@whole
@pytest.mark.timeout(3 * 3600)
def test_every_kind_of_fault(tmp_path: Path) -> None:
    report = Report(SEED)
    minutes = float(os.environ.get("JACKFIELD_CHAOS_MINUTES") or 170)
    until = time.monotonic() + minutes * 60
    stages = os.environ.get("JACKFIELD_CHAOS_STAGES", "cluster,box")
    kinds = _chosen(CLUSTER)
    if kinds and "cluster" in stages:
        with cluster(tmp_path / "cluster") as stage:
            run(stage, CLUSTER, round(FAULTS * (1 - ON_THE_BOX)), report, kinds=kinds, until=until)
    kinds = _chosen(BOX)
    if kinds and "box" in stages:
        with box(tmp_path / "box") as alone:
            run(alone, BOX, round(FAULTS * ON_THE_BOX), report, kinds=kinds, until=until)
    print(f"\nseed {SEED}\n{report.table()}", file=sys.__stderr__, flush=True)
    assert not report.problems, f"seed {SEED}:\n" + "\n".join(report.problems)
