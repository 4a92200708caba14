"""Engines are imported when a channel first needs them, beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from jackfield.core import ChannelStanding, Core, Invalid

log = structlog.get_logger(__name__)


class EngineImports:
    """The imports of one process. `on_done` is called when one has ended."""

    def __init__(self, core: Core, on_done: Callable[[], None]) -> None:
        self._core = core
        self._on_done = on_done
        self._imports: dict[str, asyncio.Task[str | None]] = {}
        self._failed: set[int] = set()
        """Channels that were told that their engine cannot be imported."""

    async def is_ready(self, channel: ChannelStanding) -> bool:
        """Whether the channel's engine is imported; else that begins, beside the channels whose engines are there.

        A channel whose engine cannot be imported, or is no longer known, says so, and the others go on. Asking to
        connect it tries the import again.
        """
        id_, engine = channel.setup.id, channel.setup.engine
        task = self._imports.get(engine)
        if task is not None and id_ in self._failed and channel.status == "connecting":
            self._failed.discard(id_)
            task = None if task.done() else task
        if task is None:
            task = self._imports[engine] = asyncio.create_task(self._import(engine), name=f"import:{engine}")
        if not task.done():
            return False
        problem = task.result()
        if problem is not None and id_ not in self._failed:
            self._failed.add(id_)
            await self._core.channels.set_status(id_, "failed", problem)
        return problem is None

    async def close(self) -> None:
        """Wait for imports that are under way."""
        await asyncio.gather(*self._imports.values(), return_exceptions=True)

    async def _import(self, name: str) -> str | None:
        """Import an engine; gives what is wrong with it, in words."""
        try:
            await self._core.channels.loaded(name)
        except Exception as error:
            log.warning("an engine cannot be imported", engine=name, error=repr(error))
            text = error.message if isinstance(error, Invalid) else f"{type(error).__name__}: {error}"
            return f"The engine {name} cannot be loaded: {text}"
        finally:
            self._on_done()
        return None
