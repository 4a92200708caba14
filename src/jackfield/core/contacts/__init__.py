"""Contacts: people by many identities, their labels, lists and attributes, and the files they come from."""

from .given import ContactInput
from .resolve import Known, Person, merge, resolve
from .service import Contacts, Saved
from .views import ContactView, IdentityView

__all__ = [
    "ContactInput",
    "ContactView",
    "Contacts",
    "IdentityView",
    "Known",
    "Person",
    "Saved",
    "merge",
    "resolve",
]
