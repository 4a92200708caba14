"""How a request is checked: by pydantic models, with error texts of ours."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from jackfield.core import Invalid

from .._problems import problems

Model = TypeVar("Model", bound=BaseModel)


def invalid(field: str, why: str) -> Invalid:
    """The error for one field."""
    return Invalid(f"{field}: {why}", details={field: [why]})


def checked(model: type[Model], data: Any, place: str = "") -> Model:
    """Data as a model. Raises Invalid that names each wrong field, with `place` before it."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise refusal(error, data, place) from None


def refusal(error: ValidationError, data: Any, place: str = "") -> Invalid:
    """What a model found wrong, as the error that this API answers with."""
    details = problems(error.errors(include_url=False), data, place)
    field, why = next(iter(details.items()))
    return Invalid(f"{field}: {why[0]}", details=details)


def snake(name: str) -> str:
    """camelCase as snake_case."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)
