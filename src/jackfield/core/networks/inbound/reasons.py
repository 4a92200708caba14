"""Why something that came in could not be applied; apart from the rest, for the help of the command line."""

from __future__ import annotations

from typing import Final

REASONS: Final[dict[str, str]] = {
    "unreadable": "The body of the callback is not the JSON that the network sends.",
    "not_understood": "This version has no name for it, or it does not have the shape that the network documents.",
    "unknown_number": "The callback is for a number that no profile has, or whose profile has another app secret.",
    "unknown_message": "A receipt of a message that was not sent from here.",
    "waits_for_original": "An edit or a deletion came before its message; it is applied as soon as that comes.",
    "not_applied": "It was understood, and storing it failed.",
    "media_not_fetched": "The file of a message could not be fetched from the network.",
}
"""Why something that came in was not applied, in words."""
