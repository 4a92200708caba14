"""Rounds: messages flow, a fault is done, all is healed, and the judge looks. A seed makes the schedule."""

from __future__ import annotations

import contextlib
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from .checker import Verdict
from .fleet import Stage
from .traffic import Traffic

MESSAGES = 24
SECONDS = 1.2
"""Over which the messages of a round are sent."""
SETTLE_S = 45.0


@dataclass
class Row:
    """A kind of fault in the report."""

    faults: int = 0
    accepted: int = 0
    sent: int = 0
    uncertain: int = 0
    resent: int = 0
    doubled: int = 0
    lost: int = 0
    stuck: int = 0
    disordered: int = 0
    wrong: int = 0
    seconds: float = 0.0


@dataclass
class Report:
    """All rounds. `problems` name round, kind and what was wrong."""

    seed: int
    rows: dict[str, Row] = field(default_factory=lambda: defaultdict(Row))
    problems: list[str] = field(default_factory=list)

    def add(self, name: str, kind: str, verdict: Verdict, seconds: float) -> None:
        """Count a round."""
        row = self.rows[kind]
        row.faults += 1
        row.seconds += seconds
        for one in ("accepted", "sent", "uncertain", "resent"):
            setattr(row, one, getattr(row, one) + getattr(verdict, one))
        for one in ("doubled", "lost", "stuck", "disordered", "wrong"):
            setattr(row, one, getattr(row, one) + len(getattr(verdict, one)))
        self.problems += [f"{name} ({kind}): {one}" for one in verdict.problems]

    def table(self) -> str:
        """As Markdown."""
        names = ("faults", "accepted", "sent", "uncertain", "resent", "doubled", "lost", "stuck", "disordered", "wrong")
        lines = ["| kind | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
        total = Row()
        for kind, row in sorted(self.rows.items()):
            values = [getattr(row, name) for name in names]
            lines.append(f"| {kind} | " + " | ".join(map(str, values)) + " |")
            for name in names:
                setattr(total, name, getattr(total, name) + getattr(row, name))
        values = [getattr(total, name) for name in names]
        lines.append(f"| **{len(self.rows)} kinds** | " + " | ".join(map(str, values)) + " |")
        return "\n".join(lines)


def schedule(seed: int, kinds: Sequence[str], count: int) -> list[str]:
    """Which faults, in which order: every kind as often as the others, shuffled."""
    chance = Random(seed)
    plan: list[str] = []
    while len(plan) < count:
        some = list(kinds)
        chance.shuffle(some)
        plan += some
    return plan[:count]


def run_round(
    stage: Stage, name: str, fault: Callable[[Any, Random], None], chance: Random, *, messages: int = MESSAGES
) -> Verdict:
    """One round."""
    stage.heal()
    begin = stage.checker.marks()
    traffic = Traffic(f"r{name}", stage.doors, stage.channels, messages, SECONDS, chance)
    inbound: list[str] = []
    failed: list[str] = []
    traffic.start()
    # So that the fault falls into the midst of the work, and not always at the same point of it.
    time.sleep(chance.uniform(0.1, 0.4))
    for channel in stage.channels:
        for n in range(2):
            text = f"r{name} in {channel} {n}"
            key = "1" if channel == 1 else stage.cloud.id
            stage.network.control_now(key, "inbound", {"from": f"6299{channel}{n:06d}", "text": text})
            inbound.append(text)
    try:
        fault(stage, chance)
    except Exception:
        failed.append("the fault itself failed: " + traceback.format_exc(limit=4))
    healed: list[str] = []
    try:
        stage.heal()
    except Exception as error:
        healed.append(f"a server did not come back: {error}")
    traffic.join()
    left = stage.checker.settle(begin, SETTLE_S, len(inbound), len(traffic.sent))
    verdict = stage.checker.judge(begin, traffic.sent, inbound, left)
    alive = [node.pid for node in stage.nodes.values() if node.alive]
    verdict.wrong += failed + healed + stage.checker.leases(alive, 20.0)
    return verdict


def run(
    stage: Stage,
    faults: dict[str, Callable[[Any, Random], None]],
    count: int,
    report: Report,
    *,
    until: float | None = None,
    kinds: Sequence[str] | None = None,
    messages: int = MESSAGES,
) -> None:
    """Rounds until all are done, or until the monotonic clock shows `until`."""
    for number, kind in enumerate(schedule(report.seed, kinds or sorted(faults), count)):
        if until is not None and time.monotonic() > until:
            return
        began = time.monotonic()
        name = f"{1 if stage.kind == 'cluster' else 2}.{number}"
        # Of the seed and the place alone: a round does not depend on how long the ones before it took.
        verdict = run_round(stage, name, faults[kind], Random(f"{report.seed} {name}"), messages=messages)
        took = time.monotonic() - began
        report.add(name, kind, verdict, took)
        if verdict.stuck or verdict.wrong:
            # The next round begins with fresh processes, or it would be judged for what this one left.
            for node in stage.nodes.values():
                node.kill()
        said = "ok" if not verdict.problems else "; ".join(verdict.problems[:4])
        with contextlib.suppress(OSError):
            print(
                f"{name} {kind}: {took:.1f} s, {verdict.accepted}/{verdict.sent} {said}",
                file=sys.__stderr__,
                flush=True,
            )
