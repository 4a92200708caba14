"""Puts the built dashboard and documentation into wheels and source archives. Those who install from either need no node."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))

from tools import docsite, web


class DashboardHook(BuildHookInterface[Any]):
    """Builds `web/` and `docs/` when they have changed. An editable install leaves that to `make web` and `make docs`."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node and the libraries that make pages, where something is to be built."""
        node = [] if web.is_current() else [web.NODE_PACKAGE]
        return node + ([] if docsite.is_current() else docsite.LIBRARIES)

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before files are collected; a wheel says which libraries are in it, where PEP 770 has it."""
        if version != "editable":
            web.build()
            docsite.build()
            if self.target_name == "wheel":
                build_data["sbom_files"].append(str(web.ASSETS / web.PARTS))
