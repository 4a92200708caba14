"""Numbers of what callers send: true and false are none."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError, core_schema


def _whole(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticKnownError("float_type")
    return value


_CHECKS = {"int": _whole, "float": _number}
_NO_SCHEMAS = frozenset({"default", "metadata", "serialization"})


def _check_numbers(schema: Any) -> None:
    """Put the check before every number of a schema, in place. Models in it have theirs already."""
    if isinstance(schema, list | tuple):
        for one in schema:
            _check_numbers(one)
    elif isinstance(schema, dict):
        function = schema.get("function")
        if isinstance(function, dict) and function.get("function") in _CHECKS.values():
            return
        kind = schema.get("type")
        if isinstance(kind, str) and kind in _CHECKS:
            number: Any = dict(schema)
            schema.clear()
            schema.update(core_schema.no_info_before_validator_function(_CHECKS[kind], number))
            return
        for name, one in schema.items():
            if name not in _NO_SCHEMAS:
                _check_numbers(one)


class StrictNumbers(BaseModel):
    """Base of models whose numbers, wherever in a field they stand, are not given as true or false.

    The validator reads true as 1, which would be a place on the map, a pause or an id that nobody meant.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler, /) -> CoreSchema:
        """The model's schema, with a check before each number."""
        schema = handler(source)
        _check_numbers(schema)
        return schema
