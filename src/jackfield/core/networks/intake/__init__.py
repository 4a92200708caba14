"""Reports of the networks, kept by idea: messages, changes, logins, calls, groups, people, templates, notices."""

from .groups import store_group
from .service import Intake

__all__ = ["Intake", "store_group"]
