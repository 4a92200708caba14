"""The ledger: submit, claim, record, settle, read. `states` alone is imported without the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazily import face

if TYPE_CHECKING:
    from .service import Messages
    from .submit import Accepted, Submission
    from .views import MessageView

__all__ = ["Accepted", "MessageView", "Messages", "Submission"]

__getattr__ = face(__name__, __file__)
