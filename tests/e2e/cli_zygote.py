"""Runs commands in forks of one process that has imported Jackfield already.

Importing costs a second or two of CPU, a command a fraction of that; the tests run dozens. Each fork has its own
environment, arguments and files, as if started by a shell. One JSON line in, one out.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback

from jackfield.cli import COMMANDS, _local, app
from jackfield.engines import load_engines
from jackfield.testing import preload

dict(load_engines())
# Commands import these when they need them.
PRELOADED = (preload.MODULES, _local, [entry.load(name) for name, entry in COMMANDS.items()])
gc.freeze()


def child(order: dict[str, object]) -> None:
    """Never returns."""
    status = 99
    try:
        for number, name in ((0, os.devnull), (1, str(order["out"])), (2, str(order["err"]))):
            flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            os.dup2(os.open(name, flags), number)
        os.environ.clear()
        os.environ.update(order["env"])  # type: ignore[call-overload]
        sys.argv = ["jackfield", *order["args"]]  # type: ignore[misc]
        app()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        traceback.print_exc()
        status = 98
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        child(json.loads(line))
    _, ended = os.waitpid(pid, 0)
    sys.stdout.write(f"{os.waitstatus_to_exitcode(ended)}\n")
    sys.stdout.flush()
