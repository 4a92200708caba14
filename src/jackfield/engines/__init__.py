"""Engines: networks behind the one port. `ENGINES` is the registry: one line adds an engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from threading import Lock

from jackfield.core.port.engine import Engine

ENGINES: dict[str, str] = {
    "simulator": "jackfield.engines.simulator.engine:SimulatorEngine",
    "whatsapp_cloud": "jackfield.engines.whatsapp_cloud:WhatsAppCloudEngine",
    "whatsapp_web": "jackfield.engines.whatsapp_web:WhatsAppWebEngine",
    "telegram_bot": "jackfield.engines.telegram_bot:TelegramBotEngine",
}
"""Name to where the engine's class is."""


class Engines(Mapping[str, Engine]):
    """All engines by name, each imported when it is first asked for: a server that uses one does not pay for four
    (importing all takes 4 s of CPU, most of it the Telegram client). Safe to ask from any thread: whoever has an event
    loop to keep alive asks in another one (see `Channels.loaded`), and there is one engine of each name."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)
        self._loaded: dict[str, Engine] = {}
        self._lock = Lock()

    def __getitem__(self, name: str) -> Engine:
        engine = self._loaded.get(name)
        if engine is not None:
            return engine
        module, _, cls = self._places[name].partition(":")
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = getattr(import_module(module), cls)()
            return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def load_engines() -> Engines:
    """The engines of the registry."""
    return Engines(ENGINES)
