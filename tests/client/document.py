"""The native document's operations, and the client's methods for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jackfield.client import Client
from jackfield.client._names import GROUPS, method_of

DOCUMENT = json.loads((Path(__file__).parents[2] / "web" / "openapi.json").read_bytes())
"""The document as the server gives it; another test holds the two together."""
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def client_method(client: Client, operation: dict[str, Any]) -> Any:
    """The method of an operation."""
    return getattr(getattr(client, GROUPS[operation["tags"][0]]), method_of(operation["operationId"]))
