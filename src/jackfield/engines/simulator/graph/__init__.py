"""Meta's Graph API in front of the simulated network."""

from .app import GraphApp, build

__all__ = ["GraphApp", "build"]
