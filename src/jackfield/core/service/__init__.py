"""Service of a team: who gets a chat, and within what time people are answered."""

from .assigning import Opening as Opening
from .assigning import assign as assign
from .rules import Assignments as Assignments
from .targets import ReplyTargets as ReplyTargets
