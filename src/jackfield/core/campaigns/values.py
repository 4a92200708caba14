"""Who lacks a value for a placeholder, as SQL."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from ..models import Attribute, Contact, ContactAttribute
from .recipients import FIELDS, field_of

_COLUMNS = {
    "name": (Contact.name,),
    "first_name": (Contact.first_name, Contact.name),
    "firstname": (Contact.first_name, Contact.name),
    "last_name": (Contact.last_name,),
    "lastname": (Contact.last_name,),
    "phone": (Contact.phone,),
    "mobile": (Contact.phone,),
    "email": (Contact.email,),
    "country": (Contact.country,),
}


def lacks(workspace_id: int, name: str) -> ColumnElement[bool]:
    """That a contact has neither a field nor an attribute of this name (folded), or has it empty."""
    attribute = (
        select(Attribute.id).where(Attribute.workspace_id == workspace_id, Attribute.folded == name).scalar_subquery()
    )
    has = exists(
        select(1).where(
            ContactAttribute.contact_id == Contact.id,
            ContactAttribute.attribute_id == attribute,
            ContactAttribute.value != "",
        )
    )
    if field_of(name) not in FIELDS:
        return ~has
    empty = [or_(column.is_(None), func.trim(column) == "") for column in _COLUMNS[field_of(name)]]
    return and_(*empty, ~has)
