"""Message templates: the provider's, kept here as a cache; what they need, whether values fit, how they read."""

from .compose import ButtonValue, CardValues, Values, compose
from .params import Parameter, check, lane_of, required, variables
from .preview import Preview, preview
from .service import Templates

__all__ = [
    "ButtonValue",
    "CardValues",
    "Parameter",
    "Preview",
    "Templates",
    "Values",
    "check",
    "compose",
    "lane_of",
    "preview",
    "required",
    "variables",
]
