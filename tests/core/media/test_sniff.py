"""The type of a file by its first bytes: each keeps its own, whatever it is called."""

from __future__ import annotations

import pytest

from jackfield.core.media import sniff


def iso(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0"


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (iso(b"qt  "), "video/quicktime"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "video/quicktime"),
        (iso(b"isom"), "video/mp4"),
        (iso(b"mp42"), "video/mp4"),
        (iso(b"3gp5"), "video/3gpp"),
        (iso(b"3g2a"), "video/3gpp2"),
        (iso(b"M4A "), "audio/mp4"),
        (iso(b"heic"), "image/heic"),
        (iso(b"avif"), "image/avif"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"#!AMR\n", "audio/amr"),
        (b"\xff\xf1\x50", "audio/aac"),
        (b"\xff\xf3\x40", "audio/mpeg"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(data: bytes, mime: str) -> None:
    assert sniff(data, "clip.mp4", "video/mp4") == mime


def test_without_a_sign_the_callers_word_counts_then_the_name() -> None:
    assert sniff(b"hello", "a.csv", "text/plain; charset=utf-8") == "text/plain"
    assert sniff(b"hello", "a.mov") == "video/quicktime"
    assert sniff(b"hello") == "application/octet-stream"
