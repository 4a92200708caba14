"""The real phone under conditions that a test needs in its process. Imported in child processes only."""

from __future__ import annotations

import asyncio
import gc

from jackfield.engines.whatsapp_web import real
from jackfield.engines.whatsapp_web.options import DeviceOptions
from jackfield.engines.whatsapp_web.phone import Phone

COLLECTING = f"{__name__}:make_collecting"
"""Names `make_collecting` to the engine."""
_collectors: set[asyncio.Task[None]] = set()


async def _collect() -> None:
    while True:
        await asyncio.sleep(0.1)
        gc.collect()


def make_collecting(options: DeviceOptions) -> Phone:
    """A phone on neonize in a process that collects garbage ten times a second."""
    if not _collectors:
        _collectors.add(asyncio.get_running_loop().create_task(_collect()))
    return real.make(options)
