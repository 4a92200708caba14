"""The pure parts."""

from __future__ import annotations

import pytest

from jackfield.core.ground.errors import Invalid
from jackfield.core.port.content import Audio, Document, Image, Text, Video
from jackfield.dialects._files import disposition, served_type
from jackfield.dialects.chattu import convert
from jackfield.dialects.chattu.wire import DEFAULT_REJECTION, iso


def test_the_default_words_are_the_seeds_in_hebrew() -> None:
    """The seed's text is UTF-8 that was read in Thai (874) and Western (1252) code pages, some bytes lost."""
    garbled = "ืžืฆื˜ืขืจ ื\x90ื™ื\xa0ื\xa0ื™ ื–ืžื™ืŸ ื›ืขืช."
    back = bytearray()
    for character in garbled:
        for page in ("cp874", "cp1252", "latin-1"):
            try:
                back += character.encode(page)
                break
            except UnicodeEncodeError:
                continue
    assert back.decode() == DEFAULT_REJECTION


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("120363123456789012@g.us", "120363123456789012@g.us"),
        (" 120363123456789012@G.US ", "120363123456789012@g.us"),
        ("120363123456789012", "120363123456789012@g.us"),
        ("120363123456789013@c.us", "120363123456789013@newsletter"),
        ("120363123456789013@newsletter", "120363123456789013@newsletter"),
        ("628123456789-1500000000@g.us", "628123456789-1500000000@g.us"),
    ],
)
def test_groups_and_channels(given: str, address: str) -> None:
    assert convert.group_address(given) == address


@pytest.mark.parametrize("given", ["9721234567@c.us", "9721234567", "x", "@", ""])
def test_what_is_no_group(given: str) -> None:
    with pytest.raises(Invalid) as error:
        convert.group_address(given)
    assert error.value.code == "INVALID_CHAT_TYPE"


def test_what_is_sent() -> None:
    assert convert.content_of("Hello", "") == Text(text="Hello")
    url = "https://example.com/files/image.jpg?x=1"
    assert convert.content_of("Hello", url) == Image(url=url, caption="Hello")
    assert convert.content_of(" ", "https://example.com/a.mp4") == Video(url="https://example.com/a.mp4")
    assert convert.content_of("", "https://example.com/a.pdf") == Document(
        url="https://example.com/a.pdf", filename="a.pdf"
    )
    assert convert.content_of("", "https://example.com/stream", "audio") == Audio(url="https://example.com/stream")


def test_times_have_no_fractions() -> None:
    assert iso(1762000000999) == "2025-11-01T12:26:40Z"
    assert iso(None) is None


def test_file_names_travel() -> None:
    assert disposition(None) == "inline"
    assert disposition("photo.jpg") == 'inline; filename="photo.jpg"'
    assert disposition('a"\r\nb.jpg') == "inline; filename=\"a'__b.jpg\"; filename*=UTF-8''a%22%0D%0Ab.jpg"


def test_a_type_that_no_header_can_say_is_unknown() -> None:
    assert served_type("image/png") == "image/png"
    for odd in ("image/png\r\nSet-Cookie: a=b", "image/\u00e9", " ", "text/\x00"):
        assert served_type(odd) == "application/octet-stream"
    assert disposition("\ud800.png").endswith("filename*=UTF-8''%3F.png")
