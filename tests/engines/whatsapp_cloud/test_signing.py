"""The simulated Meta's webhooks are ASCII and signed over that form, so that both kinds of verifiers find them genuine."""

from __future__ import annotations

import hashlib
import hmac
import json
import re

import pytest

from jackfield.engines.simulator.graph.deliver import encode, sign


def _escaped_again(body: bytes) -> bytes:
    """What a receiver signs that parses first and writes the JSON anew in Meta's escaped form."""
    return json.dumps(json.loads(body), separators=(",", ":")).encode()


@pytest.mark.parametrize("text", ["plain", "Größe", "\U0001f600 emoji", "مرحبا", "line\nbreak \u2028"])
def test_a_webhook_is_ascii_and_genuine_to_both_kinds_of_verifiers(text: str) -> None:
    payload = {"object": "whatsapp_business_account", "entry": [{"text": {"body": text}}]}
    body = encode(payload)
    assert body.isascii()
    assert json.loads(body) == payload
    signature = sign("secret", body)
    for seen in (body, _escaped_again(body)):
        assert hmac.new(b"secret", seen, hashlib.sha256).hexdigest() == signature
    # Meta writes the escapes in lower case.
    assert not re.search(rb"\\u[0-9a-f]*[A-F]", body)
