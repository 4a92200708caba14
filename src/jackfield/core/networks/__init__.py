"""What comes in: messages, statuses, calls, groups; and the chats they make."""

from ..desk.chats import ChatView
from .intake import Inbox

__all__ = ["ChatView", "Inbox"]
