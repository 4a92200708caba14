"""The fixtures of accounts serve here too."""

from ..accounts.conftest import SmallCore, core, db, db_url, on_both

__all__ = ["SmallCore", "core", "db", "db_url", "on_both"]
