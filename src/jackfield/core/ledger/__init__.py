"""The ledger: submit, claim, record, settle, read."""

from .service import Messages
from .submit import Accepted, Submission
from .views import MessageView

__all__ = ["Accepted", "MessageView", "Messages", "Submission"]
