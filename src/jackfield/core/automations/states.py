"""Where a run stands."""

from __future__ import annotations

from typing import Final

RUNNING: Final = "running"
"""It goes on at once."""
WAITING: Final = "waiting"
"""It waits for a time, an answer or a program."""
DONE: Final = "done"
"""It came to its end."""
STOPPED: Final = "stopped"
"""It was ended: its goal was reached, the person refused, somebody stopped it."""
FAILED: Final = "failed"
"""A step could not be taken."""
STATES: Final = (RUNNING, WAITING, DONE, STOPPED, FAILED)
LIVE: Final = (WAITING, RUNNING)
