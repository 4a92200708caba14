"""What comes in: messages, statuses, calls, groups; and the chats they make."""

from .service import Inbox

__all__ = ["Inbox"]
