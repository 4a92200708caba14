"""How the process logs."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from jackfield.core import storage_problem
from jackfield.settings import Settings

from .request_ids import add_request_id, mark_record

STORAGE_EVERY_S: Final = 60.0
"""How often a full disk is logged: everything that works fails of it, again and again."""


class StorageLines:
    """Failures for want of room on the disk, each as one line without a traceback, and not all of them."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, _logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A structlog processor. Raises DropEvent for a line that would say the same again."""
        info = line.get("exc_info")
        error = info[1] if isinstance(info, tuple) else sys.exc_info()[1] if info is True else info
        problem = storage_problem(error) if isinstance(error, BaseException) else None
        if problem is None:
            return line
        now = time.monotonic()
        if now < self._next:
            raise structlog.DropEvent
        self._next = now + STORAGE_EVERY_S
        del line["exc_info"]
        line["storage"] = problem.message
        return line


def configure_logging(settings: Settings) -> None:
    """Write structured log lines to standard error, as text or JSON."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            add_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            StorageLines(),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(level, logging.WARNING), format="%(levelname)s %(name)s%(request)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(mark_record)
