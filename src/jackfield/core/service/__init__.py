"""Service of a team: who gets a chat."""

from .assigning import Opening as Opening
from .assigning import assign as assign
from .rules import Assignments as Assignments
