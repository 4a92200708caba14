"""Service of a team: who gets a chat, within what time people are answered, and what they think of it."""

from .assigning import Opening as Opening
from .assigning import assign as assign
from .ratings import Said as Said
from .ratings import take_ratings as take_ratings
from .rules import Assignments as Assignments
from .surveys import Surveys as Surveys
from .targets import ReplyTargets as ReplyTargets
