"""profile: where the CPU of the whole loop goes, as a flame graph or as a table.

`python -m bench.profile webhooks 3000` takes so many messages with everything (`sent`, `statuses`, `webhooks`: the
stages of bench.loop) and leaves a flame graph (.svg) here. With `--table` it prints the shares by what the code is for, and
the functions that take most themselves. py-spy is taken from PATH, or from JACKFIELD_BENCH_SPY.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from pathlib import Path

from .loop import STEPS, one_run

STAGES = dict(zip(("sent", "statuses", "webhooks"), STEPS.values(), strict=True))
PARTS = {
    "SQL: statements, rows, sessions": (
        "sqlalchemy/",
        "greenlet",
        "aiosqlite/",
        "sqlite3",
        "jackfield/db/",
        "asyncpg/",
    ),
    "HTTP out": ("aiohttp/", "jackfield/core/egress/"),
    "HTTP in": ("uvicorn/", "starlette/", "jackfield/server/"),
    "API: requests and answers": ("jackfield/dialects/", "pydantic"),
    "provider callbacks": ("jackfield/ingress.py", "jackfield/core/networks/"),
    "engine": ("jackfield/engines/",),
    "ledger": ("jackfield/core/ledger/", "jackfield/worker/channel/"),
    "deliveries": ("jackfield/worker/deliveries/", "jackfield/core/webhooks/"),
    "events": ("jackfield/core/ground/",),
}
"""What code is for, by where it is. A sample counts for the innermost frame that belongs to a part."""
TOP = 12
"""Functions in the table."""
MESSAGES = 3000
"""Messages by default."""


def part_of(stack: list[str]) -> str:
    """The part that a stack, outermost frame first, is at work for."""
    for frame in reversed(stack):
        for part, places in PARTS.items():
            if any(place in frame for place in places):
                return part
    return "event loop and the rest"


def shares(text: str) -> tuple[Counter[str], Counter[str]]:
    """Samples of py-spy's raw output by part, and by the innermost frame."""
    parts: Counter[str] = Counter()
    innermost: Counter[str] = Counter()
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        parts[part_of(frames)] += int(count)
        innermost[frames[-1]] += int(count)
    return parts, innermost


def table(counted: Counter[str], most: int | None = None) -> str:
    """Shares in percent, the largest first."""
    total = max(1, counted.total())
    return "\n".join(f"{100 * count / total:6.1f} %  {name}" for name, count in counted.most_common(most))


def main(words: list[str]) -> int:
    """Run a stage under py-spy."""
    as_table = "--table" in words
    words = [word for word in words if word != "--table"]
    stage = words[0] if words else "webhooks"
    spy = os.environ.get("JACKFIELD_BENCH_SPY") or shutil.which("py-spy")
    if stage not in STAGES or spy is None:
        print(__doc__ if spy else "py-spy is not installed: pip install py-spy")
        return 2
    os.environ["JACKFIELD_BENCH_SPY"] = spy
    if as_table:
        os.environ["JACKFIELD_BENCH_SPY_RAW"] = "1"
    statuses, webhooks, _ = STAGES[stage]
    seen = one_run(int(words[1]) if len(words) > 1 else MESSAGES, statuses, webhooks, None)
    print(f"{stage}: {seen.cpu_us:,.0f} us of CPU per message, with py-spy looking on")
    name = f"loop-{statuses:d}{webhooks:d}"
    if not as_table:
        print(f"{name}.svg")
        return 0
    raw = Path(f"{name}.raw")
    parts, innermost = shares(raw.read_text())
    raw.unlink()
    print(f"\n{table(parts)}\n\n{table(innermost, TOP)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
