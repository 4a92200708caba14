"""Ask an advisory source about the installed packages: `python -m tools.advisories`, a part of `make check`.

Without a network, or without pip-audit, it says that nothing was checked. What is found is printed; it fails the command
with `--strict` only, since an advisory of this morning must not fail the build of yesterday's code.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Final

SOURCE: Final = ("api.osv.dev", 443)
"""OSV, which pip-audit asks."""
REACH_S: Final = 3.0
AUDIT_S: Final = 60.0
COMMAND: Final = (
    "pip_audit", "--local", "--vulnerability-service", "osv", "--format", "json", "--progress-spinner", "off", "--timeout", "5",
)  # fmt: skip


def reachable() -> bool:
    """Whether the advisory source answers, within REACH_S."""
    if os.environ.get("JACKFIELD_OFFLINE"):
        return False
    try:
        socket.create_connection(SOURCE, timeout=REACH_S).close()
    except OSError:
        return False
    return True


def run() -> str:
    """What pip-audit prints. Raises TimeoutExpired."""
    done = subprocess.run(
        [sys.executable, "-m", *COMMAND], capture_output=True, text=True, timeout=AUDIT_S, check=False
    )
    return done.stdout


def known(report: str) -> list[str] | None:
    """The vulnerabilities of a report, one a line; None when it is no report, because the source failed midway."""
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    return [
        f"{one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no version yet'}"
        for one in packages
        for found in one.get("vulns", ())
    ]


def main(reach: Callable[[], bool] = reachable, audit: Callable[[], str] = run, *, strict: bool = False) -> int:
    """Print what is known; 1 when there is something to mend and `strict` is asked for."""
    if find_spec("pip_audit") is None:
        print("Dependencies were not audited: pip-audit is not installed.")
        return 0
    if not reach():
        print(f"Dependencies were not audited: {SOURCE[0]} cannot be reached.")
        return 0
    try:
        found = known(audit())
    except subprocess.TimeoutExpired:
        found = None
    if found is None:
        print(f"Dependencies were not audited: {SOURCE[0]} did not answer in time.")
        return 0
    for line in found:
        print(line)
    print(f"Dependencies audited: {len(found)} known vulnerabilities.")
    return 1 if found and strict else 0


if __name__ == "__main__":
    sys.exit(main(strict="--strict" in sys.argv[1:]))
