"""Serves what people see in a browser: the dashboard, a single-page application built from `web/` that talks to the native
API alone, and the pages of the documentation, built from `docs/`."""

from .docs import SITE, docs_routes
from .serve import ASSETS, routes

__all__ = ["ASSETS", "SITE", "docs_routes", "routes"]
