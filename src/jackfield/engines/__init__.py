"""Engines: networks behind the one port. `ENGINES` is the registry: one line adds an engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from threading import Lock

from jackfield.core.port import Engine, Network

ENGINES: dict[str, str] = {
    "simulator": "jackfield.engines.simulator",
    "whatsapp_cloud": "jackfield.engines.whatsapp_cloud",
    "whatsapp_web": "jackfield.engines.whatsapp_web",
    "telegram_bot": "jackfield.engines.telegram_bot",
}
"""Name to package: its module `engine` holds `ENGINE` (the class), its module `network` holds `NETWORK`, which must be
importable without the vendor's library."""


class Engines(Mapping[str, Engine]):
    """All engines by name, each imported when it is first asked for. Safe to ask from any thread, and there is one engine
    of each name. What an engine's library costs (aiogram: 2 s of CPU and 120 MB) the engine puts off until its first
    session opens, so that the dashboard's list of engines does not pay it."""

    def __init__(self, packages: Mapping[str, str]) -> None:
        self._packages = dict(packages)
        self._loaded: dict[str, Engine] = {}
        self._lock = Lock()

    def __getitem__(self, name: str) -> Engine:
        engine = self._loaded.get(name)
        if engine is not None:
            return engine
        package = self._packages[name]
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = import_module(f"{package}.engine").ENGINE()
            return self._loaded[name]

    def network(self, engine: str) -> Network:
        """An engine's network, without importing the engine. Raises KeyError."""
        network: Network = import_module(f"{self._packages[engine]}.network").NETWORK
        return network

    def __contains__(self, name: object) -> bool:
        return name in self._packages

    def __iter__(self) -> Iterator[str]:
        return iter(self._packages)

    def __len__(self) -> int:
        return len(self._packages)


def load_engines() -> Engines:
    """The engines of the registry."""
    return Engines(ENGINES)
