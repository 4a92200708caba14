"""Serves the dashboard: a single-page application, built from `web/`, that talks to the native API alone."""

from .serve import ASSETS, routes

__all__ = ["ASSETS", "routes"]
