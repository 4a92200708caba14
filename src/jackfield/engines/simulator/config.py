"""The simulator channel's own configuration, and the process's defaults for it."""

from __future__ import annotations

import os
from typing import Literal

import msgspec
from pydantic import Field

from jackfield.core.port import EngineConfig

from .people import Temper


class Defaults(msgspec.Struct):
    """What a channel's configuration leaves open; None leaves it to the environment."""

    url: str | None = None
    seed: int | None = None
    people: Temper | None = None
    delay_scale: float | None = None


defaults = Defaults()
"""Set by whoever composes the process. They count when a channel is opened, not when it is made, so that a stored
channel follows the operator's settings."""


class SimulatorConfig(EngineConfig):
    """How a channel of the simulator connects; everything may be left out."""

    url: str | None = Field(
        default=None,
        title="Stand-alone simulator",
        description="Address of a `jackfield simulator`; empty text keeps the network inside this process. "
        "Left out: JACKFIELD_SIMULATOR_URL.",
    )
    account: str = Field(
        default="", max_length=200, description="The account's key in the network; empty takes the channel's id."
    )
    phone: str = Field(
        default="", pattern=r"^\+?\d{7,15}$|^$", description="The number, in international form; empty makes one up."
    )
    seed: int | None = Field(
        default=None,
        description="People behave the same under the same seed. Left out: JACKFIELD_SIMULATOR_SEED, or 0.",
    )
    people: Literal["plain", "lively"] | None = Field(
        default=None,
        description="plain: everybody gets and reads everything. lively: as in life, with failures and replies. "
        "Left out: JACKFIELD_SIMULATOR_PEOPLE, or plain.",
    )
    delay_scale: float | None = Field(
        default=None, ge=0, le=1000, alias="delayScale", description="Multiplies every delay; 0 is at once."
    )
    auto_scan: bool = Field(default=False, alias="autoScan", description="Pair without anybody scanning the QR code.")

    def addresses(self) -> dict[str, str]:
        """The stand-alone simulator that the channel names itself; the operator's own is in no channel."""
        return {"url": self.url} if self.url else {}

    def network(self) -> tuple[str, int, Temper, float]:
        """Address (empty: in this process), seed, people and delay scale, with the defaults filled in."""
        env = os.environ.get
        url = next(u for u in (self.url, defaults.url, env("JACKFIELD_SIMULATOR_URL", "")) if u is not None)
        seed = next(s for s in (self.seed, defaults.seed, int(env("JACKFIELD_SIMULATOR_SEED") or 0)) if s is not None)
        people: Temper = self.people or defaults.people or "plain"
        if self.people is None and defaults.people is None and env("JACKFIELD_SIMULATOR_PEOPLE") == "lively":
            people = "lively"
        scale = next(s for s in (self.delay_scale, defaults.delay_scale, 1.0) if s is not None)
        return url.rstrip("/"), seed, people, scale
