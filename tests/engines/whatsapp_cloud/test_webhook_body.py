"""A webhook's body that is not quite JSON."""

from __future__ import annotations

import pytest

from jackfield.engines.whatsapp_cloud.engine import decode_webhook


@pytest.mark.parametrize(
    "cut",
    [rb'"cut \ud83d"', b'"cut \xf0\x9f"', rb'"\udc00 cut"'],
    ids=["half an emoji, escaped", "bytes that are no UTF-8", "the second half alone"],
)
def test_half_a_character_takes_no_other_message_with_it(cut: bytes) -> None:
    """Meta sends what people's phones send. A body that cannot be decoded to the letter is decoded with U+FFFD."""
    body = b'{"good": "whole", "bad": ' + cut + b"}"
    decoded = decode_webhook(body)
    assert decoded["good"] == "whole"
    assert "\ufffd" in decoded["bad"]
    assert "cut" in decoded["bad"]
    decoded["bad"].encode()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'["\xff",' + b"[" * 100_000])
def test_what_is_no_json_is_none(body: bytes) -> None:
    assert decode_webhook(body) is None
