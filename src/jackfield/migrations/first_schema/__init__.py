"""The tables of the first schema, in the order in which they need each other. Never changed after release."""

from . import conversations, records, workspaces

__all__ = ["conversations", "records", "workspaces"]
