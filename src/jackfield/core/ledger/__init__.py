"""The ledger: submit, claim, record, settle, read."""

from .service import Messages
from .submit import Accepted, Submission

__all__ = ["Accepted", "Messages", "Submission"]
