"""What comes in: messages, statuses, calls, groups; and the chats they make."""

from .chats import ChatView
from .service import Inbox

__all__ = ["ChatView", "Inbox"]
