"""One real server for all tests of the native API, with a second workspace beside the first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, running_server

from ..document import hold
from .multiwa import Sdk


@pytest.fixture(scope="session")
def native(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """The server. Profile 1 is a paired simulator channel. Every answer is held against the OpenAPI document."""
    with running_server(tmp_path_factory.mktemp("native")) as running:
        hold(running, "/api/v1", "/api", exact=False)
        yield running


@pytest.fixture(scope="session")
def foreign_key(native: JackfieldServer) -> str:
    """A key of another workspace, which may do everything there."""
    body = {"name": "Other", "ownerEmail": "other@example.com", "ownerPassword": "correct horse battery"}
    key: str = native.api("POST", "/workspaces", json=body).data["apiKey"]
    return key


@pytest.fixture(scope="session")
def narrow_key(native: JackfieldServer) -> str:
    """A key of the first workspace that may read usage and nothing else."""
    body = {"name": "narrow", "scopes": ["usage:read"]}
    key: str = native.api("POST", "/keys", json=body).data["key"]
    return key


def number(seed: int) -> str:
    """A phone number of a test's own."""
    return f"6281{os.getpid() % 10_000:04d}{seed:05d}"


def multipart(**parts: Any) -> tuple[bytes, dict[str, str]]:
    """A multipart body; a part that is a pair is a file: its name and bytes."""
    pieces = []
    for name, value in parts.items():
        head = f'Content-Disposition: form-data; name="{name}"'
        data = str(value).encode()
        if isinstance(value, tuple):
            filename, data = value
            head += f'; filename="{filename}"\r\nContent-Type: application/octet-stream'
        pieces.append(b"--XyZ\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n")
    return b"".join(pieces) + b"--XyZ--\r\n", {"Content-Type": "multipart/form-data; boundary=XyZ"}


@pytest.fixture(scope="module")
def sdk(native: JackfieldServer) -> Sdk:
    """MultiWA's client, which remembers what a module has called."""
    return Sdk(native)
