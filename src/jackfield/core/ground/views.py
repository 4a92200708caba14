"""Views: what the core's services hand out in place of rows of tables.

A view is a frozen msgspec struct with the attribute names of the row; nothing outside the core can change a row by it or
meets the ORM.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

V = TypeVar("V", bound=msgspec.Struct)


def view_of(kind: type[V], row: Any, **more: Any) -> V:
    """The view of a row: the fields that have a name of the row's are copied, `more` gives or replaces others.

    Raises AttributeError for a field that neither has.
    """
    values = {name: more[name] if name in more else getattr(row, name) for name in kind.__struct_fields__}
    return kind(**values)
