"""The AI step's parts: the endpoint of the workspace's own, knowledge that answers are made of, and what it came to."""

from .knowledge import Knowledge
from .settings import AiSettings
from .uses import AiUses

__all__ = ["AiSettings", "AiUses", "Knowledge"]
