"""What ends a start with a message; apart, for whoever names it and imports nothing of what a start needs."""

from __future__ import annotations


class StartupError(Exception):
    """Jackfield cannot start; the message says what to do."""
