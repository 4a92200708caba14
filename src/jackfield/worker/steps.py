"""Steps of the worker that are taken again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

AFTER_FAILURE_S = 1.0


async def forever(step: Callable[[], Awaitable[None]], ended: Callable[[], bool]) -> None:
    """Take a step again and again until cancelled; one that fails is logged, and the next comes after a pause.

    `ended` is asked too: before Python 3.12 `asyncio.wait_for` loses a cancellation that comes as its wait ends.
    """
    while not ended():
        try:
            await step()
        except Exception:
            log.exception("worker step failed", step=getattr(step, "__name__", "?"))
            await asyncio.sleep(AFTER_FAILURE_S)
