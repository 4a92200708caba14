"""The simulator channel's own configuration."""

from __future__ import annotations

import os
from typing import Literal

from pydantic import Field

from jackfield.core.engine import EngineConfig


def _url() -> str:
    return os.environ.get("JACKFIELD_SIMULATOR_URL", "")


class SimulatorConfig(EngineConfig):
    """How a channel of the simulator connects; everything has a default."""

    url: str = Field(
        default_factory=_url,
        title="Stand-alone simulator",
        description="Address of a `jackfield simulator`; empty keeps the network inside this process.",
    )
    account: str = Field(default="", description="The account's key in the network; empty takes the channel's id.")
    phone: str = Field(
        default="", pattern=r"^\+?\d{7,15}$|^$", description="The number, in international form; empty makes one up."
    )
    seed: int = Field(default=0, description="People behave the same under the same seed.")
    people: Literal["plain", "lively"] = Field(
        default="plain", description="plain: everybody gets and reads everything. lively: as in life, with failures."
    )
    delay_scale: float = Field(
        default=1.0, ge=0, le=1000, alias="delayScale", description="Multiplies every delay; 0 is at once."
    )
    auto_scan: bool = Field(default=False, alias="autoScan", description="Pair without anybody scanning the QR code.")
