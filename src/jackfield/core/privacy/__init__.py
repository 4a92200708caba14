"""A person's data: all that is known of them, handed over or erased; and how long things are kept."""

from .service import Erasure, Privacy

__all__ = ["Erasure", "Privacy"]
