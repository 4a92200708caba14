"""Engines: networks behind the one port. `ENGINES` is the registry: one line adds an engine."""

from __future__ import annotations

from importlib import import_module

from jackfield.core.engine import Engine

ENGINES: tuple[str, ...] = (
    "jackfield.engines.simulator.engine:SimulatorEngine",
    "jackfield.engines.whatsapp_cloud:WhatsAppCloudEngine",
    "jackfield.engines.telegram_bot:TelegramBotEngine",
    "jackfield.engines.whatsapp_web:WhatsAppWebEngine",
)
"""Where each engine's class is."""


def load_engines() -> dict[str, Engine]:
    """All engines, by name."""
    engines: dict[str, Engine] = {}
    for place in ENGINES:
        module, _, name = place.partition(":")
        engine: Engine = getattr(import_module(module), name)()
        engines[engine.name] = engine
    return engines
